"""Trains the tagger (enrich/entities/tagger): from runs of words with their true tags to its weights.

A conditional random field (Lafferty et al. 2001), trained by maximum likelihood. The weights of the readable features
are learnt by AdaGrad (Duchi et al. 2011) with a little L2 regularisation, those of the hidden layer beside them by
training/hidden_layer_learner.py.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from enrich.entities import tagger
from enrich.entities.english import tagger_features
from training.hidden_layer_learner import HiddenLayerLearner, WordVectors, standardise

EPOCHS = 5
STEP, L2 = 0.15, 1e-3
LEAST_OCCURRENCES = 8  # of a feature; a rarer one is left out
OUTSIDE_PENALTY = 0.2  # by so much "O" must beat the other tags: to miss a name is worse than to find a wrong one
BATCH = 128  # words
LEAST_WEIGHT = 0.1  # a feature whose weights are all smaller is left out
TAGS = len(tagger.TAGS)


class TrainingRun(NamedTuple):
    """A candidate run with its true tags, the words of its text, and the recogniser's vectors of those words."""

    run: tagger_features.CandidateRun
    tags: list[int]
    words: Sequence[str]
    vectors: Any


class EncodedRun(NamedTuple):
    """A training run as numbers: the features of each word, the tags, and for the words around each word, the rows of
    their vectors and the numbers of their WordVectors.
    """

    features: list[Any]
    tags: list[int]
    rows: Any
    numbers: Any


class TaggerLearner:
    """Trains on runs; `piece_vectors` has the language model's vector of each word piece."""

    def __init__(self, training_runs: Sequence[TrainingRun], piece_vectors: Mapping[str, Any]) -> None:
        counts = Counter(name for each in training_runs for names in each.run.features for name in names)
        self.index = {
            name: at for at, name in enumerate(sorted(n for n, c in counts.items() if c >= LEAST_OCCURRENCES), 1)
        }
        self._table, self._transitions = np.zeros((len(self.index) + 1, TAGS)), np.zeros((TAGS, TAGS))
        self._steps_table, self._steps_transitions = (
            np.full_like(self._table, 1e-2),
            np.full_like(self._transitions, 1e-2),
        )
        self._first: dict[int, int] = {}  # row of the first vector of each text
        vectors = self._stack_vectors(training_runs)
        words = WordVectors(sorted({word.lower() for each in training_runs for word in each.words}), piece_vectors)
        self._layer = HiddenLayerLearner(
            standardise(vectors), words, (2 * tagger.VECTOR_REACH + 1, 2 * tagger.PIECE_REACH + 1)
        )
        self._examples: dict[int, list[EncodedRun]] = {}
        for run in training_runs:
            self._examples.setdefault(len(run.tags), []).append(self._encode(run, words.number))

    def _stack_vectors(self, training_runs: Sequence[TrainingRun]) -> Any:
        """The vectors of all texts as one array, with rows of zeros between texts."""
        texts = {id(each.vectors): each.vectors for each in training_runs}
        beyond = np.zeros((tagger.VECTOR_REACH, training_runs[0].vectors.shape[1]), np.float32)
        stacked, at = [beyond], len(beyond)
        for key, vectors in texts.items():
            self._first[key] = at
            stacked += [vectors, beyond]
            at += len(vectors) + len(beyond)
        return np.concatenate(stacked)

    def _encode(self, run: TrainingRun, number: Mapping[str, int]) -> EncodedRun:
        known = [np.array([self.index[n] for n in names if n in self.index], np.intp) for names in run.run.features]
        places = np.arange(run.run.start, run.run.end)
        numbers = np.array([[number[word.lower()]] for word in run.words], np.intp)
        rows = self._first[id(run.vectors)] + places[:, None] + np.arange(-tagger.VECTOR_REACH, tagger.VECTOR_REACH + 1)
        return EncodedRun(known, run.tags, rows, tagger.window_vectors(numbers, places, tagger.PIECE_REACH))

    def learn(self) -> tuple[tagger.TaggerWeights, tagger.HiddenLayer, dict[str, Any]]:
        """Trains for all epochs. Returns the weights, their hidden layer, and the table of word pieces."""
        order = random.Random(0)
        for epoch in range(EPOCHS):
            for batch in self._batches(order):
                self._step(batch, 1 - epoch / EPOCHS)
        self._table[self.index["any"], tagger.OUTSIDE] -= OUTSIDE_PENALTY
        layer, table = self._layer.export()
        return tagger.TaggerWeights(self.features(), self.transitions(), layer), layer, table

    def features(self) -> dict[str, list[float]]:
        """The weights of each feature for each tag, without features whose weights are all small."""
        kept = {name: [round(x, 2) for x in self._table[at].tolist()] for name, at in self.index.items()}
        return {name: row for name, row in kept.items() if max(map(abs, row)) >= LEAST_WEIGHT}

    def transitions(self) -> list[list[float]]:
        """The score of each transition from tag to tag; 0 where it is not allowed."""
        transitions: list[list[float]] = np.where(tagger.ALLOWED_TRANSITIONS, self._transitions, 0).round(2).tolist()
        return transitions

    def _batches(self, order: random.Random) -> list[list[EncodedRun]]:
        """The runs in a new order, in batches of runs of one length."""
        batches = []
        for length, examples in self._examples.items():
            order.shuffle(examples)
            size = max(8, BATCH // length)
            batches += [examples[at : at + size] for at in range(0, len(examples), size)]
        order.shuffle(batches)
        return batches

    def _step(self, batch: list[EncodedRun], rate: float) -> None:
        numbers = [each for example in batch for each in example.features]
        flat, sizes = np.concatenate(numbers), np.array([len(each) for each in numbers])
        begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        tags = np.array([example.tags for example in batch])
        around = (np.concatenate([getattr(each, name) for each in batch]) for name in ("rows", "numbers"))
        scores = np.add.reduceat(self._table[flat], begins, axis=0) + self._layer.forward(*around)
        of_words, of_transitions = chain_gradient(
            scores.reshape(*tags.shape, TAGS), np.where(tagger.ALLOWED_TRANSITIONS, self._transitions, -1e9), tags
        )
        of_words = of_words.reshape(-1, TAGS)
        self._layer.backward(of_words, rate)
        used, places = np.unique(flat, return_inverse=True)
        gradient = -L2 * len(batch) * self._table[used]
        np.add.at(gradient, places, np.repeat(of_words, sizes, axis=0))
        self._steps_table[used] += gradient**2
        self._table[used] += STEP * gradient / np.sqrt(self._steps_table[used])
        self._steps_transitions += of_transitions**2
        self._transitions += STEP * of_transitions / np.sqrt(self._steps_transitions)


def chain_gradient(scores: Any, transitions: Any, tags: Any) -> tuple[Any, Any]:
    """The gradient of the likelihood of the tags, by the scores of words (runs, words, tags) and by the transitions.

    By the forward-backward algorithm.
    """
    count, length, _ = scores.shape
    forward, backward = np.empty_like(scores), np.zeros_like(scores)
    forward[:, 0] = scores[:, 0] + transitions[tagger.OUTSIDE]
    for at in range(1, length):
        forward[:, at] = _log_sum(forward[:, at - 1, :, None] + transitions, 1) + scores[:, at]
    for at in reversed(range(length - 1)):
        backward[:, at] = _log_sum(transitions + (scores[:, at + 1] + backward[:, at + 1])[:, None, :], 2)
    total = _log_sum(forward[:, -1], 1)[:, None, None]
    of_words = -np.exp(forward + backward - total)
    of_transitions = np.zeros_like(transitions)
    of_transitions[tagger.OUTSIDE] += of_words[:, 0].sum(axis=0)
    np.add.at(of_transitions, (np.full(count, tagger.OUTSIDE), tags[:, 0]), 1)
    for at in range(1, length):
        ahead = (scores[:, at] + backward[:, at])[:, None, :]
        of_transitions -= np.exp(forward[:, at - 1, :, None] + transitions + ahead - total).sum(axis=0)
        np.add.at(of_transitions, (tags[:, at - 1], tags[:, at]), 1)
    of_words[np.arange(count)[:, None], np.arange(length)[None], tags] += 1
    return of_words, of_transitions


def _log_sum(values: Any, axis: int) -> Any:
    highest = values.max(axis=axis, keepdims=True)
    return (highest + np.log(np.exp(values - highest).sum(axis=axis, keepdims=True))).squeeze(axis)

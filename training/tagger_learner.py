"""Runs of words with their true tags -> the weights of enrich/entities/tagger.

A conditional random field (Lafferty et al. 2001) by maximum likelihood: the readable features by AdaGrad (Duchi et al.
2011) with a little L2, and beside them a layer of hidden units (training/hidden_layer_learner.py).
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from enrich.entities import tagger, tagger_features
from training.hidden_layer_learner import LayerLearner, Words, scaled

EPOCHS = 5
STEP, DECAY = 0.15, 1e-3
SEEN_LEAST = 8  # a feature that is seen less often says nothing
LEAN = 0.2  # a name that is missed is worse than a wrong one: "O" has to win by so much
BATCH = 128  # words
SMALL = 0.1  # a feature whose weights are all smaller is left out
TAGS = len(tagger.TAGS)


class Lesson(NamedTuple):
    """A run with its tags, in a text of which the words and the recogniser's vectors are known."""

    run: tagger_features.Run
    tags: list[int]
    words: Sequence[str]
    vectors: Any


class Example(NamedTuple):
    """A lesson in numbers: its features, its tags, and around each word rows of vectors and numbers of words."""

    features: list[Any]
    tags: list[int]
    rows: Any
    numbers: Any


class Learner:
    """Learns from lessons; `known` is the language model's vector of each piece of words."""

    def __init__(self, lessons: Sequence[Lesson], known: Mapping[str, Any]) -> None:
        counts = Counter(name for each in lessons for names in each.run.features for name in names)
        self.index = {name: at for at, name in enumerate(sorted(n for n, c in counts.items() if c >= SEEN_LEAST), 1)}
        self._table, self._pairs = np.zeros((len(self.index) + 1, TAGS)), np.zeros((TAGS, TAGS))
        self._steps_table, self._steps_pairs = np.full_like(self._table, 1e-2), np.full_like(self._pairs, 1e-2)
        self._first: dict[int, int] = {}  # row of the first vector of each text
        vectors = self._stacked(lessons)
        words = Words(sorted({word.lower() for each in lessons for word in each.words}), known)
        self._layer = LayerLearner(scaled(vectors), words, (2 * tagger.FAR + 1, 2 * tagger.NEAR + 1))
        self._examples: dict[int, list[Example]] = {}
        for lesson in lessons:
            self._examples.setdefault(len(lesson.tags), []).append(self._example(lesson, words.number))

    def _stacked(self, lessons: Sequence[Lesson]) -> Any:
        """The vectors of all texts, with zeros between them."""
        texts = {id(each.vectors): each.vectors for each in lessons}
        beyond = np.zeros((tagger.FAR, lessons[0].vectors.shape[1]), np.float32)
        stacked, at = [beyond], len(beyond)
        for key, vectors in texts.items():
            self._first[key] = at
            stacked += [vectors, beyond]
            at += len(vectors) + len(beyond)
        return np.concatenate(stacked)

    def _example(self, lesson: Lesson, number: Mapping[str, int]) -> Example:
        known = [np.array([self.index[n] for n in names if n in self.index], np.intp) for names in lesson.run.features]
        places = np.arange(lesson.run.start, lesson.run.end)
        numbers = np.array([[number[word.lower()]] for word in lesson.words], np.intp)
        rows = self._first[id(lesson.vectors)] + places[:, None] + np.arange(-tagger.FAR, tagger.FAR + 1)
        return Example(known, lesson.tags, rows, tagger.window(numbers, places, tagger.NEAR))

    def learn(self) -> tuple[tagger.Weights, tagger.Layer, dict[str, Any]]:
        """All epochs: the weights, their layer, and the table of pieces."""
        order = random.Random(0)
        for epoch in range(EPOCHS):
            for batch in self._batches(order):
                self._step(batch, 1 - epoch / EPOCHS)
        self._table[self.index["any"], tagger.OUTSIDE] -= LEAN
        layer, table = self._layer.learnt()
        return tagger.Weights(self.features(), self.pairs(), layer), layer, table

    def features(self) -> dict[str, list[float]]:
        """The weights that are worth keeping."""
        kept = {name: [round(x, 2) for x in self._table[at].tolist()] for name, at in self.index.items()}
        return {name: row for name, row in kept.items() if max(map(abs, row)) >= SMALL}

    def pairs(self) -> list[list[float]]:
        """How well tags follow each other."""
        pairs: list[list[float]] = np.where(tagger.ALLOWED, self._pairs, 0).round(2).tolist()
        return pairs

    def _batches(self, order: random.Random) -> list[list[Example]]:
        """Of runs of one length each, in a new order."""
        batches = []
        for length, examples in self._examples.items():
            order.shuffle(examples)
            size = max(8, BATCH // length)
            batches += [examples[at : at + size] for at in range(0, len(examples), size)]
        order.shuffle(batches)
        return batches

    def _step(self, batch: list[Example], rate: float) -> None:
        numbers = [each for example in batch for each in example.features]
        flat, sizes = np.concatenate(numbers), np.array([len(each) for each in numbers])
        begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        tags = np.array([example.tags for example in batch])
        around = (np.concatenate([getattr(each, name) for each in batch]) for name in ("rows", "numbers"))
        scores = np.add.reduceat(self._table[flat], begins, axis=0) + self._layer.forward(*around)
        of_words, of_pairs = _gradient(
            scores.reshape(*tags.shape, TAGS), np.where(tagger.ALLOWED, self._pairs, -1e9), tags
        )
        of_words = of_words.reshape(-1, TAGS)
        self._layer.backward(of_words, rate)
        used, places = np.unique(flat, return_inverse=True)
        gradient = -DECAY * len(batch) * self._table[used]
        np.add.at(gradient, places, np.repeat(of_words, sizes, axis=0))
        self._steps_table[used] += gradient**2
        self._table[used] += STEP * gradient / np.sqrt(self._steps_table[used])
        self._steps_pairs += of_pairs**2
        self._pairs += STEP * of_pairs / np.sqrt(self._steps_pairs)


def _gradient(scores: Any, pairs: Any, tags: Any) -> tuple[Any, Any]:
    """Of the likelihood of the tags: by the scores of words (runs, words, tags) and by pairs, forwards and
    backwards.
    """
    count, length, _ = scores.shape
    forward, backward = np.empty_like(scores), np.zeros_like(scores)
    forward[:, 0] = scores[:, 0] + pairs[tagger.OUTSIDE]
    for at in range(1, length):
        forward[:, at] = _log_sum(forward[:, at - 1, :, None] + pairs, 1) + scores[:, at]
    for at in reversed(range(length - 1)):
        backward[:, at] = _log_sum(pairs + (scores[:, at + 1] + backward[:, at + 1])[:, None, :], 2)
    total = _log_sum(forward[:, -1], 1)[:, None, None]
    of_words = -np.exp(forward + backward - total)
    of_pairs = np.zeros_like(pairs)
    of_pairs[tagger.OUTSIDE] += of_words[:, 0].sum(axis=0)
    np.add.at(of_pairs, (np.full(count, tagger.OUTSIDE), tags[:, 0]), 1)
    for at in range(1, length):
        ahead = (scores[:, at] + backward[:, at])[:, None, :]
        of_pairs -= np.exp(forward[:, at - 1, :, None] + pairs + ahead - total).sum(axis=0)
        np.add.at(of_pairs, (tags[:, at - 1], tags[:, at]), 1)
    of_words[np.arange(count)[:, None], np.arange(length)[None], tags] += 1
    return of_words, of_pairs


def _log_sum(values: Any, axis: int) -> Any:
    highest = values.max(axis=axis, keepdims=True)
    return (highest + np.log(np.exp(values - highest).sum(axis=axis, keepdims=True))).squeeze(axis)

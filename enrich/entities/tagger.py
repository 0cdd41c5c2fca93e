"""Tagger: decides which runs of words in an English text are people, organisations and places, by weights we trained.

In: a text that spaCy has read (RecognisedText) and its candidate runs (`tagger_features`). Out: labelled spans.

A linear-chain conditional random field over begin-inside-outside tags (Lafferty et al. 2001), decoded exactly
(Viterbi). A word's score for a tag is the sum of the weights of its features, which are readable strings, and of the
output of one layer of hidden units, whose input are the vectors of the words around it: those of the recogniser, and
those of their word pieces. Trained on texts in which people marked names: training/train_tagger.py,
docs/decisions/0016. The weights are in tagger.json and hold for the vectors of one spaCy pipeline only. Pure but for
reading that file.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from enrich.entities.english.recogniser import RecognisedText
from enrich.entities.english.tagger_features import CandidateRun
from enrich.entities.ner_decoder import EntitySpan
from enrich.entities.word_pieces import WordPieceVectors, load_word_pieces

FILE = Path(__file__).with_name("tagger.json")
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
OUTSIDE = 0  # the index of "O" in TAGS
ALLOWED_TRANSITIONS = np.array([[after[0] != "I" or before[1:] == after[1:] for after in TAGS] for before in TAGS])
VECTOR_REACH, PIECE_REACH = 3, 2  # words on each side whose vectors are input of the layer, and whose pieces
Floats = NDArray[Any]


class HiddenLayer:
    """The layer of hidden units: scores a word by the vectors of the words around it."""

    def __init__(self, inputs: Floats, bias: Floats, outputs: Floats, pieces: WordPieceVectors) -> None:
        """`inputs` has the shape (inputs, units), `bias` (units), `outputs` (units, tags)."""
        self.inputs, self.bias, self.outputs, self._pieces = inputs, bias, outputs, pieces

    def scores(self, places: Sequence[int], text: RecognisedText) -> Floats:
        """The score of each tag for each of the words at these places of a text: (places, tags)."""
        at = np.array(places, np.intp)
        seen = [
            window_vectors(text.vectors, at, VECTOR_REACH),
            window_vectors(self._pieces.vectors(text.words), at, PIECE_REACH),
        ]
        hidden = np.maximum(np.concatenate(seen, axis=1) @ self.inputs + self.bias, 0)
        scores: Floats = hidden @ self.outputs
        return scores


def window_vectors(vectors: Floats, places: NDArray[np.intp], reach: int) -> Floats:
    """For each place, the vectors of its word and of `reach` words on each side, joined; zeros beyond the text."""
    padded = np.zeros((len(vectors) + 2 * reach, vectors.shape[1]), vectors.dtype)
    padded[reach : reach + len(vectors)] = vectors
    seen: Floats = padded[places[:, None] + np.arange(2 * reach + 1)].reshape(len(places), -1)
    return seen


class TaggerWeights:
    """The weights of the features, of the hidden layer, and of the transitions from tag to tag (-inf: forbidden)."""

    def __init__(
        self, features: Mapping[str, Sequence[float]], transitions: Sequence[Sequence[float]], layer: HiddenLayer
    ) -> None:
        self._index = {name: at for at, name in enumerate(features, 1)}
        self._table = np.array([[0.0] * len(TAGS), *features.values()])
        self._layer = layer
        self.transitions = np.where(ALLOWED_TRANSITIONS, np.array(transitions, float), -np.inf)

    def scores(self, runs: Sequence[CandidateRun], text: RecognisedText) -> Floats:
        """The score of each tag for each word of the runs of a text: (words of all runs, tags)."""
        per_word = [features for run in runs for features in run.features]
        if not per_word:
            return np.zeros((0, len(TAGS)))
        index = self._index.get
        flat = np.array([index(name, 0) for features in per_word for name in features])
        begins = np.cumsum([0, *[len(features) for features in per_word[:-1]]])
        places = [at for run in runs for at in range(run.start, run.end)]
        summed: Floats = np.add.reduceat(self._table[flat], begins, axis=0) + self._layer.scores(places, text)
        return summed


def tag_runs(runs: Sequence[CandidateRun], text: RecognisedText, weights: TaggerWeights) -> list[EntitySpan]:
    """The names in the runs of a text, in reading order, labelled PER, ORG or LOC."""
    scores, at, found = weights.scores(runs, text), 0, list[EntitySpan]()
    alone = (scores + weights.transitions[OUTSIDE]).argmax(axis=1).tolist()  # the tags of words that are a run alone
    for run in runs:
        length = run.end - run.start
        tags = [alone[at]] if length == 1 else best_tags(scores[at : at + length], weights.transitions)
        found += spans_of_tags(tags, run.start)
        at += length
    return found


def best_tags(scores: Floats, transitions: Floats) -> list[int]:
    """The tags of a run with the highest sum of scores and transitions (Viterbi), if an "O" stands before it."""
    total, back = scores[0] + transitions[OUTSIDE], list[NDArray[np.intp]]()
    for row in scores[1:]:
        candidates = total[:, None] + transitions
        back.append(candidates.argmax(axis=0))
        total = candidates.max(axis=0) + row
    tags = [int(total.argmax())]
    for step in reversed(back):
        tags.append(int(step[tags[-1]]))
    return tags[::-1]


def spans_of_tags(tags: Iterable[int], offset: int = 0) -> Iterator[EntitySpan]:
    """The spans of a row of tags; `offset` is the place of the first word."""
    start, label, at = -1, "", offset
    for tag in [*(TAGS[each] for each in tags), "O"]:
        if tag[0] != "I":
            if start >= 0:
                yield EntitySpan(start, at, label)
            start, label = (at, tag[2:]) if tag[0] == "B" else (-1, "")
        at += 1


class _LayerFile(msgspec.Struct, frozen=True):
    units: int
    weights: str  # inputs, bias, outputs: base64 of numbers of 16 bits


class _TaggerFile(msgspec.Struct, frozen=True):
    about: str
    trained_pipeline: str = msgspec.field(name="over")
    tags: list[str]
    transitions: list[list[float]] = msgspec.field(name="pairs")
    layer: _LayerFile
    features: dict[str, list[float]]


@cache
def load_weights(path: Path = FILE) -> TaggerWeights:
    """The weights of this file. Raises OSError, msgspec.DecodeError."""
    read = _read_file(path)
    return TaggerWeights(read.features, read.transitions, _decode_layer(read.layer))


@cache
def trained_pipeline(path: Path = FILE) -> str:
    """The name of the spaCy pipeline that the weights were trained with: vectors of another one mean something else."""
    return _read_file(path).trained_pipeline


def _read_file(path: Path) -> _TaggerFile:
    return msgspec.json.decode(path.read_bytes(), type=_TaggerFile)


def _decode_layer(read: _LayerFile) -> HiddenLayer:
    numbers = np.frombuffer(base64.b64decode(read.weights), np.float16).astype(np.float32)
    units, tags = read.units, len(TAGS)
    inputs = len(numbers) // units - 1 - tags
    parts = np.split(numbers, [inputs * units, (inputs + 1) * units])
    return HiddenLayer(parts[0].reshape(inputs, units), parts[1], parts[2].reshape(units, tags), load_word_pieces())

"""Runs of words -> the people, organisations and places among them, by weights that were learnt. Pure.

A linear chain over begin-inside-outside tags (a conditional random field; Lafferty et al. 2001), decoded exactly
(Viterbi). A word's scores are the sum of what its features say, which is readable, and of what a layer of hidden units
makes of the words around it: of the recogniser's vectors and of their pieces. Learnt from texts in which people marked
names: training/train_tagger.py, docs/decisions/0016.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from enrich.entities.ner_decoder import Span
from enrich.entities.recogniser import Recognised
from enrich.entities.tagger_features import Run
from enrich.entities.word_pieces import Pieces, pieces

FILE = Path(__file__).with_name("tagger.json")
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
OUTSIDE = 0
ALLOWED = np.array([[after[0] != "I" or before[1:] == after[1:] for after in TAGS] for before in TAGS])
FAR, NEAR = 3, 2  # words on each side whose vectors are seen, and whose pieces
Floats = NDArray[Any]


class Layer:
    """Hidden units over what stands around a word."""

    def __init__(self, inputs: Floats, bias: Floats, outputs: Floats, pieces: Pieces) -> None:
        """Of shape inputs and units, units, units and tags."""
        self.inputs, self.bias, self.outputs, self._pieces = inputs, bias, outputs, pieces

    def scores(self, places: Sequence[int], text: Recognised) -> Floats:
        """For each of these words of a text, the score of each tag."""
        at = np.array(places, np.intp)
        seen = [window(text.vectors, at, FAR), window(self._pieces.vectors(text.words), at, NEAR)]
        hidden = np.maximum(np.concatenate(seen, axis=1) @ self.inputs + self.bias, 0)
        scores: Floats = hidden @ self.outputs
        return scores


def window(vectors: Floats, places: NDArray[np.intp], reach: int) -> Floats:
    """The vectors of the words up to `reach` before and behind each of these, zero beyond the ends: places, numbers."""
    padded = np.zeros((len(vectors) + 2 * reach, vectors.shape[1]), vectors.dtype)
    padded[reach : reach + len(vectors)] = vectors
    seen: Floats = padded[places[:, None] + np.arange(2 * reach + 1)].reshape(len(places), -1)
    return seen


class Weights:
    """How much each feature, what is around a word, and each pair of neighbouring tags speak for each tag."""

    def __init__(self, features: Mapping[str, Sequence[float]], pairs: Sequence[Sequence[float]], layer: Layer) -> None:
        self._index = {name: at for at, name in enumerate(features, 1)}
        self._table = np.array([[0.0] * len(TAGS), *features.values()])
        self._layer = layer
        self.pairs = np.where(ALLOWED, np.array(pairs, float), -np.inf)

    def scores(self, runs: Sequence[Run], text: Recognised) -> Floats:
        """For each word of the runs of a text, one after the other, the score of each tag."""
        per_word = [features for run in runs for features in run.features]
        if not per_word:
            return np.zeros((0, len(TAGS)))
        index = self._index.get
        flat = np.array([index(name, 0) for features in per_word for name in features])
        begins = np.cumsum([0, *[len(features) for features in per_word[:-1]]])
        places = [at for run in runs for at in range(run.start, run.end)]
        summed: Floats = np.add.reduceat(self._table[flat], begins, axis=0) + self._layer.scores(places, text)
        return summed


def tag(runs: Sequence[Run], text: Recognised, weights: Weights) -> list[Span]:
    """The names in the runs of a text, in their order, labelled PER, ORG or LOC."""
    scores, at, found = weights.scores(runs, text), 0, list[Span]()
    alone = (scores + weights.pairs[OUTSIDE]).argmax(axis=1).tolist()  # the tags of words that are decided alone
    for run in runs:
        length = run.end - run.start
        tags = [alone[at]] if length == 1 else best(scores[at : at + length], weights.pairs)
        found += spans(tags, run.start)
        at += length
    return found


def best(scores: Floats, pairs: Floats) -> list[int]:
    """The tags with the highest sum of scores; before the first word stands an "O"."""
    total, back = scores[0] + pairs[OUTSIDE], list[NDArray[np.intp]]()
    for row in scores[1:]:
        candidates = total[:, None] + pairs
        back.append(candidates.argmax(axis=0))
        total = candidates.max(axis=0) + row
    tags = [int(total.argmax())]
    for step in reversed(back):
        tags.append(int(step[tags[-1]]))
    return tags[::-1]


def spans(tags: Iterable[int], offset: int = 0) -> Iterator[Span]:
    """The spans of a row of tags."""
    start, label, at = -1, "", offset
    for tag_ in [*(TAGS[each] for each in tags), "O"]:
        if tag_[0] != "I":
            if start >= 0:
                yield Span(start, at, label)
            start, label = (at, tag_[2:]) if tag_[0] == "B" else (-1, "")
        at += 1


class _Layer(msgspec.Struct, frozen=True):
    units: int
    weights: str  # inputs, bias, outputs: base64 of numbers of 16 bits


class _File(msgspec.Struct, frozen=True):
    about: str
    over: str  # the pipeline over which it was learnt
    tags: list[str]
    pairs: list[list[float]]
    layer: _Layer
    features: dict[str, list[float]]


@cache
def weights(path: Path = FILE) -> Weights:
    """The weights of this file."""
    read = _read(path)
    return Weights(read.features, read.pairs, _layer(read.layer))


@cache
def over(path: Path = FILE) -> str:
    """The name of the pipeline over which they were learnt: another one's vectors mean something else."""
    return _read(path).over


def _read(path: Path) -> _File:
    return msgspec.json.decode(path.read_bytes(), type=_File)


def _layer(read: _Layer) -> Layer:
    numbers = np.frombuffer(base64.b64decode(read.weights), np.float16).astype(np.float32)
    units, tags = read.units, len(TAGS)
    inputs = len(numbers) // units - 1 - tags
    parts = np.split(numbers, [inputs * units, (inputs + 1) * units])
    return Layer(parts[0].reshape(inputs, units), parts[1], parts[2].reshape(units, tags), pieces())

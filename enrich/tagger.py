"""Runs of words -> the people, organisations and places among them, by weights that were learnt. Pure.

A linear chain over begin-inside-outside tags, decoded exactly (Viterbi); learnt by the averaged perceptron (Collins
2002) from freely licensed texts: bench/train_names.py, docs/decisions/0016. The weights are a readable file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from enrich.features import Run
from enrich.transitions import Span

FILE = Path(__file__).with_name("tagger.json")
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
OUTSIDE = 0
ALLOWED = np.array([[after[0] != "I" or before[1:] == after[1:] for after in TAGS] for before in TAGS])
Floats = NDArray[np.float64]


class Weights:
    """How much each feature and each pair of neighbouring tags speaks for each tag."""

    def __init__(self, features: Mapping[str, Sequence[float]], pairs: Sequence[Sequence[float]]) -> None:
        self._index = {name: at for at, name in enumerate(features, 1)}
        self._table = np.array([[0.0] * len(TAGS), *features.values()])
        self.pairs = np.where(ALLOWED, np.array(pairs, float), -np.inf)

    def scores(self, runs: Sequence[Run]) -> Floats:
        """For each word of the runs, one after the other, the score of each tag."""
        per_word = [[self._index.get(name, 0) for name in features] for run in runs for features in run.features]
        if not per_word:
            return np.zeros((0, len(TAGS)))
        flat = np.fromiter((index for indices in per_word for index in indices), np.intp)
        begins = np.cumsum([0, *[len(indices) for indices in per_word[:-1]]])
        summed: Floats = np.add.reduceat(self._table[flat], begins, axis=0)
        return summed


def tag(runs: Sequence[Run], weights: Weights) -> list[Span]:
    """The names in the runs, in their order, labelled PER, ORG or LOC."""
    scores, at, found = weights.scores(runs), 0, list[Span]()
    for run in runs:
        length = run.end - run.start
        found += spans(best(scores[at : at + length], weights.pairs), run.start)
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


class _File(msgspec.Struct, frozen=True):
    about: str
    tags: list[str]
    pairs: list[list[float]]
    features: dict[str, list[float]]


@cache
def weights(path: Path = FILE) -> Weights:
    """The weights of this file."""
    read = msgspec.json.decode(path.read_bytes(), type=_File)
    return Weights(read.features, read.pairs)

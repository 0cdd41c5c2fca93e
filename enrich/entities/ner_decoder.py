"""Token vectors and the weights of a spaCy entity recogniser -> its entities, decoded with numpy. Pure; no spaCy.

spaCy's recogniser (TransitionBasedParser with three feature tokens; Honnibal & Johnson 2015 has the scheme) walks a
text token by token, and its score depends on the token, and inside of an entity also on the entity's first and last
token. So outside of entities nothing depends on the past: those tokens are scored all at once, and only the few tokens
inside of entities one by one. The entities are spaCy's own; spaCy needs three times as long for them
(docs/decisions/0016).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Span(NamedTuple):
    """An entity: tokens from `start` to before `end`, and its label."""

    start: int
    end: int
    label: str


class Leaning(NamedTuple):
    """The two labels that a token would have as the first of an entity ("O" for none), and by how much the first
    leads.
    """

    first: str
    second: str
    margin: float


class Decoded(NamedTuple):
    """The entities of a text, and of each of its tokens what else it could have been."""

    spans: list[Span]
    leanings: list[Leaning]


class Weights(NamedTuple):
    """Of a recogniser: f feature tokens (3), h hidden units, p pieces of a unit, v the width of a token's vector."""

    lower: Floats  # f, h, p, v
    padding: Floats  # f, h, p: stands for a feature token that is not there
    bias: Floats  # h, p
    upper: Floats  # moves, h
    upper_bias: Floats  # moves; the least of all where a move was never seen
    moves: Sequence[str]  # "B-ORG", "I-ORG", "L-ORG", "U-ORG", ..., "O"


class Decoder:
    """Decodes with the weights of one recogniser."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._lower = np.ascontiguousarray(weights.lower.reshape(-1, weights.lower.shape[-1]).T)
        self._upper = np.ascontiguousarray(weights.upper.T)
        kinds = np.array([move[:2] for move in weights.moves])
        labelled = np.array([len(move) > 2 for move in weights.moves])
        self._outside = np.where((np.isin(kinds, ("B-", "U-")) & labelled) | (kinds == "O"), 0, -np.inf)
        self._single = np.where(((kinds == "U-") & labelled) | (kinds == "O"), 0, -np.inf)
        self._nothing = np.where(kinds == "O", 0, -np.inf)
        self._labels = sorted({move[2:] or "O" for move in weights.moves if move != "U-"})
        self._columns = [
            [at for at, move in enumerate(weights.moves) if move != "U-" and (move[2:] or "O") == label]
            for label in self._labels
        ]
        self._move = {move: index for index, move in enumerate(weights.moves)}

    def decode(self, vectors: Floats, spaces: NDArray[np.bool_]) -> Decoded:
        """What is recognised in one text, from its token vectors (tokens, v). No entity begins at white space."""
        if not len(vectors):
            return Decoded([], [])
        states = (vectors @ self._lower).reshape(len(vectors), *self._weights.padding.shape)
        scores = self._scores(states[:, 0] + self._weights.padding[1] + self._weights.padding[2]) + self._outside
        scores[-1] += self._single
        scores[spaces] += self._nothing
        return Decoded(list(self._spans(states, scores.argmax(axis=1))), self._leanings(scores))

    def _leanings(self, scores: Floats) -> list[Leaning]:
        """By the scores that tokens have where no entity is open."""
        of_labels = np.stack([scores[:, columns].max(axis=1) for columns in self._columns], axis=1)
        rows = np.arange(len(scores))
        first = of_labels.argmax(axis=1)
        highest = of_labels[rows, first]
        of_labels[rows, first] = -np.inf
        second = of_labels.argmax(axis=1)
        margins = highest - of_labels[rows, second]
        return [
            Leaning(self._labels[a], self._labels[b], float(margin))
            for a, b, margin in zip(first.tolist(), second.tolist(), margins.tolist(), strict=True)
        ]

    def _spans(self, states: Floats, first: NDArray[np.intp]) -> Iterator[Span]:
        end = 0
        for start in np.flatnonzero(first != self._move["O"]).tolist():
            if start >= end:
                move, _, label = self._weights.moves[first[start]].partition("-")
                end = start + 1 if move == "U" else self._end(states, start, label)
                yield Span(start, end, label)

    def _end(self, states: Floats, start: int, label: str) -> int:
        choice = [self._move[f"I-{label}"], self._move[f"L-{label}"]]
        for at in range(start + 1, len(states) - 1):
            inside, last = self._scores(states[at, 0] + states[start, 1] + states[at - 1, 2])[choice]
            if last > inside or (last == inside and choice[1] < choice[0]):
                return at + 1
        return len(states)

    def _scores(self, sums: Floats) -> Floats:
        hidden = (sums + self._weights.bias).max(axis=-1)
        scores: Floats = hidden @ self._upper + self._weights.upper_bias
        return scores

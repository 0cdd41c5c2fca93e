"""NER decoder: finds the entities of a text from token vectors and a spaCy recogniser's weights, with numpy alone.

In: the vectors of a text's tokens. Out: DecodedEntities, the spans with their labels and the two best labels of each
token. They are spaCy's own entities; spaCy itself needs three times as long (docs/decisions/0016).

spaCy's recogniser (TransitionBasedParser with three feature tokens; Honnibal & Johnson 2015 has the scheme) walks a
text token by token. A token's score depends on the token, and inside an entity also on the entity's first and last
token. Outside entities nothing depends on earlier decisions, so those tokens are scored all at once, and only the few
inside entities one by one. Pure; does not import spaCy.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class EntitySpan(NamedTuple):
    """An entity: tokens from `start` to before `end`, and its label."""

    start: int
    end: int
    label: str


class LabelRanking(NamedTuple):
    """The two best labels of a token if an entity may begin there ("O" for no entity), and the gap of their scores."""

    first: str
    second: str
    margin: float


class DecodedEntities(NamedTuple):
    """The entities of a text, and the two best labels of each of its tokens."""

    spans: list[EntitySpan]
    label_rankings: list[LabelRanking]


class DecoderWeights(NamedTuple):
    """Of a recogniser with f feature tokens (3), h hidden units, p pieces of a unit, and vectors of v numbers."""

    lower: Floats  # f, h, p, v
    padding: Floats  # f, h, p: stands for a feature token that is not there
    bias: Floats  # h, p
    upper: Floats  # moves, h
    upper_bias: Floats  # moves; minus infinity where a move was never seen in training
    moves: Sequence[str]  # "B-ORG", "I-ORG", "L-ORG", "U-ORG", ..., "O"


class NerDecoder:
    """Finds entities with the weights of one recogniser."""

    def __init__(self, weights: DecoderWeights) -> None:
        self._weights = weights
        self._lower = np.ascontiguousarray(weights.lower.reshape(-1, weights.lower.shape[-1]).T)
        self._upper = np.ascontiguousarray(weights.upper.T)
        kinds = np.array([move[:2] for move in weights.moves])
        labelled = np.array([len(move) > 2 for move in weights.moves])
        self._outside_entity = np.where((np.isin(kinds, ("B-", "U-")) & labelled) | (kinds == "O"), 0, -np.inf)
        self._at_last_token = np.where(((kinds == "U-") & labelled) | (kinds == "O"), 0, -np.inf)
        self._at_space = np.where(kinds == "O", 0, -np.inf)
        self._labels = sorted({move[2:] or "O" for move in weights.moves if move != "U-"})
        self._label_moves = [
            [at for at, move in enumerate(weights.moves) if move != "U-" and (move[2:] or "O") == label]
            for label in self._labels
        ]
        self._move_index = {move: index for index, move in enumerate(weights.moves)}

    def decode(self, vectors: Floats, spaces: NDArray[np.bool_]) -> DecodedEntities:
        """The entities of one text, from its token vectors (tokens, v). None begins where `spaces` is true."""
        if not len(vectors):
            return DecodedEntities([], [])
        states = (vectors @ self._lower).reshape(len(vectors), *self._weights.padding.shape)
        scores = self._scores(states[:, 0] + self._weights.padding[1] + self._weights.padding[2]) + self._outside_entity
        scores[-1] += self._at_last_token
        scores[spaces] += self._at_space
        return DecodedEntities(list(self._decode_spans(states, scores.argmax(axis=1))), self._rank_labels(scores))

    def _rank_labels(self, scores: Floats) -> list[LabelRanking]:
        """The two best labels of each token, by the scores (tokens, moves) that it has where no entity is open."""
        of_labels = np.stack([scores[:, moves].max(axis=1) for moves in self._label_moves], axis=1)
        rows = np.arange(len(scores))
        first = of_labels.argmax(axis=1)
        highest = of_labels[rows, first]
        of_labels[rows, first] = -np.inf
        second = of_labels.argmax(axis=1)
        margins = highest - of_labels[rows, second]
        return [
            LabelRanking(self._labels[a], self._labels[b], float(margin))
            for a, b, margin in zip(first.tolist(), second.tolist(), margins.tolist(), strict=True)
        ]

    def _decode_spans(self, states: Floats, first: NDArray[np.intp]) -> Iterator[EntitySpan]:
        end = 0
        for start in np.flatnonzero(first != self._move_index["O"]).tolist():
            if start >= end:
                move, _, label = self._weights.moves[first[start]].partition("-")
                end = start + 1 if move == "U" else self._find_end(states, start, label)
                yield EntitySpan(start, end, label)

    def _find_end(self, states: Floats, start: int, label: str) -> int:
        """Where the entity ends (its last token plus one) that begins at `start`."""
        choice = [self._move_index[f"I-{label}"], self._move_index[f"L-{label}"]]
        for at in range(start + 1, len(states) - 1):
            inside, last = self._scores(states[at, 0] + states[start, 1] + states[at - 1, 2])[choice]
            if last > inside or (last == inside and choice[1] < choice[0]):
                return at + 1
        return len(states)

    def _scores(self, sums: Floats) -> Floats:
        hidden = (sums + self._weights.bias).max(axis=-1)
        scores: Floats = hidden @ self._upper + self._weights.upper_bias
        return scores

"""The layer of hidden units of enrich/entities/tagger, while it learns: forwards, backwards, and what is kept of it.

It sees the recogniser's vectors of the words around a word and, of each word, a language model's vector, of which it
learns the few sums that say something of names: those sums are all that is kept of that model
(enrich/entities/word_pieces).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from enrich.entities import word_pieces
from enrich.entities.tagger import TAGS, Layer

UNITS, NUMBERS = 256, 32
RATE, SHRINK, DROP = 1e-3, 1e-4, 0.3
MOST = 127  # of a number in the file


class Scaled(NamedTuple):
    """Numbers that were made to have the mean 0 and the deviation 1, and how."""

    rows: Any
    mean: Any
    deviation: Any


def scaled(rows: Any) -> Scaled:
    """By columns."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    return Scaled(((rows - mean) / deviation).astype(np.float32), mean, deviation)


class Words:
    """The vectors of words: each the mean of its pieces'. 0 stands for what is beyond the ends of a text."""

    def __init__(self, words: Sequence[str], known: Mapping[str, Any]) -> None:
        self._known, self.number = known, {word: at for at, word in enumerate(words, 1)}
        means = [np.mean([known[piece] for piece in word_pieces.cut(word, known)], axis=0) for word in words]
        self._scaled = scaled(np.array(means, np.float32))
        self.rows = np.concatenate([np.zeros((1, self._scaled.rows.shape[1]), np.float32), self._scaled.rows])

    def table(self, sums: Any) -> tuple[dict[str, Any], Any]:
        """Of all pieces these sums, as whole numbers, and by how much each is to be multiplied."""
        rows = (np.array(list(self._known.values())) - self._scaled.mean) / self._scaled.deviation @ sums
        size = rows.std(axis=0)
        whole = np.clip(np.rint(rows / size * word_pieces.SCALE), -MOST, MOST).astype(np.int8)
        return dict(zip(self._known, whole, strict=True)), size


class LayerLearner:
    """Learns by Adam (Kingma & Ba 2015), with dropout (Srivastava et al. 2014)."""

    def __init__(self, vectors: Scaled, words: Words, seen: tuple[int, int]) -> None:
        """`seen` is how many words' vectors are seen, and how many words' pieces."""
        self._random = np.random.default_rng(0)
        self._vectors, self._words, self._seen = vectors, words, seen
        inputs = seen[0] * vectors.rows.shape[1]
        self._inputs = self._normal(inputs + seen[1] * NUMBERS, UNITS)
        self._bias = np.zeros(UNITS, np.float32)
        self._outputs = self._normal(UNITS, len(TAGS)) * np.float32(0.5)
        self._sums = self._normal(words.rows.shape[1], NUMBERS)
        self._of_vectors = inputs
        self._steps, self._moments = 0, [(np.zeros_like(each), np.zeros_like(each)) for each in self._parameters()]

    def _normal(self, rows: int, columns: int) -> Any:
        return (self._random.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

    def _parameters(self) -> list[Any]:
        return [self._inputs, self._bias, self._outputs, self._sums]

    def forward(self, rows: Any, numbers: Any) -> Any:
        """The scores of each tag, of words by the rows of the vectors around them and the numbers of the words."""
        self._raw = self._words.rows[numbers].reshape(-1, self._words.rows.shape[1])
        sums = (self._raw @ self._sums).reshape(len(rows), -1)
        seen = np.concatenate([self._vectors.rows[rows].reshape(len(rows), -1), sums], axis=1)
        self._kept = [self._dropped(seen.shape), self._dropped((len(rows), UNITS))]
        self._in = seen * self._kept[0]
        self._hidden = np.maximum(self._in @ self._inputs + self._bias, 0) * self._kept[1]
        return self._hidden @ self._outputs

    def _dropped(self, shape: tuple[int, ...]) -> Any:
        return (self._random.random(shape, dtype=np.float32) > DROP) / np.float32(1 - DROP)

    def backward(self, gradient: Any, rate: float) -> None:
        """One step by the gradient of the likelihood by the scores of the last `forward`."""
        of_scores = (gradient / len(gradient)).astype(np.float32)
        of_hidden = of_scores @ self._outputs.T * self._kept[1] * (self._hidden > 0)
        of_sums = (of_hidden @ self._inputs.T * self._kept[0])[:, self._of_vectors :].reshape(-1, NUMBERS)
        gradients = [self._in.T @ of_hidden, of_hidden.sum(0), self._hidden.T @ of_scores, self._raw.T @ of_sums]
        self._steps += 1
        for each, change, (first, second) in zip(self._parameters(), gradients, self._moments, strict=True):
            shrunk = change - SHRINK * each
            first[...] += 0.1 * (shrunk - first)
            second[...] += 0.001 * (shrunk**2 - second)
            upwards = first / (1 - 0.9**self._steps), second / (1 - 0.999**self._steps)
            each[...] += RATE * rate * upwards[0] / (np.sqrt(upwards[1]) + 1e-8)

    def learnt(self) -> tuple[Layer, dict[str, Any]]:
        """The layer for numbers as they are, not scaled, and the table of pieces."""
        table, size = self._words.table(self._sums)
        vectors, of_words = np.split(self._inputs, [self._of_vectors])
        mean, deviation = (np.tile(each, self._seen[0]) for each in (self._vectors.mean, self._vectors.deviation))
        inputs = np.concatenate([vectors / deviation[:, None], of_words * np.tile(size, self._seen[1])[:, None]])
        bias = self._bias - (mean / deviation) @ vectors
        inputs, bias, outputs = (each.astype(np.float16).astype(np.float32) for each in (inputs, bias, self._outputs))
        known = {piece: row.astype(np.float32) / word_pieces.SCALE for piece, row in table.items()}
        return Layer(inputs, bias, outputs, word_pieces.Pieces(known)), table

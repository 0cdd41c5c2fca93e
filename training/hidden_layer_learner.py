"""Trains the hidden layer of the tagger (enrich/entities/tagger): forward pass, backward pass, and the trained layer.

In: the recogniser's vectors of the words around a word, and a language model's vectors of the same words, of which it
learns the few weighted sums that help to recognise names. Out: the layer, and the table of those sums for each word
piece; nothing else of the language model is kept (enrich/entities/word_pieces).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from enrich.entities import word_pieces
from enrich.entities.tagger import TAGS, HiddenLayer

UNITS, NUMBERS_PER_WORD = 256, 32
RATE, L2, DROPOUT = 1e-3, 1e-4, 0.3
LARGEST_NUMBER = 127  # in the file of word pieces


class StandardisedRows(NamedTuple):
    """Rows whose columns have mean 0 and standard deviation 1, and the mean and deviation that they had before."""

    rows: Any
    mean: Any
    deviation: Any


def standardise(rows: Any) -> StandardisedRows:
    """Gives each column mean 0 and standard deviation 1."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    return StandardisedRows(((rows - mean) / deviation).astype(np.float32), mean, deviation)


class WordVectors:
    """The vectors of words, each the mean of its pieces' vectors. Word 0 stands for what is beyond a text's ends."""

    def __init__(self, words: Sequence[str], piece_vectors: Mapping[str, Any]) -> None:
        self._piece_vectors, self.number = piece_vectors, {word: at for at, word in enumerate(words, 1)}
        means = [
            np.mean([piece_vectors[piece] for piece in word_pieces.split_word(word, piece_vectors)], axis=0)
            for word in words
        ]
        self._scaled = standardise(np.array(means, np.float32))
        self.rows = np.concatenate([np.zeros((1, self._scaled.rows.shape[1]), np.float32), self._scaled.rows])

    def table(self, sums: Any) -> tuple[dict[str, Any], Any]:
        """The sums of each piece as whole numbers, and what each sum is to be multiplied with."""
        rows = (np.array(list(self._piece_vectors.values())) - self._scaled.mean) / self._scaled.deviation @ sums
        size = rows.std(axis=0)
        whole = np.clip(np.rint(rows / size * word_pieces.SCALE), -LARGEST_NUMBER, LARGEST_NUMBER).astype(np.int8)
        return dict(zip(self._piece_vectors, whole, strict=True)), size


class HiddenLayerLearner:
    """Trains the layer with Adam (Kingma & Ba 2015) and dropout (Srivastava et al. 2014)."""

    def __init__(self, vectors: StandardisedRows, words: WordVectors, windows: tuple[int, int]) -> None:
        """`windows`: of how many words the recogniser's vectors are input, and of how many the word pieces."""
        self._random = np.random.default_rng(0)
        self._vectors, self._words, self._windows = vectors, words, windows
        inputs = windows[0] * vectors.rows.shape[1]
        self._inputs = self._normal(inputs + windows[1] * NUMBERS_PER_WORD, UNITS)
        self._bias = np.zeros(UNITS, np.float32)
        self._outputs = self._normal(UNITS, len(TAGS)) * np.float32(0.5)
        self._sums = self._normal(words.rows.shape[1], NUMBERS_PER_WORD)
        self._vector_inputs = inputs
        self._steps, self._moments = 0, [(np.zeros_like(each), np.zeros_like(each)) for each in self._parameters()]

    def _normal(self, rows: int, columns: int) -> Any:
        return (self._random.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

    def _parameters(self) -> list[Any]:
        return [self._inputs, self._bias, self._outputs, self._sums]

    def forward(self, rows: Any, numbers: Any) -> Any:
        """The score of each tag for each word, from the words around it: (words, tags).

        `rows` are places in the recogniser's vectors, `numbers` are those of WordVectors.
        """
        self._word_rows = self._words.rows[numbers].reshape(-1, self._words.rows.shape[1])
        sums = (self._word_rows @ self._sums).reshape(len(rows), -1)
        seen = np.concatenate([self._vectors.rows[rows].reshape(len(rows), -1), sums], axis=1)
        self._masks = [self._dropout_mask(seen.shape), self._dropout_mask((len(rows), UNITS))]
        self._input = seen * self._masks[0]
        self._hidden = np.maximum(self._input @ self._inputs + self._bias, 0) * self._masks[1]
        return self._hidden @ self._outputs

    def _dropout_mask(self, shape: tuple[int, ...]) -> Any:
        return (self._random.random(shape, dtype=np.float32) > DROPOUT) / np.float32(1 - DROPOUT)

    def backward(self, gradient: Any, rate: float) -> None:
        """One step of Adam, from the gradient of the likelihood by the scores that the last `forward` gave."""
        of_scores = (gradient / len(gradient)).astype(np.float32)
        of_hidden = of_scores @ self._outputs.T * self._masks[1] * (self._hidden > 0)
        of_sums = (of_hidden @ self._inputs.T * self._masks[0])[:, self._vector_inputs :].reshape(-1, NUMBERS_PER_WORD)
        gradients = [
            self._input.T @ of_hidden,
            of_hidden.sum(0),
            self._hidden.T @ of_scores,
            self._word_rows.T @ of_sums,
        ]
        self._steps += 1
        for each, change, (first, second) in zip(self._parameters(), gradients, self._moments, strict=True):
            shrunk = change - L2 * each
            first[...] += 0.1 * (shrunk - first)
            second[...] += 0.001 * (shrunk**2 - second)
            upwards = first / (1 - 0.9**self._steps), second / (1 - 0.999**self._steps)
            each[...] += RATE * rate * upwards[0] / (np.sqrt(upwards[1]) + 1e-8)

    def export(self) -> tuple[HiddenLayer, dict[str, Any]]:
        """The trained layer, for vectors that are not standardised, and the table of word pieces."""
        table, size = self._words.table(self._sums)
        vectors, of_words = np.split(self._inputs, [self._vector_inputs])
        mean, deviation = (np.tile(each, self._windows[0]) for each in (self._vectors.mean, self._vectors.deviation))
        inputs = np.concatenate([vectors / deviation[:, None], of_words * np.tile(size, self._windows[1])[:, None]])
        bias = self._bias - (mean / deviation) @ vectors
        inputs, bias, outputs = (each.astype(np.float16).astype(np.float32) for each in (inputs, bias, self._outputs))
        piece_vectors = {piece: row.astype(np.float32) / word_pieces.SCALE for piece, row in table.items()}
        return HiddenLayer(inputs, bias, outputs, word_pieces.WordPieceVectors(piece_vectors)), table

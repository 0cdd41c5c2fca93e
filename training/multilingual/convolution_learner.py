"""Trains the convolution tagger (enrich/entities/multilingual): from texts with their true tags to its weights.

In: for each word of each text its pieces, its features and its tag, and a language model's vector of each piece, of
which the few weighted sums are learnt that help to recognise names. Out: the table of those sums, and the layers.

The likelihood of a linear chain is climbed with Adam (Kingma & Ba 2015) and dropout (Srivastava et al. 2014).
"""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from enrich.entities.multilingual.convolution_tagger import FIRST_REACH, SECOND_REACH, LayerWeights
from enrich.entities.multilingual.piece_vectors import mean_rows
from enrich.entities.tagger import ALLOWED_TRANSITIONS, TAGS
from training.tagger_learner import chain_gradient

EPOCHS = 2
UNITS, NUMBERS_PER_WORD = 96, 32
RATE, L2 = 2e-3, 1e-5
INPUT_DROPOUT, DROPOUT = 0.25, 0.3
BATCH = 1024  # words
ROUNDED_LENGTH = 16  # words: texts are filled up to a multiple of it, so that there are few lengths
SCALE = 6.0  # the table has whole numbers, of which so many are one standard deviation
LARGEST_NUMBER = 127
WIDTH, HIGHER_WIDTH = 2 * FIRST_REACH + 1, 2 * SECOND_REACH + 1  # words


class TaggedText(NamedTuple):
    """A text as numbers: for each word its pieces, its features (words, features) and its tag."""

    pieces: list[tuple[int, ...]]
    features: Any
    tags: list[int]


class ConvolutionLearner:
    """Trains on texts; `vectors` has the language model's vector of each piece."""

    def __init__(self, texts: Sequence[TaggedText], vectors: Any) -> None:
        self._random = np.random.default_rng(0)
        self._vectors = vectors
        numbers: dict[tuple[int, ...], int] = {(): 0}
        self._batches_by_length: dict[int, list[tuple[Any, Any, Any]]] = {}
        for text in texts:
            self._add(text, numbers)
        rows = mean_rows(vectors, list(numbers))
        self._mean, self._deviation = rows[1:].mean(axis=0), rows[1:].std(axis=0) + 1e-6
        self._rows = (rows - self._mean) / self._deviation
        self._rows[0] = 0
        features = texts[0].features.shape[1]
        inputs = NUMBERS_PER_WORD + features
        self._weights = [
            self._normal(self._rows.shape[1], NUMBERS_PER_WORD),
            self._normal(WIDTH * inputs, UNITS) * np.float32(1.4),
            np.zeros(UNITS, np.float32),
            self._normal(HIGHER_WIDTH * UNITS, UNITS),
            np.zeros(UNITS, np.float32),
            self._normal(UNITS, len(TAGS)) * np.float32(0.3),
            np.zeros(len(TAGS), np.float32),
            np.zeros((len(TAGS), len(TAGS)), np.float32),
        ]
        self._moments = [(np.zeros_like(each), np.zeros_like(each)) for each in self._weights]
        self._steps = 0

    def _normal(self, rows: int, columns: int) -> Any:
        return (self._random.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

    def _add(self, text: TaggedText, numbers: dict[tuple[int, ...], int]) -> None:
        """Adds a text, filled up with words that are nothing."""
        length = -(-len(text.tags) // ROUNDED_LENGTH) * ROUNDED_LENGTH
        more = length - len(text.tags)
        words = np.array([numbers.setdefault(each, len(numbers)) for each in text.pieces] + [0] * more, np.int32)
        features = np.pad(text.features.astype(np.uint8), ((0, more), (0, 0)))
        tags = np.array(text.tags + [0] * more, np.int8)
        self._batches_by_length.setdefault(length, []).append((words, features, tags))

    def learn(self) -> None:
        """Trains for all epochs."""
        order = random.Random(0)
        for epoch in range(EPOCHS):
            batches = self._batches(order)
            for at, batch in enumerate(batches):
                self._step(*batch, 1 - (epoch + at / len(batches)) / EPOCHS)
            print(f"epoch {epoch + 1} of {EPOCHS}", flush=True)

    def _batches(self, order: random.Random) -> list[tuple[Any, Any, Any]]:
        batches = []
        for length, texts in self._batches_by_length.items():
            order.shuffle(texts)
            size = max(1, BATCH // length)
            batches += [
                tuple(map(np.stack, zip(*texts[at : at + size], strict=True))) for at in range(0, len(texts), size)
            ]
        order.shuffle(batches)
        return batches  # type: ignore[return-value]

    # --- one step ---

    def _step(self, words: Any, features: Any, tags: Any, rate: float) -> None:
        sums, first, first_bias, second, second_bias, outputs, output_bias, transitions = self._weights
        count, length = words.shape
        rows = self._rows[words.reshape(-1)]
        vectors = (rows @ sums).reshape(count, length, -1)
        masks = [self._mask((count, length, first.shape[0] // WIDTH), INPUT_DROPOUT)]
        masks += [self._mask((count, length, UNITS), DROPOUT) for _ in range(2)]
        inputs = np.concatenate([vectors, features.astype(np.float32)], axis=2) * masks[0]
        seen = _windows(inputs, WIDTH)
        hidden = np.maximum(seen @ first + first_bias, 0) * masks[1]
        seen_hidden = _windows(hidden, HIGHER_WIDTH)
        higher = np.maximum(seen_hidden @ second + second_bias, 0) * masks[2]
        top = hidden + higher
        scores = top @ outputs + output_bias
        allowed = np.where(ALLOWED_TRANSITIONS, transitions, np.float32(-1e9))
        of_scores, of_transitions = chain_gradient(scores, allowed, tags)
        of_scores = (of_scores / (count * length)).astype(np.float32)
        flat = of_scores.reshape(-1, len(TAGS))
        of_top = of_scores @ outputs.T
        of_higher = of_top * masks[2] * (higher > 0)
        of_hidden = of_top + _unwindow(of_higher @ second.T, HIGHER_WIDTH)
        of_hidden = of_hidden * masks[1] * (hidden > 0)
        of_inputs = _unwindow(of_hidden @ first.T, WIDTH) * masks[0]
        of_vectors = of_inputs[:, :, : sums.shape[1]].reshape(len(rows), -1)
        self._climb(
            [
                rows.T @ of_vectors,
                _product(seen, of_hidden),
                of_hidden.sum(axis=(0, 1)),
                _product(seen_hidden, of_higher),
                of_higher.sum(axis=(0, 1)),
                top.reshape(-1, UNITS).T @ flat,
                flat.sum(axis=0),
                np.where(ALLOWED_TRANSITIONS, of_transitions, 0) / (count * length),
            ],
            rate,
        )

    def _mask(self, shape: tuple[int, ...], share: float) -> Any:
        return (self._random.random(shape, dtype=np.float32) > share) / np.float32(1 - share)

    def _climb(self, gradients: Sequence[Any], rate: float) -> None:
        """One step of Adam."""
        self._steps += 1
        for each, change, (first, second) in zip(self._weights, gradients, self._moments, strict=True):
            shrunk = change - L2 * each
            first[...] += 0.1 * (shrunk - first)
            second[...] += 0.001 * (shrunk**2 - second)
            upwards = first / (1 - 0.9**self._steps), second / (1 - 0.999**self._steps)
            each[...] += RATE * rate * upwards[0] / (np.sqrt(upwards[1]) + 1e-8)

    # --- the result ---

    def export(self) -> tuple[Any, LayerWeights]:
        """The table of whole numbers of each piece, and the layers that are made for them."""
        sums, first, first_bias, second, second_bias, outputs, output_bias, transitions = self._weights
        table = (self._vectors - self._mean) / self._deviation @ sums
        size = table.std(axis=0) / SCALE
        whole = np.clip(np.rint(table / size), -LARGEST_NUMBER, LARGEST_NUMBER)
        features = first.shape[0] // WIDTH - NUMBERS_PER_WORD
        scaled = first * np.tile(np.concatenate([size, np.ones(features, np.float32)]), WIDTH)[:, None]
        return whole, LayerWeights(scaled, first_bias, second, second_bias, outputs, output_bias, transitions)


def _windows(values: Any, width: int) -> Any:
    """For each word the values of the `width` words around it, joined; zeros beyond the text."""
    count, length, numbers = values.shape
    padded = np.zeros((count, length + width - 1, numbers), np.float32)
    padded[:, width // 2 : width // 2 + length] = values
    return np.concatenate([padded[:, at : at + length] for at in range(width)], axis=2)


def _unwindow(gradient: Any, width: int) -> Any:
    """The gradient by the values, from the gradient by their windows."""
    count, length, joined = gradient.shape
    numbers = joined // width
    padded = np.zeros((count, length + width - 1, numbers), np.float32)
    for at in range(width):
        padded[:, at : at + length] += gradient[:, :, at * numbers : (at + 1) * numbers]
    return padded[:, width // 2 : width // 2 + length]


def _product(inputs: Any, gradient: Any) -> Any:
    return inputs.reshape(-1, inputs.shape[2]).T @ gradient.reshape(-1, gradient.shape[2])

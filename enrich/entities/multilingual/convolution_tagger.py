"""Convolution tagger: decides which words of a text in any language are people, organisations and places.

In: a text and its language. Out: labelled spans of words. Two layers of convolutions over what `word_features` and
`piece_vectors` say of each word (Collobert et al. 2011), and a linear chain over begin-inside-outside tags above them
(Lafferty et al. 2001), decoded exactly but for words that are surely no part of a name. One model for all languages.

The weights are in multilingual_tagger.npz, written by training/multilingual/train_multilingual_tagger.py;
docs/decisions/0016 has what they were learnt from. Pure but for reading that file.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from enrich.entities.multilingual.piece_vectors import PieceVocabulary, mean_rows
from enrich.entities.multilingual.text_words import TextWords
from enrich.entities.multilingual.word_features import word_features
from enrich.entities.ner_decoder import EntitySpan
from enrich.entities.tagger import ALLOWED_TRANSITIONS, OUTSIDE, best_tags, spans_of_tags, window_vectors

FILE = Path(__file__).with_name("multilingual_tagger.npz")
FIRST_REACH, SECOND_REACH = 2, 1  # words on each side that a layer sees
SURE_MARGIN = 7.0  # by so much "O" must beat the other tags of a word to be its tag whatever stands beside it
Floats = NDArray[Any]


class LayerWeights(NamedTuple):
    """The weights of the layers: those of the words' inputs, of the hidden units, and of the tags."""

    first: Floats  # (2 * FIRST_REACH + 1) * inputs, units
    first_bias: Floats  # units
    second: Floats  # (2 * SECOND_REACH + 1) * units, units
    second_bias: Floats  # units
    outputs: Floats  # units, tags
    output_bias: Floats  # tags
    transitions: Floats  # tags, tags


def layer_scores(inputs: Floats, weights: LayerWeights) -> Floats:
    """The score of each tag for each word of a text, from the inputs of its words: (words, tags)."""
    places = np.arange(len(inputs))
    hidden = np.maximum(window_vectors(inputs, places, FIRST_REACH) @ weights.first + weights.first_bias, 0)
    seen = np.maximum(window_vectors(hidden, places, SECOND_REACH) @ weights.second + weights.second_bias, 0)
    scores: Floats = (hidden + seen) @ weights.outputs + weights.output_bias
    return scores


class ConvolutionTagger:
    """Finds names with one set of weights."""

    def __init__(self, vocabulary: PieceVocabulary, table: Floats, weights: LayerWeights) -> None:
        """`table` has the vector of each piece of the vocabulary, in whole numbers that the weights are made for."""
        self._vocabulary, self._table, self._weights = vocabulary, table, weights
        self._transitions = np.where(ALLOWED_TRANSITIONS, weights.transitions, -np.inf)

    def find_names(self, text: TextWords, language: str) -> list[EntitySpan]:
        """The names of a text, in reading order, labelled PER, ORG or LOC."""
        if not text.words:
            return []
        cut = self._vocabulary.cut_words(text.words)
        vectors = mean_rows(self._table, cut.numbers)
        inputs = np.concatenate([vectors, word_features(text, language, cut.goes_on)], axis=1)
        scores = layer_scores(inputs, self._weights)
        return [name for start, end in _doubtful_runs(scores) for name in self._tag_run(scores[start:end], start)]

    def _tag_run(self, scores: Floats, start: int) -> Iterator[EntitySpan]:
        return spans_of_tags(best_tags(scores, self._transitions), start)


def _doubtful_runs(scores: Floats) -> Iterator[tuple[int, int]]:
    """Start and end of each run of words that are not surely outside of names."""
    doubtful = scores[:, OUTSIDE] - np.delete(scores, OUTSIDE, axis=1).max(axis=1) < SURE_MARGIN
    edges = np.flatnonzero(np.diff(np.concatenate([[False], doubtful, [False]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def save_tagger(path: Path, pieces: Sequence[str], table: Floats, weights: LayerWeights) -> None:
    """Writes the file that `load_tagger` reads."""
    arrays = {name: value.astype(np.float16) for name, value in weights._asdict().items()}
    text = np.frombuffer("\n".join(pieces).encode(), np.uint8)
    np.savez_compressed(path, pieces=text, table=table.astype(np.int8), **arrays)


@cache
def load_tagger(path: Path = FILE) -> ConvolutionTagger:
    """The tagger of this file. Raises OSError."""
    with np.load(path, allow_pickle=False) as read:
        weights = LayerWeights(**{name: read[name].astype(np.float32) for name in LayerWeights._fields})
        return ConvolutionTagger(PieceVocabulary(bytes(read["pieces"]).decode().split("\n")), read["table"], weights)

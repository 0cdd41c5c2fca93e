"""How scores become names, and that the file of weights holds what it should."""

from pathlib import Path

import numpy as np
import pytest

from enrich.entities.multilingual.convolution_tagger import (
    FILE,
    SURE_MARGIN,
    ConvolutionTagger,
    LayerWeights,
    load_tagger,
    save_tagger,
)
from enrich.entities.multilingual.piece_vectors import PieceVocabulary
from enrich.entities.multilingual.text_words import split_text
from enrich.entities.multilingual.word_features import FEATURES
from enrich.entities.ner_decoder import EntitySpan
from enrich.entities.tagger import TAGS

PIECES = ["▁Velm", "▁Ann"]
LARGEST_FILE = 4_000_000  # bytes


def tagger_by_pieces() -> ConvolutionTagger:
    """A tagger that hears nothing but two pieces: "Velm" is a place, "Ann" begins a person, "Ann Ann" is one person."""
    features = len(FEATURES)
    first = np.zeros((5, 2 + features, 4), np.float32)
    first[2, 0, 0] = first[2, 1, 1] = first[1, 1, 2] = 1  # the word itself is Velm, is Ann; the word before is Ann
    outputs = np.zeros((4, len(TAGS)), np.float32)
    outputs[0, TAGS.index("B-LOC")] = outputs[1, TAGS.index("B-PER")] = 9
    outputs[2, TAGS.index("I-PER")] = 6
    bias = np.zeros(len(TAGS), np.float32)
    bias[0] = SURE_MARGIN + 1
    return ConvolutionTagger(
        PieceVocabulary(PIECES),
        np.eye(2, dtype=np.int8),
        LayerWeights(
            first.reshape(-1, 4),
            np.zeros(4, np.float32),
            np.zeros((12, 4), np.float32),
            np.zeros(4, np.float32),
            outputs,
            bias,
            np.zeros((len(TAGS), len(TAGS)), np.float32),
        ),
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("to Velm now", [EntitySpan(1, 2, "LOC")]),
        ("Ann, Velm", [EntitySpan(0, 1, "PER"), EntitySpan(2, 3, "LOC")]),
        ("nothing here", []),
        ("", []),
    ],
)
def test_scores_become_names(text: str, names: list[EntitySpan]) -> None:
    assert tagger_by_pieces().find_names(split_text(text), "de") == names


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path, random = tmp_path / "tagger.npz", np.random.default_rng(0)
    inputs, units, tags = 3 + len(FEATURES), 4, len(TAGS)
    shapes = [(5 * inputs, units), (units,), (3 * units, units), (units,), (units, tags), (tags,), (tags, tags)]
    weights = LayerWeights(*(random.standard_normal(shape).astype(np.float16).astype(np.float32) for shape in shapes))
    table = random.integers(-9, 9, (2, 3)).astype(np.int8)
    save_tagger(path, PIECES, table, weights)
    text = split_text("Ann Velm went to Velm. Ann stayed")
    written = ConvolutionTagger(PieceVocabulary(PIECES), table, weights)
    assert load_tagger(path).find_names(text, "en") == written.find_names(text, "en")


def test_the_file_is_small_and_its_model_knows_a_city() -> None:
    assert FILE.stat().st_size < LARGEST_FILE
    assert load_tagger().find_names(split_text("Sie wohnt in Berlin."), "de") == [EntitySpan(3, 4, "LOC")]

"""How words are cut into pieces, and what vector that gives them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.entities.multilingual.piece_vectors import PieceVocabulary, mean_rows
from enrich.entities.multilingual.text_words import split_text

PIECES = ["▁Ber", "lin", "▁Berlin", "er", "北京", "市", "▁市", "▁a"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Berlin", [["▁Berlin"]]),
        ("Berliner", [["▁Berlin", "er"]]),
        ("Berxlin", [["▁Ber", "lin"]]),
        ("xyz", [[]]),
        ("北京市", [["北京"], ["北京"], ["市"]]),
        ("市a", [["市"], ["▁a"]]),
    ],
)
def test_the_longest_pieces_are_taken(text: str, pieces: list[list[str]]) -> None:
    found = PieceVocabulary(PIECES).cut_words(split_text(text).words)
    assert [[PIECES[number] for number in each] for each in found.numbers] == pieces


def test_a_character_goes_on_with_its_piece() -> None:
    assert PieceVocabulary(PIECES).cut_words(["北", "京", "市", "!"]).goes_on == [False, True, False, False]


def test_a_word_has_the_mean_of_its_pieces() -> None:
    found = mean_rows(np.array([[2, 0], [4, 2]], np.int8), [(0, 1), (), (1,)])
    assert found.tolist() == [[3, 1], [0, 0], [4, 2]]


@given(st.text(max_size=100))
def test_every_word_gets_its_pieces(text: str) -> None:
    words = split_text(text).words
    found = PieceVocabulary(PIECES).cut_words(words)
    assert len(found.numbers) == len(found.goes_on) == len(words)
    assert all(0 <= number < len(PIECES) for each in found.numbers for number in each)

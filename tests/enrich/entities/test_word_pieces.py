"""Words of any script have vectors, and words of one kind have vectors near each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.entities.word_pieces import LONGEST_WORD, UNKNOWN, load_word_pieces, split_word

CITIES = "London Berlin Paris Madrid Tokyo Lagos Toronto Cairo Chicago Mumbai Lima Oslo"
SURNAMES = "Merkel Obama Johnson Clinton Macron Putin Netanyahu Schmidt Garcia Erdogan Murphy Wilson"
KNOWN = dict.fromkeys(["un", "##believ", "##able", "unbel", "a", "##a", "-", UNKNOWN])


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("unbelievable", [UNKNOWN]),  # the longest beginning, though another one would have gone on
        ("unable", ["un", "##able"]),
        ("Ünable", ["un", "##able"]),
        ("aa-a", ["a", "##a", "-", "a"]),
        ("axa", ["a", UNKNOWN]),
        ("王", [UNKNOWN]),
        ("\u0301", [UNKNOWN]),
        ("", [UNKNOWN]),
    ],
)
def test_a_word_is_cut_into_the_longest_pieces(word: str, parts: list[str]) -> None:
    assert split_word(word, KNOWN)[-len(parts) :] == parts


@given(st.text(max_size=200))
def test_any_word_has_numbers(word: str) -> None:
    assert len(split_word(word, KNOWN)) <= 3 * LONGEST_WORD
    vectors = load_word_pieces().vectors([word, word.upper()])
    assert vectors.shape == (2, load_word_pieces().vectors(["a"]).shape[1])
    assert np.isfinite(vectors).all()


def test_no_words_no_numbers() -> None:
    assert load_word_pieces().vectors([]).shape == (0, load_word_pieces().vectors(["a"]).shape[1])


def test_words_of_one_kind_are_alike() -> None:
    """Each of these nearer to the mean of the others of its kind than to that of the other kind, but for two."""
    kinds = [load_word_pieces().vectors(words.split()) for words in (CITIES, SURNAMES)]
    right = 0
    for kind, other in (kinds, kinds[::-1]):
        for at, vector in enumerate(kind):
            own = np.delete(kind, at, axis=0).mean(axis=0)
            right += bool(np.linalg.norm(vector - own) < np.linalg.norm(vector - other.mean(axis=0)))
    assert right >= sum(map(len, kinds)) - 2

"""Words of any script become numbers; names that look alike or mean alike lie near each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.pieces import LONGEST, UNKNOWN, Floats, cut, pieces

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
    assert cut(word, KNOWN)[-len(parts) :] == parts


@given(st.text(max_size=200))
def test_any_word_has_numbers(word: str) -> None:
    assert len(cut(word, KNOWN)) <= 3 * LONGEST
    vectors = pieces().vectors([word, word.upper()])
    assert vectors.shape == (2, pieces().vectors(["a"]).shape[1])
    assert np.isfinite(vectors).all()


def test_no_words_no_numbers() -> None:
    assert pieces().vectors([]).shape == (0, pieces().vectors(["a"]).shape[1])


def test_words_of_one_kind_are_alike() -> None:
    london, berlin, merkel, obama = pieces().vectors(["London", "Berlin", "Merkel", "Obama"])

    def apart(one: Floats, other: Floats) -> float:
        return float(np.linalg.norm(one - other))

    assert max(apart(london, berlin), apart(merkel, obama)) < min(apart(london, merkel), apart(berlin, obama))

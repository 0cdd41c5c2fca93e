"""The text of an article's further page behind what was read so far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pagination.joined_text import join_texts

LEAD = "The wall of the harbour is to be rebuilt by the summer."
NOTE = "Jane Doe writes about harbours from Arden."


def test_what_every_page_repeats_is_there_once() -> None:
    first = f"{LEAD}\nIt fell in the storm of last winter.\n{NOTE}\nImprint"
    second = f"{LEAD}\nThe council has to borrow the money.\n{NOTE}\nImprint"
    assert join_texts(first, second) == (
        f"{LEAD}\nIt fell in the storm of last winter.\nThe council has to borrow the money.\n{NOTE}\nImprint"
    )


def test_short_lines_within_a_page_may_be_said_twice() -> None:
    first = "Will the wall hold against the sea?\nNo.\nWill the town pay for all of it?"
    second = "Will the fishermen pay for a part of it?\nNo.\nThat was to be expected of them."
    assert (join_texts(first, second) or "").count("No.") == 2


def test_a_page_that_says_nothing_new_is_told() -> None:
    assert join_texts(f"{LEAD}\nIt fell in a storm.\n{NOTE}", f"{LEAD}\n{NOTE}") is None
    assert join_texts(LEAD, LEAD.upper()) is None


def test_lines_that_differ_in_vowel_signs_alone_are_different() -> None:
    """Python 3.11's re takes vowel signs for no part of a word (findings/words-of-hindi.sh)."""
    first, second = "उसकी माला किसी को मिली थी", "उसके मेले किसे की मिले थे"
    assert join_texts(f"{LEAD}\n{first}", f"{LEAD}\n{second}") == f"{LEAD}\n{first}\n{second}"


lines = st.lists(st.sampled_from(("a", "b", "No.", LEAD, NOTE, "", "x y z u v w")), min_size=1, max_size=6)


@pytest.mark.slow
@given(lines, lines)
def test_no_line_is_lost_and_the_first_text_stays_in_front(first: list[str], second: list[str]) -> None:
    joined = join_texts("\n".join(first), "\n".join(second))
    if joined is None:
        assert set(second) <= set(first)
        return
    found = joined.split("\n")
    assert set(found) == {*first, *second}
    assert found[0] == first[0]

"""Whatever a text holds, what is printed of it is short, on one line, and does nothing to a terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.printable import MOST_CHARACTERS, UNSAFE, escape_unsafe, printable

ANYTHING = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, [red]brackets[/red] and مرحبا", "plain, [red]brackets[/red] and مرحبا"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;a title\x07", "\\x1b]0;a title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("one\r\n\ttwo\u2028three", "one two three"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("unseen \U000e0041", "unseen \\U000e0041"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that belongs to the word
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    assert printable("x" * 50, 10) == "xxxxxxxxxx… (40 more characters)"
    assert len(printable("x" * 10_000_000)) < MOST_CHARACTERS + 40


def test_line_breaks_stay_where_they_are_wanted() -> None:
    assert printable("one\r\ntwo\x1bthree\u2028four", lines=True) == "one\ntwo\\x1bthree four"


@given(ANYTHING)
def test_nothing_unsafe_is_left(text: str) -> None:
    assert UNSAFE.search(printable(text)) is None
    assert UNSAFE.search(printable(text, lines=True).replace("\n", "")) is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_json_is_the_same_json(text: str) -> None:
    written = escape_unsafe(json.dumps([text], ensure_ascii=False))
    assert UNSAFE.search(written) is None
    assert json.loads(written) == [text]

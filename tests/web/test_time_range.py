"""A search narrowed to a range of time: the words that stand for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.parts.search_link import SearchLink
from web.parts.time_range import with_days, with_spans

LINK = SearchLink(typed='harbour after:7d source:"The Paper"', order="newest", after="beef")
HOURS = ("2026-11-01T10:00/2026-11-01T11:00", "2026-11-01T23:00/2026-11-02")


@pytest.mark.parametrize("ends", [HOURS, HOURS[::-1]])
def test_a_range_takes_the_place_of_the_one_before_in_either_order(ends: tuple[str, str]) -> None:
    found = with_spans(LINK, *ends)
    assert found.typed == 'harbour source:"The Paper" after:2026-11-01T10:00 before:2026-11-02'
    assert (found.order, found.after) == ("newest", "")


@pytest.mark.parametrize(
    "wrong",
    ["", "2026-11-01", "2026-11-01/", "2026-13-01/2026-11-02", "2026-11-01/x", "0001-01-01/2026-11-02",
     "2026-11-01/2026-11-02/2026-11-03", "20261101/20261102", '2026-11-01/2026-11-02" source:x'],
)  # fmt: skip
def test_what_is_no_range_leaves_the_search_as_it_is(wrong: str) -> None:
    assert with_spans(LINK, wrong, HOURS[0]).typed == LINK.typed
    assert with_spans(LINK, HOURS[0], wrong).typed == LINK.typed


@given(st.text(), st.text())
def test_no_text_of_a_form_is_an_error(first: str, last: str) -> None:
    assert with_spans(LINK, first, last).typed == LINK.typed
    assert with_days(LINK, first, last).order == "newest"

"""Lines that recur on many pages are learnt and removed, one page's own lines stay, and a new layout is noticed."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.boilerplate.layout_drift import USUAL_PAGES, describe_drift, track_drift, update_after_empty_page
from ingest.boilerplate.site_boilerplate import (
    LINE_COUNT,
    MOST_LINES,
    find_recurring_lines,
    hash_line,
    remove_lines,
    update_after_page,
)
from pipeline.feed_state import PageStatistics

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
FRAME = ("Skip to main content", "Sign up for our newsletter 7", "© 2026 The Paper")


def own(number: int, length: int = 12) -> list[str]:
    chosen = random.Random(number)
    words = ["river", "council", "bridge", "mayor", "ferry", "harbour", "storm", "school", "budget", "vote"]
    return [" ".join(chosen.choices(words, k=length)) + f" {word}" for word in words[:5]]


def page(number: int, frame: tuple[str, ...] = FRAME, length: int = 12) -> str:
    head, *foot = frame or ("",)
    return "\n".join([head, *own(number, length), *foot])


def learnt(pages: int, **shape: int) -> PageStatistics:
    found = PageStatistics()
    for number in range(pages):
        text = page(number, **shape)  # type: ignore[arg-type]
        found = update_after_page(found, text, remove_lines(text, find_recurring_lines(found)))
    return found


def test_recurring_lines_are_removed_from_the_fourth_page_on() -> None:
    assert find_recurring_lines(learnt(2)) == frozenset()
    recurring = find_recurring_lines(learnt(3))
    assert recurring == {hash_line(line) for line in FRAME}
    other_number = page(77, (FRAME[0], "SIGN UP for our newsletter: 8", FRAME[2]))
    assert remove_lines(other_number, recurring) == "\n".join(own(77))


def test_a_page_that_has_only_recurring_lines_is_left_unchanged() -> None:
    recurring = find_recurring_lines(learnt(5))
    assert remove_lines("\n".join(FRAME), recurring) == "\n".join(FRAME)


def test_a_line_on_few_pages_is_not_recurring() -> None:
    found = learnt(40)
    for _ in range(5):  # one text under five addresses
        found = update_after_page(found, page(1000), page(1000))
    assert find_recurring_lines(found) == {hash_line(line) for line in FRAME}


def test_a_line_that_no_longer_recurs_is_forgotten() -> None:
    found = learnt(30)
    for number in range(200):
        found = update_after_page(found, page(number, ("New frame",)), page(number, ("New frame",)))
    assert find_recurring_lines(found) == {hash_line("New frame")}


@given(st.lists(st.text(max_size=300), max_size=40))
def test_statistics_are_bounded_and_only_recurring_lines_are_removed(texts: list[str]) -> None:
    found = PageStatistics()
    for text in texts:
        recurring = find_recurring_lines(found)
        cleaned = remove_lines(text, recurring)
        assert (
            cleaned == text
            or {hash_line(line) for line in set(text.split("\n")) - set(cleaned.split("\n"))} <= recurring
        )
        found = update_after_page(found, text, cleaned) if text.strip() else update_after_empty_page(found)
    assert len(found.lines) <= MOST_LINES * LINE_COUNT.size
    assert 0 <= found.empty <= 1
    assert found.spread >= 0


def test_pages_as_they_usually_are_are_no_drift() -> None:
    found, chosen = PageStatistics(), random.Random(3)
    for number in range(400):
        text = page(number, length=chosen.randint(6, 60))
        found = update_after_page(found, text, remove_lines(text, find_recurring_lines(found)))
        assert describe_drift(found) == ""
        if number % 25 == 24:
            found = update_after_empty_page(found)


def test_a_new_layout_is_announced_once() -> None:
    found, announced = learnt(100), list[str]()
    for number in range(20):
        after, message = track_drift(found, update_after_empty_page(found), NOW + timedelta(minutes=number))
        found, announced = after, [*announced, message] if message else announced
    assert len(announced) == 1
    assert "have no text" in announced[0]
    assert found.drifting_since is not None
    for number in range(60):
        text = page(number)
        after = update_after_page(found, text, remove_lines(text, find_recurring_lines(found)))
        found, message = track_drift(found, after, NOW)
        assert message == ""
    assert found.drifting_since is None


def test_texts_that_shrink_to_a_line_are_noticed() -> None:
    found = learnt(100)
    for number in range(12):
        found = update_after_page(found, own(number)[0][:20], own(number)[0][:20])
    assert "shorter" in describe_drift(found)
    assert describe_drift(replace(found, pages=USUAL_PAGES - 1)) == ""

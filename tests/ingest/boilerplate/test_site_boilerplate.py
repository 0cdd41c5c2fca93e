"""What returns on many pages is learnt and left out, what is one page's own stays, and a new layout is noticed."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.boilerplate import layout_drift, site_boilerplate
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
        found = site_boilerplate.after_page(
            found, text, site_boilerplate.without(text, site_boilerplate.returning(found))
        )
    return found


def test_lines_that_return_are_left_out_from_the_fourth_page_on() -> None:
    assert site_boilerplate.returning(learnt(2)) == frozenset()
    known = site_boilerplate.returning(learnt(3))
    assert known == {site_boilerplate.hashed(line) for line in FRAME}
    other_number = page(77, (FRAME[0], "SIGN UP for our newsletter: 8", FRAME[2]))
    assert site_boilerplate.without(other_number, known) == "\n".join(own(77))


def test_a_page_that_is_nothing_but_what_returns_stays_as_it_is() -> None:
    known = site_boilerplate.returning(learnt(5))
    assert site_boilerplate.without("\n".join(FRAME), known) == "\n".join(FRAME)


def test_what_stood_on_few_pages_is_nobodys_boilerplate() -> None:
    found = learnt(40)
    for _ in range(5):  # one text under five addresses
        found = site_boilerplate.after_page(found, page(1000), page(1000))
    assert site_boilerplate.returning(found) == {site_boilerplate.hashed(line) for line in FRAME}


def test_a_line_that_no_longer_returns_is_forgotten() -> None:
    found = learnt(30)
    for number in range(200):
        found = site_boilerplate.after_page(found, page(number, ("New frame",)), page(number, ("New frame",)))
    assert site_boilerplate.returning(found) == {site_boilerplate.hashed("New frame")}


@given(st.lists(st.text(max_size=300), max_size=40))
def test_habits_are_bounded_and_nothing_but_known_lines_is_taken(texts: list[str]) -> None:
    found = PageStatistics()
    for text in texts:
        known = site_boilerplate.returning(found)
        cleaned = site_boilerplate.without(text, known)
        assert (
            cleaned == text
            or {site_boilerplate.hashed(line) for line in set(text.split("\n")) - set(cleaned.split("\n"))} <= known
        )
        found = site_boilerplate.after_page(found, text, cleaned) if text.strip() else layout_drift.after_empty(found)
    assert len(found.lines) <= site_boilerplate.MOST_LINES * site_boilerplate.LINE.size
    assert 0 <= found.empty <= 1
    assert found.spread >= 0


def test_pages_as_they_usually_are_are_no_drift() -> None:
    found, chosen = PageStatistics(), random.Random(3)
    for number in range(400):
        text = page(number, length=chosen.randint(6, 60))
        found = site_boilerplate.after_page(
            found, text, site_boilerplate.without(text, site_boilerplate.returning(found))
        )
        assert layout_drift.drift(found) == ""
        if number % 25 == 24:
            found = layout_drift.after_empty(found)


def test_a_new_layout_is_said_once() -> None:
    found, said = learnt(100), list[str]()
    for number in range(20):
        after, message = layout_drift.watched(found, layout_drift.after_empty(found), NOW + timedelta(minutes=number))
        found, said = after, [*said, message] if message else said
    assert len(said) == 1
    assert "have no text" in said[0]
    assert found.drifting_since is not None
    for number in range(60):
        text = page(number)
        after = site_boilerplate.after_page(
            found, text, site_boilerplate.without(text, site_boilerplate.returning(found))
        )
        found, message = layout_drift.watched(found, after, NOW)
        assert message == ""
    assert found.drifting_since is None


def test_texts_that_shrink_to_a_line_are_noticed() -> None:
    found = learnt(100)
    for number in range(12):
        found = site_boilerplate.after_page(found, own(number)[0][:20], own(number)[0][:20])
    assert "shorter" in layout_drift.drift(found)
    assert layout_drift.drift(replace(found, pages=layout_drift.USUAL_PAGES - 1)) == ""

"""What a feed's rhythm expects, from what came when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.frontier.publishing_rhythm import (
    LEAST_DISPERSION,
    PRIOR_DISPERSION,
    dispersion,
    expected_entries,
    learnt_entries,
    observe_span,
)
from pipeline.feed_state import PublishingRhythm
from pipeline.messages import FeedState, decode, encode

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
NOTHING = PublishingRhythm()


def observe(rhythm: PublishingRhythm, since: datetime, until: datetime, new: int) -> PublishingRhythm:
    return observe_span(rhythm, since, until, expected_entries(rhythm, since, until), new)


def learn(counts: dict[datetime, int], start: datetime, days: int, step: timedelta = HOUR / 2) -> PublishingRhythm:
    """Polls at each `step`; `counts` says what comes in the span that begins then."""
    rhythm, now = NOTHING, start
    while now < start + timedelta(days=days):
        rhythm = observe(rhythm, now, now + step, counts.get(now, 0))
        now += step
    return rhythm


def office_hours(days: int) -> dict[datetime, int]:
    """Four in each hour from nine to five, on workdays."""
    halves = [MONDAY + number * HOUR / 2 for number in range(48 * days)]
    return {each: 2 for each in halves if 9 <= each.hour < 17 and each.weekday() < 5}


OFFICE = learn(office_hours(28), MONDAY, 28)
NEXT = MONDAY + timedelta(days=28)


def test_hours_and_weekdays_are_told_apart() -> None:
    assert expected_entries(OFFICE, NEXT + 9 * HOUR, NEXT + 17 * HOUR) == pytest.approx(32, rel=0.1)
    assert expected_entries(OFFICE, NEXT + 17 * HOUR, NEXT + DAY + 9 * HOUR) == 0
    assert expected_entries(OFFICE, NEXT + 5 * DAY, NEXT + 7 * DAY) == 0
    assert expected_entries(OFFICE, NEXT, NEXT + WEEK) == pytest.approx(160, rel=0.02)


def test_nothing_is_expected_of_what_was_never_observed() -> None:
    assert expected_entries(NOTHING, MONDAY, NEXT) == 0
    until_friday = learn(office_hours(4), MONDAY, 4)
    assert expected_entries(until_friday, MONDAY + 4 * DAY, MONDAY + 7 * DAY) == 0
    assert expected_entries(until_friday, MONDAY + 7 * DAY, MONDAY + 8 * DAY) > 20


def test_a_rhythm_follows_its_source() -> None:
    rhythm, now = OFFICE, NEXT
    for _ in range(120 * 24):  # from then on one an hour, day and night
        rhythm, now = observe(rhythm, now, now + HOUR, 1), now + HOUR
    assert expected_entries(rhythm, now, now + WEEK) == pytest.approx(168, rel=0.03)
    assert expected_entries(rhythm, now, now + DAY) == pytest.approx(24, rel=0.1)


def test_a_regular_feed_scatters_little_and_one_with_batches_much() -> None:
    regular = learn({MONDAY + number * HOUR: 1 for number in range(24 * 28)}, MONDAY, 28)
    batches = learn({MONDAY + number * DAY + 9 * HOUR: 24 * (number % 2) for number in range(28)}, MONDAY, 28)
    assert dispersion(regular) < 0.05 < 3 * dispersion(regular) < dispersion(batches)
    assert learnt_entries(regular) == pytest.approx(20 * 24, rel=0.2)


def test_of_a_feed_that_is_hardly_known_nothing_is_sure() -> None:
    assert dispersion(NOTHING) > 1_000_000
    assert dispersion(learn({MONDAY + HOUR: 1}, MONDAY, 2)) >= PRIOR_DISPERSION + 0.9


def test_a_table_of_another_form_counts_as_none() -> None:
    odd = replace(OFFICE, week=b"\x00" * 7)
    assert expected_entries(odd, NEXT, NEXT + WEEK) == 0
    assert observe(odd, NEXT, NEXT + 2 * HOUR, 3).hour_entries == 1.5


spans = st.lists(st.tuples(st.integers(60, 14_400), st.integers(0, 40)), min_size=1, max_size=60)


@given(spans)
def test_whatever_was_observed_is_finite_travels_and_adds_up(observed: list[tuple[int, int]]) -> None:
    rhythm, now = NOTHING, MONDAY + timedelta(minutes=17)
    for seconds, new in observed:
        until = now + timedelta(seconds=seconds)
        rhythm, now = observe(rhythm, now, until, new), until
    sent = FeedState(url="https://a.example/rss", host="a.example", name="A", rhythm=rhythm)
    assert decode(encode(sent), FeedState) == sent
    middle, end = now + timedelta(minutes=443), now + 2 * DAY
    whole = expected_entries(rhythm, now, end)
    assert whole == pytest.approx(expected_entries(rhythm, now, middle) + expected_entries(rhythm, middle, end))
    assert 0 <= whole < 1e9
    assert dispersion(rhythm) >= LEAST_DISPERSION


def test_the_table_is_small() -> None:
    assert len(OFFICE.week) == 124
    state = FeedState(url="https://a.example/rss", host="a.example", name="A")
    assert len(encode(replace(state, rhythm=OFFICE))) - len(encode(state)) < 450
    assert b"rhythm" not in encode(state)


@given(st.integers(0, 60_000), st.integers(1, 14_400))
def test_a_busy_feed_does_not_burst_its_table(new: int, seconds: int) -> None:
    rhythm, now = NOTHING, MONDAY
    for _ in range(40):
        until = now + timedelta(seconds=seconds)
        rhythm, now = observe(rhythm, now, until, new), until
    assert expected_entries(rhythm, now, now + DAY) >= 0

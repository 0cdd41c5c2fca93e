"""Never faster than the minimum, never slower than the maximum, Retry-After kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.frontier import schedule
from ingest.frontier.schedule import (
    ArrivalRate,
    Plan,
    after_skipped_hours,
    next_poll_after_error,
    next_poll_after_success,
    observe_arrivals,
)
from ingest.web.response_headers import freshness_seconds, parse_retry_after

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday
PLAN = Plan(first=900, least=300, most=7200, retry_first=60, retry_most=86400)
JITTER = st.floats(0, 1, exclude_max=True)
DAY = 86400.0


def waited(due: datetime) -> float:
    return (due - NOW).total_seconds()


@given(st.floats(0, 1e9), st.floats(0, 1e12), JITTER, st.integers(0, 10_000), st.floats(0, 1), st.booleans())
def test_polls_are_never_closer_than_the_least_nor_further_apart_than_the_most(
    arrivals: float, seconds: float, jitter: float, shown: int, fresh: float, gap: bool
) -> None:
    wanted = schedule.polling_interval(PLAN, ArrivalRate(arrivals, seconds), shown)
    wanted = schedule.shorten_interval(PLAN, wanted, wanted, fresh, gap)
    for hint in (0.0, 1e9):
        assert PLAN.least - 1e-3 <= waited(next_poll_after_success(PLAN, wanted, hint, NOW, jitter)) <= PLAN.most + 1e-3


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(60, 5 * DAY)), min_size=1, max_size=40))
def test_a_pace_stays_between_nothing_and_all_that_came(polls: list[tuple[int, float]]) -> None:
    pace = ArrivalRate()
    for new, seconds in polls:
        pace = observe_arrivals(pace, new, seconds)
    assert 0 <= pace.rate <= max(new / seconds for new, seconds in polls) * len(polls) + 1e-9


def polled(entries_a_day: float, polls: int = 200) -> float:
    """The interval that a feed settles at, whose entries come evenly."""
    pace, now, interval, published = ArrivalRate(), 0.0, PLAN.first, 0
    for _ in range(polls):
        now += interval
        there = int(now * entries_a_day / DAY)
        pace, published = observe_arrivals(pace, there - published, interval), there
        interval = schedule.polling_interval(PLAN, pace, shown=20)
    return interval


@pytest.mark.parametrize(
    ("entries_a_day", "least", "most"),
    [(0, 7200, 7200), (4, 7200, 7200), (24, 3000, 4200), (96, 800, 1000), (1000, 300, 300)],
)
def test_the_interval_settles_at_one_new_entry_a_poll(entries_a_day: float, least: float, most: float) -> None:
    assert least <= polled(entries_a_day) <= most


def test_a_feed_that_shows_little_is_polled_before_it_is_pushed_out() -> None:
    hourly = ArrivalRate(24, DAY)
    assert schedule.polling_interval(PLAN, hourly, shown=100) == 3600
    assert schedule.polling_interval(PLAN, hourly, shown=1) == 900


def test_a_poll_that_came_too_late_shortens_the_next_at_once() -> None:
    assert schedule.shorten_interval(PLAN, 7200, 7200, fresh=0.6, gap=False) == 3600
    assert schedule.shorten_interval(PLAN, 7200, 7200, fresh=1.0, gap=True) == 1800
    assert schedule.shorten_interval(PLAN, 3600, 7200, fresh=0.1, gap=False) == 3600


def test_the_first_answer_tells_the_pace_by_its_dates() -> None:
    hourly = [NOW - timedelta(hours=number) for number in range(20)]
    assert schedule.polling_interval(PLAN, schedule.first_arrival_rate(hourly, NOW), 20) == pytest.approx(3600, rel=0.1)
    assert schedule.first_arrival_rate([None, NOW], NOW) == ArrivalRate()
    ancient = [NOW - timedelta(days=1000 + number) for number in range(20)]
    assert schedule.polling_interval(PLAN, schedule.first_arrival_rate(ancient, NOW), 20) == PLAN.most


def test_a_feed_asks_for_its_hours_and_days() -> None:
    assert after_skipped_hours(NOW, (), ()) == NOW
    assert after_skipped_hours(NOW, (12, 13), ()) == NOW + timedelta(hours=2)
    assert after_skipped_hours(NOW + timedelta(minutes=5), (12,), ()) == NOW + timedelta(hours=1)
    assert after_skipped_hours(NOW, (), (0,)) == NOW + timedelta(hours=12)
    assert after_skipped_hours(NOW, range(24), range(7)) <= NOW + timedelta(hours=schedule.SKIP_MOST_HOURS)


@given(st.floats(0, 100), JITTER, st.none() | st.floats(-1e6, 1e8))
def test_waits_after_errors_stay_bounded_and_the_server_s_wish_is_kept(
    trouble: float, jitter: float, asked: float | None
) -> None:
    wanted = None if asked is None else NOW + timedelta(seconds=asked)
    wait = waited(next_poll_after_error(PLAN, trouble, NOW, jitter, wanted))
    assert PLAN.retry_first <= wait + 1e-3
    if asked is None:
        assert wait <= PLAN.retry_most + 1e-3
    else:
        assert wait >= min(asked, schedule.RETRY_AFTER_MOST) - 1e-3
        assert wait <= max(PLAN.retry_most, min(asked, schedule.RETRY_AFTER_MOST)) + 1e-3


def test_waits_double_with_each_soft_error_and_twice_with_each_hard_one() -> None:
    waits = [waited(next_poll_after_error(PLAN, trouble, NOW, 0, None)) for trouble in (0.5, 1, 1.5, 2, 6, 50)]
    assert waits == [60, 120, 240, 480, 86400, 86400]
    soft = [schedule.error_weight(kind, status) for kind, status in [("dns", None), ("http", 404), ("http", 503)]]
    assert soft == [0.5, 0.5, 0.5]
    assert [schedule.error_weight("http", 403), schedule.error_weight("parse", None)] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"expires": "Mon, 04 May 2026 13:00:00 GMT"}, 3600),
        ({"expires": "Mon, 04 May 2026 13:00:00 GMT", "date": "Mon, 04 May 2026 12:30:00 GMT"}, 1800),
        ({"expires": "0"}, 0),
        ({"expires": "Mon, 04 May 2020 13:00:00 GMT"}, 0),
        ({}, 0),
    ],
)
def test_how_long_an_answer_is_good_for(headers: dict[str, str], seconds: float) -> None:
    assert freshness_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("120", NOW + timedelta(seconds=120)),
        (" 1.5 ", NOW + timedelta(seconds=1.5)),
        ("Mon, 04 May 2026 13:00:00 GMT", NOW + timedelta(hours=1)),
        ("Mon, 04 May 2026 13:00:00 -0000", NOW + timedelta(hours=1)),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        ("٣", None),
    ],
)
def test_retry_after(header: str | None, wanted: datetime | None) -> None:
    assert parse_retry_after(header, NOW) == wanted


@given(st.text())
def test_any_header_is_read_or_not(header: str) -> None:
    found = parse_retry_after(header, NOW)
    assert found is None or found.tzinfo is not None
    assert freshness_seconds({"cache-control": header, "expires": header, "date": header}, NOW) >= 0

"""How fast a host is asked: never faster than anybody asks for, slower when it is slow, and Retry-After kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.web.rate_limit import DAY, FIRST_PAUSE, FORGIVEN_AFTER, LATENCY_GAP_MOST, Pace

seconds = st.floats(0, 1e5)


@given(seconds, seconds, st.lists(seconds, max_size=10), st.lists(st.none() | seconds, max_size=5))
def test_never_faster_than_the_operator_the_robots_txt_or_the_host_asks(
    least: float, delay: float, latencies: list[float], pauses: list[float | None]
) -> None:
    pace, now = Pace(crawl_delay=delay), 1000.0
    for took in latencies:
        pace.answered(took)
    pace.started(now, least)
    assert pace.opens() >= now + max(least, delay)
    for wanted in pauses:
        pace.asked_for_a_pause(now, wanted)
        assert pace.opens() >= now + min(DAY, FIRST_PAUSE if wanted is None else wanted)
    assert pace.paused_until <= now + DAY


def test_a_slow_host_is_asked_more_slowly_and_recovers() -> None:
    pace = Pace()
    pace.answered(8.0)
    assert pace.gap(1.0) == 8.0
    for _ in range(20):
        pace.answered(0.1)
    assert pace.gap(1.0) == 1.0
    pace.answered(10_000.0)
    assert pace.gap(1.0) == LATENCY_GAP_MOST


def test_pauses_grow_count_once_and_are_forgiven() -> None:
    pace, now = Pace(), 1000.0
    for expected in (60.0, 120.0, 240.0):
        pace.asked_for_a_pause(now, None)
        pace.asked_for_a_pause(now + 1, None)  # an answer to a request from before
        assert pace.paused_until == pytest.approx(now + expected, abs=1)
        now = pace.paused_until + 1
    now = pace.paused_until + FORGIVEN_AFTER + 1
    pace.asked_for_a_pause(now, None)
    assert pace.paused_until == now + 60.0


def test_a_header_is_kept_and_one_that_asks_for_nothing_is_believed_less_each_time() -> None:
    pace, now, waits = Pace(), 1000.0, []
    for _ in range(4):
        pace.asked_for_a_pause(now, 0.0)
        waits.append(pace.paused_until - now)
        now = pace.paused_until + 0.1
    assert waits == [1.0, 2.0, 4.0, 8.0]
    pace.asked_for_a_pause(now, 777.0)
    assert pace.paused_until == now + 777.0
    assert not pace.idle(now + 778.0)
    assert pace.idle(now + 777.0 + FORGIVEN_AFTER + 1)

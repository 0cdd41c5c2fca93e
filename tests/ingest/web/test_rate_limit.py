"""Per-host rate limit: never faster than settings, robots.txt and host ask for; slower for slow hosts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.web.rate_limit import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    MOST_LATENCY_GAP_SECONDS,
    PAUSE_FORGOTTEN_AFTER_SECONDS,
    HostRate,
)

seconds = st.floats(0, 1e5)


@given(seconds, seconds, st.lists(seconds, max_size=10), st.lists(st.none() | seconds, max_size=5))
def test_never_faster_than_the_operator_the_robots_txt_or_the_host_asks(
    least: float, delay: float, latencies: list[float], pauses: list[float | None]
) -> None:
    rate, now = HostRate(crawl_delay=delay), 1000.0
    for took in latencies:
        rate.record_latency(took)
    rate.record_start(now, least)
    assert rate.earliest_start() >= now + max(least, delay)
    for wanted in pauses:
        rate.record_pause(now, wanted)
        assert rate.earliest_start() >= now + min(
            LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS if wanted is None else wanted
        )
    assert rate.paused_until <= now + LONGEST_PAUSE_SECONDS


def test_a_slow_host_is_asked_more_slowly_and_recovers() -> None:
    rate = HostRate()
    rate.record_latency(8.0)
    assert rate.gap_seconds(1.0) == 8.0
    for _ in range(20):
        rate.record_latency(0.1)
    assert rate.gap_seconds(1.0) == 1.0
    rate.record_latency(10_000.0)
    assert rate.gap_seconds(1.0) == MOST_LATENCY_GAP_SECONDS


def test_pauses_grow_count_once_and_are_forgiven() -> None:
    rate, now = HostRate(), 1000.0
    for expected in (60.0, 120.0, 240.0):
        rate.record_pause(now, None)
        rate.record_pause(now + 1, None)  # an answer to a request from before
        assert rate.paused_until == pytest.approx(now + expected, abs=1)
        now = rate.paused_until + 1
    now = rate.paused_until + PAUSE_FORGOTTEN_AFTER_SECONDS + 1
    rate.record_pause(now, None)
    assert rate.paused_until == now + 60.0


def test_a_header_is_kept_and_one_that_asks_for_nothing_is_believed_less_each_time() -> None:
    rate, now, waits = HostRate(), 1000.0, []
    for _ in range(4):
        rate.record_pause(now, 0.0)
        waits.append(rate.paused_until - now)
        now = rate.paused_until + 0.1
    assert waits == [1.0, 2.0, 4.0, 8.0]
    rate.record_pause(now, 777.0)
    assert rate.paused_until == now + 777.0
    assert not rate.is_forgettable(now + 778.0)
    assert rate.is_forgettable(now + 777.0 + PAUSE_FORGOTTEN_AFTER_SECONDS + 1)

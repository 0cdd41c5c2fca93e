"""The simulation of bench/silence, with a seed: an outage is told in time, and no healthy feed is accused."""

import random
import statistics

import pytest

from bench.silence import __main__ as silence
from bench.silence.invented_feeds import found_newsroom, publish
from bench.silence.simulated_polls import OURS, START, Judges

MOST_ALARMS = 0.1  # a month of one feed
ALONE = Judges(silence.rules_of_settings({}), {})


@pytest.mark.slow
@pytest.mark.parametrize(("daily", "feeds", "hours"), [(200.0, 3, 18), (20.0, 10, 96), (2.0, 10, 336)])
def test_an_outage_is_told_in_time_and_hardly_a_healthy_feed_is_accused(daily: float, feeds: int, hours: float) -> None:
    findings = silence.simulate(daily, feeds, 7, ALONE)
    told = [each for each in findings.hours[OURS] if each is not None]
    assert len(told) > 0.8 * len(findings.hours[OURS])
    assert statistics.median(told) < hours
    assert findings.false_alarms.get(OURS, 0) * 30 / findings.days <= MOST_ALARMS


@pytest.mark.slow
def test_a_rare_feed_is_not_accused() -> None:
    findings = silence.simulate(0.3, 5, 7, ALONE)
    assert findings.false_alarms.get(OURS, 0) == 0
    assert all(each is None or each > 14 * 24 for each in findings.hours[OURS])


def test_a_newsroom_publishes_as_much_as_it_is_said_to_and_the_same_for_a_seed() -> None:
    room = found_newsroom(20.0, random.Random(3))
    times = publish(room, START, 200, random.Random(4))
    assert times == sorted(times) == publish(room, START, 200, random.Random(4))
    assert 10 < len(times) / 200 < 25

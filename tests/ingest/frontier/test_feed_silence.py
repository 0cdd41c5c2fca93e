"""When a feed is called silent, and when not, by the polls that a poller makes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.frontier import poll_history
from ingest.frontier.feed_silence import SilenceRules, chance_of_nothing, is_silent
from ingest.frontier.poll_history import AnswerCounts, PollTiming
from ingest.frontier.publishing_rhythm import expected_entries, longest_gap_at
from ingest.frontier.schedule import Plan
from pipeline.feed_state import FeedError, PublishingRhythm
from pipeline.messages import FeedState, decode

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = SilenceRules(certainty=0.999, gap_factor=1.5, least_seconds=7200.0)
PLAN = Plan(first=900, least=300, most=7200, retry_first=60, retry_most=86400)
FRESH = FeedState(url="https://a.example/rss", host="a.example", name="A")
Publishes = Callable[[datetime], int]  # how many in the half hour that begins then


def polled(state: FeedState, new: int, now: datetime, rules: SilenceRules = RULES) -> FeedState:
    timing = PollTiming(PLAN, now, 0.0, rules)
    if new:
        return poll_history.after_changed(state, timing, AnswerCounts(20, new, gap=False, hint=0.0), True)
    return poll_history.after_unchanged(state, timing, 0.0, True)


def follow(state: FeedState, publishes: Publishes, since: datetime, days: float) -> FeedState:
    """Polls each half hour."""
    now, end = since, since + timedelta(days=days)
    state = state if state.last_success_at else polled(state, 0, now)
    while now < end:
        new, now = publishes(now), now + HOUR / 2
        state = polled(state, new, now)
    return state


def daily_paper(at: datetime) -> int:
    """About 50 on a workday, half as many at weekends, none at night."""
    if not 6 <= at.hour < 22:
        return 0
    return (3, 0, 2, 1)[(at.hour * 2 + at.minute // 30 + at.day) % 4] // (2 if at.weekday() > 4 else 1)


def morning_letter(at: datetime) -> int:
    return int((at.hour, at.minute) == (7, 30) and at.weekday() < 5)


def weekly(at: datetime) -> int:
    return int(at.weekday() == 3 and (at.hour, at.minute) == (12, 0))


def nothing(_: datetime) -> int:
    return 0


NEXT = MONDAY + 42 * DAY
PAPER = follow(FRESH, daily_paper, MONDAY, 42)
LETTER = follow(FRESH, morning_letter, MONDAY, 42)


def test_the_one_that_falls_silent_is_named_in_time_and_the_others_are_not() -> None:
    """The same six weeks, then nothing more from one of three; it is Tuesday noon."""
    noon = NEXT + DAY + HOUR * 12
    paper = follow(PAPER, daily_paper, NEXT, 1.5)
    others = {each: follow(FRESH, each, MONDAY, 43.5) for each in (daily_paper, morning_letter, weekly)}
    last = paper.rhythm.heard_at
    now = noon
    while not paper.silent_since:
        assert now - noon < 16 * HOUR
        paper = follow(paper, nothing, now, 1 / 48)
        others = {each: follow(state, each, now, 1 / 48) for each, state in others.items()}
        now += HOUR / 2
    assert paper.silent_since == last
    assert paper.events[-1].outcome == "silent"
    assert "nothing new for" in paper.events[-1].detail
    assert {state.silent_since for state in others.values()} == {None}
    later = {each: follow(state, each, now, 14) for each, state in others.items()}
    assert {state.silent_since for state in later.values()} == {None}
    assert [event for state in later.values() for event in state.events] == []


def test_a_gap_of_the_night_hides_no_outage_at_noon() -> None:
    """Eight hours without an article are usual at dawn; from noon on it is told before they are over."""
    noon = NEXT + DAY + HOUR * 12
    paper = follow(PAPER, daily_paper, NEXT, 1.5)
    assert paper.rhythm.longest_gap > 8 * HOUR.total_seconds()
    after = follow(paper, nothing, noon, 9 / 24)
    assert after.silent_since is not None
    assert follow(paper, daily_paper, noon, 42).events == ()


def test_a_state_of_an_earlier_form_knows_no_hours_and_counts_its_longest_gap_at_each() -> None:
    earlier = replace(PAPER, rhythm=replace(PAPER.rhythm, gaps=b""))
    assert {longest_gap_at(earlier.rhythm, NEXT + HOUR * each) for each in range(24)} == {PAPER.rhythm.longest_gap}
    assert follow(earlier, nothing, NEXT, 9).silent_since is not None


def test_it_stays_silent_until_something_new_comes_and_its_rhythm_is_kept_meanwhile() -> None:
    silent = follow(PAPER, nothing, NEXT, 9)
    assert silent.silent_since is not None
    assert [event.outcome for event in silent.events] == ["silent"]
    assert silent.day_seen < 1
    assert silent.day_expected > 20
    heard = follow(silent, daily_paper, NEXT + 9 * DAY, 0.5)
    assert (heard.silent_since, heard.events[-1].outcome) == (None, "heard")
    # else nine days were the longest gap from now on, and the next outage would be told after two weeks
    assert heard.rhythm.longest_gap <= 2 * PAPER.rhythm.longest_gap
    week = timedelta(days=7)
    expected = [expected_entries(each.rhythm, NEXT, NEXT + week) for each in (PAPER, silent)]
    assert expected[1] == pytest.approx(expected[0], rel=0.1)


def test_expected_against_seen() -> None:
    known = follow(PAPER, daily_paper, NEXT, 3)
    assert known.day_expected == pytest.approx(known.day_seen, rel=0.2)
    half = follow(PAPER, lambda at: daily_paper(at) // 2, NEXT, 4)
    assert half.silent_since is None
    assert half.day_seen < 0.7 * half.day_expected


def test_our_own_absence_teaches_nothing_and_accuses_nobody() -> None:
    back = NEXT + 5 * DAY + 12 * HOUR
    for new in (0, 3):
        after = polled(PAPER, new, back)
        assert after.silent_since is None
        assert after.rhythm.longest_gap == PAPER.rhythm.longest_gap
        assert after.rhythm.week == PAPER.rhythm.week
        assert (after.day_expected, after.day_seen) == (PAPER.day_expected, PAPER.day_seen)


def test_a_feed_that_fails_is_not_silent() -> None:
    state, now = PAPER, NEXT
    for _ in range(100):
        now += HOUR
        error = FeedError(kind="timeout", detail="", at=now)
        state = poll_history.after_error(state, PollTiming(PLAN, now, 0.0, RULES), error, None, None)
    back = polled(state, 0, now + HOUR)
    assert (back.silent_since, back.rhythm) == (None, PAPER.rhythm)


def test_one_that_leaves_the_list_or_is_gone_is_not_silent() -> None:
    silent = follow(PAPER, nothing, NEXT, 4)
    assert silent.silent_since is not None
    assert poll_history.after_unlisting(silent).silent_since is None
    gone = FeedError(kind="http", detail="410", at=NEXT)
    after = poll_history.after_error(silent, PollTiming(PLAN, NEXT + 5 * DAY, 0.0, RULES), gone, 410, None)
    assert after.silent_since is None


def test_a_feed_of_the_old_form_begins_to_learn() -> None:
    written = (
        b'{"schema":1,"url":"https://a.example/rss","host":"a.example","name":"A","arrivals":8.0,"observed":86400.0,'
        b'"last_success_at":"2026-04-04T00:00:00Z","last_article_at":"2026-03-04T00:00:00Z","polls":900}'
    )
    old = decode(written, FeedState)
    assert (old.rhythm, old.silent_since, old.day_expected) == (PublishingRhythm(), None, 0.0)
    assert polled(old, 0, MONDAY).silent_since is None
    assert follow(old, daily_paper, MONDAY, 42).rhythm.longest_gap == pytest.approx(PAPER.rhythm.longest_gap, rel=0.01)


@given(st.lists(st.integers(60, 14_000), min_size=1, max_size=80))
def test_a_feed_without_a_history_is_never_silent(waits: list[int]) -> None:
    state, now = polled(FRESH, 0, MONDAY), MONDAY
    for wait in waits:
        now += timedelta(seconds=wait)
        state = polled(state, 0, now, SilenceRules(0.01, 0.1, 0.0))
    assert state.silent_since is None


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.02, 10))
def test_the_more_is_missing_the_less_likely_it_is(one: float, more: float, scatter: float) -> None:
    assert 0 <= chance_of_nothing(one + more, scatter) <= chance_of_nothing(one, scatter) <= 1


@given(st.floats(0, 1e7), st.floats(0, 1e5), st.floats(0, 1e6), st.floats(0, 1e4))
def test_a_longer_gap_is_no_less_silent(quiet: float, missing: float, longer: float, further: float) -> None:
    rhythm = replace(PAPER.rhythm, quiet=quiet, missing=missing)
    later = replace(rhythm, quiet=quiet + longer, missing=missing + further)
    assert is_silent(later, NEXT, RULES) or not is_silent(rhythm, NEXT, RULES)


def test_each_condition_alone_is_not_enough() -> None:
    long, many = 30 * DAY.total_seconds(), 1_000.0
    dawn = max((NEXT + HOUR * each for each in range(24)), key=lambda at: longest_gap_at(PAPER.rhythm, at))
    assert is_silent(replace(PAPER.rhythm, quiet=long, missing=many), dawn, RULES)
    assert not is_silent(replace(PAPER.rhythm, quiet=PAPER.rhythm.longest_gap, missing=many), dawn, RULES)
    assert not is_silent(replace(PAPER.rhythm, quiet=long, missing=2.0), dawn, RULES)
    assert not is_silent(replace(PAPER.rhythm, quiet=long, missing=many, most_missing=many), dawn, RULES)
    assert not is_silent(replace(PAPER.rhythm, quiet=long, missing=many), dawn, replace_certainty(1.0))
    assert not is_silent(PublishingRhythm(quiet=long, missing=many), dawn, RULES)


def replace_certainty(certainty: float) -> SilenceRules:
    return SilenceRules(certainty, RULES.gap_factor, RULES.least_seconds)


@settings(max_examples=30)
@given(
    sleeps=st.lists(st.tuples(st.floats(0.0, 7 * 24.0), st.floats(0.5, 200.0)), max_size=6),
    publishes=st.sampled_from([daily_paper, morning_letter]),
)
def test_a_laptop_that_sleeps_accuses_no_feed_that_goes_on(
    sleeps: list[tuple[float, float]], publishes: Publishes
) -> None:
    """Awake for so many hours, asleep for so many, again and again; its last poll before it was any time ago."""
    state, now = (PAPER if publishes is daily_paper else LETTER), NEXT
    for awake, asleep in sleeps:
        state = follow(state, publishes, now, awake / 24)
        steps = int(awake * 2) + 1 + int(asleep * 2)
        end = now + steps * HOUR / 2
        missed = sum(publishes(now + step * HOUR / 2) for step in range(int(awake * 2) + 1, steps))
        last = state.last_success_at or now
        state, now = polled(state, min(20, missed), max(end, last + HOUR / 2)), max(end, last + HOUR / 2)
        assert state.silent_since is None
        assert state.next_poll_at is not None
        assert now < state.next_poll_at <= now + timedelta(seconds=PLAN.most)


def test_a_silence_is_told_by_the_hours_that_were_looked_at_and_not_by_those_of_a_sleep() -> None:
    asleep = polled(PAPER, 0, NEXT + 2 * DAY)  # two days, in which a hundred should have come
    assert (asleep.silent_since, asleep.rhythm.quiet) == (None, PAPER.rhythm.quiet)
    awake = follow(asleep, nothing, NEXT + 2 * DAY + HOUR * 6, 1)
    assert awake.silent_since is not None

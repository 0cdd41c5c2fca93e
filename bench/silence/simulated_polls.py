"""Polls invented feeds by the poller's own decisions, and stops them at some moments to see which rule tells it when.

In: when a newsroom publishes. Out: how often each rule accused it meanwhile, and how many hours after the last article
it told each outage. An outage begins from the state of its moment; beside it the feed goes on as if nothing was.
"""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.silence.other_rules import FeedAsKnown, Rule
from ingest.frontier import poll_history
from ingest.frontier.feed_silence import SilenceRules
from ingest.frontier.poll_history import AnswerCounts, PollTiming
from ingest.frontier.schedule import Plan
from pipeline.messages import FeedState

PLAN = Plan(first=900, least=300, most=7200, retry_first=60, retry_most=86400)
SHOWN = 20
OURS = "ours"
LONGEST_OUTAGE = timedelta(days=60)
START = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Publications:
    """When a feed publishes, in order."""

    times: Sequence[datetime]

    def count(self, since: datetime, until: datetime) -> int:
        """How many it has published after `since`, up to `until`."""
        return bisect.bisect_right(self.times, until) - bisect.bisect_right(self.times, since)

    def last(self, until: datetime) -> datetime:
        """The last one before a time, or the first of all."""
        return self.times[max(0, bisect.bisect_right(self.times, until) - 1)]


@dataclass(frozen=True, slots=True)
class Judges:
    """Our rule with these settings, and others, which look at the same feed."""

    settings: SilenceRules
    others: Mapping[str, Rule]

    def tell(self, state: FeedState, feed: Publications, now: datetime) -> set[str]:
        """The rules that call the feed silent now."""
        known = FeedAsKnown(state.rhythm, self.settings, feed.last(now), now, feed.count)
        told = {name for name, rule in self.others.items() if rule(known)}
        return told | ({OURS} if state.silent_since else set())


@dataclass
class Findings:
    """By rule: hours to each outage's telling (None: not within LONGEST_OUTAGE), false alarms; days watched in all."""

    hours: dict[str, list[float | None]] = field(default_factory=dict)
    false_alarms: dict[str, int] = field(default_factory=dict)
    days: float = 0.0


def poll(state: FeedState, new: int, now: datetime, rules: SilenceRules) -> FeedState:
    """The state after a poll that brought so many new entries."""
    timing = PollTiming(PLAN, now, 0.5, rules)
    if new:
        return poll_history.after_changed(state, timing, AnswerCounts(SHOWN, new, gap=False, hint=0.0), True)
    return poll_history.after_unchanged(state, timing, 0.0, True)


def next_poll(state: FeedState) -> datetime:
    """When the feed is polled next."""
    return state.next_poll_at or START


def learn(state: FeedState, feed: Publications, until: datetime, rules: SilenceRules) -> FeedState:
    """The state after all polls up to a time."""
    while (now := next_poll(state)) < until:
        state = poll(state, feed.count(state.last_success_at or START, now), now, rules)
    return state


def watch(
    state: FeedState,
    feed: Publications,
    outages: Sequence[datetime],
    until: datetime,
    judges: Judges,
    findings: Findings,
) -> None:
    """Goes on polling to a time; notes each accusation, and what an outage at each of these moments comes to."""
    accused: set[str] = set()
    waiting, begin = list(outages), next_poll(state)
    while (now := next_poll(state)) < until:
        state = poll(state, feed.count(state.last_success_at or START, now), now, judges.settings)
        telling = judges.tell(state, feed, now)
        for rule in telling - accused:
            findings.false_alarms[rule] = findings.false_alarms.get(rule, 0) + 1
        accused = telling
        if waiting and now >= waiting[0]:
            waiting.pop(0)
            _fall_silent(state, feed, now, judges, findings)
    findings.days += (until - begin).total_seconds() / 86_400


def _fall_silent(state: FeedState, feed: Publications, at: datetime, judges: Judges, findings: Findings) -> None:
    """Notes for each rule that does not accuse it yet how long it takes when nothing comes any more."""
    cut = Publications(feed.times[: bisect.bisect_right(feed.times, at)])
    silent, last = {OURS, *judges.others} - judges.tell(state, feed, at), feed.last(at)
    now = at
    while silent and now - last < LONGEST_OUTAGE:
        now = next_poll(state)
        state = poll(state, 0, now, judges.settings)
        for rule in silent & judges.tell(state, cut, now):
            findings.hours.setdefault(rule, []).append((now - last).total_seconds() / 3600)
            silent = silent - {rule}
    for rule in silent:
        findings.hours.setdefault(rule, []).append(None)

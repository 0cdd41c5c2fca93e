"""Decides whether a feed has fallen silent: FeedState + a good poll -> the next FeedState. Pure.

A feed is silent when what it usually publishes did not come although it was looked for: the chance of nothing in this
time, by a negative binomial around the expected number, is below what the settings allow, and the gap is longer than
any that is known of it, by the clock at this hour of the day and by what should have come in it
(docs/decisions/0029). Only observed time counts: a poll after a long absence, ours or the feed's, teaches nothing and
accuses nobody.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from ingest.frontier import publishing_rhythm
from ingest.frontier.feed_events import with_event
from pipeline.feed_state import FeedEvent, PublishingRhythm
from pipeline.messages import FeedState

# `day_expected` and `day_seen` of a feed are of about a day: older counts fade with this mean life
DAY_SECONDS = 86_400.0
# a span between good polls that is longer than so many of the longest intervals was not observed
OBSERVED_INTERVALS = 2.0
# a gap that was told as silence makes the longest known one at most so many times as long: one outage of a source must
# not hide its next
MOST_GROWTH = 2.0


@dataclass(frozen=True, slots=True)
class SilenceRules:
    """The operator's settings: how sure it must be, 0 to 1; in how many times the longest gap; the least of seconds."""

    certainty: float
    gap_factor: float
    least_seconds: float


def chance_of_nothing(expected: float, dispersion: float) -> float:
    """How likely no entry is where so many are expected, 0 to 1: a negative binomial of that mean and dispersion."""
    return math.exp(-math.log1p(dispersion * expected) / dispersion)


def is_silent(rhythm: PublishingRhythm, now: datetime, rules: SilenceRules) -> bool:
    """Whether the present gap is too unlikely, and longer than any that is known to have lasted at this hour."""
    if rhythm.quiet <= max(rules.gap_factor * publishing_rhythm.longest_gap_at(rhythm, now), rules.least_seconds):
        return False
    if rhythm.missing <= rules.gap_factor * rhythm.most_missing:
        return False
    return chance_of_nothing(rhythm.missing, publishing_rhythm.dispersion(rhythm)) < 1 - rules.certainty


def after_good_poll(
    state: FeedState, new: int, now: datetime, longest_interval: float, rules: SilenceRules
) -> FeedState:
    """The state after a feed was read, or found unchanged, at `now`: `new` entries came since the last good poll.

    `state` is the one before, whose `last_success_at` is that poll; `longest_interval`: seconds between polls at most.
    """
    since = state.last_success_at
    if since is None:
        return state
    if 0 < (now - since).total_seconds() <= OBSERVED_INTERVALS * longest_interval:
        state = _after_span(state, since, now, new)
    if new:
        return _heard(state, now, rules)
    if state.silent_since is None and is_silent(state.rhythm, now, rules):
        return _fallen_silent(state, now, since)
    return state


def _after_span(state: FeedState, since: datetime, now: datetime, new: int) -> FeedState:
    """The state after a span that was observed. A silence is no rhythm: while one lasts, nothing is learnt."""
    rhythm, seconds = state.rhythm, (now - since).total_seconds()
    usual, fade = publishing_rhythm.expected_entries(rhythm, since, now), math.exp(-seconds / DAY_SECONDS)
    if state.silent_since is None:
        rhythm = publishing_rhythm.observe_span(rhythm, since, now, usual, new)
    return replace(
        state,
        rhythm=replace(rhythm, quiet=rhythm.quiet + seconds, missing=rhythm.missing + usual),
        day_expected=state.day_expected * fade + usual,
        day_seen=state.day_seen * fade + new,
    )


def _heard(state: FeedState, now: datetime, rules: SilenceRules) -> FeedState:
    """The state after new entries: the gap is over, and known."""
    rhythm, growth = state.rhythm, math.inf
    if state.silent_since is not None:
        growth = MOST_GROWTH
        event = FeedEvent(at=now, outcome="heard", detail=f"it was silent for {describe_seconds(rhythm.quiet)}")
        state = with_event(replace(state, silent_since=None), event)
    most = min(rhythm.missing, growth * max(rhythm.most_missing, 1.0))
    known = replace(
        publishing_rhythm.learn_gap(rhythm, now, growth, rules.least_seconds),
        most_missing=max(rhythm.most_missing, most),
        quiet=0.0,
        missing=0.0,
        heard_at=now,
    )
    return replace(state, rhythm=known)


def _fallen_silent(state: FeedState, now: datetime, since: datetime) -> FeedState:
    """The state of a feed that is silent; what it has not brought is among its events."""
    rhythm = state.rhythm
    longest = describe_seconds(publishing_rhythm.longest_gap_at(rhythm, now))
    detail = f"{describe_missing(rhythm)}; the longest gap known at this hour was {longest}"
    event = FeedEvent(at=now, outcome="silent", detail=detail)
    return with_event(replace(state, silent_since=rhythm.heard_at or since), event)


def describe_missing(rhythm: PublishingRhythm) -> str:
    """How long nothing came, and what usually comes in that time, in words."""
    return f"nothing new for {describe_seconds(rhythm.quiet)}, usually {rhythm.missing:.0f} in this time"


def describe_seconds(seconds: float) -> str:
    """A time in hours, or days."""
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"

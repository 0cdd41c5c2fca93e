"""The history of a feed's polls: FeedState + what a poll came to -> the next FeedState. Pure.

Health and errors, arrival rate and next poll, publishing rhythm and silence, where the feed has moved (301), whether it
is gone (410), whether its 304 can be believed. What becomes of its entries is ingest/frontier/known_entries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.feeds.feed_list import Feed
from ingest.frontier import feed_silence, schedule
from ingest.frontier.feed_events import with_event
from ingest.frontier.feed_silence import SilenceRules
from ingest.frontier.schedule import ArrivalRate, Plan
from pipeline.feed_state import FeedError, FeedEvent, Move
from pipeline.messages import FeedState

PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class PollTiming:
    """What the time of the next poll is reckoned from: the plan, the moment of this poll, jitter in [0, 1).

    `silence`: when a feed that brings nothing is called silent.
    """

    plan: Plan
    now: datetime
    jitter: float
    silence: SilenceRules


def with_definition(state: FeedState | None, feed: Feed) -> FeedState:
    """The feed's state under the operator's present definition of it; a new state where none is known."""
    if state is None:
        state = FeedState(url=feed.url, host=feed.host, name=feed.name)
    about = {"name": feed.name, "group": feed.group, "language": feed.language, "links": feed.links}
    return replace(state, **about, active=state.gone_at is None)


def after_unlisting(state: FeedState) -> FeedState:
    """The state of a feed that left the list: kept, in case it comes back, and not polled.

    One that was gone (410) is asked again when it comes back.
    """
    return replace(state, active=False, gone_at=None, silent_since=None)


# --- what to ask ---


def feed_address(state: FeedState) -> str:
    """The URL to ask: where the feed has moved to, else what the feed list says."""
    return state.location or state.url


def is_conditional(state: FeedState, every: int) -> bool:
    """Whether the next poll may be answered by 304: not by a server that lied, and not each time (`every`)."""
    has_validators = bool(state.etag or state.last_modified)
    return has_validators and not state.distrusted and state.conditional_polls + 1 < every


# --- what came ---


def after_unchanged(state: FeedState, timing: PollTiming, hint: float, conditional: bool) -> FeedState:
    """The state after a 304, or after a body that is known. `hint`: seconds for which headers call the answer fresh."""
    state = _listened(state, 0, timing)
    rate = schedule.observe_arrivals(_arrival_rate(state), 0, _since_success(state, timing.now))
    # what was wrong with the feed still is
    state = replace(state, error=state.error if state.error and state.error.kind == "parse" else None)
    return _succeeded(_with_arrival_rate(state, timing, rate), timing, hint, conditional)


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """What a changed answer counts: entries shown and new, whether it tells of a gap, `hint` as in `after_unchanged`.

    `times`: when its entries were published, where they say so.
    """

    shown: int
    new: int
    gap: bool
    hint: float
    times: tuple[datetime | None, ...] = ()


def after_changed(state: FeedState, timing: PollTiming, counts: AnswerCounts, conditional: bool) -> FeedState:
    """The state after a whole answer was read."""
    state = _listened(state, counts.new, timing)
    if state.last_success_at is None:
        rate = schedule.first_arrival_rate(counts.times, timing.now)
    else:
        rate = schedule.observe_arrivals(_arrival_rate(state), counts.new, _since_success(state, timing.now))
    fresh = counts.new / counts.shown if counts.shown and state.last_success_at else 0.0
    state = _with_arrival_rate(replace(state, shown=counts.shown), timing, rate, counts.gap, fresh)
    return _succeeded(replace(state, gaps=state.gaps + counts.gap), timing, counts.hint, conditional)


def _listened(state: FeedState, new: int, timing: PollTiming) -> FeedState:
    """The state with what this poll says about the feed's rhythm: so many entries are new since the last good one."""
    return feed_silence.after_good_poll(state, new, timing.now, timing.plan.most, timing.silence)


def _arrival_rate(state: FeedState) -> ArrivalRate:
    return ArrivalRate(state.arrivals, state.observed)


def _since_success(state: FeedState, now: datetime) -> float:
    return (now - state.last_success_at).total_seconds() if state.last_success_at else 0.0


def _with_arrival_rate(
    state: FeedState, timing: PollTiming, rate: ArrivalRate, gap: bool = False, fresh: float = 0.0
) -> FeedState:
    fitting = schedule.polling_interval(timing.plan, rate, state.shown)
    wanted = schedule.shorten_interval(timing.plan, fitting, state.interval or timing.plan.first, fresh, gap)
    return replace(state, interval=wanted, arrivals=rate.arrivals, observed=rate.observed)


def _succeeded(state: FeedState, timing: PollTiming, hint: float, conditional: bool) -> FeedState:
    due = schedule.next_poll_after_success(
        timing.plan, state.interval, max(hint, state.hint_seconds), timing.now, timing.jitter
    )
    return replace(
        _polled(state, timing.now, schedule.after_skipped_hours(due, state.skip_hours, state.skip_days)),
        last_success_at=timing.now,
        failures=0,
        trouble=0.0,
        conditional_polls=state.conditional_polls + 1 if conditional else 0,
    )


def _polled(state: FeedState, now: datetime, next_poll_at: datetime) -> FeedState:
    return replace(state, last_poll_at=now, next_poll_at=next_poll_at, polls=state.polls + 1)


def wait_for_host(state: FeedState, until: datetime) -> FeedState:
    """The state of a feed that was not asked, because its host is left alone `until` then."""
    return replace(state, next_poll_at=until)


def after_error(
    state: FeedState, timing: PollTiming, error: FeedError, status: int | None, wanted: datetime | None
) -> FeedState:
    """The state after an error: nothing known is forgotten, and the feed is asked again later.

    410 retires the feed; a feed that had moved is asked at its old address again after 404 and 410.

    `wanted`: when the server wants to be asked again.
    """
    trouble = state.trouble + schedule.error_weight(error.kind, status)
    due = schedule.next_poll_after_error(timing.plan, trouble, timing.now, timing.jitter, wanted)
    state = replace(_polled(state, timing.now, due), failures=state.failures + 1, trouble=trouble, error=error)
    if state.location is not None and status in (404, 410):
        return replace(state, location=None, move=None)
    if status == 410:
        return replace(state, active=False, gone_at=timing.now, silent_since=None)
    return state


def after_redirects(state: FeedState, hops: tuple[tuple[int, str], ...], now: datetime, held: timedelta) -> FeedState:
    """The state after an answer's redirects. A permanent one moves the feed when it has held for so long (`held`)."""
    permanent = bool(hops) and all(status in PERMANENT for status, _ in hops)
    if not permanent:
        return replace(state, move=None) if state.move else state
    target = hops[-1][1]
    if state.move is None or state.move.to != target:
        return replace(state, move=Move(to=target, since=now))
    if now - state.move.since < held:
        return state
    moved = replace(state, location=None if target == state.url else target, move=None)
    return with_event(moved, FeedEvent(at=now, outcome="moved", detail=target))


def after_false_304(state: FeedState, now: datetime) -> FeedState:
    """The state of a feed whose 304 was proved false: from now on every poll is unconditional."""
    detail = "it answered 304 to the validators of an answer that had changed"
    return with_event(replace(state, distrusted=True), FeedEvent(at=now, outcome="distrusted", detail=detail))

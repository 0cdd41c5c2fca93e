"""What polls tell of the feed itself: FeedState + an answer -> FeedState. Pure.

Health and errors, the pace and the next poll, where it has moved, whether its 304 can be believed, the last events.
What becomes of its entries is told by ingest/frontier/known_entries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.feeds.feed_list import Feed
from ingest.frontier import schedule
from ingest.frontier.schedule import Pace, Plan
from pipeline.feed_state import FeedError, FeedEvent, Move
from pipeline.messages import FeedState

EVENTS = 30
DETAIL_CHARS = 200  # of an event
PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class Turn:
    """What the next poll's time is made of. `jitter`: in [0, 1)."""

    plan: Plan
    now: datetime
    jitter: float


def defined(state: FeedState | None, feed: Feed) -> FeedState:
    """What is known of a feed, under the operator's present definition of it."""
    if state is None:
        state = FeedState(url=feed.url, host=feed.host, name=feed.name)
    return replace(state, name=feed.name, group=feed.group, language=feed.language, active=state.gone_at is None)


def unlisted(state: FeedState) -> FeedState:
    """The feed left the list: kept, in case it comes back, and not polled. What was gone is asked again then."""
    return replace(state, active=False, gone_at=None)


def noted(state: FeedState, event: FeedEvent) -> FeedState:
    """One more event; the oldest goes."""
    event = replace(event, detail=event.detail[:DETAIL_CHARS])
    return replace(state, events=(*state.events[1 - EVENTS :], event))


# --- what to ask ---


def asked(state: FeedState) -> str:
    """The address that is asked: where the feed has moved to, else what the list says."""
    return state.location or state.url


def is_conditional(state: FeedState, every: int) -> bool:
    """Whether the next poll may be answered by 304: not by a server that lied, and not each time (`every`)."""
    has_validators = bool(state.etag or state.last_modified)
    return has_validators and not state.distrusted and state.conditional_polls + 1 < every


# --- what came ---


def after_unchanged(state: FeedState, turn: Turn, hint: float, conditional: bool) -> FeedState:
    """304, or the body that we know. `hint`: seconds for which the answer is good, as its headers say."""
    pace = schedule.observed(_pace(state), 0, _since_success(state, turn.now))
    # what was wrong with the feed still is
    state = replace(state, error=state.error if state.error and state.error.kind == "parse" else None)
    return _succeeded(_with_pace(state, turn, pace), turn, hint, conditional)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a changed answer brought. `times`: of the entries shown; `hint`: seconds, as in `after_unchanged`."""

    shown: int
    new: int
    gap: bool
    hint: float
    times: tuple[datetime | None, ...] = ()


def after_changed(state: FeedState, turn: Turn, brought: Brought, conditional: bool) -> FeedState:
    """A whole answer that was read."""
    if state.last_success_at is None:
        pace = schedule.first_pace(brought.times, turn.now)
    else:
        pace = schedule.observed(_pace(state), brought.new, _since_success(state, turn.now))
    fresh = brought.new / brought.shown if brought.shown and state.last_success_at else 0.0
    state = _with_pace(replace(state, shown=brought.shown), turn, pace, brought.gap, fresh)
    return _succeeded(replace(state, gaps=state.gaps + brought.gap), turn, brought.hint, conditional)


def _pace(state: FeedState) -> Pace:
    return Pace(state.arrivals, state.observed)


def _since_success(state: FeedState, now: datetime) -> float:
    return (now - state.last_success_at).total_seconds() if state.last_success_at else 0.0


def _with_pace(state: FeedState, turn: Turn, pace: Pace, gap: bool = False, fresh: float = 0.0) -> FeedState:
    fitting = schedule.interval(turn.plan, pace, state.shown)
    wanted = schedule.shortened(turn.plan, fitting, state.interval or turn.plan.first, fresh, gap)
    return replace(state, interval=wanted, arrivals=pace.arrivals, observed=pace.observed)


def _succeeded(state: FeedState, turn: Turn, hint: float, conditional: bool) -> FeedState:
    due = schedule.after_success(turn.plan, state.interval, max(hint, state.hint_seconds), turn.now, turn.jitter)
    return replace(
        _polled(state, turn.now, schedule.skipped(due, state.skip_hours, state.skip_days)),
        last_success_at=turn.now,
        failures=0,
        trouble=0.0,
        conditional_polls=state.conditional_polls + 1 if conditional else 0,
    )


def _polled(state: FeedState, now: datetime, next_poll_at: datetime) -> FeedState:
    return replace(state, last_poll_at=now, next_poll_at=next_poll_at, polls=state.polls + 1)


def waits(state: FeedState, until: datetime) -> FeedState:
    """The feed was not asked: its host is left alone until then."""
    return replace(state, next_poll_at=until)


def after_error(
    state: FeedState, turn: Turn, error: FeedError, status: int | None, wanted: datetime | None
) -> FeedState:
    """Nothing is forgotten because of an error. 410 retires the feed; one that moved is asked at its old place again.

    `wanted`: when the server wants to be asked again.
    """
    trouble = state.trouble + schedule.weight(error.kind, status)
    due = schedule.after_error(turn.plan, trouble, turn.now, turn.jitter, wanted)
    state = replace(_polled(state, turn.now, due), failures=state.failures + 1, trouble=trouble, error=error)
    if state.location is not None and status in (404, 410):
        return replace(state, location=None, move=None)
    if status == 410:
        return replace(state, active=False, gone_at=turn.now)
    return state


def after_hops(state: FeedState, hops: tuple[tuple[int, str], ...], now: datetime, held: timedelta) -> FeedState:
    """A permanent redirect moves the feed when it has held for so long (`held`); any other answer forgets it."""
    permanent = bool(hops) and all(status in PERMANENT for status, _ in hops)
    if not permanent:
        return replace(state, move=None) if state.move else state
    target = hops[-1][1]
    if state.move is None or state.move.to != target:
        return replace(state, move=Move(to=target, since=now))
    if now - state.move.since < held:
        return state
    moved = replace(state, location=None if target == state.url else target, move=None)
    return noted(moved, FeedEvent(at=now, outcome="moved", detail=target))


def distrusted(state: FeedState, now: datetime) -> FeedState:
    """Its 304 was proved false: from now on every poll is unconditional."""
    detail = "it answered 304 to the validators of an answer that had changed"
    return noted(replace(state, distrusted=True), FeedEvent(at=now, outcome="distrusted", detail=detail))

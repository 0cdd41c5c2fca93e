"""Decides what one poll of a feed comes to: the feed's next state, and what else must be asked of its site. Pure.

In: the feed's state, the server's answer, what was read of it where its body is new, and the moment. Out: a Decision:
the next state, the outcome for people and logs, and whether the site is to be asked again: with the old validators, to
see whether its 304 can be believed, or for its news sitemap, because entries were missed. ingest/visit acts on it.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec.structs import replace as replace_fields

from ingest.feeds.entry import Entry, ParsedFeed
from ingest.frontier import feed_events, known_entries, poll_history
from ingest.frontier.known_entries import EntryCounts
from ingest.frontier.poll_history import AnswerCounts, PollTiming
from ingest.web import response_headers
from ingest.web.fetch import Fetched, FetchError, FetchResult, NotModified
from pipeline.feed_state import FeedError, FeedEvent, ReadSitemap
from pipeline.messages import FeedState

NO_ENTRIES = EntryCounts()
DETAIL_CHARS = 500  # of an error
MOST_VALIDATOR = 1_000  # characters of an ETag or a Last-Modified


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's settings: how many entries of a feed are remembered, how long a permanent redirect must hold."""

    remember_entries: int
    move_after: timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a poll came to, as it is counted and logged.

    `must_be_remembered`: whether Kafka must have the feed's state before anything else is done.
    """

    status: str
    found: EntryCounts = NO_ENTRIES
    detail: str = ""
    must_be_remembered: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The feed's next state, the outcome, and what else is to be asked of the site."""

    state: FeedState
    outcome: Outcome
    check_validators: bool = False
    fill_gap: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """What came of asking a feed.

    `conditional`: whether validators were sent. `parsed` is what was read of a new body, without the items that were
    known byte for byte; the keys of their entries are `unchanged`. `sitemaps`: of a sitemap index, what it lists;
    `files`: of a watched folder, the files that need not be read again. What they say stays, though it is shown once.
    """

    answer: FetchResult
    conditional: bool
    parsed: ParsedFeed | None = None
    unchanged: Collection[str] = ()
    sitemaps: tuple[ReadSitemap, ...] = ()
    files: bytes | None = None


def has_new_body(state: FeedState, answer: FetchResult) -> bool:
    """Whether the answer holds a body that differs from the one read last."""
    return isinstance(answer, Fetched) and state.body_hash != _hash(answer.body)


def decide(state: FeedState, poll: Poll, rules: Rules, timing: PollTiming) -> Decision:
    """Decides a poll by its answer."""
    if isinstance(poll.answer, FetchError):
        error = poll.answer
        return after_error(state, error.kind, error.detail, timing, error.status, error.retry_after)
    moved = poll_history.after_redirects(state, poll.answer.hops, timing.now, rules.move_after)
    if poll.parsed is None or not isinstance(poll.answer, Fetched):
        fresh = response_headers.freshness_seconds(poll.answer.headers, timing.now)
        renewed = _with_validators(moved, poll.answer)
        return Decision(poll_history.after_unchanged(renewed, timing, fresh, poll.conditional), Outcome("unchanged"))
    if (
        poll.parsed.error
        and poll.files is None
        and not (poll.parsed.entries or poll.parsed.item_digests or poll.parsed.left_out or poll.sitemaps)
    ):
        return after_error(moved, "parse", poll.parsed.error, timing)
    return _after_reading(moved, poll, poll.answer, poll.parsed, rules, timing)


def _with_validators(state: FeedState, answer: Fetched | NotModified) -> FeedState:
    """The state with the validators of an answer that brought nothing new: servers change these alone, too."""
    if state.body_hash is None:  # a whole answer is wanted
        return state
    kept = answer.headers if isinstance(answer, Fetched) else {"etag": state.etag, "last-modified": state.last_modified}
    headers = {**kept, **answer.headers}
    return replace_fields(state, etag=headers.get("etag"), last_modified=headers.get("last-modified"))


def after_error(
    state: FeedState,
    kind: str,
    detail: str,
    timing: PollTiming,
    status: int | None = None,
    retry_after: str | None = None,
) -> Decision:
    """Decides a poll that failed: the feed is tried again later; one that answers 410 is retired.

    `kind` is that of a FetchError, "parse" or "bug"; `retry_after` is the header as the server sent it.
    """
    wanted = response_headers.parse_retry_after(retry_after, timing.now)
    if kind == "paused":  # its host is left alone: it was not asked
        return Decision(poll_history.wait_for_host(state, wanted or timing.now), Outcome(kind, detail=detail))
    error = FeedError(kind=kind, detail=detail[:DETAIL_CHARS], at=timing.now)
    after = poll_history.after_error(state, timing, error, status, wanted)
    gone = status == 410
    return Decision(after, Outcome("gone" if gone else kind, detail=detail, must_be_remembered=gone))


def _after_reading(
    state: FeedState, poll: Poll, answer: Fetched, parsed: ParsedFeed, rules: Rules, timing: PollTiming
) -> Decision:
    is_index = parsed.kind == "sitemap_index"  # other sitemaps of it are read in each poll
    remember = max(rules.remember_entries, known_entries.MOST_ENTRIES) if is_index else rules.remember_entries
    after, found = known_entries.after_feed_read(state, parsed.entries, timing.now, remember, poll.unchanged)
    found = replace(found, cut=found.cut + parsed.cut)
    # files with entries that found no room are read again
    files = state.files if found.left or poll.files is None else poll.files
    after = replace_fields(after, cut=found.cut, sitemaps=poll.sitemaps, files=files)
    gap = not is_index and poll.files is None and known_entries.is_gap(state, found)
    counts = AnswerCounts(
        found.shown,
        found.new,
        gap,
        response_headers.freshness_seconds(answer.headers, timing.now),
        tuple(entry.published for entry in parsed.entries),
    )
    described = _described(after, parsed, answer, found, timing.now)
    return Decision(
        poll_history.after_changed(described, timing, counts, poll.conditional),
        Outcome("changed", found, _detail(parsed, found), must_be_remembered=bool(found.new or found.changed)),
        check_validators=bool(found.new) and not poll.conditional and not state.distrusted,
        fill_gap=gap and parsed.kind != "delivery",  # an agency's address is no site with a sitemap
    )


def _detail(parsed: ParsedFeed, found: EntryCounts) -> str:
    """What was wrong with the answer, and what was cut of it."""
    cut = f"{found.cut} too many, the oldest, were left out" if found.cut else ""
    left = f"{found.left} wait for the next poll" if found.left else ""
    older = f"{found.older} are earlier versions than those known" if found.older else ""
    kinds = ", ".join(f"{count} {kind}" for kind, count in parsed.left_out.items())
    no_article = f"no article: {kinds}" if kinds else ""
    return "; ".join(each for each in (parsed.error, no_article, cut, left, older) if each)


def after_gap(
    state: FeedState, outcome: Outcome, missed: Iterable[Entry], rules: Rules, now: datetime
) -> tuple[FeedState, Outcome]:
    """The state and outcome with the entries that the site's news sitemap has and the feed no longer showed."""
    state, filled = known_entries.after_sitemap_read(state, missed, now, rules.remember_entries)
    detail = f"{filled} more found in the news sitemap"
    return state, replace(outcome, status="gap", detail=detail, must_be_remembered=True)


def missed_since(before: FeedState, listed: Iterable[Entry], now: datetime) -> list[Entry]:
    """Of the entries of a news sitemap those that can have come and gone since the last good poll."""
    since = (before.last_success_at or now) - timedelta(seconds=before.interval)
    return [entry for entry in listed if entry.published and since <= entry.published]


def with_outcome(state: FeedState, outcome: Outcome, now: datetime) -> FeedState:
    """The state with the outcome among its last events; a poll that found nothing new is none."""
    if outcome.status == "unchanged":
        return state
    counts = outcome.found
    event = FeedEvent(at=now, outcome=outcome.status, new=counts.new, shown=counts.shown, detail=outcome.detail)
    return feed_events.with_event(state, event)


def _described(state: FeedState, parsed: ParsedFeed, answer: Fetched, found: EntryCounts, now: datetime) -> FeedState:
    """What makes the next poll conditional and tells its answer unchanged, and what the feed asks for."""
    # else the next answer must be a whole one: it holds what was left, or leads to what may have changed
    whole = found.left == 0 and not parsed.incomplete
    return replace_fields(
        state,
        etag=_validator(answer, "etag") if whole else None,
        last_modified=_validator(answer, "last-modified") if whole else None,
        body_hash=_hash(answer.body) if whole else None,
        hint_seconds=parsed.polling_hints.ttl_seconds or 0.0,
        skip_hours=parsed.polling_hints.skip_hours,
        skip_days=parsed.polling_hints.skip_days,
        error=FeedError(kind="parse", detail=parsed.error[:DETAIL_CHARS], at=now) if parsed.error else None,
    )


def _validator(answer: Fetched, header: str) -> str | None:
    """A header to send back at the next poll; one that is too long is not kept."""
    value = answer.headers.get(header)
    return value if value is not None and len(value) <= MOST_VALIDATOR else None


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]

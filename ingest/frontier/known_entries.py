"""The entries of a feed that are known: which are new, which wait for their page, which are dealt with. Pure.

In: a FeedState and what happened (the feed was read, a page was visited). Out: the next FeedState. An entry is unknown,
then `pending` until its article is acknowledged, then `seen`. It is put into `pending` together with the state that is
acknowledged before its page is fetched, so that a kill at any moment repeats work and loses none
(docs/decisions/0005). Everything is bounded: a feed's state is one message.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.feeds.newest_first import keep_newest
from ingest.feeds.parse import Entry
from ingest.frontier.published_articles import Version
from ingest.frontier.waiting_entries import (
    MOST_PENDING_BYTES,
    as_found,
    as_told,
    digest_under,
    entry_digest,
    has_room,
    is_earlier_version,
    seen_entry,
    unpack_entry,
    without_tracking,
)
from ingest.urls import canonical_url, is_home_page, is_section_page
from pipeline.feed_state import PendingEntry, SeenEntry
from pipeline.messages import FeedState

# of one feed's answer: a sitemap may hold 50,000, and what is known of them (200 bytes each) must fit into one message
MOST_ENTRIES = 8_000
# a page that a plain sitemap lists is news while it is so young (search engines take two days); most are archive
LISTED_NEWS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """How many entries an answer has: `shown` in all, of which `known` were known before.

    `new` were never seen, `changed` say something else than before, `left` did not fit and wait for a later poll, `cut`
    are too many for a feed, and the oldest. `older` are earlier versions of an agency's items than those known.
    """

    new: int = 0
    changed: int = 0
    left: int = 0
    shown: int = 0
    known: int = 0
    cut: int = 0
    older: int = 0


def entry_key(entry: Entry) -> str:
    """16 hex digits that an entry is known by within its feed: a hash of its guid, or what stands in for one.

    Of one that is an address without what only tracks readers, and may be another in each answer.
    """
    return hashlib.sha256(without_tracking(entry.identity).encode()).hexdigest()[:16]


def known_keys(state: FeedState) -> Iterator[str]:
    """The keys of all entries that are dealt with or wait for their page."""
    yield from (each.entry for each in state.seen)
    yield from (each.entry for each in state.pending)


def is_gap(state: FeedState, found: EntryCounts) -> bool:
    """Whether entries were probably missed: the feed shows entries, and none of them was known before."""
    return found.shown > 0 and found.known == 0 and bool(state.seen or state.pending)


def after_feed_read(
    state: FeedState, entries: Sequence[Entry], now: datetime, remember: int, unchanged: Collection[str] = ()
) -> tuple[FeedState, EntryCounts]:
    """The state after a feed was read, and the counts: its new and changed entries are pending now.

    At least the entries that the feed shows are remembered, and as many others as make up `remember`. `unchanged`: keys
    of entries that the feed still shows as they were (ingest/frontier/known_items).
    """
    listed = [entry for entry in entries if entry.url or entry.content or entry.summary or entry.delivery]
    newest = keep_newest(listed, lambda each: each.published or each.updated, MOST_ENTRIES)
    shown = {entry_key(entry): entry for entry in newest}
    pending, entered, found = _sort_entries(state, shown, now)
    still = shown.keys() | set(unchanged)
    found = dataclass_replace(
        found, shown=len(still), known=found.known + len(still) - len(shown), cut=len(listed) - len(newest)
    )
    return replace(state, pending=pending, seen=_bounded([*state.seen, *entered], still, remember)), found


def after_sitemap_read(
    state: FeedState, entries: Iterable[Entry], now: datetime, remember: int
) -> tuple[FeedState, int]:
    """The state with entries from the site's news sitemap (after a gap), and how many of them are new."""
    waiting = {canonical_url(each.url) for each in state.pending}
    shown = {entry_key(entry): entry for entry in entries if entry.url and canonical_url(entry.url) not in waiting}
    pending, entered, found = _sort_entries(state, shown, now)
    seen = _bounded([*state.seen, *entered], (each.entry for each in state.seen), remember)
    return replace(state, pending=pending, seen=seen), found.new


def _sort_entries(
    state: FeedState, shown: dict[str, Entry], now: datetime
) -> tuple[tuple[PendingEntry, ...], list[SeenEntry], EntryCounts]:
    """The entries to fetch pages for, those that are dealt with at once, and the counts."""
    known = {each.entry: each for each in state.seen}
    pending = {each.entry: each for each in state.pending}
    entered: list[SeenEntry] = []
    room = MOST_PENDING_BYTES - sum(len(each.feed_entry) for each in state.pending)
    new = changed = left = older = 0
    first = state.last_success_at is None
    before = known.keys() | pending.keys()
    for key, entry in shown.items():
        seen, waiting, digest = known.get(key), pending.get(key), entry_digest(entry)
        if is_earlier_version(entry, seen, waiting):
            older += 1
        elif waiting is None and seen is None and not _is_news(entry, now, first):
            entered.append(SeenEntry(entry=key, digest=digest, first_seen_at=now))
        elif waiting is None and seen is not None and seen.digest in (digest, digest_under(entry, entry.url)):
            continue  # the second digest: as it was kept until 2026-11
        else:
            told = as_told(key, entry, waiting, now)
            grown = len(told.feed_entry) - (len(waiting.feed_entry) if waiting else 0)
            if not has_room(entry, waiting, grown, room, len(pending)):
                left += 1
                continue
            pending[key], room = told, room - grown
            new, changed = new + (waiting is None and seen is None), changed + (waiting is None and seen is not None)
    counts = EntryCounts(new, changed, left, len(shown), len(before & shown.keys()), older=older)
    return tuple(pending.values()), entered, counts


def _is_news(entry: Entry, now: datetime, first: bool) -> bool:
    """Whether an entry's page is to be asked for: no front or section page, nor what a sitemap has listed for years."""
    if entry.delivery:
        return True
    if canonical_url(entry.url) is None:
        return bool(entry.content or entry.summary)  # its feed's text is all that there is
    if is_home_page(entry.url) or is_section_page(entry.url):
        return False
    if not entry.address_only:
        return True
    return now - entry.updated <= LISTED_NEWS if entry.updated else not (first or entry.from_archive)


def _bounded(seen: Sequence[SeenEntry], shown: Iterable[str], remember: int) -> tuple[SeenEntry, ...]:
    """The seen entries to keep, in their order: those still shown, and the newest of the others."""
    still = set(shown)
    others = [each.entry for each in seen if each.entry not in still]
    room = max(0, remember - (len(seen) - len(others)))
    kept = still | set(others[len(others) - min(room, len(others)) :])
    return tuple(each for each in seen if each.entry in kept)


def due_pages(state: FeedState, now: datetime | None) -> list[PendingEntry]:
    """The entries whose page is to be asked for now; all of them when `now` is None."""
    return [each for each in state.pending if now is None or each.due_at <= now]


def next_due(state: FeedState) -> datetime | None:
    """When there is something to do for a feed: its poll, or a page. None: at once."""
    if state.next_poll_at is None:
        return None
    return min([state.next_poll_at, *(each.due_at for each in state.pending)])


def settle(state: FeedState, visited: PendingEntry, version: Version | None, article: str, now: datetime) -> FeedState:
    """The state after an entry was dealt with: it moves from `pending` to `seen`, as it was when it was visited.

    When the feed has told something else of it meanwhile, it is visited again. `article` is its article's id and
    `version` that article's version, acknowledged by Kafka; None: it has no article.
    """
    waiting = next((each for each in state.pending if each.entry == visited.entry), None)
    if waiting is None:
        return state
    before = next((each for each in state.seen if each.entry == visited.entry), None)
    nothing = Version("", 0, before.first_seen_at if before else now)
    seen = seen_entry(visited, article if version else "", version or nothing)
    others = tuple(each for each in state.pending if each.entry != visited.entry)
    again = () if unpack_entry(waiting).digest == seen.digest else (as_found(waiting, now),)
    return replace(
        state,
        pending=(*others, *again),
        seen=(*(each for each in state.seen if each.entry != visited.entry), seen),
    )


def count_article(state: FeedState, now: datetime) -> FeedState:
    """The state after one more article of this feed was published, at `now`."""
    return replace(state, articles=state.articles + 1, last_article_at=now)


def wait_for_host(state: FeedState, entry: str, due_at: datetime) -> FeedState:
    """The state after a page that was not asked for, because its host is left alone until `due_at`: no attempt."""
    pending = tuple(replace(each, due_at=due_at) if each.entry == entry else each for each in state.pending)
    return replace(state, pending=pending)


def retry_later(state: FeedState, entry: str, due_at: datetime, published_as: SeenEntry | None = None) -> FeedState:
    """The state after an attempt without a page: it is asked for again at `due_at`.

    `published_as`: the entry's article as it was published from the feed's text meanwhile.
    """
    return replace(
        state,
        pending=tuple(
            replace(each, attempts=each.attempts + 1, due_at=due_at, published_as=each.published_as or published_as)
            if each.entry == entry
            else each
            for each in state.pending
        ),
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """An entry is dealt with: its article and that article's version are known, or nothing was published of it."""

    article: str = ""
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """An entry's page could not be had; `published_as` as in `retry_later`."""

    due_at: datetime
    published_as: SeenEntry | None = None


@dataclass(frozen=True, slots=True)
class WaitForHost:
    """An entry's page was not asked for."""

    due_at: datetime


def after_visit(
    state: FeedState, pending: PendingEntry, then: Settled | RetryLater | WaitForHost, now: datetime
) -> FeedState:
    """The state after an entry was visited and decided (ingest/entry_decision)."""
    if isinstance(then, Settled):
        return settle(state, pending, then.version, then.article, now)
    if isinstance(then, RetryLater):
        return retry_later(state, pending.entry, then.due_at, then.published_as)
    return wait_for_host(state, pending.entry, then.due_at)

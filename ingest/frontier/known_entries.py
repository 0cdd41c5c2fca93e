"""What the poller knows of a feed's entries, and what that becomes: FeedState + what happened -> FeedState. Pure.

An entry is unknown, then `pending` until its article is acknowledged, then `seen`. It is put into `pending` together
with the state that is acknowledged before its page is fetched, so that a kill at any moment repeats work and loses
none (docs/decisions/0005). Everything is bounded: a feed's state is one message.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from ingest.feeds.parse import Entry
from ingest.frontier.published_articles import Version
from ingest.urls import canonical_url, is_home_page, is_section_page
from pipeline.feed_state import Pending, Seen
from pipeline.messages import FeedState

# of one feed's answer: a sitemap may hold 50,000, and what is known of them (200 bytes each) must fit into one message
MOST_ENTRIES = 8_000
# entries that wait for their page, and their bytes; more are found again by the next poll
MOST_PENDING = 500
MOST_PENDING_BYTES = 1_500_000
# characters that are kept of a waiting entry's texts, for the case that its page can't be had
WAITING_SUMMARY = 2_000
WAITING_CONTENT = 8_000
# a page that a plain sitemap lists is news while it is so young (search engines take two days); most are archive
LISTED_NEWS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer brought: entries never seen, entries that changed, entries that must wait for a later poll.

    `shown`: how many there are; `known`: how many of those were known.
    """

    new: int = 0
    changed: int = 0
    left: int = 0
    shown: int = 0
    known: int = 0


def entry_key(entry: Entry) -> str:
    """What an entry is known by within its feed."""
    return hashlib.sha256(entry.identity.encode()).hexdigest()[:16]


def keys(state: FeedState) -> Iterator[str]:
    """Of the entries that are dealt with or wait for their page."""
    yield from (each.entry for each in state.seen)
    yield from (each.entry for each in state.pending)


def entry_digest(entry: Entry) -> str:
    """The same for entries that say the same: another digest is a reason to look at the page again."""
    told = [entry.url, entry.title, entry.summary, entry.content, entry.updated]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]


def shares_nothing(state: FeedState, found: Found) -> bool:
    """Whether entries were probably missed: what the feed showed before has all gone from what it shows now."""
    return found.shown > 0 and found.known == 0 and bool(state.seen or state.pending)


def after_answer(
    state: FeedState, entries: Sequence[Entry], now: datetime, remember: int, unchanged: Collection[str] = ()
) -> tuple[FeedState, Found]:
    """What is known after a feed was read: its new and changed entries are pending.

    At least the entries that the feed shows are remembered, and as many others as make up `remember`. `unchanged`: keys
    of entries that the feed still shows as they were (ingest/frontier/known_items).
    """
    shown = {entry_key(entry): entry for entry in entries[:MOST_ENTRIES] if entry.url}
    pending, entered, found = _sorted_in(state, shown, now)
    still = shown.keys() | set(unchanged)
    found = dataclass_replace(found, shown=len(still), known=found.known + len(still) - len(shown))
    return replace(state, pending=pending, seen=_remembered([*state.seen, *entered], still, remember)), found


def also(state: FeedState, entries: Iterable[Entry], now: datetime, remember: int) -> tuple[FeedState, int]:
    """Entries from elsewhere (the site's news sitemap, after a gap), and how many of them are new."""
    waiting = {canonical_url(each.url) for each in state.pending}
    shown = {entry_key(entry): entry for entry in entries if entry.url and canonical_url(entry.url) not in waiting}
    pending, entered, found = _sorted_in(state, shown, now)
    seen = _remembered([*state.seen, *entered], (each.entry for each in state.seen), remember)
    return replace(state, pending=pending, seen=seen), found.new


def _sorted_in(
    state: FeedState, shown: dict[str, Entry], now: datetime
) -> tuple[tuple[Pending, ...], list[Seen], Found]:
    """The entries to fetch pages for, those that are dealt with at once, and the counts."""
    known = {each.entry: each for each in state.seen}
    pending = {each.entry: each for each in state.pending}
    entered: list[Seen] = []
    room = MOST_PENDING_BYTES - sum(len(each.feed_entry) for each in state.pending)
    new = changed = left = 0
    first = state.last_success_at is None
    before = known.keys() | pending.keys()
    for key, entry in shown.items():
        seen, digest = known.get(key), entry_digest(entry)
        if key in pending:
            pending[key] = replace(pending[key], url=entry.url, feed_entry=_packed(entry))
        elif seen is None and not _is_news(entry, now, first):
            entered.append(Seen(entry=key, digest=digest, first_seen_at=now))
        elif seen is not None and seen.digest == digest:
            continue
        elif len(pending) >= MOST_PENDING or room <= 0:
            left += 1
        else:
            new, changed = new + (seen is None), changed + (seen is not None)
            pending[key] = Pending(entry=key, url=entry.url, due_at=now, found_at=now, feed_entry=_packed(entry))
            room -= len(pending[key].feed_entry)
    return tuple(pending.values()), entered, Found(new, changed, left, len(shown), len(before & shown.keys()))


def _is_news(entry: Entry, now: datetime, first: bool) -> bool:
    """Whether an entry's page is to be asked for: no front or section page, nor what a sitemap has listed for years."""
    if canonical_url(entry.url) is None or is_home_page(entry.url) or is_section_page(entry.url):
        return False
    if not entry.address_only:
        return True
    return now - entry.updated <= LISTED_NEWS if entry.updated else not first


def _remembered(seen: Sequence[Seen], shown: Iterable[str], remember: int) -> tuple[Seen, ...]:
    """The seen entries to keep, in their order: those still shown, and the newest of the others."""
    still = set(shown)
    others = [each.entry for each in seen if each.entry not in still]
    room = max(0, remember - (len(seen) - len(others)))
    kept = still | set(others[len(others) - min(room, len(others)) :])
    return tuple(each for each in seen if each.entry in kept)


class Waiting(msgspec.Struct, frozen=True):
    """An entry that waits for its page. `digest` is of the whole entry, whose texts may have been cut."""

    entry: Entry
    digest: str


def _packed(entry: Entry) -> bytes:
    cut = replace(entry, summary=entry.summary[:WAITING_SUMMARY], content=entry.content[:WAITING_CONTENT])
    return msgspec.json.encode(Waiting(entry=cut, digest=entry_digest(entry)))


def unpacked(pending: Pending) -> Waiting:
    """The entry that waits."""
    return msgspec.json.decode(pending.feed_entry, type=Waiting)


def due_pages(state: FeedState, now: datetime | None) -> list[Pending]:
    """The entries whose page is to be asked for now; all of them when `now` is None."""
    return [each for each in state.pending if now is None or each.due_at <= now]


def next_due(state: FeedState) -> datetime | None:
    """When there is something to do for a feed: its poll, or a page. None: at once."""
    if state.next_poll_at is None:
        return None
    return min([state.next_poll_at, *(each.due_at for each in state.pending)])


def settled(state: FeedState, entry: str, version: Version | None, article: str, now: datetime) -> FeedState:
    """The entry is dealt with: its article (None: there is none) is acknowledged or was known already."""
    pending = next((each for each in state.pending if each.entry == entry), None)
    if pending is None:
        return state
    before = next((each for each in state.seen if each.entry == entry), None)
    nothing = Version("", 0, before.first_seen_at if before else now)
    seen = told(pending, article if version else "", version or nothing)
    return replace(
        state,
        pending=tuple(each for each in state.pending if each.entry != entry),
        seen=(*(each for each in state.seen if each.entry != entry), seen),
    )


def counted(state: FeedState, now: datetime) -> FeedState:
    """One more article of this feed was published."""
    return replace(state, articles=state.articles + 1, last_article_at=now)


def told(pending: Pending, article: str, version: Version) -> Seen:
    """What is kept of an article that was published from the feed's text while its page can't be had."""
    return Seen(
        entry=pending.entry,
        digest=unpacked(pending).digest,
        article=article,
        content=version.content,
        revision=version.revision,
        first_seen_at=version.first_seen_at,
    )


def waits(state: FeedState, entry: str, due_at: datetime) -> FeedState:
    """The page was not asked for: its host is left alone until then."""
    pending = tuple(replace(each, due_at=due_at) if each.entry == entry else each for each in state.pending)
    return replace(state, pending=pending)


def put_off(state: FeedState, entry: str, due_at: datetime, told: Seen | None = None) -> FeedState:
    """The page could not be had this time. `told`: its article as it was published from the feed's text meanwhile."""
    return replace(
        state,
        pending=tuple(
            replace(each, attempts=each.attempts + 1, due_at=due_at, told=each.told or told)
            if each.entry == entry
            else each
            for each in state.pending
        ),
    )

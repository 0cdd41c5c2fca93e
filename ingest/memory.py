"""What the poller knows of a feed, and what that becomes: FeedState + what happened -> FeedState. Pure.

An entry is unknown, then `pending` until its article is acknowledged, then `seen`. It is put into `pending` together
with the state that is acknowledged before its page is fetched, so that a kill at any moment repeats work and loses
none (docs/decisions/0005). Everything is bounded: a feed's state is one message.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ingest.feeds import Feed
from ingest.parse import Entry, ParsedFeed
from ingest.urls import canonical_url, is_home_page
from pipeline.messages import FeedError, FeedState, Pending, Seen

# of one feed's answer: a sitemap may hold 50,000, and what is known of them (200 bytes each) must fit into one message
MOST_ENTRIES = 8_000
# entries that wait for their page, and their bytes; more are found again by the next poll
MOST_PENDING = 500
MOST_PENDING_BYTES = 1_500_000
# characters that are kept of a waiting entry's texts, for the case that its page can't be had
WAITING_SUMMARY = 2_000
WAITING_CONTENT = 8_000
MOST_PUBLISHED = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a poll brought: entries never seen, entries that changed, entries that must wait for a later poll."""

    new: int = 0
    changed: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Polled:
    """A good answer: when it came, when the next is due, and what makes that conditional or tells it unchanged."""

    at: datetime
    next_poll_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The newest known revision of an article: its content's hash."""

    content: str
    revision: int
    first_seen_at: datetime


class Published:
    """What this poller knows to be published, whichever feed showed it. Bounded; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, Version] = OrderedDict()

    def __contains__(self, article: str) -> bool:
        return article in self._versions

    def get(self, article: str) -> Version | None:
        """The newest version that we know of."""
        return self._versions.get(article)

    def put(self, article: str, version: Version) -> None:
        """A version that was sent (or is about to be: two feeds may show one article at the same time)."""
        self._versions[article] = version
        self._versions.move_to_end(article)
        if len(self._versions) > MOST_PUBLISHED:
            self._versions.popitem(last=False)

    def forget(self, article: str) -> None:
        """It was not sent after all."""
        self._versions.pop(article, None)

    def learn(self, seen: Iterable[Seen]) -> None:
        """What a feed's state tells of articles."""
        for each in seen:
            known = self._versions.get(each.article)
            if each.article and (known is None or known.revision < each.revision):
                self.put(each.article, Version(each.content, each.revision, each.first_seen_at))


def entry_key(entry: Entry) -> str:
    """What an entry is known by within its feed."""
    return hashlib.sha256(entry.identity.encode()).hexdigest()[:16]


def entry_digest(entry: Entry) -> str:
    """The same for entries that say the same: another digest is a reason to look at the page again."""
    told = [entry.url, entry.title, entry.summary, entry.content, entry.updated]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]


def defined(state: FeedState | None, feed: Feed) -> FeedState:
    """What is known of a feed, under the operator's present definition of it."""
    if state is None:
        state = FeedState(url=feed.url, host=feed.host, name=feed.name)
    return replace(state, name=feed.name, group=feed.group, language=feed.language, active=True)


def retired(state: FeedState) -> FeedState:
    """The feed left the list: kept, in case it comes back, and not polled."""
    return replace(state, active=False)


def after_unchanged(state: FeedState, now: datetime, next_poll_at: datetime) -> FeedState:
    """304, or the body that we know: what was wrong with it still is."""
    error = state.error if state.error and state.error.kind == "parse" else None
    return replace(_polled(state, now, next_poll_at), last_success_at=now, failures=0, error=error)


def after_error(state: FeedState, error: FeedError, next_poll_at: datetime) -> FeedState:
    """Nothing is forgotten because of an error."""
    return replace(_polled(state, error.at, next_poll_at), failures=state.failures + 1, error=error)


def _polled(state: FeedState, now: datetime, next_poll_at: datetime) -> FeedState:
    return replace(state, last_poll_at=now, next_poll_at=next_poll_at, polls=state.polls + 1)


def after_poll(state: FeedState, parsed: ParsedFeed, polled: Polled, remember: int) -> tuple[FeedState, Found]:
    """What is known after a feed was read: its new and changed entries are pending.

    At least the entries that the feed shows are remembered, and as many others as make up `remember`.
    """
    shown = {entry_key(entry): entry for entry in parsed.entries[:MOST_ENTRIES] if entry.url}
    pending, entered, found = _sorted_in(state, shown, polled.at)
    if found.left:
        polled = Polled(polled.at, polled.next_poll_at)  # the next answer must be a whole one: it holds what was left
    error = FeedError(kind="parse", detail=parsed.error[:500], at=polled.at) if parsed.error else None
    state = replace(
        after_unchanged(state, polled.at, polled.next_poll_at),
        etag=polled.etag,
        last_modified=polled.last_modified,
        body_hash=polled.body_hash,
        error=error,
        pending=pending,
        seen=_remembered([*state.seen, *entered], shown.keys(), remember),
    )
    return state, found


def _sorted_in(
    state: FeedState, shown: dict[str, Entry], now: datetime
) -> tuple[tuple[Pending, ...], list[Seen], Found]:
    """The entries to fetch pages for, those that are dealt with at once, and the counts."""
    known = {each.entry: each for each in state.seen}
    pending = {each.entry: each for each in state.pending}
    entered: list[Seen] = []
    room = MOST_PENDING_BYTES - sum(len(each.feed_entry) for each in state.pending)
    new = changed = left = 0
    for key, entry in shown.items():
        seen, digest = known.get(key), entry_digest(entry)
        if key in pending:
            pending[key] = replace(pending[key], url=entry.url, feed_entry=_packed(entry))
        elif seen is None and not _is_page(entry.url):
            entered.append(Seen(entry=key, digest=digest, first_seen_at=now))
        elif seen is not None and seen.digest == digest:
            continue
        elif len(pending) >= MOST_PENDING or room <= 0:
            left += 1
        else:
            new, changed = new + (seen is None), changed + (seen is not None)
            pending[key] = Pending(entry=key, url=entry.url, due_at=now, found_at=now, feed_entry=_packed(entry))
            room -= len(pending[key].feed_entry)
    return tuple(pending.values()), entered, Found(new, changed, left)


def _is_page(url: str) -> bool:
    return canonical_url(url) is not None and not is_home_page(url)


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
    seen = Seen(
        entry=entry,
        digest=unpacked(pending).digest,
        article=article if version else "",
        content=version.content if version else "",
        revision=version.revision if version else 0,
        first_seen_at=version.first_seen_at if version else before.first_seen_at if before else now,
    )
    return replace(
        state,
        pending=tuple(each for each in state.pending if each.entry != entry),
        seen=(*(each for each in state.seen if each.entry != entry), seen),
    )


def counted(state: FeedState, now: datetime) -> FeedState:
    """One more article of this feed was published."""
    return replace(state, articles=state.articles + 1, last_article_at=now)


def put_off(state: FeedState, entry: str, due_at: datetime) -> FeedState:
    """The page could not be had this time."""
    return replace(
        state,
        pending=tuple(
            replace(each, attempts=each.attempts + 1, due_at=due_at) if each.entry == entry else each
            for each in state.pending
        ),
    )

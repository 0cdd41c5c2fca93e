"""Which published pages of a feed are asked for again, and when. Pure.

In: a feed's state and what was just published, or what came of a revisit. Out: the next state. How many revisits are
done is not kept: the next one is the first of the operator's times, counted from when the article was first seen, that
still lies ahead. So a revisit that was missed while nothing ran is made once, and a kill repeats one at most.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.frontier.published_articles import Version
from ingest.frontier.waiting_entries import unpack_entry
from pipeline.feed_state import PendingEntry, Revisit
from pipeline.messages import FeedState

# of one feed, and their bytes: a feed's state is one message. Of more those that are due last are left out
MOST_REVISITS = 200
MOST_REVISIT_BYTES = 200_000
MOST_VALIDATOR_CHARS = 200  # a longer ETag is not kept: then a page is asked for without a condition
DIGEST_DIGITS = 16
# so long after the last of the operator's times a page is still asked for when its host put us off
GRACE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class PageVersion:
    """How a page was when it was read: a digest of its title and text, characters of its text, its validators.

    The text is that before the lines that return on the feed's pages were removed, which are others each day.
    """

    digest: str
    chars: int
    etag: str = ""
    last_modified: str = ""


def page_version(title: str, text: str, headers: Mapping[str, str]) -> PageVersion:
    """The version of a page; `headers` of its answer, names in lower case, {} where others than the entry's own."""
    told = f"{title}\n{text}".encode(errors="surrogatepass")
    etag, modified = (headers.get(name, "") for name in ("etag", "last-modified"))
    return PageVersion(hashlib.sha256(told).hexdigest()[:DIGEST_DIGITS], len(text), _short(etag), _short(modified))


def _short(validator: str) -> str:
    return validator if len(validator) <= MOST_VALIDATOR_CHARS else ""


def next_revisit(first_seen_at: datetime, times: Sequence[timedelta], now: datetime) -> datetime | None:
    """The first of the times after an article was first seen that lies after `now`; None when all are over."""
    return min((at for each in times if (at := first_seen_at + each) > now), default=None)


def after_publishing(
    state: FeedState,
    pending: PendingEntry,
    page: PageVersion,
    first_seen_at: datetime,
    times: Sequence[timedelta],
    now: datetime,
) -> FeedState:
    """The state after an entry's article was published from its page: it is to be asked for again."""
    others = _without(state, pending.entry)
    due = next_revisit(first_seen_at, times, now)
    if due is None:
        return replace(state, revisits=others) if len(others) < len(state.revisits) else state
    noted = _with_page(Revisit(entry=pending.entry, due_at=due, feed_entry=pending.feed_entry), page)
    return replace(state, revisits=_bounded((*others, noted)))


def after_revisit(
    state: FeedState,
    revisit: Revisit,
    version: Version,
    page: PageVersion | None,
    times: Sequence[timedelta],
    now: datetime,
) -> FeedState:
    """The state after a revisit: its article is at this version now. `page`: as it was read, where it was accepted."""
    seen = tuple(
        replace(each, content=version.content, revision=version.revision) if each.entry == revisit.entry else each
        for each in state.seen
    )
    due = next_revisit(version.first_seen_at, times, now)
    again = () if due is None else (_with_page(replace(revisit, due_at=due), page),)
    return _instead(replace(state, seen=seen), revisit, again)


def put_off(state: FeedState, revisit: Revisit, due_at: datetime, times: Sequence[timedelta]) -> FeedState:
    """The state after a page that was not asked for, or whose host wants to be asked at `due_at`: not without end."""
    first_seen_at = next((each.first_seen_at for each in state.seen if each.entry == revisit.entry), due_at)
    last = first_seen_at + max(times, default=timedelta()) + GRACE
    return _instead(state, revisit, (replace(revisit, due_at=due_at),) if due_at <= last else ())


def give_up(state: FeedState, revisit: Revisit) -> FeedState:
    """The state after a page that is not to be asked for again; its article stays as it is."""
    return _instead(state, revisit, ())


def due_revisits(state: FeedState, now: datetime) -> list[Revisit]:
    """Those that are due, the first first; not those of entries that wait for their page as new ones do."""
    waiting = {each.entry for each in state.pending}
    due = [each for each in state.revisits if each.due_at <= now and each.entry not in waiting]
    return sorted(due, key=lambda each: each.due_at)


def first_due(state: FeedState) -> datetime | None:
    """When the next revisit of a feed is due; None when there is none."""
    return min((each.due_at for each in state.revisits), default=None)


def as_pending(revisit: Revisit, now: datetime) -> PendingEntry:
    """The entry as if it waited for its page, found now: what has changed is news of now."""
    bare = PendingEntry(entry=revisit.entry, url="", due_at=now, found_at=now, feed_entry=revisit.feed_entry)
    return replace(bare, url=unpack_entry(bare).entry.url)


def _with_page(revisit: Revisit, page: PageVersion | None) -> Revisit:
    if page is None:
        return revisit
    return replace(revisit, digest=page.digest, chars=page.chars, etag=page.etag, last_modified=page.last_modified)


def _without(state: FeedState, entry: str) -> tuple[Revisit, ...]:
    return tuple(each for each in state.revisits if each.entry != entry)


def _instead(state: FeedState, revisit: Revisit, again: tuple[Revisit, ...]) -> FeedState:
    """The state with `again` in its place; unchanged where its article was published anew meanwhile."""
    if revisit not in state.revisits:
        return state
    return replace(state, revisits=_bounded((*_without(state, revisit.entry), *again)))


def _bounded(revisits: tuple[Revisit, ...]) -> tuple[Revisit, ...]:
    """Those that fit, in the order in which they are due."""
    kept, room = [], MOST_REVISIT_BYTES
    for each in sorted(revisits, key=lambda each: each.due_at)[:MOST_REVISITS]:
        room -= len(each.feed_entry)
        if room < 0:
            break
        kept.append(each)
    return tuple(kept)

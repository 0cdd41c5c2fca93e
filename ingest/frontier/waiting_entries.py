"""Entries that wait for their page: how they are kept in a feed's state, and how many there is room for. Pure.

In: an entry as its feed tells it. Out: a PendingEntry, and the entry back from it; the digest that tells whether it
says something new, and whether it is an earlier version than one that is known.
"""

import hashlib
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ingest.feeds.entry import Entry, is_older, is_older_version, version_of
from ingest.frontier.published_articles import Version
from ingest.urls import canonical_url
from pipeline.feed_state import PendingEntry, SeenEntry

# entries that wait for their page, and their bytes; more are found again by the next poll
MOST_PENDING = 500
MOST_PENDING_BYTES = 1_500_000
# characters that are kept of a waiting entry's texts, for the case that its page can't be had; an agency's item, which
# has no page, is kept whole
WAITING_SUMMARY = 2_000
WAITING_CONTENT = 8_000


def entry_digest(entry: Entry) -> str:
    """16 hex digits of everything an entry says; another digest is a reason to fetch its page again.

    What only tracks readers in its address is no part of it.
    """
    return digest_under(entry, without_tracking(entry.url))


def without_tracking(address: str) -> str:
    """The address without what only tracks its readers."""
    return canonical_url(address) or address if "?" in address else address


def digest_under(entry: Entry, url: str) -> str:
    """The digest of an entry with this address in place of its own."""
    seen_entry = [url, entry.title, entry.summary, entry.content, entry.updated]
    if entry.delivery:
        seen_entry.append(msgspec.json.encode(entry.delivery).decode())
    return hashlib.sha256(msgspec.json.encode(seen_entry)).hexdigest()[:16]


class WaitingEntry(msgspec.Struct, frozen=True):
    """An entry that waits for its page. `digest` is of the whole entry, whose texts may have been cut."""

    entry: Entry
    digest: str


def _pack_entry(entry: Entry) -> bytes:
    cut = replace(entry, summary=entry.summary[:WAITING_SUMMARY], content=entry.content[:WAITING_CONTENT])
    cut = entry if entry.delivery else cut
    return msgspec.json.encode(WaitingEntry(entry=cut, digest=entry_digest(entry)))


def unpack_entry(pending: PendingEntry) -> WaitingEntry:
    """The waiting entry, as its feed told it."""
    return msgspec.json.decode(pending.feed_entry, type=WaitingEntry)


def as_told(key: str, entry: Entry, waiting: PendingEntry | None, now: datetime) -> PendingEntry:
    """The entry as it waits from now on: with an embargo until that ends, else as it waits already."""
    if waiting is None:
        waiting = PendingEntry(entry=key, url=entry.url, due_at=now, found_at=now)
    due = _due(entry, now) if entry.delivery else waiting.due_at
    return replace(waiting, url=entry.url, due_at=due, feed_entry=_pack_entry(entry))


def has_room(entry: Entry, waiting: PendingEntry | None, grown: int, room: int, waiting_now: int) -> bool:
    """Whether there is room for an entry that takes `grown` bytes more; the whole text of an agency's must fit."""
    if waiting is not None:
        return entry.delivery is None or grown <= max(room, 0)
    return waiting_now < MOST_PENDING and room >= (grown if entry.delivery else 1)


def _due(entry: Entry, now: datetime) -> datetime:
    embargoed = entry.delivery.embargoed if entry.delivery else None
    return max(now, embargoed) if embargoed else now


def is_earlier_version(entry: Entry, seen: SeenEntry | None, waiting: PendingEntry | None) -> bool:
    """Whether an agency's item is an earlier version than the one that is known, or that waits to be published."""
    if entry.delivery is None:
        return False
    if seen is not None and is_older_version(version_of(entry), (seen.version, seen.version_at)):
        return True
    return waiting is not None and is_older(entry, unpack_entry(waiting).entry)


def as_found(pending: PendingEntry, now: datetime) -> PendingEntry:
    """The waiting entry as if its feed had shown it for the first time now."""
    due = _due(unpack_entry(pending).entry, now)
    return PendingEntry(entry=pending.entry, url=pending.url, due_at=due, found_at=now, feed_entry=pending.feed_entry)


def seen_entry(pending: PendingEntry, article: str, version: Version) -> SeenEntry:
    """What is remembered of an entry that became this version of this article."""
    waiting = unpack_entry(pending)
    number, time = version_of(waiting.entry) if waiting.entry.delivery else (None, None)
    return SeenEntry(
        entry=pending.entry,
        digest=waiting.digest,
        version=number,
        version_at=time,
        article=article,
        content=version.content,
        revision=version.revision,
        first_seen_at=version.first_seen_at,
    )

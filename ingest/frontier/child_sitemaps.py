"""The sitemaps of a sitemap index: which are read in this poll, so that every one comes round. Pure.

In: what an index lists, and when each of its sitemaps was read. Out: those to read now; the same knowledge after that;
and their entries, of which those without a date that lay there all the time are told apart from news.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from msgspec.structs import replace

from ingest.feeds.entry import ChildSitemap, Entry, ParsedFeed
from ingest.feeds.newest_first import keep_newest
from ingest.frontier.known_entries import entry_key, known_keys
from pipeline.feed_state import ReadSitemap
from pipeline.messages import FeedState

# sitemaps of one index that are read in one poll
MOST_READ = 8
# of one index: what is known of them (100 bytes each) lies in the feed's state
MOST_LISTED = 1_000
# a lastmod may be a day alone: so long after its midnight the sitemap may still change, in any time zone
DAY_ALONE = timedelta(hours=36)
# of a sitemap's entries without a date: where more are unknown, it was never read, or was forgotten
MOST_UNKNOWN_SHARE = 0.5
# so few are news all the same, where it was asked for before: an empty one has got its first, or a day has begun
MOST_FIRST = 20
NEVER = datetime.min.replace(tzinfo=UTC)


def sitemap_key(url: str) -> str:
    """16 hex digits that a sitemap of an index is known by."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def listed_sitemaps(children: Sequence[ChildSitemap]) -> list[ChildSitemap]:
    """The sitemaps of an index that are followed: the newest MOST_LISTED."""
    return keep_newest(children, lambda each: each.modified, MOST_LISTED)


def due_sitemaps(state: FeedState, listed: Iterable[ChildSitemap]) -> list[ChildSitemap]:
    """Those that may have changed since they were read, in the order in which they are to be read.

    Half of one poll's are the newest, the others those that were not read for the longest time.
    """
    known = {each.sitemap: each for each in state.sitemaps}
    due = [each for each in listed if _is_due(each, known.get(sitemap_key(each.url)))]
    dated = sorted((each for each in due if each.modified), key=lambda each: each.modified or NEVER, reverse=True)
    newest = dated[: MOST_READ // 2]
    others = [*dated[MOST_READ // 2 :], *(each for each in due if not each.modified)]
    return [*newest, *sorted(others, key=lambda each: _read_at(each, known))]


def _is_due(child: ChildSitemap, known: ReadSitemap | None) -> bool:
    if known is None or known.read_at is None or child.modified is None or child.modified != known.modified:
        return True
    return child.modified.time() == time() and known.read_at < child.modified + DAY_ALONE


def _read_at(child: ChildSitemap, known: Mapping[str, ReadSitemap]) -> datetime:
    found = known.get(sitemap_key(child.url))
    return found.read_at or NEVER if found else NEVER


def must_return(listed: Iterable[ChildSitemap], now: datetime) -> bool:
    """Whether the sitemaps may change while their index stays as it is: it must be read as a whole next time."""
    return any(
        each.modified is None or (each.modified.time() == time() and now < each.modified + DAY_ALONE) for each in listed
    )


def after_reading(
    state: FeedState, listed: Iterable[ChildSitemap], asked: Collection[str], failed: Collection[str], now: datetime
) -> tuple[ReadSitemap, ...]:
    """What is known of the sitemaps after those `asked` (their URLs) were asked for; what `failed` is due still."""
    known = {each.sitemap: each for each in state.sitemaps}
    after: list[ReadSitemap] = []
    for child in listed:
        before = known.get(sitemap_key(child.url)) or ReadSitemap(sitemap=sitemap_key(child.url))
        if child.url in asked:
            before = replace(before, read_at=now, modified=None if child.url in failed else child.modified)
        after.append(before)
    return tuple(after)


def merge(state: FeedState, index: ParsedFeed, read: Sequence[tuple[ChildSitemap, ParsedFeed]]) -> ParsedFeed:
    """The index with the entries of the sitemaps that were read, what was cut of them, and the first error."""
    known = frozenset(known_keys(state))
    entries = [entry for child, found in read for entry in _mark_archive(state, child, found.entries, known)]
    error = next((each for each in (index.error, *(found.error for _, found in read)) if each), None)
    cut = index.cut + sum(found.cut for _, found in read)
    return replace(index, entries=tuple(entries), child_sitemaps=(), cut=cut, error=error)


def _mark_archive(
    state: FeedState, child: ChildSitemap, entries: Sequence[Entry], known: Collection[str]
) -> list[Entry]:
    """The sitemap's entries; those without a date are archive where it was listed before and most, and many, are new.

    `known`: the keys of the entries that the feed knows.
    """
    undated = [each for each in entries if each.address_only and each.updated is None]
    before = next((each for each in state.sitemaps if each.sitemap == sitemap_key(child.url)), None)
    is_new = bool(state.sitemaps) and before is None
    unknown = sum(1 for each in undated if entry_key(each) not in known)
    most = max(len(undated) * MOST_UNKNOWN_SHARE, MOST_FIRST if before and before.read_at else 0)
    if is_new or unknown <= most:
        return list(entries)
    archive = {each.identity for each in undated}
    return [replace(each, from_archive=True) if each.identity in archive else each for each in entries]

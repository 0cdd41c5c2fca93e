"""Parsed feeds: the structs that the parsers of all feed formats fill, and the clean-up that they all share.

In: entries as one format's parser read them. Out: entries with identities that are unique within the feed, and without
update times that are the same for every entry.
"""

from collections import Counter
from datetime import datetime
from typing import Literal

import msgspec

from ingest.dates.time_reading import Precision

FeedKind = Literal["feed", "delivery", "news_sitemap", "sitemap", "sitemap_index", ""]
DeliveryStatus = Literal["usable", "withheld", "canceled"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an agency says of an item beside what an Entry has: which version it is, and whether it may be published.

    Withheld: not to be published now; canceled: not to be published at all, and no more where it was. `embargoed`: not
    to be published before.
    """

    version: int | None = None
    status: DeliveryStatus = "usable"
    embargoed: datetime | None = None
    note: str = ""  # to editors


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a feed. `url` is "" when it names no page; texts are plain, paragraphs separated by "\\n".

    Entries that wait for their page are stored as JSON in the feed's state on Kafka: the fields' JSON names must stay.
    """

    identity: str  # unique within the feed, never empty: the guid, else the URL, else title and time
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: Precision = "second"
    published_zone_known: bool = True  # False: no zone is stated, and UTC was assumed
    updated: datetime | None = None  # None also where all entries of the feed have the same time
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None
    address_only: bool = msgspec.field(default=False, name="listed")  # from a plain sitemap: has only a URL and a date
    # from a sitemap whose addresses without a date lay there before it was read
    from_archive: bool = msgspec.field(default=False, name="archive")
    # digest of the item's bytes (ingest/feeds/new_items); b"" where the feed could not be split into items
    item_digest: bytes = msgspec.field(default=b"", name="mark")
    # "published" and "updated" -> the element that the time is of, and the confidence in it (0 to 1); at 0 with the
    # reason why it is no time
    sources: dict[str, tuple[str, float]] = {}
    # of an agency's item, which has its whole text: there is no page to ask for
    delivery: Delivery | None = None


class ChildSitemap(msgspec.Struct, frozen=True):
    """A sitemap listed in a sitemap index; `modified` is its lastmod."""

    url: str
    modified: datetime | None = None


class PollingHints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often a feed asks to be polled: not sooner than `ttl_seconds`, and not in the GMT hours and days to skip."""

    ttl_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()  # 0 to 23
    skip_days: tuple[int, ...] = ()  # 0 is Monday


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feed after parsing. `kind` is "" when the document is no feed.

    `version` names the format: feedparser's name ("rss20", "atom10"), or json1, json11, ninjs1, ninjs2, ninjs3,
    newsml_g2, sitemap, news_sitemap, sitemap_index.
    """

    title: str = ""
    language: str | None = None
    link: str = ""
    version: str = ""
    kind: FeedKind = ""
    entries: tuple[Entry, ...] = ()
    item_digests: tuple[bytes, ...] = ()  # of all items of the document, also of known ones that `entries` leaves out
    child_sitemaps: tuple[ChildSitemap, ...] = ()
    left_out: dict[str, int] = {}  # of a delivery: items that are no article, by what they are
    cut: int = 0  # entries, or child sitemaps, that were too many: the oldest
    incomplete: bool = False  # more is to be read of what it lists, though it stay as it is
    polling_hints: PollingHints = PollingHints()
    error: str | None = None


def make_identities_unique(entries: list[Entry]) -> list[Entry]:
    """Entries with unique identities, and without repeated entries.

    Where a feed gives several pages the same guid, the URL (or the title, where there is none) is appended to it.
    """
    pages: dict[str, set[str]] = {}
    for entry in entries:
        pages.setdefault(entry.identity, set()).add(entry.url or entry.title)
    unique: dict[str, Entry] = {}
    for entry in entries:
        shared = len(pages[entry.identity]) > 1
        identity = f"{entry.identity} {entry.url or entry.title}" if shared else entry.identity
        unique.setdefault(identity, msgspec.structs.replace(entry, identity=identity) if shared else entry)
    return list(unique.values())


def is_older(entry: Entry, known: Entry) -> bool:
    """Whether an entry is an earlier version of a known one: by the number, else by the time of its version."""
    return is_older_version(version_of(entry), version_of(known))


def version_of(entry: Entry) -> tuple[int | None, datetime | None]:
    """The number and the time of an entry's version, each None where it has none."""
    return (entry.delivery.version if entry.delivery else None), entry.updated


def is_older_version(one: tuple[int | None, datetime | None], other: tuple[int | None, datetime | None]) -> bool:
    """Whether the first of two versions, as `version_of` gives them, is the earlier one; False where none can tell."""
    for mine, theirs in zip(one, other, strict=True):
        if mine is not None and theirs is not None and mine != theirs:
            return mine < theirs  # type: ignore[operator]  # a number and a number, or a time and a time
    return False


def drop_uniform_update_times(entries: list[Entry]) -> tuple[Entry, ...]:
    """The entries, without `updated` where all have the same time: that is when the feed was generated."""
    times = Counter(entry.updated for entry in entries)
    if len(entries) > 1 and len(times) == 1:
        return tuple(msgspec.structs.replace(each, updated=None, sources=_but_updated(each)) for each in entries)
    return tuple(entries)


def _but_updated(entry: Entry) -> dict[str, tuple[str, float]]:
    return {field: source for field, source in entry.sources.items() if field != "updated"}

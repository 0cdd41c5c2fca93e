"""A feed's state: everything that is known of a feed, and its parts: entries, polls, errors, statistics of its pages.

In: nothing. Out: FeedState, the message on the topic `feeds`, and the structs within it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Protocol

import msgspec

from pipeline.message import Message

# a time with its zone, in every message: one without, which can be compared with none of ours, is no message
UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]
# so long after a feed should have been polled nobody seems to poll it; alerts have a setting of their own for it
# (`minutes` of the rule `overdue` in config/alerts.toml), which is as long where nothing else is said
OVERDUE = timedelta(minutes=30)


class FeedError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last error of a feed, or of the page of an entry. `kind` is what errors are counted by."""

    kind: str  # dns, connect, tls, timeout, http, too_large, refused, parse, ...
    detail: str
    at: UtcTime


class ReadFeed(Protocol):
    """What a feed's state and its indexed document both tell of how it is read."""

    @property
    def failures(self) -> int:
        """Polls in a row that failed."""

    @property
    def error(self) -> FeedError | None:
        """The last one, or what made it hard to read."""

    @property
    def location(self) -> str | None:
        """Where it has moved to."""

    @property
    def distrusted(self) -> bool:
        """It said 304 when it had changed."""

    @property
    def cut(self) -> int:
        """Entries that were too many."""


def is_overdue(due: datetime, now: datetime) -> bool:
    """Whether a feed that was `due` then should have been polled long ago."""
    return now - due > OVERDUE


def describe_reading(feed: ReadFeed) -> Iterator[str]:
    """What is to be said of how a feed is read, in words for an operator; nothing where all is well."""
    if feed.failures and feed.error is not None:
        yield f"{feed.failures} failures, the last: {feed.error.kind}: {feed.error.detail}"
    elif feed.error is not None:
        yield f"broken, read as far as it goes: {feed.error.detail}"
    if feed.location:
        yield f"moved to {feed.location}"
    if feed.distrusted:
        yield "its 304 is not believed"
    if feed.cut:
        yield f"{feed.cut} too many, the oldest, left out"


class SeenEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known entry of a feed that was processed: enough to recognise it at the next poll, and to notice a change."""

    entry: str  # hash of the entry's identity
    digest: str  # hash of what the feed says about it
    article: str = ""  # id of the article it became; "" when nothing was published
    content: str = ""  # hash of the article's content
    revision: int = 0
    first_seen_at: UtcTime
    # how it went, where not simply "page fetched, read and published" (ingest/frontier/visit_record, `newsloom trace`):
    address: str = ""  # first hex digits of the id that an article at its address has, where `article` is another
    answer: str = ""  # of its page: an HTTP status or a kind of error; "" for 200, and from before 2026-12
    outcome: str = ""  # what was decided: "known", "robots, new from feed", "no_page", ...
    # of an agency's item: its newest version, so that an earlier one that arrives later is known for one
    version: int | None = None
    version_at: UtcTime | None = None


class PendingEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry whose page is still to be fetched, or fetched again; kept with the feed's state over a restart."""

    entry: str
    url: str
    attempts: int = 0
    due_at: UtcTime
    found_at: UtcTime
    error: FeedError | None = None  # of the last attempt
    # its article as it was published from the feed's own text, until the page can be fetched; `told` on the topic
    published_as: SeenEntry | None = msgspec.field(default=None, name="told")
    feed_entry: bytes = (
        b""  # the entry as JSON (ingest/feeds/parse.Entry), so that it can be published without its feed
    )


class Revisit(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """An entry whose published page is to be asked for again (ingest/frontier/revisits).

    An array on the topic: there are up to 200 of a feed. A further field goes to the end, with a default.
    """

    entry: str  # hash of the entry's identity
    due_at: UtcTime
    feed_entry: bytes  # as in PendingEntry: the page is read with it as it was at first
    digest: str = ""  # of the page's title and text ...
    chars: int = 0  # ... whose text had so many characters
    etag: str = ""
    last_modified: str = ""


class ReadSitemap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sitemap that a sitemap index lists, and when it was asked for last."""

    sitemap: str  # hash of its address
    read_at: UtcTime | None = None
    modified: UtcTime | None = None  # its lastmod when it was read


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome of one poll, for people: `newsloom feeds status` shows the last ones."""

    at: UtcTime
    outcome: str  # changed, unchanged, moved, gone, gap, ..., or the kind of the error
    new: int = 0  # entries never seen before
    shown: int = 0  # entries in the answer
    detail: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A permanent redirect that is being watched: the feed's address changes when it has held for some days."""

    to: str
    since: UtcTime


class PageStatistics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Statistics of a feed's pages: lines that many of them share, and their usual size (ingest/boilerplate).

    Lengths are ln(1 + characters), shares 0 to 1. The `recent_` averages follow about five pages, the others fifty.
    """

    pages: int = 0
    lines: bytes = b""  # hashes of lines and on how many pages they stood, packed
    length: float = 0.0
    spread: float = 0.0  # variance of the length
    empty: float = 0.0  # share of pages without text
    gone: float = 0.0  # share of a page's text that returns on other pages
    recent_length: float = 0.0
    recent_empty: float = 0.0
    recent_gone: float = 0.0
    drifting_since: UtcTime | None = None


class PublishingRhythm(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """When a feed's new entries come (ingest/frontier/publishing_rhythm). Sums and means fade, so that they follow it.

    An array on the topic: there is one for each of many feeds. A further field goes to the end, with a default.
    """

    week: bytes = b""  # entries and hours observed, by hour of the day and by weekday, UTC; packed
    hour: int = 0  # the hour that is being observed, counted from 1970, and ...
    hour_observed: float = 0.0  # ... how much of it was, 0 to 1 ...
    hour_entries: float = 0.0  # ... with so many entries
    block_expected: float = 0.0  # entries of the block that is being counted, as the week has them ...
    block_seen: float = 0.0  # ... and as they came
    excess: float = 0.0  # of finished blocks: squared deviations above those of a Poisson process, and ...
    squares: float = 0.0  # ... squared expectations: their ratio is the dispersion
    longest_gap: float = 0.0  # seconds without a new entry, at any hour (earlier programs go by it), and ...
    most_missing: float = 0.0  # ... the most entries that usually come in such a gap
    quiet: float = 0.0  # seconds observed since the last new entry, and ...
    missing: float = 0.0  # ... entries that usually come in that time
    heard_at: UtcTime | None = None  # the poll that brought the last new entry
    gaps: bytes = b""  # hours without a new entry, the most that were known at each hour of the day, UTC; packed


class FeedState(Message, frozen=True, kw_only=True):
    """Everything known of a feed: definition, validators, schedule, known entries, health. Only ingest writes it."""

    url: str  # as the list has it: the key; of a watched folder FOLDER_PREFIX and its path
    host: str
    name: str
    group: str = ""
    language: str | None = None
    active: bool = True  # false: left the list, or gone
    # of a page that lists links: the CSS selector of those that count, "" for those like articles'; None: a feed
    links: str | None = None
    location: str | None = None  # where it moved to: what is asked instead of `url`
    move: Move | None = None
    gone_at: UtcTime | None = None  # when it answered 410
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional_polls: int = 0  # since the last unconditional one
    distrusted: bool = False  # it said 304 when it had changed
    interval: float = 0.0  # seconds between polls, as they are now
    arrivals: float = 0.0  # new entries, and ...
    observed: float = 0.0  # ... the seconds in which they came: both fade, their ratio is the arrival rate
    shown: int = 0  # entries in its last whole answer
    cut: int = 0  # entries (or sitemaps of an index) of its last whole answer that were too many: the oldest
    sitemaps: tuple[ReadSitemap, ...] = ()  # of a sitemap index: what it lists, and when that was read
    hint_seconds: float = 0.0  # what the feed itself asks for between polls
    skip_hours: tuple[int, ...] = ()  # of the day, GMT
    skip_days: tuple[int, ...] = ()  # of the week, 0 is Monday
    next_poll_at: UtcTime | None = None
    last_poll_at: UtcTime | None = None
    last_success_at: UtcTime | None = None
    last_article_at: UtcTime | None = None
    failures: int = 0  # in a row
    trouble: float = 0.0  # the same, weighted by what went wrong
    error: FeedError | None = None
    polls: int = 0
    articles: int = 0
    gaps: int = 0  # times that two polls shared no entry: something was probably missed between them
    rhythm: PublishingRhythm = PublishingRhythm()
    day_expected: float = 0.0  # new entries that usually come in about the last day that was observed, and ...
    day_seen: float = 0.0  # ... those that came
    silent_since: UtcTime | None = None  # its last new entry, once it is sure that more should have come
    events: tuple[FeedEvent, ...] = ()  # the last ones, the oldest first
    page_statistics: PageStatistics = msgspec.field(default=PageStatistics(), name="habits")  # its name on the topic
    files: bytes = b""  # of a watched folder: the files that were read (ingest/deliveries/folder), eight bytes each
    seen: tuple[SeenEntry, ...] = ()
    pending: tuple[PendingEntry, ...] = ()
    revisits: tuple[Revisit, ...] = ()  # published pages that are to be asked for again

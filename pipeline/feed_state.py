"""The parts of a feed's state: its entries, its last polls, its last error, statistics of its pages.

Structs inside one message, FeedState (pipeline/messages), which is what lies on the topic `feeds` and has the version.
"""

from datetime import datetime
from typing import Annotated

import msgspec

# a time with its zone, in every message: one without, which can be compared with none of ours, is no message
UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]


class SeenEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known entry of a feed that was processed: enough to recognise it at the next poll, and to notice a change."""

    entry: str  # hash of the entry's identity
    digest: str  # hash of what the feed says about it
    article: str = ""  # id of the article it became; "" when nothing was published
    content: str = ""  # hash of the article's content
    revision: int = 0
    first_seen_at: UtcTime
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
    # its article as it was published from the feed's own text, until the page can be fetched; `told` on the topic
    published_as: SeenEntry | None = msgspec.field(default=None, name="told")
    feed_entry: bytes = (
        b""  # the entry as JSON (ingest/feeds/parse.Entry), so that it can be published without its feed
    )


class ReadSitemap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sitemap that a sitemap index lists, and when it was asked for last."""

    sitemap: str  # hash of its address
    read_at: UtcTime | None = None
    modified: UtcTime | None = None  # its lastmod when it was read


class FeedError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last error of a feed. `kind` is what errors are counted by."""

    kind: str  # dns, connect, tls, timeout, http, too_large, refused, parse, ...
    detail: str
    at: UtcTime


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

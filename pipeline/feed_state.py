"""What the state of a feed is made of: its entries, its last polls, its errors, the habits of its pages.

Plain parts of one message, FeedState (pipeline/messages), which says more about versions.
"""

from datetime import datetime

import msgspec


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a feed that was dealt with: enough to know it again, and to notice that it changed."""

    entry: str  # hash of the entry's identity
    digest: str  # hash of what the feed says about it
    article: str = ""  # id of the article it became; "" when nothing was published
    content: str = ""  # hash of the article's content
    revision: int = 0
    first_seen_at: datetime


class Pending(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry whose page is still to be fetched (again): survives a restart with the feed's state."""

    entry: str
    url: str
    attempts: int = 0
    due_at: datetime
    found_at: datetime
    told: Seen | None = None  # its article as it was published from the feed's own text, until the page can be had
    feed_entry: bytes = (
        b""  # the entry as JSON (ingest/feeds/parse.Entry), so that it can be published without its feed
    )


class FeedError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last thing that went wrong with a feed. `kind` is what errors are counted by."""

    kind: str  # dns, connect, tls, timeout, http, too_large, refused, parse, ...
    detail: str
    at: datetime


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one poll came to, for people: `newsloom feeds status` shows the last ones."""

    at: datetime
    outcome: str  # changed, unchanged, moved, gone, gap, ..., or the kind of the error
    new: int = 0  # entries never seen before
    shown: int = 0  # entries in the answer
    detail: str = ""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A permanent redirect that is being watched: it counts when it has held for some days."""

    to: str
    since: datetime


class PageStatistics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the pages of a feed have in common, and how they usually are (ingest/boilerplate/site_boilerplate).

    Lengths are ln(1 + characters), shares 0 to 1; `recent_` is of about five pages, the others of about fifty.
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
    drifting_since: datetime | None = None

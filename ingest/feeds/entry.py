"""What a feed says, whatever its format: the structs that every parser fills, and the rules that hold for all of them.

In: entries as a format gives them. Out: entries that can be told apart, without times that say nothing.
"""

from collections import Counter
from datetime import datetime
from typing import Literal

import msgspec

Kind = Literal["feed", "news_sitemap", "sitemap", "sitemap_index", ""]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a feed. `url` is "" when it names no page; texts are plain, paragraphs separated by "\\n"."""

    identity: str  # what tells it from the feed's other entries, always
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None  # None as well where the feed stamps all entries alike
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None
    listed: bool = False  # of a plain sitemap: only its address and date are known
    mark: bytes = b""  # of its bytes (ingest/feeds/new_items), where the feed could be cut into items


class Child(msgspec.Struct, frozen=True):
    """A sitemap that a sitemap index names."""

    url: str
    modified: datetime | None = None


class Hints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a feed wants to be asked. Hours and days are GMT; those of `skip_` are not worth asking in."""

    ttl_seconds: float | None = None
    skip_hours: tuple[int, ...] = ()  # 0 to 23
    skip_days: tuple[int, ...] = ()  # 0 is Monday


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feed as it was read. `kind` is "" when it is none; `version` is feedparser's name of the format, or ours."""

    title: str = ""
    language: str | None = None
    link: str = ""
    version: str = ""
    kind: Kind = ""
    entries: tuple[Entry, ...] = ()
    marks: tuple[bytes, ...] = ()  # of all items, those among them that were known and are no entries here
    children: tuple[Child, ...] = ()
    hints: Hints = Hints()
    error: str | None = None


def told_apart(entries: list[Entry]) -> list[Entry]:
    """Where a feed gives several pages one guid, the address tells them apart (the title, where there is none); a
    repeated entry is one."""
    marks: dict[str, set[str]] = {}
    for entry in entries:
        marks.setdefault(entry.identity, set()).add(entry.url or entry.title)
    known: dict[str, Entry] = {}
    for entry in entries:
        shared = len(marks[entry.identity]) > 1
        identity = f"{entry.identity} {entry.url or entry.title}" if shared else entry.identity
        known.setdefault(identity, msgspec.structs.replace(entry, identity=identity) if shared else entry)
    return list(known.values())


def without_stamps(entries: list[Entry]) -> tuple[Entry, ...]:
    """A feed that gives every entry the same time of change says when it was made, not that they changed."""
    stamps = Counter(entry.updated for entry in entries)
    if len(entries) > 1 and len(stamps) == 1:
        return tuple(msgspec.structs.replace(entry, updated=None) for entry in entries)
    return tuple(entries)

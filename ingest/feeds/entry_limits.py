"""What a feed says within bounds: every field of every entry cut to what ingest/field_limits allows. Pure.

In: a ParsedFeed as one format's parser read it. Out: the same; what was left out is said in its `error`.
"""

import hashlib
from typing import Any

from msgspec.structs import replace

from ingest.feeds.entry import Delivery, Entry, ParsedFeed
from ingest.field_limits import (
    CUT,
    MOST_ADDRESS,
    MOST_DELIVERED_TEXT,
    MOST_ERROR,
    MOST_IDENTITY,
    MOST_SUMMARY,
    MOST_TITLE,
    cut_names,
    cut_text,
    is_short_address,
)


def limit_feed(feed: ParsedFeed) -> ParsedFeed:
    """The feed within its bounds. An entry whose address is too long has none, and so can't become an article."""
    entries = tuple(map(limit_entry, feed.entries))
    long = sum(not is_short_address(entry.url) for entry in feed.entries)
    children = tuple(each for each in feed.child_sitemaps if is_short_address(each.url))
    long += len(feed.child_sitemaps) - len(children)
    told = f"{long} addresses of more than {MOST_ADDRESS} characters were left out" if long else ""
    error = "; ".join(each for each in (cut_text(feed.error or "", MOST_ERROR), told) if each)
    return replace(
        feed,
        title=cut_text(feed.title, MOST_TITLE),
        link=_address(feed.link),
        entries=entries,
        child_sitemaps=children,
        error=error or None,
    )


def limit_entry(entry: Entry) -> Entry:
    """The entry within its bounds; the same object where it is."""
    limited: dict[str, Any] = {
        "identity": _identity(entry.identity),
        "url": _address(entry.url),
        "title": cut_text(entry.title, MOST_TITLE),
        "summary": cut_text(entry.summary, MOST_SUMMARY),
        "content": cut_text(entry.content, MOST_DELIVERED_TEXT) if entry.delivery else entry.content,
        "delivery": _delivery(entry.delivery),
        "authors": cut_names(entry.authors),
        "tags": cut_names(entry.tags),
        "image": _address(entry.image or "") or None,
    }
    changed = {name: value for name, value in limited.items() if value != getattr(entry, name)}
    return replace(entry, **changed) if changed else entry


def _identity(identity: str) -> str:
    """Two long ones that differ at their ends stay two."""
    if len(identity) <= MOST_IDENTITY:
        return identity
    digest = hashlib.sha256(identity.encode(errors="replace")).hexdigest()
    return f"{identity[: MOST_IDENTITY - len(digest) - len(CUT)]}{CUT}{digest}"


def _delivery(delivery: Delivery | None) -> Delivery | None:
    if delivery is None or len(delivery.note) <= MOST_TITLE:
        return delivery
    return replace(delivery, note=cut_text(delivery.note, MOST_TITLE))


def _address(url: str) -> str:
    return url if is_short_address(url) else ""

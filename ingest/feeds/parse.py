"""Feed bytes -> ParsedFeed: what a feed says, with every entry that can be read. The only file that knows feedparser.

In: the body, the URL that it came from and the answer's headers. Out: frozen structs with plain text and aware UTC
times; what is wrong with the feed is recorded in `error` and never raised. What a body is, its content decides, never a
header. Nothing here asks the web or the disk: no external entity is fetched, and entities that a document declares
itself are not expanded.
"""

import re
from collections.abc import Collection, Mapping

import msgspec

from ingest.feeds import content_type, new_items
from ingest.feeds.entry import Child, Entry, Hints, ParsedFeed
from ingest.feeds.json_feed import parse_json_feed
from ingest.feeds.rss_atom import parse_xml
from ingest.feeds.sitemap import parse_sitemap
from ingest.markup import plain_text

__all__ = ["Child", "Entry", "Hints", "ParsedFeed", "parse_feed", "plain_text"]

MOST_BYTES = 16 * 1024 * 1024
CHARSET = re.compile(r"charset=[\"']?([\w\-.:]+)", re.IGNORECASE)


def parse_feed(
    body: bytes,
    url: str,
    headers: Mapping[str, str],
    most_bytes: int = MOST_BYTES,
    known: Collection[bytes] = (),
) -> ParsedFeed:
    """What a feed says; a gzipped one has at most `most_bytes`. Never raises for anything in `body` or `headers`.

    `known`: the marks of items that need not be read again; they are among `marks`, and not among `entries`.
    """
    plain, broken = content_type.opened(body, most_bytes)
    if broken and not plain:
        return ParsedFeed(error=broken)
    document = content_type.sniffed(plain)
    try:
        found = _read(document, url, document.charset or _charset(headers), known)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        found = ParsedFeed(error=f"unexpected shape: {type(error).__name__}: {error}")
    errors = [each for each in (broken, document.error, found.error) if each]
    return msgspec.structs.replace(found, error="; ".join(errors)) if errors else found


def _charset(headers: Mapping[str, str]) -> str | None:
    """The charset that the server claims."""
    claimed = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    match = CHARSET.search(claimed)
    return match.group(1) if match else None


def _read(document: content_type.Document, url: str, charset: str | None, known: Collection[bytes]) -> ParsedFeed:
    if document.kind == "json":
        return parse_json_feed(document.body, url)
    if document.kind == "sitemap":
        return parse_sitemap(document.body, url, charset)
    if document.kind == "html":
        return ParsedFeed(error="an HTML page, not a feed")
    if document.kind == "opml":
        return ParsedFeed(error="an OPML list of feeds, not a feed: `newsloom feeds import` reads it")
    return _parse_fresh(document.body, url, charset, known) or parse_xml(document.body, url, charset)


def _parse_fresh(body: bytes, url: str, charset: str | None, known: Collection[bytes]) -> ParsedFeed | None:
    """What is new in a feed; None where it must be read as a whole."""
    cut = new_items.cut(body, known)
    if cut is None:
        return None
    found = parse_xml(cut.body, url, charset, cut.fresh)
    if found.error and len(cut.fresh) < len(cut.marks):
        return None  # what is wrong with it may be wrong because it was cut
    return msgspec.structs.replace(found, marks=cut.marks if _all_marked(found) else ())


def _all_marked(found: ParsedFeed) -> bool:
    return all(entry.mark for entry in found.entries)

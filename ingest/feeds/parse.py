"""Feed parser, entry point: finds out the format of a feed (RSS, Atom, RDF, JSON Feed, sitemap, ninjs,
NewsML-G2) and parses it.

In: the response body, its URL and headers. Out: a ParsedFeed with every entry that can be read, plain text and aware
UTC times; defects of the feed are described in `error` and never raised. The format is decided by the body's content,
never by a header. Nothing here reads from the web or the disk: external entities are not fetched, and entities that a
document declares itself are not expanded.
"""

import re
from collections.abc import Collection, Mapping

import msgspec

from ingest.feeds import content_type, new_items
from ingest.feeds.agency.newsml_g2 import parse_newsml_g2
from ingest.feeds.agency.ninjs import is_ninjs, parse_ninjs
from ingest.feeds.entry import ChildSitemap, Entry, ParsedFeed, PollingHints
from ingest.feeds.entry_limits import limit_feed
from ingest.feeds.json_feed import parse_json_feed
from ingest.feeds.rss_atom import parse_rss_atom
from ingest.feeds.sitemap import parse_sitemap
from ingest.markup import plain_text

__all__ = ["ChildSitemap", "Entry", "ParsedFeed", "PollingHints", "parse_feed", "plain_text"]

MOST_BYTES = 16 * 1024 * 1024
CHARSET_PARAMETER = re.compile(r"charset=[\"']?([\w\-.:]+)", re.IGNORECASE)


def parse_feed(
    body: bytes,
    url: str,
    headers: Mapping[str, str],
    most_bytes: int = MOST_BYTES,
    known_digests: Collection[bytes] = (),
) -> ParsedFeed:
    """Parses a feed of any supported format. Never raises for anything in `body` or `headers`.

    `most_bytes` limits the size after gunzipping; a larger feed is an error. `known_digests`: digests of items that
    need not be parsed again; they are in the result's `item_digests`, and their entries are left out of `entries`.
    """
    plain, broken = content_type.decompress_gzip(body, most_bytes)
    if broken and not plain:
        return ParsedFeed(error=broken)
    document = content_type.sniff_document(plain)
    try:
        feed = _parse_by_kind(document, url, document.charset or _header_charset(headers), known_digests)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        feed = ParsedFeed(error=f"unexpected shape: {type(error).__name__}: {error}")
    errors = [each for each in (broken, document.error, feed.error) if each]
    return limit_feed(msgspec.structs.replace(feed, error="; ".join(errors)) if errors else feed)


def _header_charset(headers: Mapping[str, str]) -> str | None:
    """The charset in the Content-Type header."""
    claimed = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    match = CHARSET_PARAMETER.search(claimed)
    return match.group(1) if match else None


def _parse_by_kind(
    document: content_type.SniffedDocument, url: str, charset: str | None, known_digests: Collection[bytes]
) -> ParsedFeed:
    if document.kind == "json":
        delivery = parse_ninjs(document.body, url) if is_ninjs(document.body) else None
        return delivery or parse_json_feed(document.body, url)
    if document.kind == "newsml":
        return parse_newsml_g2(document.body, url, charset)
    if document.kind == "sitemap":
        return parse_sitemap(document.body, url, charset)
    if document.kind == "html":
        return ParsedFeed(error="an HTML page, not a feed")
    if document.kind == "opml":
        return ParsedFeed(error="an OPML list of feeds, not a feed: `newsloom feeds import` reads it")
    return _parse_new_items(document.body, url, charset, known_digests) or parse_rss_atom(document.body, url, charset)


def _parse_new_items(body: bytes, url: str, charset: str | None, known_digests: Collection[bytes]) -> ParsedFeed | None:
    """Parses the items of an XML feed that are not known; None where the feed must be parsed as a whole."""
    new = new_items.remove_known_items(body, known_digests)
    if new is None:
        return None
    feed = parse_rss_atom(new.body, url, charset, new.new_digests)
    if feed.error and len(new.new_digests) < len(new.all_digests):
        return None  # the error may come from the removal of items
    return msgspec.structs.replace(feed, item_digests=new.all_digests if _all_have_digests(feed) else ())


def _all_have_digests(feed: ParsedFeed) -> bool:
    return all(entry.item_digest for entry in feed.entries)

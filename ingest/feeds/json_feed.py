"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): bytes -> ParsedFeed.

In: a JSON document, as it came; a BOM, a missing version, numbers for ids and fields of the wrong type are met in real
ones. Out: every item that can be read; what is wrong is in `error`, and JSON that is no feed has no kind. Never raises.
"""

import codecs
import json
import re
from datetime import datetime
from typing import Any

from ingest import markup
from ingest.dates import w3c_time
from ingest.feeds.entry import Entry, ParsedFeed, told_apart, without_stamps

MOST_ITEMS = 50_000
# objects cost a hundred times their bytes: a document of nothing but brackets must not fill the memory
MOST_OBJECTS = 2_000_000
ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
BETWEEN = re.compile(r"\s*,\s*")
VERSION = re.compile(r"jsonfeed\.org/version/(\d(?:\.\d)?)")
DECODER = json.JSONDecoder(strict=False)


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """What a JSON Feed says."""
    text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").strip()
    if text.count("{") + text.count("[") > MOST_OBJECTS:
        return ParsedFeed(error=f"JSON of more than {MOST_OBJECTS} objects")
    try:
        feed, error = DECODER.decode(text), None
    except (ValueError, RecursionError) as broken:
        feed, error = _salvaged(text), f"{type(broken).__name__}: {broken}"
    items = feed.get("items") if isinstance(feed, dict) else None
    version = VERSION.search(markup.text(feed.get("version"))) if isinstance(feed, dict) else None
    if not isinstance(items, list) or not (version or any(map(_is_item, items))):
        return ParsedFeed(error=error or "JSON, and no feed: no version and no items")
    if len(items) > MOST_ITEMS:
        error = f"more than {MOST_ITEMS} items: the others were left out"
    entries = told_apart([_entry(each, url) for each in items[:MOST_ITEMS] if isinstance(each, dict)])
    return ParsedFeed(
        title=markup.line(feed.get("title")),
        language=markup.language(feed.get("language")),
        link=markup.address(url, feed.get("home_page_url")),
        version="json1" if version and version[1] in ("1", "1.0") else "json11",
        kind="feed",
        entries=without_stamps(entries),
        error=error,
    )


def _salvaged(text: str) -> dict[str, Any]:
    """Of a document that ends too early or breaks off: what stands before its items, and the items before the break."""
    match = ITEMS.search(text)
    if match is None:
        return {}
    items: list[Any] = []
    place: int = match.end()
    try:
        while True:
            item, place = DECODER.raw_decode(text, place)
            items.append(item)
            between = BETWEEN.match(text, place)
            if between is None:
                break
            place = between.end()
    except (ValueError, RecursionError):
        pass  # the break
    return {**_head(text[: match.start()]), "items": items}


def _head(text: str) -> dict[str, Any]:
    try:
        found = DECODER.decode(text.rstrip().removesuffix(",") + "}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_item(item: Any) -> bool:
    return isinstance(item, dict) and bool(item.get("id") or item.get("url"))


def _entry(item: dict[str, Any], url: str) -> Entry:
    address = markup.address(url, item.get("url")) or markup.address("", item.get("id"))
    address = address or markup.address(url, item.get("external_url"))
    published, updated = _time(item.get("date_published")), _time(item.get("date_modified"))
    title = markup.line(item.get("title"))
    html, plain = markup.text(item.get("content_html")), markup.text(item.get("content_text"))
    return Entry(
        identity=_identity(item.get("id")) or address or f"{title} {published or updated}",
        url=address,
        title=title,
        summary=markup.plain_text(markup.text(item.get("summary"))),
        content=markup.plain_text(html) if html else _lines(plain),
        authors=_authors(item),
        published=published or updated,
        updated=updated,
        tags=tuple(dict.fromkeys(tag for each in _list(item.get("tags")) if (tag := markup.line(each)))),
        image=markup.address(url, item.get("image")) or markup.address(url, item.get("banner_image")) or None,
        language=markup.language(item.get("language")),
    )


def _identity(found: Any) -> str:
    """The standard wants a string, and has a reader take a number for one."""
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return str(found) if number else markup.text(found)


def _time(found: Any) -> datetime | None:
    return w3c_time(found) if isinstance(found, str) else None


def _lines(plain: str) -> str:
    """content_text is no HTML: its "<" are its own."""
    return "\n".join(line for each in plain.splitlines() if (line := " ".join(each.split())))


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """`authors`, and `author` of version 1."""
    people = [*_list(item.get("authors")), item.get("author")]
    names = (markup.line(each.get("name")) for each in people if isinstance(each, dict))
    return tuple(dict.fromkeys(name for name in names if name))

"""JSON Feed parser, versions 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): bytes -> ParsedFeed.

In: a JSON document as received. Real ones have a BOM, no version, numbers as ids, fields of the wrong type, or end too
early. Out: every item that can be read; defects are described in `error`; JSON that is no feed gives `kind` "". Never
raises.
"""

import codecs
import json
import re
from collections.abc import Mapping
from typing import Any

from ingest import markup
from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import NO_DATE, TimeReading
from ingest.feeds.entry import Entry, ParsedFeed, drop_uniform_update_times, make_identities_unique
from ingest.feeds.entry_dates import entry_dates
from ingest.feeds.newest_first import keep_newest
from ingest.tracking import unwrap

MOST_ITEMS = 50_000
# a parsed object takes a hundred times its bytes: a document of nothing but brackets must not exhaust the memory
MOST_OBJECTS = 2_000_000
DATE_FIELDS = ("date_published", "date_modified")
ITEMS_START = re.compile(r'"items"\s*:\s*\[\s*')
ITEM_SEPARATOR = re.compile(r"\s*,\s*")
VERSION_URL = re.compile(r"jsonfeed\.org/version/(\d(?:\.\d)?)")
DECODER = json.JSONDecoder(strict=False)


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """Parses a JSON Feed; relative addresses are resolved against `url`."""
    text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").strip()
    if text.count("{") + text.count("[") > MOST_OBJECTS:
        return ParsedFeed(error=f"JSON of more than {MOST_OBJECTS} objects")
    try:
        feed, error = DECODER.decode(text), None
    except (ValueError, RecursionError) as broken:
        feed, error = _salvage_items(text), f"{type(broken).__name__}: {broken}"
    items = feed.get("items") if isinstance(feed, dict) else None
    version = VERSION_URL.search(markup.clean_string(feed.get("version"))) if isinstance(feed, dict) else None
    if not isinstance(items, list) or not (version or any(map(_is_item, items))):
        return ParsedFeed(error=error or "JSON, and no feed: no version and no items")
    objects = [each for each in items if isinstance(each, dict)]
    times = _read_dates(feed, objects, url)
    read = make_identities_unique([_entry(each, url, times, feed.get("language")) for each in objects])
    entries = keep_newest(read, lambda each: each.published, MOST_ITEMS)
    return ParsedFeed(
        title=markup.plain_line(feed.get("title")),
        language=markup.language_code(feed.get("language")),
        link=markup.absolute_url(url, feed.get("home_page_url")),
        version="json1" if version and version[1] in ("1", "1.0") else "json11",
        kind="feed",
        entries=drop_uniform_update_times(entries),
        cut=len(read) - len(entries),
        error=error,
    )


def _salvage_items(text: str) -> dict[str, Any]:
    """Reads a truncated or broken document: the fields before `items`, and the items before the defect."""
    match = ITEMS_START.search(text)
    if match is None:
        return {}
    items: list[Any] = []
    place: int = match.end()
    try:
        while True:
            item, place = DECODER.raw_decode(text, place)
            items.append(item)
            between = ITEM_SEPARATOR.match(text, place)
            if between is None:
                break
            place = between.end()
    except (ValueError, RecursionError):
        pass  # the defect
    return {**_parse_fields_before_items(text[: match.start()]), "items": items}


def _parse_fields_before_items(text: str) -> dict[str, Any]:
    try:
        found = DECODER.decode(text.rstrip().removesuffix(",") + "}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_item(item: Any) -> bool:
    return isinstance(item, dict) and bool(item.get("id") or item.get("url"))


def _read_dates(feed: dict[str, Any], items: list[dict[str, Any]], url: str) -> Mapping[str, TimeReading]:
    written = (_as_written(item.get(name)) for item in items for name in DATE_FIELDS)
    site = markup.absolute_url(url, feed.get("home_page_url")) or url
    return read_times((each for each in written if each), site_hints(site, markup.clean_string(feed.get("language"))))


def _entry(item: dict[str, Any], url: str, times: Mapping[str, TimeReading], language: Any) -> Entry:
    address = markup.absolute_url(url, item.get("url")) or markup.absolute_url("", item.get("id"))
    address = unwrap(address or markup.absolute_url(url, item.get("external_url")))
    published, updated = ((name, times.get(_as_written(item.get(name)), NO_DATE)) for name in DATE_FIELDS)
    dates = entry_dates((published,), updated)
    title = markup.plain_line(item.get("title"))
    html, plain = markup.clean_string(item.get("content_html")), markup.clean_string(item.get("content_text"))
    return Entry(
        identity=_as_written(item.get("id")) or address or f"{title} {dates.published}",
        url=address,
        title=title,
        summary=markup.plain_text(markup.clean_string(item.get("summary"))),
        content=markup.plain_text(html) if html else markup.literal_text(plain),
        authors=_authors(item),
        published=dates.published,
        published_precision=dates.published_precision,
        published_zone_known=dates.published_zone_known,
        updated=dates.updated,
        sources=dates.sources,
        tags=tuple(dict.fromkeys(tag for each in _as_list(item.get("tags")) if (tag := markup.plain_line(each)))),
        image=markup.absolute_url(url, item.get("image")) or markup.absolute_url(url, item.get("banner_image")) or None,
        language=markup.language_code(item.get("language")) or markup.language_code(language),
    )


def _as_written(found: Any) -> str:
    """An id or a date, which should be strings: readers accept numbers as ids, and some write times as seconds."""
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return str(found) if number else markup.clean_string(found)


def _as_list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """The names in `authors` (version 1.1) and `author` (version 1.0)."""
    people = [*_as_list(item.get("authors")), item.get("author")]
    names = (markup.plain_line(each.get("name")) for each in people if isinstance(each, dict))
    return tuple(dict.fromkeys(name for name in names if name))

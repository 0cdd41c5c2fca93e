"""RSS, RDF and Atom: XML bytes -> ParsedFeed. The only file that knows feedparser.

In: a document whose content says that it is XML, its address and the server's charset. Out: a ParsedFeed with every
entry that can be read; what is wrong with the document is recorded in `error` and never raised.
"""

import io
from datetime import UTC, datetime
from typing import Any

import feedparser
import msgspec

from ingest.feeds import content_type
from ingest.feeds.entry import Entry, ParsedFeed, told_apart, without_stamps
from ingest.feeds.polling_hints import hints
from ingest.markup import address, language, line, plain_text, text


def parse_xml(body: bytes, url: str, charset: str | None, marks: tuple[bytes, ...] = ()) -> ParsedFeed:
    """RSS, RDF, Atom."""
    body, cut = content_type.bounded(body)
    # that it is XML was decided by its content
    kind = f"application/xml; charset={charset}" if charset else "application/xml"
    try:
        # a stream, because bytes are tried as the name of a file first; and neither relative links nor unwanted tags
        # matter in what becomes plain text, and both cost most of the time
        raw = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-location": url, "content-type": kind},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:  # feedparser meets broken input with exceptions of many kinds
        return ParsedFeed(error=f"{type(error).__name__}: {error}")
    return _parsed(raw, _entries(raw["entries"], url, marks), url, body, cut)


def _entries(raw: Any, url: str, marks: tuple[bytes, ...]) -> list[Entry]:
    """The entries, with their marks where there is one for each and each can be known without the others."""
    entries = [_entry(each, url) for each in raw]
    apart = told_apart(entries)
    if len(entries) != len(marks) or {entry.identity for entry in apart} != {entry.identity for entry in entries}:
        return apart
    marked = [msgspec.structs.replace(entry, mark=mark) for entry, mark in zip(entries, marks, strict=True)]
    return told_apart(marked)


def _parsed(raw: Any, entries: list[Entry], url: str, body: bytes, cut: str | None) -> ParsedFeed:
    feed, version = raw["feed"], text(raw.get("version"))
    wrong = raw.get("bozo_exception")
    error = cut or (f"{type(wrong).__name__}: {wrong}" if wrong else None)
    known = bool(version or entries)
    return ParsedFeed(
        title=line(_get(feed, "title")),
        language=language(_get(feed, "language")),
        link=address(url, _get(feed, "link")),
        version=version,
        kind="feed" if known else "",
        entries=without_stamps(entries),
        hints=hints(body, *(text(_get(feed, name)) for name in ("ttl", "sy_updateperiod", "sy_updatefrequency"))),
        error=error if known else error or "no feed: no known format and no entries",
    )


def _entry(raw: Any, url: str) -> Entry:
    contents = _dicts(_get(raw, "content"))
    content = max((text(each.get("value")) for each in contents), key=len, default="")
    # FeedBurner's own links only count readers, and lead to the page
    original = address("", _get(raw, "feedburner_origlink"))
    page = original or address(url, _get(raw, "link")) or _guid_address(raw)
    published = _time(_get(raw, "published_parsed")) or _time(_get(raw, "created_parsed"))
    updated = _time(_get(raw, "updated_parsed"))
    title = line(_get(raw, "title"))
    return Entry(
        identity=text(_get(raw, "id")) or page or f"{title} {published or updated}",
        url=page,
        title=title,
        summary=plain_text(text(_get(raw, "summary"))),
        content=plain_text(content),
        authors=_authors(raw),
        published=published or updated,
        updated=updated,
        tags=tuple(dict.fromkeys(tag for each in _dicts(_get(raw, "tags")) if (tag := line(each.get("term"))))),
        image=_image(raw, url),
        language=language(next((each.get("language") for each in contents if each.get("language")), None)),
    )


def _get(raw: Any, name: str) -> Any:
    """A field itself: FeedParserDict's own `get` looks elsewhere when it is missing, and warns of it."""
    return dict.get(raw, name) if isinstance(raw, dict) else None


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _guid_address(raw: Any) -> str:
    """The guid, where it is a whole URL: a relative one is a name."""
    return address("", _get(raw, "id"))


def _time(found: Any) -> datetime | None:
    """feedparser's struct_time is UTC; years and seconds that no calendar has are no time."""
    try:
        year, month, day, hour, minute, second = found[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _authors(raw: Any) -> tuple[str, ...]:
    named = [line(each.get("name")) for each in _dicts(_get(raw, "authors"))] or [line(_get(raw, "author"))]
    return tuple(dict.fromkeys(name for name in named if name))


def _image(raw: Any, url: str) -> str | None:
    media = [*_dicts(_get(raw, "media_content")), *_dicts(_get(raw, "media_thumbnail")), *_dicts(_get(raw, "links"))]
    for each in media:
        kind = text(each.get("medium")) or text(each.get("type"))
        enclosed = each.get("rel") in (None, "enclosure")
        if enclosed and (kind.startswith("image") or (not kind and each.get("rel") is None)):
            found = address(url, each.get("url") or each.get("href"))
            if found:
                return found
    return None

"""Feed bytes -> ParsedFeed: what a feed says, with every entry that can be read. The only file that knows feedparser.

In: the body, the URL that it came from and the answer's headers. Out: frozen structs with plain text and aware UTC
times; what is wrong with the feed is recorded in `error` and never raised. Nothing here asks the web: no external
entity is fetched, and entities that a document declares itself are not expanded by feedparser's own rules.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
import lxml.html
import msgspec

# characters that no XML or HTML text may hold (XML 1.0, 2.2), and that lxml refuses
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
SPACES = re.compile(r"[^\S\n]+")
BLOCKS = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|ol|p|pre|section"
    "|t(able|d|h|r)|ul"
)
UNREAD = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "object"})
CHARSET = re.compile(r"charset=[\"']?([\w\-.:]+)", re.IGNORECASE)
LANGUAGE = re.compile(r"[A-Za-z]{2}(?=$|[-_])")


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


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A feed as it was read. `version` is feedparser's name of the format, "" when it is no feed that it knows."""

    title: str = ""
    language: str | None = None
    link: str = ""
    version: str = ""
    entries: tuple[Entry, ...] = ()
    error: str | None = None


def parse_feed(body: bytes, url: str, headers: Mapping[str, str]) -> ParsedFeed:
    """What a feed says. Never raises for anything that is in `body` or `headers`."""
    facts = {"content-location": url, "content-type": _content_type(headers)}
    try:
        # neither relative links nor unwanted tags matter in what becomes plain text, and both cost most of the time
        raw = feedparser.parse(body, response_headers=facts, resolve_relative_uris=False, sanitize_html=False)
    except Exception as error:  # feedparser meets broken input with exceptions of many kinds
        return ParsedFeed(error=f"{type(error).__name__}: {error}")
    try:
        return _parsed(raw, url)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return ParsedFeed(error=f"unexpected shape: {type(error).__name__}: {error}")


def plain_text(markup: str) -> str:
    """HTML or text -> text: one line for each block, no tags, no scripts, entities resolved."""
    cleaned = CONTROL.sub("", markup)
    if "<" not in cleaned:
        return _tidy(html.unescape(cleaned))
    try:
        tree = lxml.html.fragment_fromstring(cleaned, create_parent="div")
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return _tidy(html.unescape(re.sub(r"<[^>]*>", " ", cleaned)))
    return _tidy("".join(_texts(tree)))


def _texts(tree: Any) -> Iterable[str]:
    """The text of a tree in order, a line break around each block. Iterative: markup may be nested without end."""
    unread = None
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if unread is None and event == "start":
            unread = element if element.tag in UNREAD else None
            yield _break(element) + ("" if unread is element else element.text or "")
        elif unread is None or unread is element:
            unread = None
            yield _break(element) + (element.tail or "")


def _break(element: Any) -> str:
    return "\n" if isinstance(element.tag, str) and BLOCKS.fullmatch(element.tag) else ""


def _tidy(text: str) -> str:
    lines = (SPACES.sub(" ", line).strip() for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def _content_type(headers: Mapping[str, str]) -> str:
    """The charset that the server claims; that it is XML is decided by content, whatever the server says."""
    claimed = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    charset = CHARSET.search(claimed)
    return f"application/xml; charset={charset.group(1)}" if charset else "application/xml"


def _parsed(raw: Any, url: str) -> ParsedFeed:
    feed, version = raw["feed"], _text(raw.get("version"))
    entries = _told_apart([_entry(each, url) for each in raw["entries"]])
    wrong = raw.get("bozo_exception")
    error = f"{type(wrong).__name__}: {wrong}" if wrong else None
    if not version and not entries:
        error = error or "no feed: no known format and no entries"
    return ParsedFeed(
        title=_line(_get(feed, "title")),
        language=_language(_get(feed, "language")),
        link=_address(url, _get(feed, "link")),
        version=version,
        entries=_without_stamps(entries),
        error=error,
    )


def _entry(raw: Any, url: str) -> Entry:
    contents = _dicts(_get(raw, "content"))
    content = max((_text(each.get("value")) for each in contents), key=len, default="")
    address = _address(url, _get(raw, "link")) or _guid_address(raw)
    published = _time(_get(raw, "published_parsed")) or _time(_get(raw, "created_parsed"))
    updated = _time(_get(raw, "updated_parsed"))
    title = _line(_get(raw, "title"))
    return Entry(
        identity=_text(_get(raw, "id")) or address or f"{title} {published or updated}",
        url=address,
        title=title,
        summary=plain_text(_text(_get(raw, "summary"))),
        content=plain_text(content),
        authors=_authors(raw),
        published=published or updated,
        updated=updated,
        tags=tuple(dict.fromkeys(tag for each in _dicts(_get(raw, "tags")) if (tag := _line(each.get("term"))))),
        image=_image(raw, url),
        language=_language(next((each.get("language") for each in contents if each.get("language")), None)),
    )


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """Where a feed gives several pages one guid, the address tells them apart; a repeated entry is one."""
    addresses: dict[str, set[str]] = {}
    for entry in entries:
        addresses.setdefault(entry.identity, set()).add(entry.url)
    known: dict[str, Entry] = {}
    for entry in entries:
        shared = len(addresses[entry.identity]) > 1
        identity = f"{entry.identity} {entry.url}" if shared else entry.identity
        known.setdefault(identity, msgspec.structs.replace(entry, identity=identity))
    return list(known.values())


def _without_stamps(entries: list[Entry]) -> tuple[Entry, ...]:
    """A feed that gives every entry the same time of change says when it was made, not that they changed."""
    stamps = Counter(entry.updated for entry in entries)
    if len(entries) > 1 and len(stamps) == 1:
        return tuple(msgspec.structs.replace(entry, updated=None) for entry in entries)
    return tuple(entries)


def _get(raw: Any, name: str) -> Any:
    """A field itself: FeedParserDict's own `get` looks elsewhere when it is missing, and warns of it."""
    return dict.get(raw, name) if isinstance(raw, dict) else None


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    return CONTROL.sub("", found).strip() if isinstance(found, str) else ""


def _line(found: Any) -> str:
    return plain_text(_text(found)).replace("\n", " ")


def _language(found: Any) -> str | None:
    match = LANGUAGE.match(_text(found))
    return match.group().lower() if match else None


def _address(base: str, found: Any) -> str:
    """An absolute http(s) URL, or ""."""
    text = _text(found)
    try:
        joined = urljoin(base, text) if text else ""
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


def _guid_address(raw: Any) -> str:
    """The guid, where it is a whole URL: a relative one is a name."""
    return _address("", _get(raw, "id"))


def _time(found: Any) -> datetime | None:
    """feedparser's struct_time is UTC; years and seconds that no calendar has are no time."""
    try:
        year, month, day, hour, minute, second = found[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _authors(raw: Any) -> tuple[str, ...]:
    named = [_line(each.get("name")) for each in _dicts(_get(raw, "authors"))] or [_line(_get(raw, "author"))]
    return tuple(dict.fromkeys(name for name in named if name))


def _image(raw: Any, url: str) -> str | None:
    media = [*_dicts(_get(raw, "media_content")), *_dicts(_get(raw, "media_thumbnail")), *_dicts(_get(raw, "links"))]
    for each in media:
        kind = _text(each.get("medium")) or _text(each.get("type"))
        enclosed = each.get("rel") in (None, "enclosure")
        if enclosed and (kind.startswith("image") or (not kind and each.get("rel") is None)):
            found = _address(url, each.get("url") or each.get("href"))
            if found:
                return found
    return None

"""RSS, RDF and Atom parser: XML bytes -> ParsedFeed. The only file that uses feedparser.

In: a document recognised as XML by its content, its URL and the charset that the server names. Out: a ParsedFeed with
every entry that can be read; defects of the document are described in `error` and never raised.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import feedparser
import msgspec

from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import NO_DATE, TimeReading
from ingest.feeds import content_type
from ingest.feeds.entry import Entry, ParsedFeed, drop_uniform_update_times, make_identities_unique
from ingest.feeds.entry_dates import EntryDates, entry_dates
from ingest.feeds.polling_hints import read_polling_hints
from ingest.feeds.rss_atom_fields import author_names, choose_alternate, set_captions_apart, video_caption
from ingest.markup import absolute_url, clean_string, language_code, literal_text, mend_encoding, plain_line, plain_text
from ingest.tracking import unwrap

DATE_FIELDS = ("published", "created", "updated")  # of feedparser, as they are written
HINT_FIELDS = ("ttl", "sy_updateperiod", "sy_updatefrequency")  # of feedparser, as read_polling_hints takes them


def parse_rss_atom(body: bytes, url: str, charset: str | None, item_digests: tuple[bytes, ...] = ()) -> ParsedFeed:
    """Parses RSS, RDF or Atom. `item_digests`: one for each item of `body` in order, () where they are not known.

    `charset` is used where the document declares none itself. Never raises.
    """
    body, defect = content_type.apply_parser_limits(body)
    body, broken = mend_encoding(set_captions_apart(body), charset)
    if broken:
        charset, defect = "utf-8", defect or f"{broken} broken characters"
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
    return _parsed(raw, _entries(raw, url, item_digests), url, body, defect)


def _entries(raw: Any, url: str, item_digests: tuple[bytes, ...]) -> list[Entry]:
    """The entries, with their digests where each has one and no entry's identity depends on the other entries."""
    version = clean_string(raw.get("version"))
    feed = _FeedFacts(url, clean_string(_get(raw["feed"], "language")), version.startswith("atom"), version == "atom10")
    times = _read_dates(raw, url)
    entries = [_entry(each, feed, times) for each in raw["entries"]]
    unique = make_identities_unique(entries)
    identities_kept = {entry.identity for entry in unique} == {entry.identity for entry in entries}
    if len(entries) != len(item_digests) or not identities_kept:
        return unique
    pairs = zip(entries, item_digests, strict=True)
    return make_identities_unique([msgspec.structs.replace(entry, item_digest=digest) for entry, digest in pairs])


def _read_dates(raw: Any, url: str) -> Mapping[str, TimeReading]:
    """The readings of all dates of a feed, its own too. feedparser's are not taken: it reads many of them wrong."""
    feed = raw["feed"]
    written = (_written(each, name) for each in (feed, *raw["entries"]) for name in DATE_FIELDS)
    site = absolute_url(url, _get(feed, "link")) or url
    return read_times((each for each in written if each), site_hints(site, clean_string(_get(feed, "language"))))


def _written(raw: Any, name: str) -> str:
    """A date as it is written."""
    return plain_line(_get(raw, name))


def _dates(raw: Any, times: Mapping[str, TimeReading]) -> EntryDates:
    published, created, updated = ((name, times.get(_written(raw, name), NO_DATE)) for name in DATE_FIELDS)
    return entry_dates((published, created), updated)


def _parsed(raw: Any, entries: list[Entry], url: str, body: bytes, defect: str | None) -> ParsedFeed:
    feed, version = raw["feed"], clean_string(raw.get("version"))
    exception = raw.get("bozo_exception")
    error = defect or (f"{type(exception).__name__}: {exception}" if exception else None)
    is_feed = bool(version or entries)
    return ParsedFeed(
        title=plain_line(_get(feed, "title")),
        language=language_code(_get(feed, "language")),
        link=absolute_url(url, _get(feed, "link")),
        version=version,
        kind="feed" if is_feed else "",
        entries=drop_uniform_update_times(entries),
        polling_hints=read_polling_hints(body, *(clean_string(_get(feed, name)) for name in HINT_FIELDS)),
        error=error if is_feed else error or "no feed: no known format and no entries",
    )


class _FeedFacts(NamedTuple):
    """What an entry's fields are read by: the feed's address and language tag, and whether it is Atom."""

    url: str
    language: str
    is_atom: bool
    has_text_types: bool  # Atom 1.0: elsewhere all may be HTML


def _entry(raw: Any, feed: _FeedFacts, times: Mapping[str, TimeReading]) -> Entry:
    contents = _dicts(_get(raw, "content"))
    content = max(contents, key=lambda each: len(clean_string(each.get("value"))), default={})
    page = _page(raw, feed)
    dates = _dates(raw, times)
    title = _text(_get(raw, "title"), _get(raw, "title_detail"), feed).replace("\n", " ")
    summary = _text(_get(raw, "summary"), _get(raw, "summary_detail") or content, feed)
    return Entry(
        identity=clean_string(_get(raw, "id")) or page or f"{title} {dates.published}",
        url=page,
        title=title,
        summary=summary,
        content=_text(content.get("value"), content, feed) or ("" if summary else video_caption(raw)),
        authors=author_names(_get(raw, "author"), _dicts(_get(raw, "authors"))),
        published=dates.published,
        published_precision=dates.published_precision,
        published_zone_known=dates.published_zone_known,
        updated=dates.updated,
        sources=dates.sources,
        tags=tuple(dict.fromkeys(tag for each in _dicts(_get(raw, "tags")) if (tag := plain_line(each.get("term"))))),
        image=_image(raw, feed.url),
        language=_language(raw, contents) or language_code(feed.language),
    )


def _language(raw: Any, contents: Iterable[Any]) -> str | None:
    """The language that an entry's own texts are marked with (xml:lang)."""
    texts = (*contents, _get(raw, "title_detail"), _get(raw, "summary_detail"))
    return next((code for each in texts if (code := language_code(_get(each, "language")))), None)


def _page(raw: Any, feed: _FeedFacts) -> str:
    """The address of the entry's page, "" where it has none."""
    # FeedBurner's own links only count readers, and lead to the page
    original = absolute_url("", _get(raw, "feedburner_origlink"))
    links = _dicts(_get(raw, "links"))
    told = clean_string(_get(_get(raw, "title_detail"), "language")) or feed.language
    # of links in RSS that say no more than an address, readers have always taken the last
    has_choice = len(links) > 1 and (feed.is_atom or any(_get(each, "hreflang") for each in links))
    link = choose_alternate(links, told) if has_choice else ""
    return unwrap(original or absolute_url(feed.url, link or _get(raw, "link")) or _guid_address(raw))


def _text(value: Any, detail: Any, feed: _FeedFacts) -> str:
    """The plain text of a field; of one that Atom calls text, its characters (RFC 4287, 3.1.1.1): "<b>" is "<b>"."""
    literal = feed.has_text_types and _get(detail, "type") == "text/plain"
    return literal_text(clean_string(value)) if literal else plain_text(clean_string(value))


def _get(raw: Any, name: str) -> Any:
    """The field of exactly this name: FeedParserDict's own `get` tries other names for a missing one, and warns."""
    return dict.get(raw, name) if isinstance(raw, dict) else None


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _guid_address(raw: Any) -> str:
    """The guid where it is an absolute URL, else "": a relative one is just a name."""
    return absolute_url("", _get(raw, "id"))


def _image(raw: Any, url: str) -> str | None:
    media = [*_dicts(_get(raw, "media_content")), *_dicts(_get(raw, "media_thumbnail")), *_dicts(_get(raw, "links"))]
    for each in media:
        kind = clean_string(each.get("medium")) or clean_string(each.get("type"))
        enclosed = each.get("rel") in (None, "enclosure")
        if enclosed and (kind.startswith("image") or (not kind and each.get("rel") is None)):
            found = absolute_url(url, each.get("url") or each.get("href"))
            if found:
                return found
    return None

"""Sitemap parser: sitemaps, news sitemaps (with Google News' tags) and sitemap indexes, bytes -> ParsedFeed.

In: an XML document as received, whose root is `urlset` or `sitemapindex`. Out: its entries or, of an index, the
sitemaps listed in it. Only the root element is given to lxml, so that a document type and its entities are never read.
A broken sitemap is parsed a second time: entity references are repaired, and each entry is parsed on its own. Never
raises.

Formats: https://www.sitemaps.org/protocol.html and Google's "News sitemaps".
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import lxml.etree

from ingest import markup
from ingest.dates.read_time import read_time
from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import NO_DATE
from ingest.feeds.entry import ChildSitemap, Entry, ParsedFeed, drop_uniform_update_times, make_identities_unique
from ingest.feeds.entry_dates import EntryDates, entry_dates
from ingest.feeds.newest_first import keep_newest

# the protocol's limit: entries in one sitemap, or sitemaps in one index. Of larger ones the newest are kept ...
MOST_ENTRIES = 50_000
# ... of so many that are read: a file of 16 MB has no more
MOST_READ = 250_000
ROOT_TAG = re.compile(r"<(?:[\w.\-]+:)?(urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
NEWS_NAMESPACE = re.compile(r"xmlns:\w+\s*=\s*[\"'][^\"']*sitemap-news", re.IGNORECASE)
ENTRY_START = re.compile(r"<(?:[\w.\-]+:)?(?:url|sitemap)(?=[\s>])", re.IGNORECASE)
LOCATION_END = re.compile(r"</(?:[\w.\-]+:)?loc\s*>", re.IGNORECASE)
ENTRY_END = re.compile(r"</(?:[\w.\-]+:)?(?:url|sitemap)\s*>", re.IGNORECASE)
DATE_FIELDS = ("publication_date", "lastmod")
# elements whose name is put before their children's names: an image has a `loc` too
PREFIXING_ELEMENTS = frozenset({"publication", "image", "video"})


def parse_sitemap(body: bytes, url: str, charset: str | None) -> ParsedFeed:
    """Parses a sitemap, news sitemap or sitemap index. `charset`: the server's, used where the document names none."""
    text = markup.decode_xml(body, charset)
    root = ROOT_TAG.search(text)
    if root is None:
        return ParsedFeed(error="no sitemap: no urlset and no sitemapindex")
    text = markup.CONTROL_CHARACTERS.sub("", text[root.start() :])
    contents = _SitemapContents(url)
    error = contents.read_all(_iterate_entries(text))
    if error:
        contents = _SitemapContents(url)
        contents.read_all(_iterate_broken_entries(markup.repair_entity_references(text)))
    if contents.full:
        error = f"more than {MOST_READ} entries: the others were not read"
    if root[1].lower() == "sitemapindex":
        listed = list({each.url: each for each in contents.child_sitemaps}.values())
        kept = tuple(keep_newest(listed, lambda each: each.modified, MOST_ENTRIES))
        cut = len(listed) - len(kept)
        return ParsedFeed(version="sitemap_index", kind="sitemap_index", child_sitemaps=kept, cut=cut, error=error)
    news = contents.has_news or (not contents.entries and NEWS_NAMESPACE.search(text[:4096]) is not None)
    kind = "news_sitemap" if news else "sitemap"
    entries = drop_uniform_update_times(make_identities_unique(contents.entries))
    newest = keep_newest(entries, lambda each: each.published or each.updated, MOST_ENTRIES)
    return ParsedFeed(
        title=contents.publication if news else "",
        language=next((each.language for each in contents.entries if each.language), None),
        version=kind,
        kind=kind,  # type: ignore[arg-type]
        entries=tuple(newest),
        cut=len(entries) - len(newest),
        error=error,
    )


def _iterate_entries(text: str) -> Iterator[Any]:
    """The entry elements of a well-formed document. Raises lxml's error at the first defect."""
    source = io.BytesIO(text.encode("utf-8", "replace"))
    for _, element in lxml.etree.iterparse(
        source, events=("end",), tag=("{*}url", "{*}sitemap"), **markup.XML_PARSER_OPTIONS
    ):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _iterate_broken_entries(text: str) -> Iterator[Any]:
    """The complete entry elements of a broken document: each is parsed alone, up to where the next one begins."""
    parser = lxml.etree.XMLParser(recover=True, **markup.XML_PARSER_OPTIONS)
    starts = [match.start() for match in ENTRY_START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text[start:end]
        close = ENTRY_END.search(piece)
        if (close is None and end == len(text)) or LOCATION_END.search(piece) is None:
            continue
        element = lxml.etree.fromstring(piece[: close.end() if close else None].encode("utf-8", "replace"), parser)
        if element is not None:
            yield element


class _SitemapContents:
    """What was read from the entry elements so far."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.entries: list[Entry] = []
        self.child_sitemaps: list[ChildSitemap] = []
        self.publication = ""
        self.has_news = self.full = False

    def read_all(self, elements: Iterator[Any]) -> str | None:
        """Reads entries up to MOST_READ or the first error; returns that error's text."""
        try:
            for element in elements:
                self.full = len(self.entries) + len(self.child_sitemaps) >= MOST_READ
                if self.full:
                    break
                self._read_entry(element)
        except (lxml.etree.LxmlError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        return None

    def _read_entry(self, element: Any) -> None:
        fields = _fields(element)
        address = markup.absolute_url(self._url, fields.get("loc"))
        if address and _local_name(element) == "sitemap":
            self.child_sitemaps.append(ChildSitemap(address, read_time(fields.get("lastmod", "")).time))
        elif address:
            entry = _entry(address, fields)
            self.entries.append(entry)
            self.has_news = self.has_news or not entry.address_only
            self.publication = self.publication or markup.plain_line(fields.get("publication/name"))


def _local_name(element: Any) -> str:
    """The element's name without namespace or prefix, which many sitemaps get wrong."""
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _fields(element: Any) -> dict[str, str]:
    """Field name -> text of an entry, the first of each name: "loc", "lastmod", "publication/name", "image/loc".

    "news" is a key where the entry has Google's news tag.
    """
    texts: dict[str, str] = {}
    for each in element.iterdescendants():
        parent = _local_name(each.getparent())
        name = f"{parent}/{_local_name(each)}" if parent in PREFIXING_ELEMENTS else _local_name(each)
        texts.setdefault(name, each.text or "")
    return texts


def _entry(address: str, fields: dict[str, str]) -> Entry:
    dates = _dates(address, fields)
    tags = (markup.plain_line(each) for each in fields.get("keywords", "").split(","))
    return Entry(
        identity=address,
        url=address,
        title=markup.plain_line(fields.get("title")),
        published=dates.published,
        published_precision=dates.published_precision,
        published_zone_known=dates.published_zone_known,
        updated=dates.updated,
        sources=dates.sources,
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        image=markup.absolute_url(address, fields.get("image/loc")) or None,
        language=markup.language_code(fields.get("publication/language") or fields.get("language")),
        address_only="news" not in fields,
    )


def _dates(address: str, fields: dict[str, str]) -> EntryDates:
    """An entry's dates, which settle each other: those of other entries may be another site's."""
    written = [fields.get(name, "").strip() for name in DATE_FIELDS]
    language = fields.get("publication/language") or fields.get("language")
    times = read_times(filter(None, written), site_hints(address, language))
    published, updated = ((name, times.get(each, NO_DATE)) for name, each in zip(DATE_FIELDS, written, strict=True))
    return entry_dates((published,), updated, updated_stands_in=False)

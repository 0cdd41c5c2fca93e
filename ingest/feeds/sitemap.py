"""Sitemaps, sitemaps with Google News' tags, and sitemap indexes: bytes -> ParsedFeed.

In: an XML document whose root is `urlset` or `sitemapindex`, as it came. Out: its entries, or the sitemaps that it
names. Nothing but the root's element is given to lxml, so no document type and none of its entities is ever read; a
broken sitemap is read a second time, mended and entry by entry. Never raises.

https://www.sitemaps.org/protocol.html and Google's "News sitemaps" say what stands in them.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import lxml.etree

from ingest import markup
from ingest.dates import w3c_time
from ingest.feeds.entry import Child, Entry, ParsedFeed, told_apart, without_stamps

# of the protocol: the entries of one sitemap, the sitemaps of one index
MOST_ENTRIES = 50_000
ROOT = re.compile(r"<(?:[\w.\-]+:)?(urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
NEWS = re.compile(r"xmlns:\w+\s*=\s*[\"'][^\"']*sitemap-news", re.IGNORECASE)
START = re.compile(r"<(?:[\w.\-]+:)?(?:url|sitemap)(?=[\s>])", re.IGNORECASE)
LOCATION = re.compile(r"</(?:[\w.\-]+:)?loc\s*>", re.IGNORECASE)
END = re.compile(r"</(?:[\w.\-]+:)?(?:url|sitemap)\s*>", re.IGNORECASE)
# elements whose fields are named after them: an image has a `loc` too
NESTED = frozenset({"publication", "image", "video"})


def parse_sitemap(body: bytes, url: str, charset: str | None) -> ParsedFeed:
    """What a sitemap says. `charset`: what the server claims, where the document does not."""
    text = markup.decoded(body, charset)
    root = ROOT.search(text)
    if root is None:
        return ParsedFeed(error="no sitemap: no urlset and no sitemapindex")
    text = markup.CONTROL.sub("", text[root.start() :])
    found = _Found(url)
    error = found.take_all(_elements(text))
    if error:
        found = _Found(url)
        found.take_all(_pieces(markup.mended(text)))
    if found.full:
        error = f"more than {MOST_ENTRIES} entries: the others were left out"
    if root[1].lower() == "sitemapindex":
        children = tuple({each.url: each for each in found.children}.values())
        return ParsedFeed(version="sitemap_index", kind="sitemap_index", children=children, error=error)
    news = found.news or (not found.entries and NEWS.search(text[:4096]) is not None)
    kind = "news_sitemap" if news else "sitemap"
    return ParsedFeed(
        title=found.publication if news else "",
        language=next((each.language for each in found.entries if each.language), None),
        version=kind,
        kind=kind,  # type: ignore[arg-type]
        entries=without_stamps(told_apart(found.entries)),
        error=error,
    )


def _elements(text: str) -> Iterator[Any]:
    """Every entry of a sound document; raises at the first error."""
    source = io.BytesIO(text.encode("utf-8", "replace"))
    for _, element in lxml.etree.iterparse(source, events=("end",), tag=("{*}url", "{*}sitemap"), **markup.XML):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _pieces(text: str) -> Iterator[Any]:
    """Every entry of a broken document that is there to its end: from where it begins to where the next one does."""
    parser = lxml.etree.XMLParser(recover=True, **markup.XML)
    starts = [match.start() for match in START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text[start:end]
        close = END.search(piece)
        if (close is None and end == len(text)) or LOCATION.search(piece) is None:
            continue
        element = lxml.etree.fromstring(piece[: close.end() if close else None].encode("utf-8", "replace"), parser)
        if element is not None:
            yield element


class _Found:
    """What was read so far."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.entries: list[Entry] = []
        self.children: list[Child] = []
        self.publication = ""
        self.news = self.full = False

    def take_all(self, elements: Iterator[Any]) -> str | None:
        """Takes in entries up to the first error, which is the answer, or to the bound."""
        try:
            for element in elements:
                self.full = len(self.entries) + len(self.children) >= MOST_ENTRIES
                if self.full:
                    break
                self._take(element)
        except (lxml.etree.LxmlError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        return None

    def _take(self, element: Any) -> None:
        fields = _fields(element)
        address = markup.address(self._url, fields.get("loc"))
        if address and _name(element) == "sitemap":
            self.children.append(Child(address, _time(fields.get("lastmod"))))
        elif address:
            entry = _entry(address, fields)
            self.entries.append(entry)
            self.news = self.news or not entry.listed
            self.publication = self.publication or markup.line(fields.get("publication/name"))


def _name(element: Any) -> str:
    """Without its namespace, be it declared or not: sitemaps get it wrong in many ways."""
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _fields(element: Any) -> dict[str, str]:
    """The texts of an entry by their names; those of news:publication and image:image with these before them.

    The first of each; `news` is there where the entry has that tag.
    """
    found: dict[str, str] = {}
    for each in element.iterdescendants():
        parent = _name(each.getparent())
        name = f"{parent}/{_name(each)}" if parent in NESTED else _name(each)
        found.setdefault(name, each.text or "")
    return found


def _entry(address: str, fields: dict[str, str]) -> Entry:
    tags = (markup.line(each) for each in fields.get("keywords", "").split(","))
    return Entry(
        identity=address,
        url=address,
        title=markup.line(fields.get("title")),
        published=_time(fields.get("publication_date")),
        updated=_time(fields.get("lastmod")),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        image=markup.address(address, fields.get("image/loc")) or None,
        language=markup.language(fields.get("publication/language") or fields.get("language")),
        listed="news" not in fields,
    )


def _time(written: str | None) -> datetime | None:
    return w3c_time(written) if written else None

"""Page bytes -> Page: text and facts of an article's page. The only file that knows trafilatura.

In: the body, the URL that it came from and the answer's headers. Out: a Page, or Poison `unreadable_page` when there is
no text in it. Pages are read in processes of their own (`Readers`) with a hard deadline: a page that makes a parser
crawl, or crash, costs its own reading and nothing else.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import msgspec
import trafilatura
from trafilatura.utils import detect_encoding, load_html

from ingest import optout
from pipeline.failures import Poison

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# names that pages use for the larger set that browsers read them as (WHATWG Encoding, 4.2)
LABELS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "tis-620": "cp874",
    "x-gbk": "gb18030",
}
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w\-.:]+)", re.IGNORECASE)
# browsers look for it in the first 1024 bytes; real pages put it later
META_BYTES = 8192
# encodings whose bytes are valid UTF-8 as well, and mean something else
MASKED = ("iso-2022", "hz", "utf-16", "utf-32")
# of a text that had to be decoded by force
MOST_WRONG = 0.02
LANGUAGE = re.compile(r"[A-Za-z]{2}(?=$|[-_])")


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a page says. `url` is where it was found; texts are plain, paragraphs separated by "\\n"."""

    url: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_day_only: bool = False  # the time of day is not known
    modified: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    site: str | None = None
    description: str = ""
    opt_outs: tuple[str, ...] = ()  # ingest/optout


def read_page(body: bytes, url: str, headers: Mapping[str, str]) -> Page:
    """What a page says. Raises Poison `unreadable_page`."""
    tree = load_html(decode(body, headers))
    if tree is None:
        raise Poison("unreadable_page", "no HTML")
    facts = _Facts(tree)
    found = trafilatura.bare_extraction(tree, url=url, with_metadata=True, include_comments=False)
    if found is None or isinstance(found, dict) or not (found.text or "").strip():
        raise Poison("unreadable_page", "no text in the page")
    published, day_only = _published(facts, found.date)
    return Page(
        url=url,
        title=_line(found.title),
        text=(found.text or "").strip(),
        authors=tuple(dict.fromkeys(_line(name) for name in (found.author or "").split(";") if name.strip())),
        published=published,
        published_day_only=day_only,
        modified=facts.time("article:modified_time", "dateModified"),
        language=_language(facts),
        canonical_url=_absolute(url, facts.canonical()),
        image=_absolute(url, found.image),
        section=facts.meta("article:section") or next(iter(found.categories or ()), None),
        tags=tuple(found.tags or ()),
        site=found.sitename,
        description=_line(found.description),
        opt_outs=optout.signals({name.lower(): value for name, value in headers.items()}, facts.metas, ()),
    )


def decode(body: bytes, headers: Mapping[str, str]) -> str:
    """The page as text: BOM, then UTF-8 if it is that, then header, meta tag, detection.

    Valid UTF-8 goes before what header and meta claim, because other encodings are practically never valid UTF-8 and
    servers often claim their default. Raises Poison `unreadable_page`.
    """
    if body.startswith(b"%PDF-") or not body.strip():
        raise Poison("unreadable_page", "a PDF" if body.strip() else "an empty answer")
    for encoding in _encodings(body, headers):
        try:
            return body.decode(encoding)
        except (LookupError, UnicodeError):
            continue
    forced = body.decode("utf-8", errors="replace")
    if forced.count("\ufffd") > MOST_WRONG * len(forced):
        raise Poison("unreadable_page", "not text in any encoding that was tried")
    return forced


def _encodings(body: bytes, headers: Mapping[str, str]) -> Iterator[str]:
    """The encodings to try, the likeliest first; detection, which is slow, only when the others failed."""
    yield from (name for mark, name in BOMS if body.startswith(mark))
    claimed = [label for label in (_header_charset(headers), _meta_charset(body)) if label]
    yield from (label for label in claimed if label.startswith(MASKED))
    if b"\0" not in body:
        yield "utf-8"
        yield from (LABELS.get(label, label) for label in claimed)
        yield from detect_encoding(body)


def _header_charset(headers: Mapping[str, str]) -> str:
    claimed = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return _charset(claimed)


def _meta_charset(body: bytes) -> str:
    return _charset(body[:META_BYTES].decode("ascii", errors="replace"))


def _charset(text: str) -> str:
    match = CHARSET.search(text)
    return match.group(1).lower() if match else ""


class _Facts:
    """What a page's head and JSON-LD state outright."""

    def __init__(self, tree: Any) -> None:
        self.metas: dict[str, str] = {}
        for element in tree.iter("meta"):
            name = element.get("property") or element.get("name") or element.get("itemprop") or ""
            self.metas.setdefault(name.lower(), (element.get("content") or "").strip())
        self._canonical = [e.get("href") for e in tree.iter("link") if "canonical" in (e.get("rel") or "").split()]
        self._linked = [found for e in tree.iter("script") if "ld+json" in (e.get("type") or "") for found in _json(e)]
        self.html_language = tree.get("lang") or ""

    def meta(self, name: str) -> str | None:
        """The content of a meta tag."""
        return self.metas.get(name) or None

    def linked(self, name: str) -> str | None:
        """A text field of the JSON-LD of the article."""
        return next((each[name] for each in self._linked if isinstance(each.get(name), str)), None)

    def canonical(self) -> str | None:
        """The address that the page gives itself."""
        return next((href for href in self._canonical if href), None) or self.meta("og:url")

    def time(self, meta: str, linked: str) -> datetime | None:
        """A time that is stated with its time of day."""
        stated = (self.linked(linked), self.meta(meta), self.meta(linked.lower()))
        return next((found for each in stated if each and len(each) > 10 and (found := _time(each))), None)


def _json(script: Any) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-LD script that describe an article."""
    try:
        todo: list[Any] = [json.loads(script.text or "", strict=False)]
    except (ValueError, RecursionError):
        return
    while todo:
        found = todo.pop()
        if isinstance(found, list):
            todo += found
        elif isinstance(found, dict):
            todo += [found[key] for key in ("@graph", "mainEntity") if key in found]
            if re.search(r"Article|Posting|Report", str(found.get("@type"))):
                yield found


def _published(facts: _Facts, day: str | None) -> tuple[datetime | None, bool]:
    """The time of publication, and whether only its day is known. A stated time must agree with the day found."""
    stated = facts.time("article:published_time", "datePublished")
    found = _time(day or "")
    if stated is not None and (found is None or abs((stated - found).days) <= 1):
        return stated, False
    return found, found is not None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _language(facts: _Facts) -> str | None:
    stated = (facts.html_language, facts.meta("og:locale"), facts.linked("inLanguage"), facts.meta("language"))
    matches = (LANGUAGE.match(each.strip()) for each in stated if each)
    return next((match.group().lower() for match in matches if match), None)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _absolute(base: str, found: str | None) -> str | None:
    try:
        joined = urljoin(base, found.strip()) if found else ""
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None

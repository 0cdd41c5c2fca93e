"""When, where and in which language: the plain facts that a page states of its article. Pure.

In: StructuredData. Out: times in UTC with where they were found, language, section, tags, image.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urljoin

from ingest.page.structured_data import StructuredData, line, plain

PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "article.published", "parsely-pub-date",
    "sailthru.date", "pubdate", "publishdate", "publish-date", "publication_date", "date", "dc.date.issued", "dc.date",
    "dcterms.date", "dcterms.created", "cxenseparse:recs:publishtime",
)  # fmt: skip
MODIFIED = ("article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "last-modified")
KEYWORDS = ("news_keywords", "keywords", "parsely-tags", "article:tag")
LANGUAGE = re.compile(r"[A-Za-z]{2}(?=$|[-_])")
DAY_LETTERS = 10  # of a date without a time of day
MOST_TAGS = 30

IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
T = TypeVar("T")
Sourced = tuple[str, float]  # where a value was found, and how sure it is
Found = tuple[T | None, Sourced]
NOWHERE: Sourced = ("none", 0.0)


def published_of(evidence: StructuredData) -> tuple[datetime | None, bool, Sourced]:
    """The time of publication, whether only its day is known, and where it was found."""
    linked = (("json-ld", plain(each.get("datePublished")), 0.98) for each in evidence.linked)
    metas = (("meta", evidence.meta(name), 0.93) for name in PUBLISHED)
    timed = [each for each in evidence.times if each]
    element = [("time element", timed[0], 0.6)] if len(set(timed)) == 1 else []
    days: list[tuple[datetime, str, float]] = []
    for source, told, sure in (*linked, *metas, *element):
        found = time_of(told or "")
        if found is not None and len(told or "") > DAY_LETTERS:
            return found, False, (source, sure)
        if found is not None:
            days.append((found, source, sure - 0.1))
    return (days[0][0], True, days[0][1:]) if days else (None, False, NOWHERE)


def modified_of(evidence: StructuredData) -> Found[datetime]:
    """The time of the last change, where it is stated with its time of day."""
    linked = (("json-ld", _timed(plain(each.get("dateModified"))), 0.95) for each in evidence.linked)
    return _first(*linked, *(("meta", _timed(evidence.meta(name)), 0.9) for name in MODIFIED))


def _timed(text: str | None) -> datetime | None:
    return time_of(text) if text and len(text) > DAY_LETTERS else None


def time_of(text: str) -> datetime | None:
    """A time in ISO 8601, as of a mail, or in seconds of the epoch; one without a zone is taken for UTC."""
    for read in (datetime.fromisoformat, _loose, parsedate_to_datetime):
        try:
            found = read(text.strip())
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _loose(text: str) -> datetime:
    """ISO 8601 as it is written by hand: a zone after a space, seconds of an hour with one digit, "Z[UTC]"."""
    zone = re.sub(r"\[[\w/]+\]$|\s*(?:UTC|GMT)$", "", text)
    zone = re.sub(r"\s+([+-]\d\d:?\d\d)$", r"\1", zone)
    return datetime.fromisoformat(re.sub(r"T(\d):", r"T0\1:", zone))


def language_of(evidence: StructuredData) -> Found[str]:
    """Two letters, where the page states its language."""
    return _first(
        ("html", _two_letters(evidence.html_language), 0.9),
        ("opengraph", _two_letters(evidence.meta("og:locale")), 0.7),
        ("json-ld", _two_letters(evidence.stated("inLanguage")), 0.8),
        ("meta", _two_letters(evidence.meta("language")), 0.7),
    )


def _two_letters(stated: str | None) -> str | None:
    match = LANGUAGE.match((stated or "").strip())
    return match.group().lower() if match else None


def section_of(evidence: StructuredData) -> Found[str]:
    """The part of the newspaper."""
    return _first(
        ("meta", line(evidence.meta("article:section")), 0.9), ("json-ld", line(evidence.stated("articleSection")), 0.9)
    )


def tags_of(evidence: StructuredData) -> Found[tuple[str, ...]]:
    """The article's keywords, each once; JSON-LD and meta tags often have different ones."""
    linked = [word for each in evidence.linked for word in _words(each.get("keywords"))]
    metas = [word for name in KEYWORDS for word in _words(evidence.meta(name))]
    found = tuple(dict.fromkeys(word for each in (*linked, *metas) if (word := line(plain(each)))))[:MOST_TAGS]
    return _first(("json-ld" if linked else "meta", found, 0.8))


def _words(told: Any) -> Iterable[str]:
    parts = told if isinstance(told, list) else [told]
    return (word for part in parts if isinstance(part, str) for word in re.split(r"[,;]", part))


def image_of(evidence: StructuredData, base: str) -> Found[str]:
    """The article's picture."""
    linked = (
        ("json-ld", absolute(base, found), 0.9) for each in evidence.linked for found in _images(each.get("image"))
    )
    return _first(*(("meta", absolute(base, evidence.meta(name)), 0.9) for name in IMAGES), *linked)


def _first(*told: tuple[str, T | None, float]) -> Found[T]:
    """The first that says something; the best known source is named first."""
    return next(((value, (source, sure)) for source, value, sure in told if value), (None, NOWHERE))


def _images(told: Any) -> Iterator[str]:
    for each in told if isinstance(told, list) else [told]:
        found = each.get("url") or each.get("contentUrl") if isinstance(each, dict) else each
        if isinstance(found, str):
            yield found


def absolute(base: str, found: str | None) -> str | None:
    """A web address, whole; None for anything else."""
    try:
        joined = urljoin(base, found.strip()) if found else ""
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None

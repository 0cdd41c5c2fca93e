"""When, where and in which language: the plain facts that a page states of its article. Pure.

In: Evidence. Out: times in UTC with where they were found, language, section, tags, image.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from ingest.evidence import Evidence, line, plain

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

Sourced = tuple[str, float]


def published_of(evidence: Evidence) -> tuple[datetime | None, bool, Sourced]:
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
    return (days[0][0], True, days[0][1:]) if days else (None, False, ("none", 0.0))


def modified_of(evidence: Evidence) -> datetime | None:
    """The time of the last change, where it is stated with its time of day."""
    told = (*(plain(each.get("dateModified")) for each in evidence.linked), *(evidence.meta(name) for name in MODIFIED))
    return next((found for each in told if each and len(each) > DAY_LETTERS and (found := time_of(each))), None)


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


def language_of(evidence: Evidence) -> str | None:
    """Two letters, where the page states its language."""
    stated = (
        evidence.html_language,
        evidence.meta("og:locale"),
        evidence.stated("inLanguage"),
        evidence.meta("language"),
    )
    matches = (LANGUAGE.match(each.strip()) for each in stated if each)
    return next((match.group().lower() for match in matches if match), None)


def section_of(evidence: Evidence) -> str | None:
    """The part of the newspaper."""
    return line(evidence.meta("article:section") or evidence.stated("articleSection")) or None


def tags_of(evidence: Evidence) -> tuple[str, ...]:
    """The article's keywords, each once."""
    linked = (word for each in evidence.linked for word in _words(each.get("keywords")))
    metas = (word for name in KEYWORDS for word in _words(evidence.meta(name)))
    found = dict.fromkeys(word for each in (*linked, *metas) if (word := line(plain(each))))
    return tuple(found)[:MOST_TAGS]


def _words(told: Any) -> Iterable[str]:
    parts = told if isinstance(told, list) else [told]
    return (word for part in parts if isinstance(part, str) for word in re.split(r"[,;]", part))


def image_of(evidence: Evidence, base: str) -> str | None:
    """The article's picture."""
    linked = (found for each in evidence.linked for found in _images(each.get("image")))
    told = (
        evidence.meta("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"),
        *linked,
    )
    return next((found for each in told if (found := absolute(base, each))), None)


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

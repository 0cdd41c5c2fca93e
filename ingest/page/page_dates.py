"""Page dates: when an article was published and changed. Pure.

In: the structured data of a page (JSON-LD, meta tags, <time> elements), its URL and language. Out: PageDates, in UTC,
with the source of each. A time that is stated with its zone goes before one without, a time of day before a mere day,
and a day that is only guessed comes last: a guess of the first of a month counts only where the page names that day.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingest.dates.read_time import read_time
from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import NO_DATE, TimeReading
from ingest.page.json_ld import plain_text
from ingest.page.structured_data import StructuredData

PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "datepublished", "article.published", "parsely-pub-date",
    "sailthru.date", "pubdate", "publishdate", "publish-date", "publication_date", "date", "dc.date.issued", "dc.date",
    "dcterms.date", "dcterms.created", "cxenseparse:recs:publishtime",
)  # fmt: skip
MODIFIED_METAS = (
    "article:modified_time",
    "og:updated_time",
    "og:article:modified_time",
    "datemodified",
    "last-modified",
)
LARGEST_OFFSET = timedelta(hours=14)
GUESS = ("htmldate", 0.6)
Source = tuple[str, float]  # where a value was found, and the confidence in it (0 to 1)
NO_SOURCE: Source = ("none", 0.0)
Candidate = tuple[str, str, float]  # source, date as written, confidence in the source


@dataclass(frozen=True, slots=True)
class PageDates:
    """When an article was published and changed; `published` is NO_DATE where the page does not state it."""

    published: TimeReading = NO_DATE
    published_source: Source = NO_SOURCE
    modified: datetime | None = None
    modified_source: Source = NO_SOURCE


def find_dates(data: StructuredData, url: str = "", language: str | None = None) -> PageDates:
    """The times that a page states."""
    published, modified = list(_published(data)), list(_modified(data))
    hints = site_hints(url, data.html_language or language or data.meta("og:locale"))
    times = read_times((text for _, text, _ in (*published, *modified)), hints)
    chosen = _best([(source, times[text], sure) for source, text, sure in published])
    reading, source = chosen or (NO_DATE, NO_SOURCE)
    changes = [(source, times[text], sure) for source, text, sure in modified if times[text].has_time_of_day]
    changed, changed_source = _best(changes) or (NO_DATE, NO_SOURCE)
    return PageDates(reading, source, changed.time, changed_source)


def _published(data: StructuredData) -> Iterator[Candidate]:
    yield from (("json-ld", text, 0.98) for each in data.json_ld_articles if (text := _text(each.get("datePublished"))))
    yield from (("meta", text, 0.93) for name in PUBLISHED_METAS if (text := data.meta(name)))
    timed = {each for each in data.time_elements if each}
    if len(timed) == 1:
        yield "time element", timed.pop(), 0.6


def _modified(data: StructuredData) -> Iterator[Candidate]:
    yield from (("json-ld", text, 0.95) for each in data.json_ld_articles if (text := _text(each.get("dateModified"))))
    yield from (("meta", text, 0.9) for name in MODIFIED_METAS if (text := data.meta(name)))


def _text(value: Any) -> str | None:
    """A date of JSON-LD as a text; some write the seconds since 1970 as a number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if number else plain_text(value)


def _best(candidates: list[tuple[str, TimeReading, float]]) -> tuple[TimeReading, Source] | None:
    """The first with a time of day, else the first day; one that states its zone stands in for one that does not."""
    timed = [each for each in candidates if each[1].has_time_of_day]
    if timed and not timed[0][1].zone_is_stated:
        timed = [*(each for each in timed if _same_with_zone(each[1], timed[0][1])), *timed]
    chosen = next(iter(timed or [each for each in candidates if each[1].time]), None)
    if chosen is None:
        return None
    source, reading, sure = chosen
    return reading, (source, round(sure * reading.confidence, 2))


def _same_with_zone(reading: TimeReading, zoneless: TimeReading) -> bool:
    """Whether it tells, with its zone, what another one tells without."""
    if reading.time is None or zoneless.time is None or not reading.zone_is_stated:
        return False
    return abs(reading.time - zoneless.time) <= LARGEST_OFFSET


# --- guesses ---


def read_guess(guess: str | None, url: str, texts: Iterable[str]) -> TimeReading:
    """The day that htmldate guesses, where it can be one.

    Of a year (of a copyright) or a month (of an address) it makes the first day: such a day must stand in the URL or in
    one of the page's texts.
    """
    found = read_time(guess or "")
    if found.time is None or found.time.day != 1:
        return found
    named = _day_pattern(found.time)
    return found if named.search(url) or any(named.search(text) for text in texts) else NO_DATE


def _day_pattern(day: datetime) -> re.Pattern[str]:
    """The day in numbers, or the number 1 beside a year and a word."""
    year, month = f"{day:%Y}", f"0?{day.month}"
    numeric = rf"{year}\D{{1,2}}{month}\D{{1,2}}0?1(?!\d)|(?<!\d)0?1\D{{1,2}}{month}\D{{1,2}}{year}"
    american = rf"(?<!\d){month}/0?1/{year}|{day:%Y%m%d}"
    worded = rf"(?<!\d)0?1(?:st|er|\.|º)?\s[^\d<>]{{2,20}}\s{year}|[^\W\d]{{3,10}}\.?\s0?1(?:st)?,?\s{year}"
    return re.compile(f"{numeric}|{american}|{worded}")

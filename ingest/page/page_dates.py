"""Page dates: when an article was published and changed. Pure.

In: the structured data of a page (JSON-LD, meta tags, <time> elements), its URL and language. Out: PageDates, in UTC,
with the source of each. A time that is stated with its zone goes before one without, a time of day before a mere day,
and a day that is only guessed comes last: a guess of the first of a month counts only where the page names that day.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from ingest.dates.read_time import read_time
from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import NO_DATE, DateHints, TimeReading
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
SURE_OF_A_GUESS = 0.6
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
    reading, source = chosen or (NO_DATE, _why_none(published, times))
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


def _why_none(published: list[Candidate], times: Mapping[str, TimeReading]) -> Source:
    """The first that is written, with the reason why it is no time."""
    return next(((f"{source}: {times[text].reason}", 0.0) for source, text, _ in published), NO_SOURCE)


def _same_with_zone(reading: TimeReading, zoneless: TimeReading) -> bool:
    """Whether it tells, with its zone, what another one tells without."""
    if reading.time is None or zoneless.time is None or not reading.zone_is_stated:
        return False
    return abs(reading.time - zoneless.time) <= LARGEST_OFFSET


# --- guesses ---


def read_guess(
    guess: str | None, url: str, texts: Iterable[str], language: str | None = None
) -> tuple[TimeReading, Source]:
    """The day that htmldate guesses, where it can be one, and where it stands: in the address or in a text of the page.

    Of a year (of a copyright) or a month (of an address) it makes the first day: one that stands nowhere is no date.
    """
    found = read_time(guess or "")
    if found.time is None:
        return NO_DATE, NO_SOURCE
    hints = site_hints(url, language)
    if _names(url, found.time, hints):
        return found, ("guess: address", SURE_OF_A_GUESS)
    if any(_names(text, found.time, hints) for text in texts):
        return found, ("guess: text", SURE_OF_A_GUESS)
    return (NO_DATE, NO_SOURCE) if found.time.day == 1 else (found, ("guess: htmldate", SURE_OF_A_GUESS))


def _names(text: str, day: datetime, hints: DateHints) -> bool:
    """Whether a text names a day: in numbers, or beside its year and a word that can be its month."""
    numbers, words = _day_patterns(day)
    return numbers.search(text) is not None or any(_is_day(match.group(), day, hints) for match in words.finditer(text))


def _is_day(written: str, day: datetime, hints: DateHints) -> bool:
    found = read_time(written, hints).time
    return found is not None and found.date() == day.date()


@lru_cache(maxsize=64)
def _day_patterns(day: datetime) -> tuple[re.Pattern[str], re.Pattern[str]]:
    year, month, number = f"{day:%Y}", f"0?{day.month}", f"0?{day.day}"
    numeric = rf"{year}\D{{1,2}}{month}\D{{1,2}}{number}(?!\d)|(?<!\d){number}\D{{1,2}}{month}\D{{1,2}}{year}"
    american = rf"(?<!\d){month}/{number}/{year}|{day:%Y%m%d}"
    ordinal = rf"{number}(?:st|nd|rd|th)?"
    worded = (
        rf"(?<!\d)(?:{ordinal}|{number}(?:er|\.|º))\s[^\d<>]{{2,20}}\s{year}|[^\W\d]{{3,10}}\.?\s{ordinal},?\s{year}"
    )
    return re.compile(f"{numeric}|{american}"), re.compile(worded)

"""The dates of one feed or page, read together: one that can be read in one way only settles the others.

In: all dates as written, and what is known of the site. Out: a TimeReading for each. Dates in numbers written in the
same shape have the same order of day and month; dates that state a zone give it to those that state none, where they
all are of one place.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from ingest.dates.date_words import fold, is_country
from ingest.dates.read_time import read_time
from ingest.dates.time_reading import DateHints, TimeReading

LANGUAGE_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_]([A-Za-z]{2}))?(?![A-Za-z])")
# domains of countries that anybody takes
FOR_EVERYBODY = re.compile("a[cims]|c[cd]|dj|fm|g[gl]|i[mos]|l[aiy]|m[es]|nu|pw|s[chot]|t[kov]|vc|ws")
# what software writes where nobody chose a language
DEFAULT_TAG = "US"
SUMMER_TIME = 60
EPOCH = re.compile(r"\s*[\d.]+\s*")


def site_hints(url: str, language_tag: str | None = None) -> DateHints:
    """What an address and a language tag ("pt-BR") tell of a site."""
    match = LANGUAGE_TAG.match((language_tag or "").strip())
    language = match[1].lower() if match else ""
    region = (match[2] or "").upper() if match else ""
    country = _country_of_domain(url) or ("" if region == DEFAULT_TAG or not is_country(region) else region)
    return DateHints(language=language[:2] if language not in ("fil",) else language, country=country)


def _country_of_domain(url: str) -> str:
    try:
        top = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    except ValueError:
        return ""
    if top in ("uk", "gov", "mil"):
        return "GB" if top == "uk" else "US"
    return top.upper() if len(top) == 2 and FOR_EVERYBODY.fullmatch(top) is None and is_country(top.upper()) else ""


def read_times(written: Iterable[str], hints: DateHints) -> Mapping[str, TimeReading]:
    """A reading for each of these dates."""
    found = {each: read_time(each, hints) for each in dict.fromkeys(written)}
    if all(_is_settled(each) for each in found.values()):
        return found
    offsets = _offsets_of_one_place(found)
    orders = _orders(found)
    return {
        each: reading if _is_settled(reading) else _read_again(each, hints, offsets, orders)
        for each, reading in found.items()
    }


def _is_settled(reading: TimeReading) -> bool:
    return reading.confidence >= 1.0 or (
        reading.time is not None and not reading.has_time_of_day and not _unsure(reading)
    )


def _unsure(reading: TimeReading) -> bool:
    return reading.confidence < 0.9


def _read_again(
    written: str, hints: DateHints, offsets: tuple[tuple[datetime, int], ...], orders: Mapping[str, str]
) -> TimeReading:
    order = orders.get(_shape(written), "")
    return read_time(written, DateHints(hints.language, hints.country, order, offsets))


def _offsets_of_one_place(found: Mapping[str, TimeReading]) -> tuple[tuple[datetime, int], ...]:
    """The times whose zone is stated beyond doubt, where they can be of one place: in summer it may be an hour more.

    UTC says nothing of a place, for software writes it everywhere; but beside one hour more it does.
    """
    pairs = [
        (each.time, each.offset)
        for written, each in found.items()
        if each.time is not None and each.offset is not None and each.zone_is_stated and each.confidence >= 0.95
        and not EPOCH.fullmatch(written)
    ]  # fmt: skip
    elsewhere = {offset for _, offset in pairs} - {0}
    if elsewhere != {SUMMER_TIME}:
        pairs = [each for each in pairs if each[1] != 0]
    values = {offset for _, offset in pairs}
    one_place = len(values) == 1 or (len(values) == 2 and max(values) - min(values) == SUMMER_TIME)
    return tuple(pairs) if one_place else ()


def _orders(found: Mapping[str, TimeReading]) -> dict[str, str]:
    """Shape -> the order of the dates that are written so."""
    orders: dict[str, str] = {}
    for written, reading in found.items():
        if reading.order:
            shape = _shape(written)
            known = orders.setdefault(shape, reading.order)
            if known != reading.order:
                orders[shape] = "contradictory"
    return orders


def _shape(written: str) -> str:
    """How a date is written: its separators, with all numbers and all words alike."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", fold(written)))

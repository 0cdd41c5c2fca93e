"""Names of time zones -> minutes ahead of UTC.

In: a name as dates have it ("cet", "ist", "europe/paris", "eastern standard time"), folded; the wall time; hints of the
site. Out: the offset and how sure it is. A name that stands for several zones (IST is India's, Israel's and Ireland's)
is settled by the offsets that other dates of the site state, by its country, by its language; else by RFC 5322, which
gives EST, CST, MST and PST to America; else not at all.
"""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from ingest.dates.date_words import names_of_utc
from ingest.dates.time_reading import DateHints, UnreadableDateError

LARGEST_OFFSET = 14 * 60
HALF_HOUR = 30

# names that news sites use for one zone only, in hours
FIXED_HOURS: dict[str, float] = {
    "utc": 0, "gmt": 0, "ut": 0, "z": 0, "zulu": 0, "uct": 0, "wet": 0, "west": 1, "cet": 1, "cest": 2,
    "met": 1, "mest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "msd": 4, "мск": 3,
    "trt": 3, "tsi": 3, "idt": 3,
    "fet": 3,
    "samt": 4, "yekt": 5, "omst": 6, "krat": 7, "novt": 7, "irkt": 8, "yakt": 9, "vlat": 10, "magt": 11, "pett": 12,
    "wat": 1, "cat": 2, "eat": 3, "sast": 2, "irst": 3.5, "irdt": 4.5, "aft": 4.5, "azt": 4, "pkt": 5,
    "uzt": 5, "tjt": 5, "tmt": 5, "npt": 5.75, "btt": 6, "mmt": 6.5, "ict": 7, "wib": 7, "wita": 8, "wit": 9,
    "hkt": 8, "myt": 8, "sgt": 8, "pht": 8, "phst": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5,
    "aest": 10, "aedt": 11, "lhst": 10.5, "chst": 10, "nzst": 12, "nzdt": 13, "fjt": 12,
    "nst": -3.5, "ndt": -2.5, "akst": -9, "akdt": -8, "hst": -10, "hast": -10, "hadt": -9,
    "hne": -5, "hae": -4, "brt": -3, "brst": -2, "art": -3, "uyt": -3, "clt": -4, "clst": -3, "bot": -4, "vet": -4,
    "pyt": -3, "cot": -5, "pet": -5, "gyt": -4,
    "北京时间": 8, "北京時間": 8, "香港時間": 8, "台北時間": 8, "日本時間": 9, "한국시간": 9,
    "coordinated universal time": 0, "greenwich mean time": 0, "central european time": 1,
    "central european standard time": 1, "central european summer time": 2, "western european standard time": 0,
    "western european summer time": 1, "british summer time": 1, "irish standard time": 1,
    "eastern european standard time": 2, "eastern european summer time": 3, "mitteleuropäische zeit": 1,
    "mitteleuropäische sommerzeit": 2, "moscow standard time": 3, "israel standard time": 2, "israel daylight time": 3,
    "india standard time": 5.5, "pakistan standard time": 5, "china standard time": 8, "hong kong standard time": 8,
    "singapore standard time": 8, "philippine standard time": 8, "japan standard time": 9, "korean standard time": 9,
    "eastern standard time": -5, "eastern daylight time": -4, "central standard time": -6, "central daylight time": -5,
    "mountain standard time": -7, "mountain daylight time": -6, "pacific standard time": -8,
    "pacific daylight time": -7,
    "australian eastern standard time": 10, "australian eastern daylight time": 11, "new zealand standard time": 12,
    "new zealand daylight time": 13, "brasilia standard time": -3, "argentina standard time": -3,
    "south africa standard time": 2, "east africa time": 3, "west africa standard time": 1,
}  # fmt: skip
# names whose offset depends on the season
PLACES = {
    "et": "America/New_York", "eastern time": "America/New_York", "pt": "America/Los_Angeles",
    "pacific time": "America/Los_Angeles", "mt": "America/Denver", "mountain time": "America/Denver",
    "ct": "America/Chicago", "central time": "America/Chicago", "aet": "Australia/Sydney", "uk time": "Europe/London",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of the zones that a name stands for: where it is used, and what such a site's other dates may state."""

    offset: int
    countries: str
    languages: str = ""
    other_offset: int | None = None  # of the same place, in the other half of the year


AMBIGUOUS: dict[str, tuple[Meaning, ...]] = {
    "ist": (
        Meaning(330, "IN LK", "hi ta te mr gu kn ml pa or as si"),
        Meaning(120, "IL PS", "he", 180),
        Meaning(60, "IE", "ga"),
    ),
    "bst": (Meaning(60, "GB GG JE IM", "cy gd"), Meaning(360, "BD", "bn"), Meaning(660, "PG")),
    "cst": (
        Meaning(-360, "US CA MX GT SV HN NI CR BZ", "", -300),
        Meaning(480, "CN TW HK MO", "zh"),
        Meaning(-300, "CU", "", -240),
        Meaning(570, "AU", "", 630),
    ),
    "cdt": (Meaning(-300, "US CA MX", "", -360), Meaning(-240, "CU", "", -300), Meaning(630, "AU", "", 570)),
    "est": (Meaning(-300, "US CA JM PA BS", "", -240), Meaning(600, "AU", "", 660)),
    "edt": (Meaning(-240, "US CA BS HT", "", -300), Meaning(660, "AU", "", 600)),
    "mst": (Meaning(-420, "US CA MX", "", -360), Meaning(480, "MY", "ms"), Meaning(390, "MM", "my")),
    "mdt": (Meaning(-360, "US CA MX", "", -420),),
    "pst": (Meaning(-480, "US CA MX", "", -420), Meaning(480, "PH", "fil tl"), Meaning(300, "PK", "ur")),
    "pdt": (Meaning(-420, "US CA MX", "", -480),),
    "ast": (
        Meaning(-240, "CA PR DO BB TT BM", "", -180),
        Meaning(180, "SA QA KW BH YE IQ AE", "ar"),
        Meaning(-540, "US", "", -480),
    ),
    "adt": (Meaning(-180, "CA BM", "", -240), Meaning(240, "IQ", "ar")),
    "amt": (Meaning(-240, "BR", "pt"), Meaning(240, "AM", "hy")),
    "gst": (Meaning(240, "AE OM", "ar"), Meaning(600, "GU"), Meaning(-120, "GS")),
    "sst": (Meaning(480, "SG"), Meaning(-660, "AS WS")),
    "ect": (Meaning(-300, "EC", "es"), Meaning(-240, "DM LC")),
    "bdt": (Meaning(360, "BD", "bn"), Meaning(480, "BN")),
    "get": (Meaning(240, "GE", "ka"),),
    "lkt": (Meaning(330, "LK"),),
}
# the first meaning holds where nothing is known of the site: what RFC 5322 says, and Britain's summer, whose name
# feeds on the web use for no other zone
FIRST_BY_DEFAULT = frozenset({"est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "bst", "get", "lkt"})


def is_zone(name: str) -> bool:
    """Whether a folded name is one of a zone."""
    tables = (FIXED_HOURS, AMBIGUOUS, PLACES, names_of_utc(), _places_by_folded_name())
    return any(name in table for table in tables)


def resolve_zone(name: str, wall: datetime, hints: DateHints) -> tuple[int, float]:
    """The offset of a zone at a wall time, and the confidence. Raises UnreadableDateError for an ambiguous name."""
    if name in FIXED_HOURS:
        return round(FIXED_HOURS[name] * 60), 1.0
    if name in names_of_utc():
        return 0, 1.0
    if name in AMBIGUOUS:
        return _settle(name, hints)
    place = PLACES.get(name) or _places_by_folded_name().get(name)
    if place is None:
        raise UnreadableDateError(f"no zone: {name}")
    offset = wall.replace(tzinfo=zoneinfo.ZoneInfo(place)).utcoffset()
    return (round(offset.total_seconds() / 60) if offset else 0), 1.0


def _settle(name: str, hints: DateHints) -> tuple[int, float]:
    meanings = AMBIGUOUS[name]
    stated = {offset for _, offset in hints.offsets}
    by_dates = [each for each in meanings if stated & {each.offset, each.other_offset}]
    by_country = [each for each in meanings if hints.country and hints.country in each.countries.split()]
    by_language = [each for each in meanings if hints.language and hints.language in each.languages.split()]
    by_default = list(meanings[:1]) if name in FIRST_BY_DEFAULT else []
    for found, confidence in ((by_dates, 0.95), (by_country, 0.9), (by_language, 0.85), (by_default, 0.7)):
        if len(found) == 1:
            return found[0].offset, confidence
    raise UnreadableDateError(f"zone {name.upper()} is ambiguous")


@cache
def _places_by_folded_name() -> dict[str, str]:
    """Names as "europe/paris" -> as "Europe/Paris"."""
    return {name.casefold(): name for name in zoneinfo.available_timezones() if "/" in name}

"""Dates as sites write them, with the truth of each: what bench/dates measures the reading of times on.

In: nothing. Out: Sites, each with some dates in one form. They are written from moments that are known; those with
words by babel, from the patterns of Unicode CLDR.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime as format_mail

from babel.dates import format_datetime

LANGUAGES = "ar bn de en es fa fr hi id it ja ko nl pl pt ru sv th tr uk ur vi zh el he cs hu ro fi".split()  # noqa: SIM905
HOURS = {
    "EST": -5, "PST": -8, "CET": 1, "CEST": 2, "BST": 1, "JST": 9, "KST": 9, "HKT": 8, "NZDT": 13, "AEST": 10, "MSK": 3,
    "EET": 2, "EEST": 3, "BRT": -3, "PKT": 5, "SAST": 2, "WIB": 7, "NPT": 5.75, "ACST": 9.5, "GMT": 0, "UT": 0, "Z": 0,
}  # fmt: skip
OFFSETS = (0, 60, 120, 330, 345, 540, -210, -300, -570, 765)
MOMENTS = [
    datetime(2026, month, day, hour, 7, 9, tzinfo=UTC) for month in range(1, 13) for day, hour in ((3, 2), (17, 14))
]


@dataclass(frozen=True, slots=True)
class Site:
    """The dates of one site, in one form: as they are written, with the truth of each (None: it can't be known)."""

    form: str
    language: str
    dates: dict[str, datetime | None]
    country: str = "example"


def _zone(minutes: float) -> timezone:
    return timezone(timedelta(minutes=minutes))


def _written(form: str, write: Callable[[datetime], str], minutes: float = 0, truth: str = "time") -> Site:
    """A site that writes every moment so, in one zone. `truth`: "time" or "minute" (no seconds are written), "none"."""
    dates: dict[str, datetime | None] = {}
    for each in MOMENTS:
        known = each.replace(second=0) if truth == "minute" else each
        dates[write(each.astimezone(_zone(minutes)))] = None if truth == "none" else known
    return Site(form, "", dates)


def sites() -> Iterator[Site]:
    """The sites that are read."""
    for minutes in OFFSETS:
        yield _written("ISO 8601", datetime.isoformat, minutes)
        yield _written("ISO 8601, offset without colon", lambda time: f"{time:%Y-%m-%dT%H:%M:%S%z}", minutes)
        yield _written("ISO 8601, spaced", lambda time: f"{time:%Y-%m-%d %H:%M:%S %z}", minutes)
        yield _written("ISO 8601, fractions", lambda time: f"{time:%Y-%m-%dT%H:%M:%S}.0000000{time:%z}", minutes)
        yield _written("RFC 5322", format_mail, minutes)
        yield _written("RFC 5322, by hand", lambda time: f"{time:%a,%d %B %Y %H:%M:%S %z}", minutes)
        yield _written("RFC 5322, two digits", lambda time: f"{time:%a, %d-%b-%y %H:%M:%S %z}", minutes)
        yield _written("month first", lambda time: f"{time:%a, %b %d %Y %H:%M:%S %z}", minutes)
        yield _written("JavaScript", lambda time: f"{time:%a %b %d %Y %H:%M:%S} GMT{time:%z} (Some Time)", minutes)
        yield _written("Unix", lambda time: f"{time:%a %b %d %H:%M:%S %z %Y}", minutes)
        yield _written("12 hours", lambda time: f"{time:%a, %d %b %Y %I:%M:%S %p %z}", minutes)
    yield from _zone_names()
    yield from _numbers()
    yield from _unknowable()
    yield from _calendars()
    for language in LANGUAGES:
        yield from _worded(language)


def _zone_names() -> Iterator[Site]:
    for name, hours in HOURS.items():
        yield _written("zone names", _followed_by(name), hours * 60)
        yield _written("12 hours", _as_american_papers_do(name), hours * 60, "minute")
    for name in ("GMT", "UTC"):
        for hours in (-5, 1, 3, 7):
            yield _written("zone names", _followed_by(f"{name}{hours:+d}"), hours * 60)


def _followed_by(zone: str) -> Callable[[datetime], str]:
    return lambda time: f"{time:%a, %d %b %Y %H:%M:%S} {zone}"


def _as_american_papers_do(zone: str) -> Callable[[datetime], str]:
    return lambda time: f"{time:%I:%M} {'a.m.' if time.hour < 12 else 'p.m.'} {zone}, {time:%b. %d, %Y}"


def _in_pattern(pattern: str, language: str) -> Callable[[datetime], str]:
    return lambda time: str(format_datetime(time, pattern, locale=language))


def _numbers() -> Iterator[Site]:
    yield _written("epochs", lambda time: str(int(time.timestamp())))
    yield _written("epochs", lambda time: str(int(time.timestamp() * 1000)))
    yield _written("dd.mm.yyyy", lambda time: f"{time:%d.%m.%Y %H:%M}", 0, "minute")
    yield _written("yyyy/mm/dd", lambda time: f"{time:%Y/%m/%d %H:%M}", 0, "minute")
    yield _written("signs (CJK)", lambda time: f"{time:%Y年%m月%d日 %H時%M分}", 0, "minute")
    yield _written("signs (CJK)", lambda time: f"{time:%Y년 %m월 %d일} {_noon(time)}", 0, "minute")
    yield _written("slashes, settled by other dates", lambda time: f"{time:%d/%m/%Y %H:%M}", 0, "minute")
    yield _written("slashes, settled by other dates", lambda time: f"{time:%m/%d/%Y %H:%M}", 0, "minute")
    yield from _uncommon_times()


def _uncommon_times() -> Iterator[Site]:
    """Times that a standard has and a clock has not."""
    days = {
        f"{each:%a, %d %b %Y} 24:00:00 +0000": each.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        for each in MOMENTS
    }
    yield Site("24:00 and leap seconds", "", dict(days))
    leaps = {f"{each:%Y-%m-%dT%H:%M}:60Z": each.replace(second=0) + timedelta(minutes=1) for each in MOMENTS}
    yield Site("24:00 and leap seconds", "", dict(leaps))


def _noon(time: datetime) -> str:
    return f"{'오전' if time.hour < 12 else '오후'} {time.hour % 12 or 12}:{time:%M}"


def _unknowable() -> Iterator[Site]:
    yield _written("not to be known", _followed_by("IST"), 0, "none")
    for month in (1, 2, 4, 5):
        yield Site("not to be known", "", {f"3/{month}/2026 14:07": None})
    yield Site(
        "settled by country or language", "en", {"3/5/2026 14:07": datetime(2026, 5, 3, 14, 7, tzinfo=UTC)}, "co.uk"
    )
    yield Site("settled by country or language", "fr", {"3/5/2026 14:07": datetime(2026, 5, 3, 14, 7, tzinfo=UTC)})
    for country, minutes in (("in", 330), ("co.il", 120), ("ie", 60)):
        site = _written("settled by country or language", _followed_by("IST"), minutes)
        yield Site(site.form, "en", site.dates, country)
    site = _written("settled by country or language", _followed_by("CST"), 480)
    yield Site(site.form, "zh", site.dates)


def _calendars() -> Iterator[Site]:
    def thai(time: datetime) -> str:
        return format_datetime(time, "d MMMM", locale="th") + f" {time.year + 543} {time:%H:%M}"

    site = _written("other calendars", thai, 0, "minute")
    yield Site(site.form, "th", site.dates)
    site = _written(
        "other calendars", lambda time: f"民國{time.year - 1911}年{time.month}月{time.day}日 {time:%H:%M}", 0, "minute"
    )
    yield Site(site.form, "zh", site.dates)
    site = _written(
        "other calendars", lambda time: f"令和{time.year - 2018}年{time.month}月{time.day}日 {time:%H:%M}", 0, "minute"
    )
    yield Site(site.form, "ja", site.dates)
    # days that the calendar of Iran names so
    persian = {
        "۱ فروردین ۱۴۰۵ ۱۴:۰۷": datetime(2026, 3, 21, 14, 7, tzinfo=UTC),
        "۲۶ آبان ۱۴۰۵ ۱۴:۰۷": datetime(2026, 11, 17, 14, 7, tzinfo=UTC),
        "۳۰ اسفند ۱۴۰۳ ۱۴:۰۷": datetime(2025, 3, 20, 14, 7, tzinfo=UTC),
        "۱۴۰۴/۰۱/۰۱ ۱۴:۰۷": datetime(2025, 3, 21, 14, 7, tzinfo=UTC),
    }
    yield Site("other calendars", "fa", dict(persian))


def _worded(language: str) -> Iterator[Site]:
    patterns = (
        [] if language in ("zh", "ja", "ko") else ["EEEE, d MMMM y HH:mm", "EEE, d MMM y HH:mm", "d MMM y, HH:mm"]
    )
    for pattern in ("full", "long", "medium", *patterns):
        truth = "minute" if pattern in patterns else "time"
        yield Site("words", language, _written("words", _in_pattern(pattern, language), 0, truth).dates)

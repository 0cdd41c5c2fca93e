"""Dates as they are written, one by one: read right, or not read, never read wrong."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from babel.dates import format_datetime as format_local
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.dates.read_time import read_time
from ingest.dates.time_reading import DateHints
from pipeline.settings import ROOT

CASES = (ROOT / "tests" / "data" / "dates" / "feed_dates.jsonl").read_text(encoding="utf-8").splitlines()
MORNING = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 17, 14, 7, tzinfo=UTC)
DAY = datetime(2026, 11, 17, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES)
def test_dates_of_feeds(case: str) -> None:
    wanted = json.loads(case)
    found = read_time(wanted["written"]).time
    assert found is not None
    assert found.replace(microsecond=0) == datetime.fromisoformat(wanted["time"])


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("ar", "الثلاثاء 17 نوفمبر 2026 - 14:07"),
        ("ar", "١٧ تشرين الثاني ٢٠٢٦ ٢:٠٧ م"),
        ("bn", "১৭ নভেম্বর ২০২৬, ১৪:০৭"),
        ("cs", "17. listopadu 2026 14:07"),
        ("de", "Dienstag, 17. Nov. 2026, 14.07 Uhr"),
        ("de", "am 17. November 2026 um 14:07 Uhr"),
        ("el", "Τρίτη, 17 Νοεμβρίου 2026 2:07 μ.μ."),
        ("el", "ΤΡΙΤΗ 17 ΝΟΕΜΒΡΙΟΥ 2026 14:07"),
        ("en", "Published: November 17th, 2026 at 2:07 pm"),
        ("es", "17 de noviembre de 2026 a las 2:07 p. m."),
        ("fa", "سه‌شنبه ۲۶ آبان ۱۴۰۵ ساعت ۱۴:۰۷"),
        ("fa", "۱۴۰۵/۰۸/۲۶ - ۱۴:۰۷"),
        ("fi", "17. marraskuuta 2026 klo 14.07"),
        ("fr", "Le mardi 17 novembre 2026 à 14h07"),
        ("he", "17 בנובמבר 2026 14:07"),
        ("hi", "17 नवंबर 2026, 02:07 PM"),
        ("hu", "2026. november 17., kedd 14:07"),
        ("id", "Selasa, 17 Nopember 2026 14.07"),
        ("it", "martedì 17 novembre 2026 ore 14:07"),
        ("ja", "2026年11月17日(火) 14時07分"),
        ("ja", "令和8年11月17日 午後2時7分"),
        ("ko", "2026년 11월 17일 오후 2:07"),
        ("ko", "2026. 11. 17. 오후 2:07"),
        ("lt", "2026 m. lapkričio 17 d. 14:07"),
        ("nl", "17 nov. 2026 om 14:07 uur"),
        ("pl", "wtorek, 17 listopada 2026 r. godz. 14:07"),
        ("pt", "17 de novembro de 2026 às 14h07"),
        ("ru", "17 ноября 2026 г., 14:07"),
        ("th", "วันอังคารที่ 17 พฤศจิกายน พ.ศ. 2569 14:07 น."),
        ("th", "17 พ.ย. 69 14.07 น."),
        ("tr", "17 Kasım 2026 Salı 14:07"),
        ("tr", "ÖS 2:07 17.11.2026"),
        ("uk", "17 листопада 2026 р. о 14:07"),
        ("ur", "17 نومبر 2026 14:07"),
        ("vi", "Thứ Ba, ngày 17/11/2026 14:07"),
        ("vi", "17 tháng 11, 2026 14:07"),
        ("zh", "2026年11月17日 下午2:07"),
        ("zh", "民國115年11月17日 14:07"),
        ("", "2026/11/17 14:07"),
        ("", "14:07 - 17 Nov 2026"),
        ("", "2026-W47-2 14:07"),
        ("", "2026-321T14:07"),
    ],
)
def test_afternoons_in_many_languages(language: str, written: str) -> None:
    found = read_time(written, DateHints(language=language))
    assert (found.time, found.precision, found.offset) == (AFTERNOON, "minute", None), found.reason


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("2026-11-17T09:30:00+0530", 330), ("2026-11-17T09:30:00 -03:30", -210), ("2026-11-17 09:30 +05:45", 345),
        ("2026-11-17T09:30:00+09", 540), ("2026-11-17T09:30:00[Europe/Paris]", 60), ("17 Nov 2026 09:30 GMT+5:30", 330),
        ("2026-11-17T09:30:00+01:00[Europe/Paris]", 60), ("17 Nov 2026 09:30 Asia/Kolkata", 330),
        ("17 Nov 2026 09:30 Etc/GMT+7", -420), ("17 Nov 2026 09:30 ET", -300), ("17 Jul 2026 09:30 ET", -240),
        ("Tue Nov 17 09:30:00 +0100 2026", 60), ("Tue Nov 17 09:30:00 UTC 2026", 0), ("17.11.2026 09:30 МСК", 180),
        ("9:30 AM EST Tuesday, Nov. 17, 2026", -300), ("Tue, 17 Nov 2026 09:30:00 (JST)", 540),
        ("17 Nov 2026 09:30 Japan Standard Time", 540), ("17.11.2026 09:30 (UTC+3)", 180),
        ("Selasa, 17 Nov 2026 09.30 WIB", 420), ("20261117T093000+0900", 540), ("2026-11-17T09:30Z", 0),
    ],
)  # fmt: skip
def test_zones(written: str, offset: int) -> None:
    found = read_time(written)
    assert found.time is not None, found.reason
    assert (found.offset, found.zone_is_stated) == (offset, True)
    assert f"{found.time + timedelta(minutes=offset):%H:%M}" == "09:30"


@pytest.mark.parametrize(
    ("written", "time", "precision"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), "year"),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC), "month"),
        ("November 2026", datetime(2026, 11, 1, tzinfo=UTC), "month"),
        ("11/2026", datetime(2026, 11, 1, tzinfo=UTC), "month"),
        ("2026年11月", datetime(2026, 11, 1, tzinfo=UTC), "month"),
        ("20261117", DAY, "day"),
        ("Nov 17, 2026", DAY, "day"),
        ("17-Nov-26", DAY, "day"),
        ("17 Nov 2569", DAY, "day"),
        ("25/3/2026", datetime(2026, 3, 25, tzinfo=UTC), "day"),
        ("mar 17 mar 2026", datetime(2026, 3, 17, tzinfo=UTC), "day"),
        ("5/5/2026", datetime(2026, 5, 5, tzinfo=UTC), "day"),
        ("Tue, 3/11/2026", datetime(2026, 11, 3, tzinfo=UTC), "day"),
        ("1794907800", MORNING, "second"),
        ("1794907800000", MORNING, "second"),
        ("1794907800.25", MORNING, "second"),
        ("12:30 AM, 17 Nov 2026", DAY + timedelta(minutes=30), "minute"),
        ("12:30 PM, 17 Nov 2026", DAY + timedelta(hours=12, minutes=30), "minute"),
        ("2026-11-17T09:30:60Z", MORNING + timedelta(minutes=1), "second"),
        ("2026-11-17 24:00", DAY + timedelta(days=1), "minute"),
        ("2026-11-17T9:30:00Z", MORNING, "second"),
        ("Nov 17, 2026, 9 AM", DAY + timedelta(hours=9), "minute"),
        (" 2026-11-17T09:30:00&#43;00:00\n", MORNING, "second"),
    ],
)
def test_precision_and_calendars(written: str, time: datetime, precision: str) -> None:
    found = read_time(written)
    assert (found.time, found.precision) == (time, precision), found.reason


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "nothing"), ("yesterday", "unknown word"), ("Nov 17, 2026 02:07 PM IST", "IST is ambiguous"),
        ("3/5/2026", "order of day and month"), ("3-5-26 09:30", "order of day and month"), ("17 Nov", "no year"),
        ("17 listopada 2026", "another month"), ("15 جمادى الآخرة 1448 هـ", "Hijri"), ("2026-02-30", "no such day"),
        ("0001-01-01T00:00:00Z", "no year of news"), ("-0001-11-30T00:00:00+00:00", "no year of news"), ("0", "no day"),
        ("9999999999999", "no time of news"), ("2026-11-17T25:00:00Z", "no such time"), ("2026-11-17T09:61Z", "no"),
        ("Tue, 99 Foo 2024", "unknown word"), ("09:30", "no day"), ("2 days ago", "unknown word"), ("x" * 999, "long"),
        ("17 Nov 2026 or not", "unknown word"), ("17 Nov 2026, 18 Nov 2026", "two months"),
        ("2026-11-17 09:30-10:30", "a span"),
    ],
)  # fmt: skip
def test_what_is_no_time_has_a_reason(written: str, reason: str) -> None:
    found = read_time(written)
    assert found.time is None
    assert reason in found.reason


# --- whatever a time is written as, it is read back ---

FORMS: list[Callable[[datetime], str]] = [
    datetime.isoformat,
    format_datetime,
    lambda time: f"{time:%Y-%m-%d %H:%M:%S%z}",
    lambda time: f"{time:%a, %d-%b-%Y %H:%M:%S %z}",
    lambda time: f"{time:%A, %B %d, %Y %I:%M:%S %p %z}",
    lambda time: f"{time:%a %b %d %Y %H:%M:%S} GMT{time:%z} (Somewhere Standard Time)",
    lambda time: f"{time:%a %b %d %H:%M:%S %z %Y}",
    lambda time: f"{time:%d.%m.%Y %H:%M:%S} UTC{time:%z}",
    lambda time: f"{time:%Y/%m/%d %I:%M:%S %p %z}",
    lambda time: f"{time:%Y年%m月%d日 %H時%M分%S秒} {time:%z}",
    lambda time: f"{time:%Y%m%dT%H%M%S%z}",
    lambda time: str(round(time.timestamp())),
    lambda time: str(round(time.timestamp()) * 1000),
]
TIMES = st.datetimes(datetime(2002, 1, 1), datetime(2069, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda time: time.replace(microsecond=0)
)
ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(TIMES, ZONES, st.sampled_from(FORMS))
def test_every_time_is_read_back(time: datetime, zone: timezone, form: Callable[[datetime], str]) -> None:
    written = form(time.astimezone(zone))
    assert read_time(written).time == time, written


@settings(deadline=None)
@given(
    TIMES,
    st.sampled_from(
        ["ar", "bn", "de", "en", "es", "fr", "hi", "id", "it", "ja", "pl", "pt", "ru", "tr", "uk", "ur", "zh"]
    ),
    st.sampled_from(["full", "long", "medium"]),
)
def test_every_time_is_read_back_in_the_languages_of_the_feed_list(time: datetime, language: str, length: str) -> None:
    written = format_local(time, length, locale=language)
    assert read_time(written, DateHints(language=language)).time == time, written


@given(
    st.text(max_size=150) | st.text(alphabet="0123456789/-.: +TZapm年月日,", max_size=40),
    st.sampled_from(["", "en", "th"]),
)
def test_no_text_raises_and_every_time_is_in_bounds(text: str, language: str) -> None:
    found = read_time(text, DateHints(language=language))
    assert (found.time is None) == bool(found.reason)
    assert found.time is None or (1899 < found.time.year < 2102 and found.time.tzinfo is UTC)
    assert 0 <= found.confidence <= 1

"""The dates of one site, read together: what settles an ambiguous one, and what does not."""

from datetime import UTC, datetime

import pytest

from ingest.dates.site_dates import read_times, site_hints
from ingest.dates.time_reading import DateHints

NO_HINTS = DateHints()


def times(written: list[str], hints: DateHints = NO_HINTS) -> list[datetime | None]:
    found = read_times(written, hints)
    return [found[each].time for each in written]


def test_a_date_that_can_be_read_one_way_only_settles_the_others_of_its_shape() -> None:
    assert times(["3/5/2026", "25/3/2026"])[0] == datetime(2026, 5, 3, tzinfo=UTC)
    assert times(["3/5/2026", "3/25/2026"])[0] == datetime(2026, 3, 5, tzinfo=UTC)
    assert times(["3/5/2026", "25/3/2026", "3/25/2026"])[0] is None
    assert times(["3/5/2026 9:30 PM", "25/3/2026"])[0] is None
    assert times(["3/5/2026", "25.3.2026"])[0] is None


def test_a_country_goes_before_a_language_and_other_dates_before_both() -> None:
    day_first, month_first = datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)
    assert times(["3/5/2026"], DateHints("en", "GB")) == [day_first]
    assert times(["3/5/2026"], DateHints("fr", "US")) == [month_first]
    assert times(["3/5/2026", "25/3/2026"], DateHints("en", "US"))[0] == day_first
    assert times(["3/5/2026"], DateHints("en", "CA")) == [None]
    assert times(["3/5/2026"], DateHints("en")) == [None]


@pytest.mark.parametrize(
    ("zone", "other", "hints", "offset"),
    [
        ("IST", "Mon, 16 Nov 2026 10:00:00 +0530", NO_HINTS, 330),
        ("IST", "Mon, 13 Jul 2026 10:00:00 +0300", NO_HINTS, 120),
        ("IST", "Mon, 16 Nov 2026 10:00:00 GMT", NO_HINTS, None),
        ("IST", "", DateHints("en", "IN"), 330),
        ("IST", "", DateHints("he"), 120),
        ("IST", "", DateHints("ga", "IE"), 60),
        ("IST", "", DateHints("en", "DE"), None),
        ("CST", "", NO_HINTS, -360),
        ("CST", "", DateHints("zh"), 480),
        ("CST", "Mon, 16 Nov 2026 10:00:00 +0800", NO_HINTS, 480),
        ("BST", "", NO_HINTS, 60),
        ("BST", "", DateHints("bn"), 360),
        ("EST", "", DateHints("en", "AU"), 600),
        ("PST", "", DateHints("en", "PH"), 480),
        ("AST", "", NO_HINTS, None),
        ("AST", "", DateHints("ar"), 180),
    ],
)
def test_names_of_several_zones(zone: str, other: str, hints: DateHints, offset: int | None) -> None:
    date = f"Tue, 17 Nov 2026 09:30:00 {zone}"
    found = read_times([date, *([other] if other else [])], hints)[date]
    assert (found.time is None) == (offset is None)
    assert found.offset == offset
    assert found.confidence < 1


def test_a_stated_zone_settles_dates_without_one_where_all_are_of_one_place() -> None:
    zoneless, summer, winter = "2026-11-17 09:30", "2026-07-01T08:00:00+02:00", "2026-11-01T08:00:00+01:00"
    assert times([zoneless, "Tue, 17 Nov 2026 10:00:00 +0900"])[0] == datetime(2026, 11, 17, 0, 30, tzinfo=UTC)
    assert times([zoneless, summer, winter])[0] == datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
    assert times(["2026-07-02 09:30", summer, winter])[0] == datetime(2026, 7, 2, 7, 30, tzinfo=UTC)
    assert times([zoneless, summer, "2026-11-01T08:00:00+09:00"])[0] == datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
    in_britain = ["2026-01-02 09:30", "2026-07-01T08:00:00+01:00", "Fri, 02 Jan 2026 08:00:00 +0000"]
    assert times(in_britain)[0] == datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
    found = read_times([zoneless, winter], NO_HINTS)[zoneless]
    assert (found.offset, found.zone_is_stated) == (60, False)


@pytest.mark.parametrize(
    ("url", "tag", "language", "country"),
    [
        ("https://news.example.co.uk/a", "en-US", "en", "GB"),
        ("https://news.example.in/a", "", "", "IN"),
        ("https://news.example.com/a", "en-US", "en", ""),
        ("https://news.example.com/a", "en_gb", "en", "GB"),
        ("https://news.example.io/a", "pt-BR", "pt", "BR"),
        ("https://news.example.com/a", "zh-Hant-TW", "zh", "TW"),
        ("https://news.example.gov/a", "", "", "US"),
        ("https://[broken/", "x", "", ""),
    ],
)
def test_what_address_and_language_tell(url: str, tag: str, language: str, country: str) -> None:
    found = site_hints(url, tag)
    assert (found.language, found.country) == (language, country)


def test_utc_and_epochs_say_nothing_of_a_place() -> None:
    zoneless = "2026-11-17 09:30"
    for other in ("Tue, 17 Nov 2026 10:00:00 GMT", "2026-11-17T10:00:00Z", "1794907800"):
        assert read_times([zoneless, other], NO_HINTS)[zoneless].offset is None
        beside = [zoneless, other, "2026-11-17T10:00:00+09:00"]
        assert read_times(beside, NO_HINTS)[zoneless].offset == 540

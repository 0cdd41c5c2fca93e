"""Times for people: every one says its zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsloom.times import DAYS, SECONDS, read_time, show_time

NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)
LATE = datetime(2026, 11, 3, 23, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "zone", "form", "wanted"),
    [
        (NOON, "UTC", None, "2026-07-03 12:00 UTC"),
        (NOON, "Europe/Berlin", None, "2026-07-03 14:00 CEST"),
        (LATE, "Europe/Berlin", SECONDS, "2026-11-04 00:30:05 CET"),
        (LATE, "Asia/Kathmandu", DAYS, "2026-11-04 +0545"),
        (datetime.max.replace(tzinfo=UTC), "Asia/Tokyo", DAYS, "9999-12-31 UTC"),
    ],
)
def test_a_time_is_shown_in_its_zone(time: datetime, zone: str, form: str | None, wanted: str) -> None:
    assert (show_time(time, ZoneInfo(zone), form) if form else show_time(time, ZoneInfo(zone))) == wanted


def test_what_is_typed_is_of_the_zone() -> None:
    assert read_time(NOON.replace(hour=14, tzinfo=None), ZoneInfo("Europe/Berlin")) == NOON
    assert read_time(None, ZoneInfo("Europe/Berlin")) is None

"""Times for people: shows a time in the zone of the setting display.time_zone, with the zone's name, and reads one.

In: an aware time, or one as a person typed it. Out: "2026-11-03 13:00 CET", or an aware time.
"""

from datetime import datetime, tzinfo

MINUTES, SECONDS, DAYS = "%Y-%m-%d %H:%M %Z", "%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %Z"


def show_time(time: datetime, zone: tzinfo, form: str = MINUTES) -> str:
    """The time in this zone, and what the zone is called then; unchanged near the first and last year that there is."""
    try:
        return time.astimezone(zone).strftime(form)
    except OverflowError:
        return time.strftime(form)


def read_time(typed: object, zone: tzinfo) -> datetime | None:
    """The time that a person means who typed one without a zone; None for none."""
    return typed.replace(tzinfo=zone) if isinstance(typed, datetime) else None

"""A time as formats write it -> an aware UTC time, or None.

In: W3C datetimes of every precision that the note allows (a year, a month, a day, minutes, seconds, fractions), RFC
3339, and the RFC 822 dates that people write in their place.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# a year, or a year and a month: what datetime.fromisoformat does not read
COARSE = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
LEAP_SECOND = re.compile(r"(?<=:\d\d):60(?!\d)")
# "2024-11-05 10:00:00 +0200", "2024-11-05T10:00:00 UTC", and JavaScript's "2024-11-05t10:00:00z"
SPACED_ZONE = re.compile(r"\s+(?=[+\-]\d)|\s*(?:UTC|GMT|Z)$", re.IGNORECASE)


def w3c_time(written: str) -> datetime | None:
    """The time that `written` names; midnight, or the first day, where it is no more precise. Without a zone it is UTC.

    https://www.w3.org/TR/NOTE-datetime
    """
    text = written.strip()[:80]
    try:
        found = _coarse(text) or _iso(text) or parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _coarse(text: str) -> datetime | None:
    match = COARSE.fullmatch(text)
    return datetime(int(match[1]), int(match[2] or 1), 1, tzinfo=UTC) if match else None


def _iso(text: str) -> datetime | None:
    spelt = LEAP_SECOND.sub(":59", SPACED_ZONE.sub(_zone, text)).upper()
    try:
        return datetime.fromisoformat(spelt)
    except ValueError:
        return None


def _zone(match: re.Match[str]) -> str:
    return "Z" if match.group().strip() else ""

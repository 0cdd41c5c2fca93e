"""Date parsing: dates and times as written in feeds, sitemaps and pages -> aware UTC datetimes, or None.

In: W3C datetimes of every precision that the W3C note allows (a year, a month, a day, minutes, seconds, fractions),
RFC 3339 times, and the RFC 822 dates that some sites write in their place.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# "2024" and "2024-11", which datetime.fromisoformat does not read
YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
LEAP_SECOND = re.compile(r"(?<=:\d\d):60(?!\d)")
# "2024-11-05 10:00:00 +0200", "2024-11-05T10:00:00 UTC", and JavaScript's "2024-11-05t10:00:00z"
ZONE_TO_NORMALIZE = re.compile(r"\s+(?=[+\-]\d)|\s*(?:UTC|GMT|Z)$", re.IGNORECASE)


def parse_datetime(written: str) -> datetime | None:
    """The UTC time of a date as written; None if it is none. Never raises.

    Missing parts are the first day and midnight; a time without a zone is UTC. https://www.w3.org/TR/NOTE-datetime
    """
    text = written.strip()[:80]
    try:
        found = _parse_year_or_month(text) or _parse_iso(text) or parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _parse_year_or_month(text: str) -> datetime | None:
    match = YEAR_OR_MONTH.fullmatch(text)
    return datetime(int(match[1]), int(match[2] or 1), 1, tzinfo=UTC) if match else None


def _parse_iso(text: str) -> datetime | None:
    spelt = LEAP_SECOND.sub(":59", ZONE_TO_NORMALIZE.sub(_normalize_zone, text)).upper()
    try:
        return datetime.fromisoformat(spelt)
    except ValueError:
        return None


def _normalize_zone(match: re.Match[str]) -> str:
    return "Z" if match.group().strip() else ""

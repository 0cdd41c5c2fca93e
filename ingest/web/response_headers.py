"""Caching and retry headers of HTTP responses: freshness lifetime, and the time in Retry-After. Pure.

In: header values and the present time (aware UTC). Out: seconds (0: not stated), or a time in UTC (None: not stated).
Headers that can't be parsed count as not stated.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def freshness_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """Freshness lifetime of a response in seconds: Cache-Control's max-age, else Expires (RFC 9111, 4.2.1).

    0 when nothing is stated, or for no-cache and no-store. Header names in lower case.
    """
    control = headers.get("cache-control", "").lower()
    if re.search(r"no-(cache|store)", control):
        return 0.0
    age = re.search(r"max-age\s*=\s*\"?(\d{1,9})", control)
    if age:
        return float(age.group(1))
    expires = _http_date(headers.get("expires", ""))
    return max(0.0, (expires - (_http_date(headers.get("date", "")) or now)).total_seconds()) if expires else 0.0


def parse_retry_after(value: str | None, now: datetime) -> datetime | None:
    """The time in a Retry-After header's value, given there in seconds or as a date (RFC 9110, 10.2.3), or None."""
    text = (value or "").strip()
    if text.replace(".", "", 1).isdigit() and text.isascii():
        seconds = float(text)
        try:
            return now + timedelta(seconds=seconds) if math.isfinite(seconds) else None
        except OverflowError:
            return None
    return _http_date(text)


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.strip()) if text.strip() else None
        if found is None:
            return None
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None

"""Polling hints: how often a feed asks to be polled (ttl, sy:updatePeriod, skipHours, skipDays).

In: the document, and the raw texts of `ttl`, sy:updatePeriod and sy:updateFrequency. Out: PollingHints. Values out of
range are ignored, and so are skipHours or skipDays that would leave no hour or no day to poll in.

https://www.rssboard.org/skip-hours-days and https://web.resource.org/rss/1.0/modules/syndication/
"""

import re
from collections.abc import Iterable

from ingest.feeds.entry import PollingHints

LONGEST_PAUSE_SECONDS = 24 * 3600.0
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)")
# by first letter, since people write "dayly", "Hourly", "weekly ". "always" asks for nothing.
PERIOD_SECONDS = {"h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0, "m": 30 * 24 * 3600.0, "y": 365 * 24 * 3600.0}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SKIP_START = re.compile(rb"<skip(?:hours|days)\s*>", re.IGNORECASE)
# bytes that are searched after such a tag: room for 24 hours, generously spaced
MOST_SKIP_BYTES = 4096
SKIP_END = re.compile(rb"</skip", re.IGNORECASE)
SKIP_ITEM = re.compile(rb"<(hour|day)\s*>\s*(\w+)\s*<", re.IGNORECASE)


def read_polling_hints(document: bytes, ttl: str, period: str, frequency: str) -> PollingHints:
    """The channel's hints. `ttl_seconds` is the longer of ttl and update period, at most a day; None without either."""
    seconds = max(_ttl_seconds(ttl), _update_period_seconds(period, frequency))
    skipped = [pair for text in _skip_elements(document) for pair in SKIP_ITEM.findall(text)]
    hours = _unless_complete((int(value) % 24 for name, value in skipped if _is_hour(name, value)), 24)
    names = (value.decode("ascii", "replace").lower() for name, value in skipped if name.lower() == b"day")
    days = _unless_complete((WEEKDAYS.index(name) for name in names if name in WEEKDAYS), 7)
    return PollingHints(ttl_seconds=min(seconds, LONGEST_PAUSE_SECONDS) or None, skip_hours=hours, skip_days=days)


def _ttl_seconds(ttl: str) -> float:
    match = NUMBER.match(ttl)
    return float(match[1]) * 60 if match else 0.0


def _update_period_seconds(period: str, frequency: str) -> float:
    """sy:updatePeriod (a day where it is left out) divided by sy:updateFrequency (1)."""
    if not period and not frequency:
        return 0.0
    seconds = PERIOD_SECONDS.get((period or "daily").strip().lower()[:1], 0.0)
    match = NUMBER.match(frequency)
    return seconds / (float(match[1]) or 1.0) if match else seconds


def _skip_elements(document: bytes) -> Iterable[bytes]:
    for match in SKIP_START.finditer(document):
        text = document[match.end() : match.end() + MOST_SKIP_BYTES]
        end = SKIP_END.search(text)
        yield text[: end.start()] if end else b""


def _is_hour(name: bytes, value: bytes) -> bool:
    """Whether the tag holds an hour: 0 to 23, or 24 for midnight, as RSS 0.91 counts."""
    return name.lower() == b"hour" and value.isdigit() and len(value) <= 2 and int(value) <= 24


def _unless_complete(found: Iterable[int], whole: int) -> tuple[int, ...]:
    """The values sorted; () where they are all `whole` possible ones, which would leave no time to poll."""
    values = sorted(set(found))
    return tuple(values) if len(values) < whole else ()

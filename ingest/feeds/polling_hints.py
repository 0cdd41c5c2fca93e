"""When a feed wants to be asked: what its channel says -> Hints.

In: the document, and the texts of `ttl`, sy:updatePeriod and sy:updateFrequency as they stand. Out: Hints. What is out
of range, or would leave no time at all, was not meant.

https://www.rssboard.org/skip-hours-days and https://web.resource.org/rss/1.0/modules/syndication/
"""

import re
from collections.abc import Iterable

from ingest.feeds.entry import Hints

LONGEST = 24 * 3600.0
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)")
# as people write them ("dayly", "Hourly", "weekly "): their first letter tells them apart. "always" wants nothing.
PERIODS = {"h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0, "m": 30 * 24 * 3600.0, "y": 365 * 24 * 3600.0}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SKIPPED = re.compile(rb"<skip(?:hours|days)\s*>", re.IGNORECASE)
# the most that is looked at behind such a tag: 24 hours, generously spaced
LONGEST_SKIP = 4096
END = re.compile(rb"</skip", re.IGNORECASE)
ITEM = re.compile(rb"<(hour|day)\s*>\s*(\w+)\s*<", re.IGNORECASE)


def hints(document: bytes, ttl: str, period: str, frequency: str) -> Hints:
    """The longest pause that the channel asks for, at most a day; None when it asks for none."""
    seconds = max(_minutes(ttl), _period(period, frequency))
    skipped = [pair for text in _skipped(document) for pair in ITEM.findall(text)]
    hours = _of_a_whole((int(value) % 24 for name, value in skipped if _is_hour(name, value)), 24)
    names = (value.decode("ascii", "replace").lower() for name, value in skipped if name.lower() == b"day")
    days = _of_a_whole((DAYS.index(name) for name in names if name in DAYS), 7)
    return Hints(ttl_seconds=min(seconds, LONGEST) or None, skip_hours=hours, skip_days=days)


def _minutes(ttl: str) -> float:
    match = NUMBER.match(ttl)
    return float(match[1]) * 60 if match else 0.0


def _period(period: str, frequency: str) -> float:
    """sy:updatePeriod (a day where it is left out) divided by sy:updateFrequency (1)."""
    if not period and not frequency:
        return 0.0
    seconds = PERIODS.get((period or "daily").strip().lower()[:1], 0.0)
    match = NUMBER.match(frequency)
    return seconds / (float(match[1]) or 1.0) if match else seconds


def _skipped(document: bytes) -> Iterable[bytes]:
    for match in SKIPPED.finditer(document):
        text = document[match.end() : match.end() + LONGEST_SKIP]
        end = END.search(text)
        yield text[: end.start()] if end else b""


def _is_hour(name: bytes, value: bytes) -> bool:
    """0 to 23; 24 is midnight, as RSS 0.91 counted."""
    return name.lower() == b"hour" and value.isdigit() and len(value) <= 2 and int(value) <= 24


def _of_a_whole(found: Iterable[int], whole: int) -> tuple[int, ...]:
    """In order; () where nothing would be left."""
    values = sorted(set(found))
    return tuple(values) if len(values) < whole else ()

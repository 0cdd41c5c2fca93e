"""When a feed is polled again: outcome, history and now -> a time. Pure.

Jitter is a number in [0, 1) from the caller's random generator.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """The operator's pace, in seconds: `interval` between polls, never more than `most`, `first` after an error."""

    interval: float
    most: float
    first: float


# a poll is put off by up to this share of its interval, so that feeds that started together do not stay together
SPREAD = 0.1


def after_success(plan: Plan, now: datetime, jitter: float) -> datetime:
    """One interval on, never sooner, never later than the longest wait."""
    return now + timedelta(seconds=min(plan.interval * (1 + SPREAD * jitter), max(plan.most, plan.interval)))


def after_error(plan: Plan, failures: int, now: datetime, jitter: float, wanted: datetime | None) -> datetime:
    """After error number `failures` in a row (from 1): doubled each time, up to the longest wait.

    `wanted` is the time that the server asked for (Retry-After); it is kept where it is later, up to the longest wait:
    a server can't make us forget a feed.
    """
    doubled = min(plan.most, plan.first * 2.0 ** min(failures - 1, 60))
    own = now + timedelta(seconds=min(plan.most, doubled * (1 + SPREAD * jitter)))
    if wanted is None:
        return own
    return max(own, min(wanted, now + timedelta(seconds=plan.most)))


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """The time that a Retry-After header names, in seconds or as a date (RFC 9110, 10.2.3); None when it names none."""
    text = (value or "").strip()
    if not text:
        return None
    try:
        if text.replace(".", "", 1).isdigit() and text.isascii():
            seconds = float(text)
            return now + timedelta(seconds=seconds) if math.isfinite(seconds) else None
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None

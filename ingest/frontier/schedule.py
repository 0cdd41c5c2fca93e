"""The polling schedule of a feed: arrival rate, errors, what the server asks for -> the time of the next poll. Pure.

The interval follows the rate at which new entries arrive (docs/decisions/0012). Jitter is a number in [0, 1) from the
caller's random generator; times are aware UTC, durations seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """The operator's pace, in seconds: between polls at first, at least, at most; after an error at first, at most."""

    first: float
    least: float
    most: float
    retry_first: float
    retry_most: float


@dataclass(frozen=True, slots=True)
class ArrivalRate:
    """How fast a feed's entries arrive: so many (`arrivals`) in so many seconds (`observed`), both faded with time."""

    arrivals: float = 0.0
    observed: float = 0.0

    @property
    def rate(self) -> float:
        """Entries per second; 0 when nothing is known."""
        return self.arrivals / self.observed if self.observed > 0 else 0.0


# so many new entries are wished for in one poll: a new one then waits for half the usual time between two, on average
NEW_IN_A_POLL = 1.0
# between two polls at most this share of what a feed shows may be pushed out of it, also when it shows very little
WINDOW_SHARE = 0.25
# more than this share of an answer is new: the interval was too long, whatever the average says
TOO_NEW = 0.5
HALF_LIFE_SECONDS = 2 * 86_400.0
# a poll is put off by up to this share of its interval, so that feeds that started together do not stay together
SPREAD = 0.1
# a server's Retry-After is kept up to this: it can't make us forget a feed
RETRY_AFTER_MOST = 7 * 86_400.0
# skipped hours and days put a poll off by no more than this
SKIP_MOST_HOURS = 72


def observe_arrivals(rate: ArrivalRate, new: int, seconds: float) -> ArrivalRate:
    """The arrival rate after `new` entries came in the `seconds` since the last good poll."""
    fade = 0.5 ** (max(0.0, seconds) / HALF_LIFE_SECONDS)
    return ArrivalRate(rate.arrivals * fade + new, rate.observed * fade + max(0.0, seconds))


def first_arrival_rate(times: Iterable[datetime | None], now: datetime) -> ArrivalRate:
    """The arrival rate that the times of a first answer's entries show; unknown when fewer than two have a time."""
    ages = sorted((now - each).total_seconds() for each in times if each is not None and each <= now)
    if len(ages) < 2:
        return ArrivalRate()
    recent = [age for age in ages if age <= 2 * HALF_LIFE_SECONDS]
    return ArrivalRate(float(len(recent)), max(ages[0], min(ages[-1], 2 * HALF_LIFE_SECONDS), 1.0))


def polling_interval(plan: Plan, rate: ArrivalRate, shown: int) -> float:
    """Seconds between polls that fit the rate; `shown`: entries that the feed shows at a time."""
    if rate.observed <= 0:
        return plan.first
    wished = min(NEW_IN_A_POLL, max(1, shown) * WINDOW_SHARE) / rate.rate if rate.rate > 0 else plan.most
    return _between(plan, wished)


def shorten_interval(plan: Plan, wanted: float, before: float, fresh: float, gap: bool) -> float:
    """`wanted`, or less where the last poll came too late: most of it was new (`fresh`: the share), or all of it."""
    if gap:
        return _between(plan, min(wanted, before / 4))
    return _between(plan, min(wanted, before / 2)) if fresh > TOO_NEW else wanted


def _between(plan: Plan, seconds: float) -> float:
    return min(max(seconds, plan.least), max(plan.most, plan.least))


def next_poll_after_success(plan: Plan, wanted: float, hint: float, now: datetime, jitter: float) -> datetime:
    """The next poll: the interval, or what the server asks for (`hint`) where that is longer, up to the longest."""
    seconds = _between(plan, max(wanted, hint))
    return now + timedelta(seconds=min(seconds * (1 + SPREAD * jitter), max(plan.most, plan.least)))


def after_skipped_hours(wanted: datetime, hours: Iterable[int], days: Iterable[int]) -> datetime:
    """`wanted`, or the beginning of the first hour after it that the feed does not ask to skip (GMT)."""
    skip_hours, skip_days = frozenset(hours), frozenset(days)
    found = wanted
    for _ in range(SKIP_MOST_HOURS):
        if found.hour not in skip_hours and found.weekday() not in skip_days:
            return found
        found = found.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return found


# --- errors ---

# How bad an error is. What passes by itself counts half: feeds that answer 404 or time out do come back (Media Cloud's
# rss-fetcher counts them so); what somebody must mend counts one.
SOFT = frozenset({"dns", "connect", "tls", "timeout", "robots"})
SOFT_STATUS = frozenset({404, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


def error_weight(kind: str, status: int | None) -> float:
    """How bad an error is, 0.5 or 1.0: what it adds to a feed's `trouble`."""
    return 0.5 if kind in SOFT or status in SOFT_STATUS else 1.0


def next_poll_after_error(
    plan: Plan, trouble: float, now: datetime, jitter: float, wanted: datetime | None
) -> datetime:
    """The next poll after errors that add up to `trouble`: the wait doubles with each half, up to the longest wait.

    `wanted` is the time that the server asked for (Retry-After); it is kept where it is later, up to RETRY_AFTER_MOST.
    """
    doubled = min(plan.retry_most, plan.retry_first * 2.0 ** min(max(0.0, 2 * trouble - 1), 60))
    own = now + timedelta(seconds=min(plan.retry_most, doubled * (1 + SPREAD * jitter)))
    if wanted is None:
        return own
    return max(own, min(wanted, now + timedelta(seconds=RETRY_AFTER_MOST)))

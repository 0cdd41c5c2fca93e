"""Invented feeds: times at which a newsroom publishes, drawn from a seed. Pure.

In: articles a day, a random generator. Out: times. The rate has hours (a night of its own depth, in its own zone),
weekdays (a weekend of its own), slow and busy days, slow and busy hours, and holidays; a small newsroom closes for a
week, and articles come in batches. So counts scatter far more than those of a Poisson process. All numbers are guesses:
what bench/silence prints is a simulation's word, not that of real feeds.
"""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

HOLIDAYS = 1 / 30  # of all days
CLOSED = 0.1  # share of what is usual in the week in which a small newsroom closes
# the hours of a newsroom's own day, as shares of its mean hour
HOURS = (0.3, 0.2, 0.15, 0.1, 0.15, 0.4, 0.9, 1.3, 1.5, 1.6, 1.6, 1.6, 1.5, 1.5, 1.5, 1.6, 1.6, 1.5, 1.2, 1.0, 0.9, 0.8,
         0.6, 0.5)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Newsroom:
    """How a newsroom publishes. `night` 0 to 1: how much of HOURS it has; `weekend`: as a share of a workday.

    `day_shape`, `hour_shape`: of the gamma distributions that days and hours vary by; `batch`: mean size of one;
    `holiday`: share of what is usual on a holiday; `closes`: whether it closes for a week once.
    """

    daily: float
    zone: int
    night: float
    weekend: float
    day_shape: float
    hour_shape: float
    batch: float
    holiday: float
    closes: bool


def found_newsroom(daily: float, chance: random.Random) -> Newsroom:
    """A newsroom of so many articles a day."""
    return Newsroom(
        daily=daily,
        zone=chance.randrange(24),
        night=chance.uniform(0.3, 1.0),
        weekend=chance.choice([0.0, 0.3, 0.6, 1.0]) if daily < 100 else chance.choice([0.3, 0.5, 0.8]),
        day_shape=chance.uniform(6, 20),
        hour_shape=chance.uniform(2, 6),
        batch=chance.uniform(1.0, 2.5),
        holiday=chance.uniform(0.3, 0.7) if daily > 100 else chance.uniform(0.1, 0.5),
        closes=daily < 100,
    )


def publish(room: Newsroom, start: datetime, days: int, chance: random.Random) -> list[datetime]:
    """When it publishes, in order, over so many days."""
    times: list[datetime] = []
    closed = chance.randrange(max(1, days))
    for day in range(days):
        begin = start + timedelta(days=day)
        factor = chance.gammavariate(room.day_shape, 1 / room.day_shape)
        factor *= room.holiday if chance.random() < HOLIDAYS else 1.0
        factor *= CLOSED if room.closes and 0 <= day - closed < 7 else 1.0
        for hour in range(24):
            times += _hour(room, begin + timedelta(hours=hour), factor, chance)
    return times


def _hour(room: Newsroom, begin: datetime, factor: float, chance: random.Random) -> list[datetime]:
    local = begin + timedelta(hours=room.zone)
    shape = 1 + room.night * (HOURS[local.hour] - 1)
    rate = room.daily / 24 * shape * factor * (room.weekend if local.weekday() > 4 else 1.0)
    rate *= chance.gammavariate(room.hour_shape, 1 / room.hour_shape)
    batches = _poisson(rate / room.batch, chance)
    moments = sorted(begin + timedelta(seconds=chance.uniform(0, 3600)) for _ in range(batches))
    return [moment for moment in moments for _ in range(_batch_size(room.batch, chance))]


def _batch_size(mean: float, chance: random.Random) -> int:
    """1 or more, geometric."""
    return 1 if mean <= 1 else 1 + int(math.log(1 - chance.random()) / math.log(1 - 1 / mean))


def _poisson(mean: float, chance: random.Random) -> int:
    """Knuth's method, in parts of a mean that `exp` can hold."""
    count, left = 0, mean
    while left > 0:
        part, left = min(left, 50.0), left - 50.0
        product, bound = chance.random(), math.exp(-part)
        while product > bound:
            count, product = count + 1, product * chance.random()
    return count

"""What is known before a date is read (DateHints), and what comes of it (TimeReading)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Precision = Literal["second", "minute", "day", "month", "year"]
DAY_OR_LONGER: frozenset[Precision] = frozenset({"day", "month", "year"})


@dataclass(frozen=True, slots=True)
class DateHints:
    """What is known of the site that wrote a date.

    `order` and `offsets` come from its other dates (ingest/dates/site_dates): the order of day and month in numeric
    dates written like this one, and UTC times with the minutes by which their stated zone is ahead of UTC.
    """

    language: str = ""  # two letters
    country: str = ""  # two capitals
    order: str = ""  # "dmy", "mdy" or "ymd"; "contradictory" where the others don't agree
    offsets: tuple[tuple[datetime, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TimeReading:
    """A time in UTC, or none with the reason. `confidence` is how sure the reading is, 0 to 1.

    `offset`: the zone that it was read in, in minutes ahead of UTC; None where none is known: then UTC is assumed.
    `order`: the order of a numeric date that can be read in one way only; "" for all others.
    """

    time: datetime | None = None
    precision: Precision = "second"
    confidence: float = 0.0
    reason: str = ""
    offset: int | None = None
    zone_is_stated: bool = False  # by itself, not by other dates of the site
    order: str = ""

    @property
    def has_time_of_day(self) -> bool:
        """Whether it tells more than a day."""
        return self.time is not None and self.precision not in DAY_OR_LONGER


class UnreadableDateError(ValueError):
    """Why a text is no date that can be read; the message is for people."""


NO_DATE = TimeReading(reason="nothing is written")

"""One date as it is written -> a TimeReading.

In: a text, and hints of its site. Out: its time in UTC, or none with the reason. Nothing is guessed: every word and
number of the text must be understood. Never raises.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta

from ingest.dates import zones
from ingest.dates.calendar_day import Day, make_day, read_worded_day, read_words, take_numeric_day
from ingest.dates.date_words import fold
from ingest.dates.time_of_day import Clock, Zones, take_clock, take_zones_in_brackets
from ingest.dates.time_reading import NO_DATE, DateHints, TimeReading, UnreadableDateError

MOST_CHARACTERS = 120
NO_HINTS = DateHints()
# how sure a time is: without a zone it is taken for UTC; of a day the time of day is not known
ZONE_ASSUMED = 0.7
NO_TIME_OF_DAY = 0.9
# nearly all dates of the web
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?(?: ?(?:(z)|([+-])(\d\d):?(\d\d)))?)?"
)
SPAN = re.compile(r" \d\d:\d\d-\d\d:\d\d$")  # "09:30-10:30" where it does not look like ISO 8601
# RFC 5322, of which the rest are
MAIL_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
MAIL = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun), ?)?(\d\d?) ([a-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?"
    r" (?:(gmt|utc|z)|([+-])(\d\d)(\d\d))"
)
NUMBER = re.compile(r"-?(\d{8,19})(?:\.(\d+))?")
COMPACT = re.compile(
    r"((?:19|20)\d\d)-?([01]\d)-?([0-3]\d)(?:[t ]?(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(z|[+-]\d\d:?\d\d)?)?"
)
FIRST_EPOCH, LAST_EPOCH = 631_152_000, 4_102_444_800  # the years 1990 and 2100, in seconds
EPOCH_DIGITS = {9: 1, 10: 1, 12: 1000, 13: 1000, 16: 10**6, 19: 10**9}


def read_time(written: str, hints: DateHints = NO_HINTS) -> TimeReading:
    """The time of a date as written. Never raises."""
    if not written.strip():
        return NO_DATE
    if len(written) > 2 * MOST_CHARACTERS:
        return TimeReading(reason="longer than a date")
    try:
        text = fold(written)
        if len(text) > MOST_CHARACTERS:
            return TimeReading(reason="longer than a date")
        return _read_number(text, hints) or _read_usual(text, hints) or _read_parts(text, hints)
    except UnreadableDateError as error:
        return TimeReading(reason=str(error))
    except OverflowError:
        return TimeReading(reason="out of range")


def _read_usual(text: str, hints: DateHints) -> TimeReading | None:
    """The two forms that nearly all dates have, without the long way."""
    match = ISO.fullmatch(text)
    if match is not None:
        day = Day(make_day(int(match[1]), int(match[2]), int(match[3])))
    else:
        match = MAIL.fullmatch(text)
        if match is None or match[2] not in MAIL_MONTHS:
            return None
        day = Day(make_day(int(match[3]), MAIL_MONTHS[match[2]], int(match[1])))
    if match[4] is None:
        return _put_together(day, None, Zones(), hints)
    zulu, sign, hours, minutes = match.groups()[-4:]
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    if SPAN.search(text) and (int(hours), int(minutes)) > (hour, minute):
        raise UnreadableDateError("a span of time")
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = match[7] if match.re is ISO else ""
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    clock = Clock(hour, minute, second, microsecond, "second" if match[6] else "minute")
    offset = 0 if zulu else None
    if sign:
        offset = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
    return _put_together(day, clock, Zones(offset), hints)


def _read_number(text: str, hints: DateHints) -> TimeReading | None:
    """Seconds since 1970, or parts of them; or the digits of a date."""
    match = COMPACT.fullmatch(text)
    if match and int(match[2]) in range(1, 13) and len(text) != 10:
        day = Day(make_day(int(match[1]), int(match[2]), int(match[3])))
        if match[4] is None:
            return _put_together(day, None, Zones(), hints)
        rest = f"{match[4]}:{match[5]}{':' + match[6] if match[6] else ''}{match[7] or ''}"
        _, clock, zone = take_clock(rest, "", False)
        return _put_together(day, clock, zone, hints)
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[1]) / EPOCH_DIGITS.get(len(match[1]), 0) if len(match[1]) in EPOCH_DIGITS else 0
    if text.startswith("-") or not FIRST_EPOCH <= seconds < LAST_EPOCH:
        raise UnreadableDateError("a number that is no time of news")
    time = datetime.fromtimestamp(seconds, UTC)
    return TimeReading(time, "second", 1.0, offset=0, zone_is_stated=True)


def _read_parts(text: str, hints: DateHints) -> TimeReading:
    text, in_brackets = take_zones_in_brackets(text)
    rest, day = take_numeric_day(text, hints)
    rest, clock, zone = take_clock(rest, hints.language, True)
    words = read_words(rest, hints)
    if day is None:
        day = read_worded_day(words, rest)
    elif words.numbers or words.months or words.persian_month:
        raise UnreadableDateError("more numbers than a date has")
    offset = zone.offset if zone.offset is not None else in_brackets.offset
    names = (*zone.names, *in_brackets.names, *words.zones)
    return _put_together(day, clock, Zones(offset, names), hints)


def _put_together(day: Day, clock: Clock | None, zone: Zones, hints: DateHints) -> TimeReading:
    start = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC)
    if clock is None:
        confidence = round(day.confidence * NO_TIME_OF_DAY, 2)
        return TimeReading(start, day.precision, confidence, order=day.order)
    if day.precision != "day":
        raise UnreadableDateError("a time of day without a day")
    wall = start + timedelta(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
    offset, stated, sure = _offset(zone, wall, hints)
    if abs(offset or 0) > zones.LARGEST_OFFSET:
        raise UnreadableDateError("no such zone")
    confidence = round(day.confidence * sure, 2)
    time = wall - timedelta(minutes=offset or 0)
    return TimeReading(time, clock.precision, confidence, "", offset, stated, day.order)


def _offset(zone: Zones, wall: datetime, hints: DateHints) -> tuple[int | None, bool, float]:
    """The offset, whether the date states it itself, and the confidence."""
    if zone.offset is not None:
        return zone.offset, True, 1.0
    if zone.names:
        offset, sure = zones.resolve_zone(zone.names[0], wall.replace(tzinfo=None), hints)
        return offset, True, sure
    if hints.offsets:
        nearest = min(hints.offsets, key=lambda each: abs(each[0] - wall))
        return nearest[1], False, 0.9
    return None, False, ZONE_ASSUMED

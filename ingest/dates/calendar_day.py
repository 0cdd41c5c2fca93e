"""The day in a folded date: numeric, with the name of a month, or with the signs of Chinese, Japanese and Korean.

In: the text of a date, before (`take_numeric_day`) or after (`read_worded_day`) its time of day was taken out. Out: a
Day. What it may mean is settled by the weekday that stands beside it, the site's other dates, its country, its
language.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ingest.dates import calendars, date_words, zones
from ingest.dates.time_reading import DateHints, Precision, UnreadableDateError

YEAR_FIRST = re.compile(
    r"(?<![\d.:])(\d{4})(?:-|/|\.) ?(\d{1,2})(?:-|/|\.) ?(\d{1,2})\.?(?![\d:])(?:(?:z|[+-]\d\d:\d\d)$)?"
)
YEAR_LAST = re.compile(r"(?<![\d.:/-])(\d{1,2})([./-]) ?(\d{1,2})\2 ?(\d{4}|\d{1,2})(?![\d:/-])")
ERAS = "|".join(calendars.ERAS)
CJK_DAY = re.compile(
    rf"(?:(?P<era>{ERAS}) ?|公元|西元)?(?P<year>\d{{1,4}}|元) ?[年년] ?(?P<month>\d{{1,2}}) ?[月월]"
    r"(?: ?(?P<day>\d{1,2}) ?(?:[日號号일]|(?!\d)))?"
)
VIETNAMESE_DAY = re.compile(r"(?:th?(?:ứ)? ?[2-7],? )?(\d{1,2}) (?:tháng|thg) (\d{1,2})(?:,| năm)? (\d{4})")
MONTH_ONLY = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")
FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")  # a year: what looks like a day with two digits is "14.07.09" then
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|ème|[oaeºª]|го|-го|-е|ης|η)(?![^\W\d_])")
COUNTED_DAY = re.compile(r"(?:(\d{4})-(\d{3})|(\d{4})-?w(\d{2})(?:-?(\d))?)(?![\w-])")  # of a year, of a week of a year
FIRST_YEAR, LAST_YEAR = 1900, 2100  # no page of news is older, none is newer
MOST_WORDS_OF_A_NAME = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A day; or a month or year, then with its first day."""

    day: date
    precision: Precision = "day"
    confidence: float = 1.0
    order: str = ""  # "dmy" or "mdy", where a numeric date leaves no other


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a date: the month, the days of the week, the names of zones; and the numbers that are left."""

    months: dict[int, frozenset[str]]
    weekdays: frozenset[int]
    zones: tuple[str, ...]
    numbers: tuple[str, ...]
    thai: bool = False
    persian_month: int | None = None


def make_day(year: int, month: int, day: int) -> date:
    """The day of a date whose year may be of another calendar. Raises UnreadableDateError."""
    if year in calendars.PERSIAN_YEARS:
        return _persian(year, month, day)
    year = calendars.buddhist_to_common(year)
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise UnreadableDateError(f"no such day: {year}-{month}-{day}") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise UnreadableDateError(f"no year of news: {year}")
    return found


def _persian(year: int, month: int, day: int) -> date:
    try:
        return calendars.persian_to_common(year, month, day)
    except ValueError as error:
        raise UnreadableDateError(str(error)) from error


# --- numbers only ---


def take_numeric_day(text: str, hints: DateHints) -> tuple[str, Day | None]:
    """The text without a day that is written in numbers, and that day."""
    for pattern, read in ((CJK_DAY, _cjk_day), (YEAR_FIRST, _year_first), (VIETNAMESE_DAY, _vietnamese_day)):
        match = pattern.search(text)
        if match:
            return _without(text, match), read(match)
    match = COUNTED_DAY.match(text)
    if match:
        return _without(text, match), _counted_day(match)
    match = YEAR_LAST.search(text)
    rest = _without(text, match) if match else text
    if match and (len(match[4]) == 4 or not FOUR_DIGITS.search(rest)):
        return rest, _year_last(match, rest, hints)
    return text, None


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _cjk_day(match: re.Match[str]) -> Day:
    year = 1 if match["year"] == "元" else int(match["year"])
    if match["era"]:
        year += calendars.ERAS[match["era"]]
    elif len(match["year"]) == 3:
        year -= calendars.MINGUO_AHEAD
    elif len(match["year"]) == 2:
        year += 2000
    day = int(match["day"] or 1)
    return Day(make_day(year, int(match["month"]), day), "day" if match["day"] else "month")


def _year_first(match: re.Match[str]) -> Day:
    return Day(make_day(int(match[1]), int(match[2]), int(match[3])))


def _counted_day(match: re.Match[str]) -> Day:
    try:
        if match[2]:
            return Day(date.fromordinal(date(int(match[1]), 1, 1).toordinal() + int(match[2]) - 1))
        return Day(date.fromisocalendar(int(match[3]), int(match[4]), int(match[5] or 1)))
    except ValueError as error:
        raise UnreadableDateError(f"no such day: {match[0]}") from error


def _vietnamese_day(match: re.Match[str]) -> Day:
    return Day(make_day(int(match[3]), int(match[2]), int(match[1])))


def _year_last(match: re.Match[str], rest: str, hints: DateHints) -> Day:
    """A day such as 3/5/2026, 17.11.2026 or 17-11-26."""
    first, second, third = match[1], match[3], match[4]
    possible = {"dmy": (third, second, first)} if len(third) > 1 else {}
    if match[2] != "." and len(third) > 1:
        possible["mdy"] = (third, first, second)
    if len(third) <= 2 and len(first) == 2:
        possible["ymd"] = (first, second, third)
    found: dict[str, date] = {}
    for order, (year, month, day) in possible.items():
        try:
            found[order] = make_day(_full_year(year), int(month), int(day))
        except UnreadableDateError:
            continue
    if not found:
        raise UnreadableDateError(f"no such day: {match[0]}")
    return _settle(found, rest, hints, match[0])


def _full_year(digits: str) -> int:
    """Two digits are of the years 1970 to 2069, as in POSIX."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 70 else 1900)


def _settle(found: dict[str, date], rest: str, hints: DateHints, written: str) -> Day:
    if len(set(found.values())) == 1:
        return Day(next(iter(found.values())), order=next(iter(found)) if len(found) == 1 else "")
    words = {number for word in date_words.tokens(rest) for number in date_words.weekdays(word)}
    fitting = [order for order, day in found.items() if day.weekday() in words]
    if len(fitting) == 1:
        return Day(found[fitting[0]], confidence=0.95, order=fitting[0])
    for order, confidence in ((hints.order, 0.95), (_usual_order(hints), 0.85)):
        if order in found:
            return Day(found[order], confidence=confidence)
        if order == "contradictory":
            break
    raise UnreadableDateError(f"the order of day and month in {written} is not known")


def _usual_order(hints: DateHints) -> str:
    if hints.country:
        return date_words.order_of_country(hints.country)
    return date_words.order_of_language(hints.language)


# --- with words ---


def read_words(text: str, hints: DateHints) -> Words:
    """The words and numbers of a date, its time of day taken out. Raises UnreadableDateError for an unknown word."""
    parts = date_words.tokens(ORDINAL.sub("", text))
    months: list[date_words.Meanings] = []
    days: list[tuple[date_words.Meanings, date_words.Meanings]] = []  # of the week, and as a month
    names: list[str] = []
    persian = None
    at = 0
    while at < len(parts):
        count = _longest_name(parts, at)
        word = " ".join(parts[at : at + count])
        at += count
        month, day = date_words.months(word), date_words.weekdays(word.removesuffix("ที่"))
        if day:
            days.append((day, month))
        elif month:
            months.append(month)
        elif word in calendars.PERSIAN_MONTH:
            persian = calendars.PERSIAN_MONTH[word]
        elif calendars.HIJRI.fullmatch(word):
            raise UnreadableDateError("a Hijri date: its day is seen, not computed")
        elif zones.is_zone(word) and word not in date_words.fillers():
            names.append(word)
        elif not word.isdigit() and word not in date_words.fillers():
            raise UnreadableDateError(f"unknown word: {word[:20]}")
    return _words(months, days, names, [each for each in parts if each.isdigit()], persian, hints)


def _longest_name(parts: list[str], at: int) -> int:
    """How many words from here are one name: "تشرين الثاني" is two."""
    for count in range(min(MOST_WORDS_OF_A_NAME, len(parts) - at), 1, -1):
        word = " ".join(parts[at : at + count])
        if date_words.months(word) or date_words.weekdays(word):
            return count
    return 1


def _words(
    months: list[date_words.Meanings],
    days: list[tuple[date_words.Meanings, date_words.Meanings]],
    names: list[str],
    numbers: list[str],
    persian: int | None,
    hints: DateHints,
) -> Words:
    """A word that may be a day or a month ("mar") is the month where there is no other."""
    if not months and persian is None:
        either = next((each for each in reversed(days) if each[1]), None)
        if either is not None and numbers:
            days.remove(either)
            months = [either[1]]
    if len(months) > 1 or (months and persian is not None):
        raise UnreadableDateError("two months")
    weekdays = frozenset(number for each, _ in days for number in each)
    languages = {language for each, _ in days for meant in each.values() for language in meant}
    month = _in_languages(months[0], languages, hints.language) if months else {}
    thai = any("th" in meant for meant in month.values())
    return Words(month, weekdays, tuple(names), tuple(numbers), thai, persian)


def _in_languages(month: date_words.Meanings, beside: Iterable[str], language: str) -> date_words.Meanings:
    """What a month's name means in this language, or in those of the words beside it."""
    for languages in ({language}, set(beside)):
        own = {number: meant for number, meant in month.items() if meant & languages}
        if len(own) == 1:
            return own
    return month


def read_worded_day(words: Words, rest: str) -> Day:
    """The day that the words and numbers give. Raises UnreadableDateError."""
    if words.persian_month is not None and len(words.numbers) == 2:
        of_month, of_era = sorted(map(int, words.numbers))
        return Day(_persian(of_era, words.persian_month, of_month))
    if not words.months:
        return _without_month(rest.strip(" .,"))
    year, day, factor = _year_and_day(words)
    found = {make_day(year, month, day or 1) for month in words.months}
    if len(found) > 1 and words.weekdays:
        found = {each for each in found if each.weekday() in words.weekdays}
    if len(found) != 1:
        raise UnreadableDateError("the month's name is another month's in another language")
    return Day(found.pop(), "day" if day else "month", factor)


def _year_and_day(words: Words) -> tuple[int, int | None, float]:
    """The year, the day or None, and the confidence. Four digits are the year; of two and two the second."""
    numbers = words.numbers
    years = [each for each in numbers if len(each) == 4]
    if len(years) == 1 and len(numbers) <= 2:
        others = [each for each in numbers if each != years[0]]
        return int(years[0]), int(others[0]) if others else None, 1.0
    if len(numbers) != 2 or not all(len(each) <= 2 for each in numbers) or len(numbers[1]) != 2:
        raise UnreadableDateError("no year" if len(numbers) < 2 else "more numbers than a date has")
    if words.thai:
        return calendars.thai_two_digits(int(numbers[1])), int(numbers[0]), 0.9
    return _full_year(numbers[1]), int(numbers[0]), 0.9


def _without_month(rest: str) -> Day:
    match = MONTH_ONLY.fullmatch(rest)
    if match:
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return Day(make_day(int(year), int(month), 1), "month")
    if re.fullmatch(r"\d{4}", rest):
        return Day(make_day(int(rest), 1, 1), "year")
    raise UnreadableDateError("no day")

"""The time of day and the zone in a folded date; and what is left of the text without them.

In: a folded text without its numeric day. Out: a Clock, or None; the Zones that are stated; and the rest of the text.
"""

import re
from dataclasses import dataclass
from functools import cache

from ingest.dates import zones
from ingest.dates.date_words import noon_words
from ingest.dates.time_reading import Precision, UnreadableDateError

NOON = 12
MOST_WORDS_OF_A_ZONE = 5

COLON_CLOCK = r"(\d{1,2}) ?: ?(\d{2})(?: ?: ?(\d{2})(?:[.,:](\d{1,12}))?)?(?![\d:])"
CJK_CLOCK = r"(\d{1,2}) ?[時时點点시](?: ?(\d{1,2}) ?[分분](?: ?(\d{1,2}) ?[秒초])?)?()(?!\d)"
THAI_CLOCK = r"(\d{1,2}) นาฬิกา(?: (\d{1,2}) นาที(?: (\d{1,2}) วินาที)?)?()(?!\d)"
H_CLOCK = r"(\d{1,2}) ?(?:h|u|giờ)(?: ?(\d{2})(?: ?(?:m|min|phút)\b)?(?: ?(\d{2})(?: ?s)?)?)?()(?![^\W_])"
DOT_CLOCK = r"(?<!\d\.)(\d{1,2})\.(\d{2})(?:\.(\d{2}))?()(?!\.?\d)"
OFFSET = re.compile(
    r" ?,? ?(?P<name>[a-z]{1,5}|etc/gmt)? ?(?P<sign>[+-]) ?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![\d:])"
)
# an offset that stands elsewhere, as in "Tue Nov 17 09:30:00 +0100 2026"
OFFSET_ANYWHERE = re.compile(
    r"(?:^|(?<= ))(?P<name>utc|gmt|ut)? ?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})(?![\d:])"
)
NAMES_OF_UTC = ("utc", "gmt", "ut", "z", "etc/gmt")
PLACE = re.compile(r"[a-z]+(?:/[a-z_+-]*[a-z_]){1,2}")
GROUP = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
BETWEEN_DATE_AND_TIME = re.compile(r"(?<=\d)[t_](?=\d{1,2}[:.]\d\d)")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; 24:00 and a leap second are allowed."""

    hour: int
    minute: int = 0
    second: int = 0
    microsecond: int = 0
    precision: Precision = "minute"


@dataclass(frozen=True, slots=True)
class Zones:
    """What is stated of the zone: an offset in minutes, and names."""

    offset: int | None = None
    names: tuple[str, ...] = ()


def take_zones_in_brackets(text: str) -> tuple[str, Zones]:
    """The text without what stands in brackets, where that is a zone, or a comment on an offset that is stated.

    Day and time are separated by a space then, not by ISO 8601's "T".
    """
    found = Zones()
    text = BETWEEN_DATE_AND_TIME.sub(" ", text)
    for match in GROUP.finditer(text):
        inside = (match[1] or match[2] or "").strip()
        offset = OFFSET.fullmatch(inside) if match[1] else None
        if zones.is_zone(inside):
            found = Zones(found.offset, (*found.names, inside))
        elif offset:
            found = Zones(_minutes(offset), found.names)
        elif not re.search(r"[a-z]{2,}[+-]\d{4} ?\(", text[: match.start() + 1]):
            continue  # not JavaScript's comment on a zone: read with the rest
        text = text.replace(match[0], " ", 1)
    return GROUP.sub(lambda match: f" {match[1] or match[2] or ''} ", text), found


def take_clock(text: str, language: str, dotted: bool) -> tuple[str, Clock | None, Zones]:
    """The text without its time of day and zone. `dotted`: whether "14.07" may be one."""
    for pattern in _patterns(language, dotted):
        match = pattern.search(text)
        if match:
            before, after = text[: match.start()], text[match.end() :]
            half = _half(match.groupdict(), language)
            rest, zone = _take_zone(before, after)
            return rest, _clock(match, half), zone
    return text, None, Zones()


@cache
def _patterns(language: str, dotted: bool) -> tuple[re.Pattern[str], ...]:
    words = sorted({word for half in noon_words(language) for word in half}, key=len, reverse=True)
    half = "|".join(["[ap]\\.? ?m\\.?", "[πμ]\\. ?μ\\.?", *map(re.escape, words)])
    before, after = rf"(?:(?P<before>{half})\.? ?)?", rf"(?: ?(?P<after>{half})\.?(?![^\W\d_]))?"
    # a date's "t" stands before the hour in ISO 8601
    clocks = [COLON_CLOCK, CJK_CLOCK, H_CLOCK, THAI_CLOCK, *([DOT_CLOCK] if dotted else [])]
    alone = r"(?<![\d:.,/-])(\d{1,2}) ?(?P<after>[ap]\.? ?m\b\.?)()()()(?P<before>)"
    return tuple(
        re.compile(each) for each in (*(rf"(?<![\d:.,]){before}(?<![\d:]){each}{after}" for each in clocks), alone)
    )


def _half(words: dict[str, str | None], language: str) -> str:
    """ "am", "pm" or ""."""
    for word in (words.get("after"), words.get("before")):
        if not word:
            continue
        plain = re.sub(r"[. ]", "", word)
        before, after = noon_words(language)
        if plain in ("am", "πμ") or word.strip(".") in before:
            return "am"
        if plain in ("pm", "μμ") or word.strip(".") in after:
            return "pm"
    return ""


def _clock(match: re.Match[str], half: str) -> Clock:
    numbers = [each for name, each in zip(_group_names(match), match.groups(), strict=True) if name is None]
    hour, minute, second, fraction = (int(numbers[0]), *(numbers[1:4]))
    hour = _on_24_hours(hour, half)
    clock = Clock(
        hour,
        int(minute or 0),
        int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]),
        "second" if second else "minute",
    )
    whole_day = clock.hour == 24 and not (clock.minute or clock.second or clock.microsecond)
    if (clock.hour > 23 and not whole_day) or clock.minute > 59 or clock.second > 60:
        raise UnreadableDateError("no such time of day")
    return clock


def _group_names(match: re.Match[str]) -> list[str | None]:
    names = {number: name for name, number in match.re.groupindex.items()}
    return [names.get(number) for number in range(1, match.re.groups + 1)]


def _on_24_hours(hour: int, half: str) -> int:
    if half == "pm" and hour < NOON:
        return hour + NOON
    if half == "am" and hour == NOON:
        return 0
    return hour  # "14:07 PM" is written too, and "14:07 am 17. November" is German


def _take_zone(before: str, after: str) -> tuple[str, Zones]:
    """What is left around a time of day without the zone that follows it, or that stands elsewhere as an offset."""
    match = OFFSET.match(after)
    if match and _is_offset(match, after[match.end() :]):
        return f"{before} {after[match.end() :]}", Zones(_minutes(match))
    elsewhere = OFFSET_ANYWHERE.search(after)
    if elsewhere and _is_offset(elsewhere, ""):
        rest = after[: elsewhere.start()] + " " + after[elsewhere.end() :]
        return f"{before} {rest}", Zones(_minutes(elsewhere))
    place = PLACE.search(after)
    if place and zones.is_zone(place[0]):
        return f"{before} {after[: place.start()]} {after[place.end() :]}", Zones(None, (place[0],))
    return _take_zone_name(before, after)


def _take_zone_name(before: str, after: str) -> tuple[str, Zones]:
    """A name behind the time of day."""
    words = after.replace(",", " ").split()
    for count in range(min(MOST_WORDS_OF_A_ZONE, len(words)), 0, -1):
        name = " ".join(words[:count]).strip(".")
        if zones.is_zone(name):
            return " ".join([before, *words[count:]]), Zones(None, (name,))
    glued = next((name for name in ("utc", "gmt", "z") if re.match(rf"{name}(?![^\W\d_])", after)), None)
    if glued:
        return f"{before} {after[len(glued) :]}", Zones(0)
    return f"{before} {after}", Zones()


def _is_offset(match: re.Match[str], rest: str) -> bool:
    """Whether a sign and digits are an offset and not the rest of a date ("09:30 - 17 Nov 2026")."""
    if match["name"] not in (None, *NAMES_OF_UTC) and not (zones.is_zone(match["name"]) and match["minutes"]):
        return False
    whole = match["minutes"] is not None or match["name"] is not None
    glued = match[0].startswith(("+", "-"))
    spaced_sign = re.search(r"[+-] ", match[0]) is not None and match["name"] is None
    short = not whole and not (glued and not rest.strip(" z)"))
    return not spaced_sign and not short and abs(_offset_or_more(match)) <= zones.LARGEST_OFFSET


def _offset_or_more(match: re.Match[str]) -> int:
    minutes = int(match["minutes"] or 0)
    too_much = 24 * 60
    return int(match["hours"]) * 60 + minutes if minutes < 60 else too_much


def _minutes(match: re.Match[str]) -> int:
    sign = -1 if match["sign"] == "-" else 1
    # in the names of the tz database the sign is the other way round
    return _offset_or_more(match) * sign * (-1 if match["name"] == "etc/gmt" else 1)

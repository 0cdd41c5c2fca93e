"""Filter words: what a query says beside the words to look for: `rates source:"The Paper" after:2026-11-01`. Pure.

In: a query as it was typed, the present time and the zone of days, and what finds the code of a language or a country.
Out: the words to look for, Filters, and in words what could not be understood. A filter inside of a phrase is a part of
the phrase; a word before a colon that is no filter is a word.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlsplit

import msgspec

from index.searching.query import Filters, NamedEntity

# word -> what it is called in Filters; the words of one line mean the same
WORDS = {
    "source": "source",
    "language": "language",
    "lang": "language",
    "country": "country",
    "person": "person",
    "people": "person",
    "organisation": "organisation",
    "organization": "organisation",
    "org": "organisation",
    "place": "place",
    "name": "name",
    "entity": "name",
    "story": "story",
    "kind": "kind",
    "after": "after",
    "since": "after",
    "before": "before",
    "until": "before",
}
KINDS = ("article", "liveblog", "gallery", "video", "teaser", "withdrawn")
NAMES = {"person": "person", "organisation": "organisation", "place": "place", "name": None}
CURLY_QUOTES = str.maketrans("“”„«»", 5 * '"')
_QUOTE = re.compile(r'(?<!\\)"')
_PHRASE = r'"(?:[^"\\]|\\.)*"?'
_PART = re.compile(rf'({_PHRASE})|(?<![^\s(])({"|".join(WORDS)}):("[^"]*"?|[^\s"]+)', re.IGNORECASE)
_AGO = re.compile(r"(\d{1,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_TIME_FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m", "%Y")
_RESOLUTION = timedelta(milliseconds=1)  # of a date in the index


class FilterWord(msgspec.Struct, frozen=True):
    """A filter as it stands in a query, from `start` to `end`: its name (as in WORDS, right), and its value."""

    name: str
    value: str
    start: int
    end: int


class TypedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What a query means: `words` are looked for; `problems` says what was not understood and left out.

    `story`: an id or the beginning of one, for which the caller has to find all ids (Filters.stories).
    """

    words: str
    filters: Filters = Filters()
    story: str = ""
    problems: tuple[str, ...] = ()


class Reader(msgspec.Struct, frozen=True):
    """How values are read: when it is, in which zone days begin, what finds codes (None for no such thing)."""

    now: datetime
    zone: tzinfo
    find_language: Callable[[str], str | None]
    find_country: Callable[[str], str | None]


def close_quotes(text: str) -> str:
    """The query with straight quotes; one that is not closed ends with the query."""
    straight = text.translate(CURLY_QUOTES)
    return f'{straight}"' if len(_QUOTE.findall(straight)) % 2 else straight


def find_filter_words(text: str) -> list[FilterWord]:
    """The filters of a query, in their order."""
    return [
        FilterWord(WORDS[found[2].lower()], found[3].strip('"').strip(), found.start(), found.end())
        for found in _PART.finditer(text)
        if found[2] and found[3].strip('"').strip()
    ]


def without(text: str, filters: list[FilterWord]) -> str:
    """The query without these of its filters."""
    for each in sorted(filters, key=lambda each: -each.start):
        text = text[: each.start] + text[each.end :]
    return " ".join(text.split())


def with_filter(text: str, name: str, value: str) -> str:
    """The query with one more filter, in place of one of the same name and, of names, of the same value."""
    replaced = [
        each
        for each in find_filter_words(text)
        if each.name == name and (name not in NAMES or each.value.casefold() == value.casefold())
    ]
    return f"{without(text, replaced)} {write_filter(name, value)}".strip()


def write_filter(name: str, value: str) -> str:
    """A filter as it is typed."""
    bare = " ".join(value.replace('"', " ").split())
    return f'{name}:"{bare}"' if re.search(r"\s", bare) else f"{name}:{bare}"


def read_query(text: str, reader: Reader) -> TypedSearch:
    """What a query means. No query is an error."""
    typed = close_quotes(text)
    found = find_filter_words(typed)
    problems: list[str] = []
    values: dict[str, str] = {}
    for each in found:
        if each.name in values and each.name not in NAMES:
            problems.append(f"{each.name}: stands twice, and the last counts")
        values[each.name] = each.value
    filters = Filters(
        source=_source(values.get("source")),
        language=_code(values, "language", reader.find_language, problems),
        country=_code(values, "country", reader.find_country, problems),
        names=tuple(NamedEntity(each.value, NAMES[each.name]) for each in found if each.name in NAMES),  # type: ignore[arg-type]
        kind=_kind(values.get("kind"), problems),
        since=_time(values, "after", reader, problems),
        until=_time(values, "before", reader, problems),
    )
    words = without(typed, found)
    return TypedSearch(words=words, filters=filters, story=values.get("story", ""), problems=tuple(problems))


def _source(value: str | None) -> str | None:
    """A host, a name, or the host of an address."""
    return (urlsplit(value).hostname if value and "://" in value else value) or None


def _code(values: dict[str, str], name: str, find: Callable[[str], str | None], problems: list[str]) -> str | None:
    if name not in values:
        return None
    found = find(values[name])
    if found is None:
        problems.append(f"no {name} is called {values[name]}: it is left out")
    return found


def _kind(value: str | None, problems: list[str]) -> str | None:
    if value is None or value.lower() in KINDS:
        return value and value.lower()
    problems.append(f"no kind of article is called {value}: there are {', '.join(KINDS)}")
    return None


def _time(values: dict[str, str], name: str, reader: Reader, problems: list[str]) -> datetime | None:
    if name not in values:
        return None
    found = next(_times(values[name], reader), None)
    if found is None:
        problems.append(f"{name}:{values[name]} is no time: write {name}:2026-11-01, or {name}:7d for a week ago")
        return None
    return found - _RESOLUTION if name == "before" else found


def _times(value: str, reader: Reader) -> Iterator[datetime]:
    """The time that is meant, if any: a beginning of a day, month or year, a time of day, or so long ago."""
    if ago := _AGO.fullmatch(value.lower()):
        yield reader.now - int(ago[1]) * _UNITS[ago[2]]
    for form in _TIME_FORMS:
        try:
            found = datetime.strptime(value.upper(), form).replace(tzinfo=reader.zone)
            found.astimezone(reader.now.tzinfo)  # the first and the last year have times that no other zone has
        except (ValueError, OverflowError):
            continue
        if found.year > 1:
            yield found

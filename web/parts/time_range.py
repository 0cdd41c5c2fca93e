"""Time range: a search narrowed to days, or to columns of its chart. Pure.

In: a search and what a form says. Out: the search with the range as words of its query (`after:`, `before:`), and so in
its address.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from index.searching import filter_words
from index.searching.facet_search import Column
from web.parts.bar_chart import Bar, build_bars, name_of, write_start
from web.parts.search_link import SearchLink

START = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?")


class Span(NamedTuple):
    """A column of a chart as a form names it: what it is called, and its time as START/END (an ISO 8601 interval)."""

    name: str
    interval: str


def build_spans(columns: Sequence[Column]) -> tuple[Span, ...]:
    """A span for each column, those without articles too."""
    return tuple(Span(name_of(each), f"{write_start(each.start)}/{write_start(each.end)}") for each in columns)


def build_linked_bars(link: SearchLink, columns: Sequence[Column]) -> tuple[tuple[Bar, str], ...]:
    """A bar for each column with articles, and the address of the search within its time."""
    return tuple((bar, _between(link, bar.after, bar.before).url()) for bar in build_bars(columns))


def with_spans(link: SearchLink, first: str, last: str) -> SearchLink:
    """The search from one interval to another, both included, whichever is the earlier; itself, for what is none."""
    ends = [each for interval in (first, last) for each in interval.split("/")]
    if len(ends) != 4 or not all(map(_is_start, ends)):
        return link.of(link.typed)
    return _between(link, min(ends), max(ends))  # so written, the earlier one sorts first


def with_days(link: SearchLink, first: str, last: str) -> SearchLink:
    """The search from one day to another, both included; what is no day is left out."""
    since, until = _day(first), _day(last)
    return _between(link, since.isoformat() if since else "", (until + timedelta(days=1)).isoformat() if until else "")


def _between(link: SearchLink, after: str, before: str) -> SearchLink:
    typed = link.typed
    for name, value in (("after", after), ("before", before)):
        if value:
            typed = filter_words.with_filter(typed, name, value)
    return link.of(typed)


def _is_start(text: str) -> bool:
    """Whether `write_start` could have written it."""
    try:
        return bool(START.fullmatch(text)) and 1 < datetime.fromisoformat(text).year < 9999
    except ValueError:
        return False


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1 < day.year < 9999 else None

"""Bar chart: columns over time, to be drawn as SVG. Pure.

In: counts over time. Out: bars with their place in a drawing of WIDTH by HEIGHT, and what each is called.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from index.searching.facet_search import Column

WIDTH, HEIGHT = 1_000.0, 80.0
GAP = 0.15  # of a column's width
LOWEST = 2.0  # of a bar that stands for anything


class Bar(NamedTuple):
    """A bar: its left side, top, width and height; what it stands for, and a filter of time for that."""

    x: float
    y: float
    width: float
    height: float
    articles: int
    name: str
    after: str
    before: str


def build_bars(columns: Sequence[Column]) -> tuple[Bar, ...]:
    """A bar for each column with articles."""
    most = max((each.articles for each in columns), default=0)
    step = WIDTH / max(1, len(columns))
    bars = []
    for number, column in enumerate(columns):
        height = max(LOWEST, HEIGHT * column.articles / most) if column.articles else 0.0
        x, width = step * (number + GAP / 2), step * (1 - GAP)
        x, y, width, height = (round(each, 1) for each in (x, HEIGHT - height, width, height))
        times = write_start(column.start), write_start(column.end)
        bars.append(Bar(x, y, width, height, column.articles, name_of(column), *times))
    return tuple(each for each in bars if each.articles)


def name_of(column: Column) -> str:
    """What a span of time is called: a year, a month, a day, an hour, or the week that begins on a day."""
    start, length = column.start, column.end - column.start
    if length > timedelta(days=300):
        return f"{start:%Y}"
    if length > timedelta(days=20):
        return f"{start:%B %Y}"
    if length > timedelta(days=2):
        return f"week of {start:%Y-%m-%d}"
    return f"{start:%Y-%m-%d}" if length > timedelta(hours=2) else f"{start:%Y-%m-%d %H:%M}"


def write_start(at: datetime) -> str:
    """The start of a column as `after:` and `before:` take it."""
    is_day = (at.hour, at.minute) == (0, 0)
    return at.strftime("%Y-%m-%d" if is_day else "%Y-%m-%dT%H:%M")

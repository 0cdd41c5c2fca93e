"""Facet search: what the articles of a search are made up of: sources, languages, countries, names, kinds; and when.

In: a search. Out: counts of articles (copies are articles), most first, and columns over time.
"""

import bisect
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from index.client import call_server, connect
from index.searching.query import SearchRequest, match_clause
from pipeline import settings

MOST_VALUES = 10  # of a facet
MOST_COLUMNS = 40
MOST_STARTS = 1_000
Unit = Literal["hour", "day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = ("hour", "day", "week", "month", "year")
# facet -> the field that it counts
FIELDS: Mapping[str, str] = {
    "source": "source_name",
    "language": "language",
    "country": "countries",
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "kind": "kind",
}


class Column(msgspec.Struct, frozen=True):
    """The articles of a span of time: from `start` until `end`, which is the start of the next column."""

    start: datetime
    end: datetime
    articles: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of articles: of all, by value of each facet, and over time, without gaps."""

    articles: int = 0
    values: dict[str, dict[str, int]] = {}
    columns: tuple[Column, ...] = ()


def facets(options: settings.Elasticsearch, request: SearchRequest, zone: ZoneInfo) -> Facets:
    """Counts; days and hours begin in `zone`. Where all is of two days, hours are counted too. Raises Unavailable."""
    with connect(options) as client:

        def ask(aggregations: Mapping[str, Any]) -> Mapping[str, Any]:
            body = build_facets_body(request, aggregations)
            asked = call_server(lambda: client.search(index=options.prefix, body=body, ignore_unavailable=True))
            return dict(asked.body)

        answer = ask({**VALUES, "time": over_time("day", zone)})
        counted = answer.get("aggregations", {})
        columns = build_columns(counts_over_time(counted), "day", zone)
        if 0 < len(columns) <= 2:
            columns = build_columns(
                counts_over_time(ask({"time": over_time("hour", zone)})["aggregations"]), "hour", zone
            )
    values = {name: {str(each["key"]): each["doc_count"] for each in _buckets(counted, name)} for name in FIELDS}
    return Facets(articles=answer["hits"]["total"]["value"], values=values, columns=columns)


def count(options: settings.Elasticsearch, request: SearchRequest) -> int:
    """How many articles a search finds. Raises Unavailable."""
    with connect(options) as client:
        body = build_facets_body(request, {})
        answer = call_server(lambda: client.search(index=options.prefix, body=body, ignore_unavailable=True))
    return int(answer["hits"]["total"]["value"])


VALUES: Mapping[str, Any] = {name: {"terms": {"field": field, "size": MOST_VALUES}} for name, field in FIELDS.items()}


def build_facets_body(request: SearchRequest, aggregations: Mapping[str, Any]) -> dict[str, Any]:
    """Builds the request. Nothing is scored: only what matches is counted."""
    query = {"bool": {"filter": match_clause(request)}}
    return {"size": 0, "track_total_hits": True, "query": query, "aggs": dict(aggregations)}


def build_columns(counts: Mapping[datetime, int], unit: Unit, zone: ZoneInfo) -> tuple[Column, ...]:
    """Columns over the counts of hours or days (by their start, in order): of these, or of the smallest longer unit of
    which there are at most MOST_COLUMNS. Pure."""
    if not counts:
        return ()
    first, last = (each.astimezone(zone) for each in (min(counts), max(counts)))
    units = UNITS[UNITS.index(unit) :]
    starts = next(
        (found for each in units if len(found := _starts(first, last, each)) <= MOST_COLUMNS + 1),
        _starts(first, last, UNITS[-1])[-MOST_COLUMNS - 1 :],
    )
    numbers = [0] * (len(starts) - 1)
    for start, articles in counts.items():
        numbers[max(0, bisect.bisect_right(starts, start) - 1)] += articles
    return tuple(Column(*each) for each in zip(starts[:-1], starts[1:], numbers, strict=True))


def _starts(first: datetime, last: datetime, unit: Unit) -> list[datetime]:
    """The starts of the units from that of `first` to that behind `last`; of very many only the first ones."""
    starts = [floor(first, unit)]
    while starts[-1] <= last and len(starts) < MOST_STARTS:
        starts.append(_next(starts[-1], unit))
    return starts


def floor(at: datetime, unit: Unit) -> datetime:
    """When the hour, day, week, month or year of a time begins, in its own zone."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    floors = {
        "hour": at.replace(minute=0, second=0, microsecond=0),
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(day=1, month=1),
    }
    return floors[unit]


def _next(start: datetime, unit: Unit) -> datetime:
    if unit == "hour":  # in UTC, for the night in which a clock is set has an hour twice, or not at all
        return (start.astimezone(UTC) + timedelta(hours=1)).astimezone(start.tzinfo)
    # longer than the longest of its kind, and back to its start
    longer = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
    return floor(start + longer.get(unit, timedelta(days=366)), unit)


def over_time(unit: Unit, zone: ZoneInfo) -> dict[str, Any]:
    """The aggregation that `counts_over_time` reads."""
    return {"date_histogram": {"field": "date", "calendar_interval": unit, "min_doc_count": 1, "time_zone": zone.key}}


def counts_over_time(counted: Mapping[str, Any]) -> dict[datetime, int]:
    """The articles by the start of their hour or day, of the aggregation `time`."""
    return {datetime.fromtimestamp(each["key"] / 1000, UTC): each["doc_count"] for each in _buckets(counted, "time")}


def _buckets(counted: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = counted.get(name, {}).get("buckets", ())
    return found

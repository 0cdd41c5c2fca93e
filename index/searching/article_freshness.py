"""Article freshness: how long articles took from their publication, discovery and fetch until they were indexed.

In: a window of hours, the target of the settings. Out: percentiles in seconds, by source and over time; the share that
met the target. Articles are chosen by the time of their fetch, so that a replay of old messages looks like no delay.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from index.client import call_server, connect
from pipeline import settings

PERCENTS = (50, 95, 99)
STARTS = ("publication", "found", "fetch")  # what is measured from, to the article's indexing
MOST_SOURCES = 1_000
MOST_POINTS = 48  # of a table over time


class Delays(msgspec.Struct, frozen=True, kw_only=True):
    """Percentiles of the seconds until articles were indexed: {"50": 2.1, "95": 8.0, "99": 12.5}; {} without any.

    `share`: of the articles, how many were searchable soon enough after they were found, 0 to 1; None without any that
    say when they were found.
    """

    articles: int
    from_publication: dict[str, float]
    from_found: dict[str, float]
    from_fetch: dict[str, float]
    share: float | None = None


class FreshnessReport(msgspec.Struct, frozen=True, kw_only=True):
    """The delays of all articles of a window; by source, the slowest first; and by the hour (or longer) of the
    fetch."""

    hours: float
    target_seconds: float
    target_share: float
    overall: Delays
    by_source: dict[str, Delays]
    by_time: dict[datetime, Delays]


class TargetMet(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles there were, the share of them that met the target, and the target."""

    articles: int
    share: float
    target_seconds: float
    target_share: float


def delays(options: settings.Elasticsearch, target: settings.Freshness, hours: float) -> Delays:
    """The delays of all articles that were fetched in the last `hours`. Raises Unavailable."""
    answer = _ask(options, hours, _measures(target))
    return _delays(answer.get("aggregations", {}), answer["hits"]["total"]["value"])


def report(options: settings.Elasticsearch, target: settings.Freshness, hours: float) -> FreshnessReport:
    """The delays of the last `hours`: overall, by source, over time. Raises Unavailable."""
    measures = _measures(target)
    interval = f"{max(1, round(hours / MOST_POINTS))}h"
    more = {
        "by_source": {"terms": {"field": "source", "size": MOST_SOURCES}, "aggs": measures},
        "by_time": {
            "date_histogram": {"field": "fetched_at", "fixed_interval": interval, "min_doc_count": 1},
            "aggs": measures,
        },
    }
    answer = _ask(options, hours, {**measures, **more})
    found = answer.get("aggregations", {})
    sources = {each["key"]: _delays(each, each["doc_count"]) for each in _buckets(found, "by_source")}
    times = {each["key_as_string"]: _delays(each, each["doc_count"]) for each in _buckets(found, "by_time")}
    return FreshnessReport(
        hours=hours,
        target_seconds=target.target_seconds,
        target_share=target.target_share,
        overall=_delays(found, answer["hits"]["total"]["value"]),
        by_source=dict(sorted(sources.items(), key=lambda pair: -pair[1].from_found.get("95", 0.0))),
        by_time={datetime.fromisoformat(at): each for at, each in times.items()},
    )


def share_within(options: settings.Elasticsearch, target: settings.Freshness, hours: float) -> TargetMet:
    """How many of the articles of the last `hours` met the target. Raises Unavailable."""
    met = {"met": _met(target), "known": _known()}
    found = _ask(options, hours, met).get("aggregations", {})
    known, soon = (found.get(name, {}).get("doc_count", 0) for name in ("known", "met"))
    return TargetMet(
        articles=known,
        share=soon / known if known else 1.0,
        target_seconds=target.target_seconds,
        target_share=target.target_share,
    )


def _ask(options: settings.Elasticsearch, hours: float, aggregations: Mapping[str, Any]) -> Mapping[str, Any]:
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": {"range": {"fetched_at": {"gte": f"now-{round(hours * 3600)}s"}}},
        "aggs": dict(aggregations),
    }
    with connect(options) as client:
        return dict(call_server(lambda: client.search(index=options.prefix, body=body, ignore_unavailable=True)).body)


def _measures(target: settings.Freshness) -> dict[str, Any]:
    percentiles = {start: {"percentiles": {"field": f"seconds_from_{start}", "percents": PERCENTS}} for start in STARTS}
    return {**percentiles, "met": _met(target), "known": _known()}


def _met(target: settings.Freshness) -> dict[str, Any]:
    return {"filter": {"range": {"seconds_from_found": {"lte": target.target_seconds}}}}


def _known() -> dict[str, Any]:
    return {"filter": {"exists": {"field": "seconds_from_found"}}}


def _delays(found: Mapping[str, Any], articles: int) -> Delays:
    values = {start: _without_missing(found.get(start, {}).get("values", {})) for start in STARTS}
    known, soon = (found.get(name, {}).get("doc_count", 0) for name in ("known", "met"))
    return Delays(
        articles=articles,
        from_publication=values["publication"],
        from_found=values["found"],
        from_fetch=values["fetch"],
        share=soon / known if known else None,
    )


def _buckets(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(found.get(name, {}).get("buckets", ()))


def _without_missing(values: Mapping[str, float | None]) -> dict[str, float]:
    return {f"{float(name):g}": value for name, value in values.items() if value is not None}

"""Feed search: how complete the news is, by what the feeds usually have and by what they had in about the last day.

In: settings. Out: a Completeness. It is the poller's word (docs/decisions/0029), as it lies in the index of feeds.
"""

from datetime import datetime
from typing import Any

import msgspec

from index.client import call_server, connect
from index.mapping import search_alias
from pipeline import settings

MOST_SILENT = 100  # feeds that are named
SILENT: dict[str, Any] = {"bool": {"filter": [{"term": {"active": True}}, {"exists": {"field": "silent_since"}}]}}


class SilentFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that has fallen silent. `day_expected`: new entries that it usually has in a day."""

    name: str
    url: str
    silent_since: datetime
    day_expected: float


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """New entries that usually come in about a day, and those that came, of all active feeds; and the silent feeds.

    `silent` names at most MOST_SILENT of them, those first that usually have most; `silent_feeds` counts them.
    """

    expected: float = 0.0
    seen: float = 0.0
    silent_feeds: int = 0
    silent: tuple[SilentFeed, ...] = ()


def completeness(options: settings.Elasticsearch) -> Completeness:
    """Sums up all active feeds. Raises Unavailable."""
    alias = search_alias(options.prefix, "feeds")
    body = {
        "size": MOST_SILENT,
        "track_total_hits": True,
        "query": {"term": {"active": True}},
        "aggs": {name: {"sum": {"field": f"day_{name}"}} for name in ("expected", "seen")},
        "post_filter": SILENT,
        "sort": [{"day_expected": {"order": "desc", "unmapped_type": "float"}}],
        "_source": list(SilentFeed.__struct_fields__),
    }
    with connect(options) as client:
        answer = call_server(lambda: client.search(index=alias, body=body, ignore_unavailable=True)).body
    sums = answer.get("aggregations", {})
    return Completeness(
        expected=sums.get("expected", {}).get("value", 0.0),
        seen=sums.get("seen", {}).get("value", 0.0),
        silent_feeds=answer["hits"]["total"]["value"],
        silent=tuple(msgspec.convert(hit["_source"], SilentFeed) for hit in answer["hits"]["hits"]),
    )


class PollProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How many feeds are on the list, how many of them were polled at least once, and how many fail."""

    active: int = 0
    polled: int = 0
    failing: int = 0


def poll_progress(options: settings.Elasticsearch) -> PollProgress:
    """Counts the active feeds. Raises Unavailable."""
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": {"term": {"active": True}},
        "aggs": {
            "polled": {"filter": {"exists": {"field": "last_poll_at"}}},
            "failing": {"filter": {"range": {"failures": {"gt": 0}}}},
        },
    }
    alias = search_alias(options.prefix, "feeds")
    with connect(options) as client:
        answer = call_server(lambda: client.search(index=alias, body=body, ignore_unavailable=True)).body
    counted = answer.get("aggregations", {})
    polled, failing = (counted.get(name, {}).get("doc_count", 0) for name in ("polled", "failing"))
    return PollProgress(active=answer["hits"]["total"]["value"], polled=polled, failing=failing)

"""Feed search: how complete the news is, by what the feeds usually have and by what they had in about the last day.

In: settings. Out: a Completeness. It is the poller's word (docs/decisions/0029), as it lies in the index of feeds.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from index.client import call_server, connect
from index.mapping import search_alias
from pipeline import feed_state, settings
from pipeline.feed_state import FeedError

MOST_SILENT = 100  # feeds that are named
_OVERDUE_SECONDS = round(feed_state.OVERDUE.total_seconds())
OVERDUE: dict[str, Any] = {"range": {"next_poll_at": {"lt": f"now-{_OVERDUE_SECONDS}s"}}}
MOST_PART = 200  # characters of a name or address that are looked for
WILDCARDS = re.compile(r"[*?\\]")
SILENT: dict[str, Any] = {"bool": {"filter": [{"term": {"active": True}}, {"exists": {"field": "silent_since"}}]}}


class SilentFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that has fallen silent. `day_expected`: new entries that it usually has in a day."""

    name: str
    url: str
    silent_since: datetime
    day_expected: float


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """New entries that usually come in about a day, and those that came, of all active feeds; and the silent feeds.

    `silent` names at most MOST_SILENT of them, those first that usually have most; `silent_feeds` counts them. Where no
    poller works these numbers stand still: `overdue` feeds should have been polled before `feed_state.OVERDUE`.
    """

    expected: float = 0.0
    seen: float = 0.0
    silent_feeds: int = 0
    silent: tuple[SilentFeed, ...] = ()
    overdue: int = 0
    last_poll_at: datetime | None = None  # of any feed


def completeness(options: settings.Elasticsearch) -> Completeness:
    """Sums up all active feeds. Raises Unavailable."""
    alias = search_alias(options.prefix, "feeds")
    body = {
        "size": MOST_SILENT,
        "track_total_hits": True,
        "query": {"term": {"active": True}},
        "aggs": {
            **{name: {"sum": {"field": f"day_{name}"}} for name in ("expected", "seen")},
            "overdue": {"filter": OVERDUE},
            "last_poll": {"max": {"field": "last_poll_at"}},
        },
        "post_filter": SILENT,
        "sort": [{"day_expected": {"order": "desc", "unmapped_type": "float"}}],
        "_source": list(SilentFeed.__struct_fields__),
    }
    with connect(options) as client:
        answer = call_server(lambda: client.search(index=alias, body=body, ignore_unavailable=True)).body
    sums = answer.get("aggregations", {})
    last_poll = sums.get("last_poll", {}).get("value")
    return Completeness(
        expected=sums.get("expected", {}).get("value", 0.0),
        seen=sums.get("seen", {}).get("value", 0.0),
        silent_feeds=answer["hits"]["total"]["value"],
        silent=tuple(msgspec.convert(hit["_source"], SilentFeed) for hit in answer["hits"]["hits"]),
        overdue=sums.get("overdue", {}).get("doc_count", 0),
        last_poll_at=None if last_poll is None else datetime.fromtimestamp(last_poll / 1000, UTC),
    )


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as the poller left it after its last poll: the fields of FeedBody that a list shows."""

    url: str
    name: str
    group: str = ""
    active: bool = True
    location: str | None = None
    gone_at: datetime | None = None
    distrusted: bool = False
    interval: float = 0.0  # seconds between polls
    next_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_article_at: datetime | None = None
    failures: int = 0  # in a row
    error: FeedError | None = None
    gaps: int = 0
    cut: int = 0
    silent_since: datetime | None = None
    drifting_since: datetime | None = None
    day_expected: float = 0.0
    day_seen: float = 0.0
    polls: int = 0
    articles: int = 0


class FeedRows(msgspec.Struct, frozen=True):
    """Feeds; `total` counts those that are not among the rows, too."""

    total: int
    rows: tuple[FeedRow, ...]


def find_feeds(options: settings.Elasticsearch, part: str = "", *, troubled: bool = False, most: int = 200) -> FeedRows:
    """The feeds of whose URL, name or group `part` is a part (case does not matter), those that fail most first.

    `troubled`: only those that fail, are silent or gone. Raises Unavailable.
    """
    clauses: list[dict[str, Any]] = []
    if part:
        pattern = {"value": f"*{WILDCARDS.sub(_escaped, part[:MOST_PART])}*", "case_insensitive": True}
        clauses.append({"bool": {"should": [{"wildcard": {name: pattern}} for name in ("url", "name", "group")]}})
    if troubled:
        failing = {"bool": {"filter": [{"term": {"active": True}}, {"range": {"failures": {"gt": 0}}}]}}
        clauses.append({"bool": {"should": [failing, SILENT, {"exists": {"field": "gone_at"}}]}})
    return _rows(options, {"bool": {"filter": clauses}}, most)


def find_feed(options: settings.Elasticsearch, url: str) -> FeedRow | None:
    """The feed with this address; None for none. Raises Unavailable."""
    return next(iter(_rows(options, {"term": {"url": url}}, 1).rows), None)


def _rows(options: settings.Elasticsearch, query: dict[str, Any], most: int) -> FeedRows:
    kinds = {"active": "boolean", "failures": "long"}
    body = {
        "size": most,
        "track_total_hits": True,
        "query": query,
        "sort": [
            *({name: {"order": "desc", "unmapped_type": kind}} for name, kind in kinds.items()),
            {"name": {"order": "asc", "unmapped_type": "keyword"}},
        ],
        "_source": list(FeedRow.__struct_fields__),
    }
    alias = search_alias(options.prefix, "feeds")
    with connect(options) as client:
        answer = call_server(lambda: client.search(index=alias, body=body, ignore_unavailable=True)).body
    rows = (msgspec.convert(hit["_source"], FeedRow, strict=False) for hit in answer["hits"]["hits"])
    return FeedRows(answer["hits"]["total"]["value"], tuple(rows))


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

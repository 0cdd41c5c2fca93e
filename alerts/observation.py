"""Observation: what is to be known of the pipeline and its sources at one moment, asked of Kafka and Elasticsearch.

In: settings, and the windows for which freshness is wanted. Out: an Observation; what could not be asked is None in it,
and the server that did not answer is named. It raises nothing for a server that is away.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

import msgspec

from index.client import call_server, connect
from index.mapping import search_alias
from index.searching.article_freshness import TargetMet, share_within
from pipeline import settings
from pipeline.failures import Unavailable
from pipeline.kafka import consumer_lag

T = TypeVar("T")
MOST_FEEDS = 1_000  # that are named for one kind of remark
DEAD_HOURS = 1.0


class FeedRemark(msgspec.Struct, frozen=True, kw_only=True):
    """A feed of which something is to be said, and since when."""

    url: str
    name: str
    group: str
    since: datetime
    detail: str = ""


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of a disk."""

    free: int
    total: int


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at one moment; None (or no key) for what could not be asked."""

    at: datetime
    away: dict[str, str] = {}  # server -> what happened
    silent: tuple[FeedRemark, ...] | None = None
    drifting: tuple[FeedRemark, ...] | None = None
    failing: tuple[FeedRemark, ...] | None = None  # since the last poll that was good
    gaps: tuple[FeedRemark, ...] | None = None  # since the newest gap
    overdue: tuple[FeedRemark, ...] | None = None  # since the time at which it should have been polled
    freshness: dict[float, TargetMet] = {}  # by window, in minutes
    waiting_since: dict[str, datetime] | None = None  # stage -> the time of the oldest message that it has not finished
    dead_letters: dict[str, int] | None = None  # of the last hour, by "stage reason"
    disks: dict[str, Disk] | None = None  # by Elasticsearch's node


# what is remarked of feeds: the field that says since when, and the query beside its presence
_REMARKS: Mapping[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "silent": ("silent_since", ()),
    "drifting": ("drifting_since", ()),
    "failing": ("failing_since", ()),
    "gaps": ("last_gap_at", ()),
    "overdue": ("next_poll_at", ({"range": {"next_poll_at": {"lt": "now"}}},)),
}


def observe(options: settings.Settings, minutes: Collection[float], now: datetime) -> Observation:
    """Asks both servers; takes as long as their timeouts at most. `minutes`: windows of freshness."""
    asking = _Asking(options.elasticsearch.timeout_seconds)
    feeds = asking.ask("elasticsearch", lambda: _feed_remarks(options.elasticsearch)) or {}
    target = options.freshness
    freshness = asking.ask(
        "elasticsearch", lambda: {each: share_within(options.elasticsearch, target, each / 60) for each in minutes}
    )
    return Observation(
        at=now,
        **feeds,
        freshness=freshness or {},
        dead_letters=asking.ask("elasticsearch", lambda: _dead_letters(options.elasticsearch, now)),
        disks=asking.ask("elasticsearch", lambda: _disks(options.elasticsearch)),
        waiting_since=asking.ask("kafka", lambda: consumer_lag.oldest_unfinished(options.kafka)),
        away=asking.away,
    )


class _Asking:
    """Asks one question after another, and notes which servers are away.

    One that answers a question with an error is asked the others all the same. One that let a question run into its
    time limit (`patience`, in seconds) is not: it hangs, and each would take as long.
    """

    def __init__(self, patience: float) -> None:
        self.away: dict[str, str] = {}
        self._patience = patience
        self._hung: set[str] = set()

    def ask(self, server: str, question: Callable[[], T]) -> T | None:
        """The answer; None when the server is away or hangs."""
        if server in self._hung:
            return None
        began = monotonic()
        try:
            return question()
        except Unavailable as error:
            self.away.setdefault(error.what, error.detail)
            if monotonic() - began >= self._patience:
                self._hung.add(server)
            return None


def _feed_remarks(options: settings.Elasticsearch) -> dict[str, tuple[FeedRemark, ...]]:
    with connect(options) as client:
        names = list(_REMARKS)
        searches = [part for name in names for part in ({"ignore_unavailable": True}, _remark_search(*_REMARKS[name]))]
        alias = search_alias(options.prefix, "feeds")
        answers = call_server(lambda: client.msearch(index=alias, searches=searches))["responses"]
    if not any(answer.get("_shards", {"total": 1})["total"] for answer in answers):
        return {}  # no feed was ever indexed: that nothing is said of any does not mean that all are well
    return {name: tuple(_remarks(answer, _REMARKS[name][0])) for name, answer in zip(names, answers, strict=True)}


def _remark_search(field: str, more: Iterable[dict[str, Any]]) -> dict[str, Any]:
    filters = [{"term": {"active": True}}, {"exists": {"field": field}}, *more]
    return {
        "size": MOST_FEEDS,
        "query": {"bool": {"filter": filters}},
        "sort": [{field: {"order": "asc", "unmapped_type": "date"}}],
        "_source": ["url", "name", "group", "error", field],
    }


def _remarks(answer: Mapping[str, Any], field: str) -> Iterable[FeedRemark]:
    if "hits" not in answer:  # msearch tells failures one by one
        raise Unavailable("elasticsearch", f"the feeds can't be searched: {str(answer.get('error'))[:200]}")
    for each in answer["hits"]["hits"]:
        source = each["_source"]
        error = source.get("error") or {}
        detail = f"{error['kind']}: {error['detail']}" if error.get("kind") else ""
        yield msgspec.convert(
            {
                "url": source["url"],
                "name": source["name"],
                "group": source.get("group", ""),
                "since": source[field],
                "detail": detail,
            },
            FeedRemark,
        )


def _dead_letters(options: settings.Elasticsearch, now: datetime) -> dict[str, int]:
    since = now - timedelta(hours=DEAD_HOURS)
    body = {
        "size": 0,
        "query": {"range": {"failed_at": {"gte": since.isoformat()}}},
        "aggs": {
            "stage": {"terms": {"field": "stage"}, "aggs": {"reason": {"terms": {"field": "reason", "size": 20}}}}
        },
    }
    with connect(options) as client:
        alias = search_alias(options.prefix, "dead")
        answer = call_server(lambda: client.search(index=alias, body=body, ignore_unavailable=True))
    return {
        f"{stage['key']} {reason['key']}": reason["doc_count"]
        for stage in answer.get("aggregations", {}).get("stage", {}).get("buckets", ())
        for reason in stage["reason"]["buckets"]
    }


def _disks(options: settings.Elasticsearch) -> dict[str, Disk]:
    with connect(options) as client:
        nodes = call_server(lambda: client.nodes.stats(metric="fs"))["nodes"]
    totals = {each["name"]: each["fs"]["total"] for each in nodes.values()}
    return {
        name: Disk(free=total["available_in_bytes"], total=total["total_in_bytes"])
        for name, total in totals.items()
        if total.get("total_in_bytes")
    }

"""Name search: what the index knows of a person, an organisation or a place: when articles named it, with whom, in
which stories.

In: a name (case and accents don't matter) or a name key, and of what it is one. Out: a NameReport.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from index.client import call_server, connect
from index.searching.article_search import ArticleSummary
from index.searching.facet_search import Column, build_columns, counts_over_time, over_time
from index.searching.query import CALLED_FIELDS, Filters, NamedEntity, SearchRequest, match_clause
from pipeline import settings

MOST_NAMES = 15
MOST_STORIES = 15
MOST_ARTICLES = 20
NAME_FIELDS: Mapping[str, str] = {"person": "people", "organisation": "organisations", "place": "places"}


class NamedStory(msgspec.Struct, frozen=True):
    """A story in which a name stands, by one of its articles, and in how many of them."""

    id: str
    article: ArticleSummary
    articles: int


class NameReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a name. `called`: in full, as most articles have it; `others`: those named with it, by kind."""

    called: str
    articles: int = 0
    columns: tuple[Column, ...] = ()
    others: dict[str, dict[str, int]] = {}
    stories: tuple[NamedStory, ...] = ()
    newest: tuple[ArticleSummary, ...] = ()


def name_report(options: settings.Elasticsearch, named: NamedEntity, zone: ZoneInfo) -> NameReport:
    """All of it, in one request. Raises Unavailable."""
    body = build_name_body(named, zone)
    with connect(options) as client:
        answer = call_server(lambda: client.search(index=options.prefix, body=body, ignore_unavailable=True)).body
    return read_report(answer, named, zone)


def build_name_body(named: NamedEntity, zone: ZoneInfo) -> dict[str, Any]:
    """Builds the request: the newest articles that have the name, and counts over all of them."""
    request = SearchRequest(query_text="", filters=Filters(names=(named,)))
    summary = {"_source": list(ArticleSummary.__struct_fields__)}
    newest = {"top_hits": {"size": 1, "sort": [{"date": "desc"}], **summary}}
    others = {kind: {"terms": {"field": field, "size": MOST_NAMES + 1}} for kind, field in NAME_FIELDS.items()}
    stories = {"terms": {"field": "story", "size": MOST_STORIES}, "aggs": {"newest": newest}}
    return {
        "size": MOST_ARTICLES,
        "track_total_hits": True,
        "query": {"bool": {"filter": match_clause(request)}},
        "sort": [{"date": "desc"}, {"id": "asc"}],
        **summary,
        "aggs": {**others, "stories": stories, "time": over_time("day", zone), "called": _spellings(named)},
    }


def _spellings(named: NamedEntity) -> dict[str, Any]:
    meant = {"bool": {"should": [{"term": {field: named.name}} for field in CALLED_FIELDS]}}
    full = {"terms": {"field": "entities.canonical", "size": 1}}
    written = {"terms": {"field": "entities.name", "size": 1}}
    return {
        "nested": {"path": "entities"},
        "aggs": {"meant": {"filter": meant, "aggs": {"full": full, "written": written}}},
    }


def read_report(answer: Mapping[str, Any], named: NamedEntity, zone: ZoneInfo) -> NameReport:
    """Reads the answer. Pure."""
    counted = answer.get("aggregations", {})
    meant = counted.get("called", {}).get("meant", {})
    spellings = [each["key"] for kind in ("full", "written") for each in _buckets(meant, kind) if each["key"]]
    called = next(iter(spellings), named.name)
    others = {
        kind: {each["key"]: each["doc_count"] for each in _buckets(counted, kind) if each["key"] != called}
        for kind in NAME_FIELDS
    }
    return NameReport(
        called=called,
        articles=answer["hits"]["total"]["value"],
        columns=build_columns(counts_over_time(counted), "day", zone),
        others=others,
        stories=tuple(map(_story, _buckets(counted, "stories"))),
        newest=tuple(_summary(hit) for hit in answer["hits"]["hits"]),
    )


def _story(bucket: Mapping[str, Any]) -> NamedStory:
    return NamedStory(bucket["key"], _summary(bucket["newest"]["hits"]["hits"][0]), bucket["doc_count"])


def _summary(hit: Mapping[str, Any]) -> ArticleSummary:
    return msgspec.convert(hit["_source"], ArticleSummary, strict=False)


def _buckets(counted: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(counted.get(name, {}).get("buckets", ()))

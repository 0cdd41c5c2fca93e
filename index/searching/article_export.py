"""Article export: every article of a search, the newest first, however many there are.

In: words and filters. Out: ArticleSummaries, page after page, of the index as it was when the first was asked for (a
point in time), copies too. What is held in memory is one page.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from elasticsearch import Elasticsearch, NotFoundError

from index.client import call_server, connect
from index.searching.article_search import ArticleSummary
from index.searching.query import SearchRequest, match_clause
from pipeline import settings
from pipeline.failures import Unavailable

PAGE = 1_000  # articles of a request; Elasticsearch gives at most 10,000
VIEW_LASTS = "2m"  # since the page before: whoever takes longer to read one is told that it broke off
COLUMNS = ArticleSummary.__struct_fields__


def read_articles(options: settings.Elasticsearch, request: SearchRequest) -> Iterator[ArticleSummary]:
    """The articles of the search, by date, the newest first; its order is not asked for. Raises Unavailable."""
    with connect(options) as client:
        view = _open(client, options.prefix)
        if not view:
            return
        try:
            for hits in _pages(client, view, request):
                yield from (msgspec.convert(hit["_source"], ArticleSummary) for hit in hits)
        finally:
            call_server(lambda: client.options(ignore_status=404).close_point_in_time(id=view))


def latest_of_feed(options: settings.Elasticsearch, feed_url: str, most: int) -> tuple[ArticleSummary, ...]:
    """The articles that a feed showed first, the last ones, the newest first. Raises Unavailable."""
    body = {"size": most, "query": {"term": {"feed_url": feed_url}}, "sort": [{"first_seen_at": "desc"}, {"id": "asc"}]}
    asked = {**body, "_source": list(COLUMNS)}
    with connect(options) as client:
        found = call_server(lambda: client.search(index=options.prefix, body=asked, ignore_unavailable=True))
    return tuple(msgspec.convert(hit["_source"], ArticleSummary) for hit in found["hits"]["hits"])


def _open(client: Elasticsearch, prefix: str) -> str:
    """A view of the index as it is now; "" when there is no index yet."""
    try:
        return str(call_server(lambda: client.open_point_in_time(index=prefix, keep_alive=VIEW_LASTS))["id"])
    except Unavailable as error:
        if isinstance(error.__cause__, NotFoundError):
            return ""
        raise


def _pages(client: Elasticsearch, view: str, request: SearchRequest) -> Iterator[list[dict[str, Any]]]:
    body = {
        "query": match_clause(request),
        "sort": [{"date": "desc"}, {"id": "asc"}],
        "size": PAGE,
        "_source": list(COLUMNS),
        "track_total_hits": False,
        "pit": {"id": view, "keep_alive": VIEW_LASTS},
    }
    while True:
        hits = call_server(lambda: client.search(body=body))["hits"]["hits"]
        yield hits
        if len(hits) < PAGE:
            return
        body["search_after"] = hits[-1]["sort"]

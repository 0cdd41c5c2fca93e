"""Watch search: which of many saved searches find which of some articles.

In: searches by name, ids of articles that were written. Out: pairs of a search and an article that it finds. Several
searches are the named clauses of one request, for some articles by their ids, and Elasticsearch says which clauses an
article matches (matched_queries): no search is repeated for an article, and no time or clock tells what is new. What
the found articles are called is asked once, in the end.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any, Self

import msgspec
from elasticsearch import ApiError, Elasticsearch

from index.client import call_server, connect, error_reason
from index.searching.article_search import ArticleSummary
from index.searching.query import HIT_FIELDS, SearchRequest, match_clause
from index.writing.document_kinds import ARTICLES
from pipeline import settings

SEARCHES_AT_A_TIME = 250  # clauses of one request; of 50 a look of 1,000 takes half as long again


class Match(msgspec.Struct, frozen=True):
    """An article that a search finds."""

    search: str
    article: ArticleSummary


class WatchMatches(msgspec.Struct, frozen=True):
    """What was found, and the searches that Elasticsearch refuses: name -> reason."""

    found: tuple[Match, ...]
    refused: dict[str, str]


class WatchSearcher:
    """Holds a connection to Elasticsearch. To be used by one thread, as a context manager or until `close`."""

    def __init__(self, options: settings.Elasticsearch) -> None:
        self._client: Elasticsearch = connect(options)
        self._alias = ARTICLES.alias(options.prefix)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def find(self, searches: Mapping[str, SearchRequest], ids: Sequence[str]) -> WatchMatches:
        """Finds which searches match which of the articles with these ids, in the newest version that was written.

        What was written before is searchable by then, whatever the index's refresh interval. Raises Unavailable, also
        when a part of the index can't be searched.
        """
        if not (searches and ids):
            return WatchMatches((), {})
        call_server(lambda: self._client.indices.refresh(index=self._alias, ignore_unavailable=True))
        pairs: list[tuple[str, str]] = []
        refused: dict[str, str] = {}
        for chosen in _parts(searches, SEARCHES_AT_A_TIME):
            pairs += self._find_some(chosen, ids, refused)
        articles = self._summaries({id_ for _, id_ in pairs})
        return WatchMatches(tuple(Match(name, articles[id_]) for name, id_ in pairs if id_ in articles), refused)

    def _find_some(
        self, searches: Mapping[str, SearchRequest], ids: Sequence[str], refused: dict[str, str]
    ) -> list[tuple[str, str]]:
        """Pairs of a search's name and an article's id, by one request.

        One that is refused is halved until the search that is to blame stands alone.
        """
        try:
            answer = call_server(lambda: self._search(build_matches_body(searches, ids)))
        except ApiError as error:
            if len(searches) == 1:
                refused[next(iter(searches))] = error_reason(error)
                return []
            halves = _parts(searches, (len(searches) + 1) // 2)
            return [pair for half in halves for pair in self._find_some(half, ids, refused)]
        return [(name, hit["_id"]) for hit in answer["hits"]["hits"] for name in hit.get("matched_queries", ())]

    def _summaries(self, ids: Set[str]) -> dict[str, ArticleSummary]:
        if not ids:
            return {}
        body = {"query": {"ids": {"values": sorted(ids)}}, "size": len(ids), "_source": list(HIT_FIELDS)}
        hits = call_server(lambda: self._search(body))["hits"]["hits"]
        return {hit["_id"]: msgspec.convert(hit["_source"], ArticleSummary, strict=False) for hit in hits}

    def _search(self, body: dict[str, Any]) -> Mapping[str, Any]:
        answer = self._client.search(
            index=self._alias,
            body=body,
            ignore_unavailable=True,
            # an article that lies where nothing answers would never be asked about again
            allow_partial_search_results=False,
        )
        return dict(answer.body)


def build_matches_body(searches: Mapping[str, SearchRequest], ids: Sequence[str]) -> dict[str, Any]:
    """Builds the request for the articles of `ids`, each with the names of the searches that find it.

    All articles are hits, those that nothing finds too: were one search at least asked for, each would be evaluated
    twice, for the hits and for their names (1.6 instead of 1.2 seconds of 1,000 watches).
    """
    named = [{"bool": {**match_clause(request)["bool"], "_name": name}} for name, request in searches.items()]
    return {
        "query": {"bool": {"filter": [{"ids": {"values": list(ids)}}], "should": named, "minimum_should_match": 0}},
        "size": len(ids),
        "sort": ["_doc"],
        "track_total_hits": False,
        "_source": False,
    }


def _parts(searches: Mapping[str, SearchRequest], size: int) -> Iterator[dict[str, SearchRequest]]:
    left = iter(searches.items())
    while part := dict(islice(left, size)):
        yield part

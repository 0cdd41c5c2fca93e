"""What the index knows of an article on its way: its document and where it lies, dead letters, feeds, months kept.

In: settings, ids and addresses. Out: the documents, read back into their structs. `newsloom trace` asks.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from index.client import call_server, connect
from index.mapping import search_alias
from index.writing.article_document import ArticleBody, body_from_source
from index.writing.dead_letter_document import DeadLetterBody
from index.writing.feed_document import FeedBody
from pipeline import settings

MOST_FOUND = 20  # articles that may be meant
MOST_LETTERS = 100
MOST_FEEDS = 50
MONTH = re.compile(r"-(\d{4}\.\d{2})(?:-\d+)?$")


class IndexedArticle(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is indexed, and the index that it is in."""

    index: str
    article: ArticleBody


def find_articles(
    options: settings.Elasticsearch, ids: Sequence[str], urls: Sequence[str], beginning: str = ""
) -> list[IndexedArticle]:
    """The articles with one of these ids, addresses or other addresses, or whose id begins so; at most MOST_FOUND.

    In the order of `ids`, then of `urls`, then the others. Raises Unavailable.
    """
    clauses: list[dict[str, Any]] = [{"terms": {"id": list(ids)}}, {"terms": {"url": list(urls)}}]
    clauses.append({"terms": {"other_urls": list(urls)}})
    clauses += [{"prefix": {"id": beginning}}] if beginning else []
    body = {"query": {"bool": {"should": clauses}}, "size": MOST_FOUND, "sort": ["date"]}
    with connect(options) as client:
        hits = _search(client, options.prefix, body)
    found = [IndexedArticle(index=hit["_index"], article=_readable(hit["_source"])) for hit in hits]
    places = {value: place for place, value in enumerate((*ids, *urls))}
    return sorted(
        found, key=lambda each: min(places.get(key, len(places)) for key in (each.article.id, each.article.url))
    )


def find_letters(
    options: settings.Elasticsearch, ids: Sequence[str], subjects: Sequence[str], beginnings: Sequence[str]
) -> list[DeadLetterBody]:
    """The dead letters with one of these ids or subjects, or whose subject begins so; oldest first, the last ones.

    Raises Unavailable.
    """
    clauses = [{"terms": {"id": list(ids)}}, {"terms": {"subject": list(subjects)}}]
    begun = [{"prefix": {"subject": each}} for each in beginnings]
    body = {"query": {"bool": {"should": [*clauses, *begun]}}, "size": MOST_LETTERS, "sort": [{"failed_at": "desc"}]}
    with connect(options) as client:
        hits = _search(client, search_alias(options.prefix, "dead"), body)
    return [msgspec.convert(hit["_source"], DeadLetterBody, strict=False) for hit in reversed(hits)]


def find_feeds(options: settings.Elasticsearch, urls: Sequence[str], domain: str) -> list[FeedBody]:
    """The feeds at these addresses, and those of a domain and its hosts. Raises Unavailable."""
    clauses: list[dict[str, Any]] = [{"terms": {"url": list(urls)}}]
    if domain:
        clauses += [{"term": {"host": domain}}, {"wildcard": {"host": f"*.{domain}"}}]
    with connect(options) as client:
        found = _search(
            client, search_alias(options.prefix, "feeds"), {"query": {"bool": {"should": clauses}}, "size": MOST_FEEDS}
        )
    return [msgspec.convert(hit["_source"], FeedBody, strict=False) for hit in found]


def months_of_articles(options: settings.Elasticsearch) -> list[str]:
    """The months of which the index has articles, as "2026.11", in order. Raises Unavailable."""
    with connect(options) as client:
        there = call_server(lambda: client.indices.get_alias(name=options.prefix, ignore_unavailable=True))
    found = [MONTH.search(name) for name in there]
    return sorted({each[1] for each in found if each})


def _readable(source: Mapping[str, Any]) -> ArticleBody:
    return msgspec.structs.replace(body_from_source(source), stemmed={})


def _search(client: Elasticsearch, alias: str, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The hits; none, without an error, if there is no index yet."""
    asked = call_server(lambda: client.search(index=alias, body=dict(body), ignore_unavailable=True))
    hits: list[Mapping[str, Any]] = asked["hits"]["hits"]
    return hits

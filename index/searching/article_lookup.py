"""Article lookup: one article with everything that the index has of it, by its id, the beginning of it, or its address.

In: settings and what a person has of the article. Out: the article, its copies and its story's headline; or the
articles that may be meant.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from index.client import call_server, connect
from index.searching.article_search import ArticleSummary
from index.writing.article_document import ArticleBody, body_from_source
from pipeline import settings

MIN_ID_PREFIX = 4  # characters of an id that may stand for the whole
MOST_COPIES = 100
SUMMARY_FIELDS = list(ArticleSummary.__struct_fields__)


class ArticleDetails(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is indexed, the other articles with its text (the earliest first), and its story's headline."""

    article: ArticleBody
    same_text: tuple[ArticleSummary, ...] = ()
    headline: str = ""


def find_article(
    options: settings.Elasticsearch, id_: str, urls: Sequence[str] = ()
) -> ArticleDetails | tuple[ArticleSummary, ...]:
    """The article with this id, the beginning of one (at least 4 characters), or one of these addresses.

    Where there is none, or several, those that may be meant (none, or some of them). Raises Unavailable.
    """
    with connect(options) as client:
        for clause in _clauses(id_, urls):
            found = _search(client, options.prefix, {"size": 10, "query": clause, "sort": ["date"]})
            if len(found) == 1:
                return _details(client, options.prefix, body_from_source(found[0]))
            if found:
                return tuple(map(_summary, found))
    return ()


def _clauses(id_: str, urls: Sequence[str]) -> list[dict[str, Any]]:
    """What is asked, one after the other, until something is found."""
    asked: list[dict[str, Any]] = [{"term": {"id": id_}}]
    if urls:
        asked += [{"terms": {"url": list(urls)}}, {"terms": {"other_urls": list(urls)}}]
    if len(id_) >= MIN_ID_PREFIX:
        asked.append({"prefix": {"id": id_}})
    return asked


def _details(client: Elasticsearch, prefix: str, article: ArticleBody) -> ArticleDetails:
    group = {"bool": {"filter": {"term": {"group": article.group}}, "must_not": {"term": {"id": article.id}}}}
    same = _search(client, prefix, {"size": MOST_COPIES, "query": group, "sort": ["date"], "_source": SUMMARY_FIELDS})
    story = {"size": 1, "query": {"term": {"id": article.story}}, "_source": ["headline"]}
    headlines = [each["headline"] for each in _search(client, f"{prefix}-stories", story)]
    return ArticleDetails(
        article=msgspec.structs.replace(article, stemmed={}),
        same_text=tuple(map(_summary, same)),
        headline=next(iter(headlines), ""),
    )


def _summary(source: Mapping[str, Any]) -> ArticleSummary:
    fields = {name: source[name] for name in SUMMARY_FIELDS if name in source}
    return msgspec.convert(fields, ArticleSummary, strict=False)


def _search(client: Elasticsearch, alias: str, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Searches; finds nothing, without an error, if there is no index yet."""
    asked = call_server(lambda: client.search(index=alias, body=dict(body), ignore_unavailable=True))
    return [hit["_source"] for hit in asked["hits"]["hits"]]

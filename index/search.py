"""What can be asked of the index: articles, how many there are, how fresh they are.

In: words, filters. Out: hits as people read them, with the copies of one text folded into one hit. Nothing that is
typed into the search box is an error: the syntax is simple_query_string's, which reads what it can.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from index.client import available, connect
from index.document import STEMMED
from pipeline import settings

Order = Literal["relevance", "newest"]

# more is no question any more, and Elasticsearch may refuse it
MAX_QUERY_CHARS = 1_000
MAX_COPIES_SHOWN = 20
WEIGHTS = {"title": 3.0, "summary": 1.5, "text": 1.0}
OPERATORS = re.compile(r'["+|*~()\\]|(^|\s)-')
STEMMED_SHARE = 0.5  # what a word in another form counts, beside the same word as written
# a fresh article counts at most twice what an old one counts; half of that bonus is left after
FRESHNESS_DAYS = 7

SHOWN = ("id", "url", "title", "source", "source_name", "language", "date", "section", "story", "duplicate_of")
MARKS = ("\u27e8", "\u27e9")  # around a highlighted word; not HTML: the caller shows it where it likes


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """All that is given must hold. `entity` is a name in any case and with or without accents, or a key."""

    source: str | None = None
    language: str | None = None
    entity: str | None = None
    story: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An article as a hit shows it."""

    id: str
    url: str
    title: str
    source: str
    source_name: str
    language: str
    date: datetime
    story: str
    section: str | None = None
    duplicate_of: str | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One text: the original (or the best copy, where the original is not found) and its copies that are found too."""

    article: Shown
    score: float | None  # None when sorted by date
    passages: tuple[str, ...]  # of title and text, found words between ⟨ and ⟩
    copies: tuple[Shown, ...]  # at most MAX_COPIES_SHOWN
    copies_total: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`total` articles match, copies included; `texts` when copies are folded (an estimate above some thousands)."""

    total: int
    texts: int
    hits: tuple[Hit, ...]


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds until articles were in the index, by percentile: {"50": 2.1, "95": 8.0, "99": 12.5}; {} without any."""

    articles: int
    from_fetch: dict[str, float]
    from_publication: dict[str, float]


NO_FILTERS = Filters()


def search(
    options: settings.Elasticsearch,
    query: str,
    filters: Filters = NO_FILTERS,
    size: int = 10,
    order: Order = "relevance",
) -> Found:
    """The first `size` hits; a blank query finds everything that passes the filters. Raises Unavailable.

    Syntax: words (all must occur), "a phrase" as written, -without, either | or, prefix*.
    """
    return found(_ask(options, request(query, filters, size, order)))


def count(options: settings.Elasticsearch) -> int:
    """Articles in the index that are searchable. Raises Unavailable."""
    answer = _ask(options, {"size": 0, "track_total_hits": True})
    return int(answer["hits"]["total"]["value"])


def freshness(options: settings.Elasticsearch, hours: float) -> Freshness:
    """Of the articles fetched in the last `hours`. Raises Unavailable.

    By the time of the fetch, so that a replay of old messages does not look like a delay.
    """
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": {"range": {"fetched_at": {"gte": f"now-{round(hours * 3600)}s"}}},
        "aggs": {name: _percentiles(f"seconds_{name}") for name in ("from_fetch", "from_publication")},
    }
    answer = _ask(options, body)
    measured = {name: _known(part["values"]) for name, part in answer.get("aggregations", {}).items()}
    return Freshness(
        articles=answer["hits"]["total"]["value"],
        from_fetch=measured.get("from_fetch", {}),
        from_publication=measured.get("from_publication", {}),
    )


def refresh(options: settings.Elasticsearch) -> None:
    """Makes everything that was written searchable now instead of within a second. Raises Unavailable."""
    with connect(options) as client:
        available(lambda: client.indices.refresh(index=options.prefix, ignore_unavailable=True))


def _ask(options: settings.Elasticsearch, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Before the first article there is no index: nothing is found, and that is no error."""
    with connect(options) as client:
        answer = available(lambda: client.search(index=options.prefix, body=dict(body), ignore_unavailable=True))
    return dict(answer.body)


# --- the question ---


def request(query: str, filters: Filters, size: int, order: Order) -> dict[str, Any]:
    """The body of the search request. Pure."""
    by = [{"date": "desc"}, {"id": "asc"}] if order == "newest" else ["_score", {"date": "desc"}]
    matching = {"bool": {"must": _words(query), "filter": _filters(filters)}}
    return {
        "query": matching if order == "newest" else _fresher_first(matching),
        "size": size,
        "track_total_hits": True,
        "_source": False,
        "sort": by,
        "collapse": {"field": "group", "inner_hits": _members()},
        "aggs": {"texts": {"cardinality": {"field": "group", "precision_threshold": 10_000}}},
    }


def _words(query: str) -> dict[str, Any]:
    typed = query[:MAX_QUERY_CHARS]
    if not typed.strip():
        return {"match_all": {}}
    each = {"query": typed, "fields": _fields(typed), "default_operator": "and", "lenient": True}
    if OPERATORS.search(typed):
        return {"simple_query_string": each}
    # which looks at one word at a time: synonyms of several words (czech republic) are found by the other, which looks
    # at the whole and wants it in one field, where it is worth more
    together = {"query": typed, "fields": _as_written(), "operator": "and", "lenient": True}
    return {"bool": {"should": [{"simple_query_string": each}, {"multi_match": together}]}}


def _fields(query: str) -> list[str]:
    """Who quotes a phrase means those words: stemmed fields would find "the united nation" in "the United Nations"."""
    stemmed = [f"stemmed.*.{name}^{weight * STEMMED_SHARE}" for name, weight in WEIGHTS.items()]
    return _as_written() if '"' in query else _as_written() + stemmed


def _as_written() -> list[str]:
    return [f"{name}^{weight}" for name, weight in WEIGHTS.items()]


def _filters(filters: Filters) -> list[dict[str, Any]]:
    equal = {"source": filters.source, "language": filters.language, "story": filters.story}
    clauses: list[dict[str, Any]] = [{"term": {name: value}} for name, value in equal.items() if value is not None]
    if filters.entity is not None:
        either = [{"term": {f"entities.{field}": filters.entity}} for field in ("name.folded", "key")]
        clauses.append({"nested": {"path": "entities", "query": {"bool": {"should": either}}}})
    if filters.since or filters.until:
        limits = {"gte": filters.since, "lte": filters.until}
        clauses.append({"range": {"date": {name: at.isoformat() for name, at in limits.items() if at}}})
    return clauses


def _fresher_first(query: dict[str, Any]) -> dict[str, Any]:
    """Relevance, times 1 for what is old to 2 for what is new."""
    decay = {"date": {"origin": "now", "offset": "1d", "scale": f"{FRESHNESS_DAYS}d", "decay": 0.5}}
    return {
        "function_score": {
            "query": query,
            "functions": [{"weight": 1}, {"gauss": decay}],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _members() -> dict[str, Any]:
    """The articles of a group, the original first."""
    marks = {"pre_tags": [MARKS[0]], "post_tags": [MARKS[1]]}
    fields = {
        "title": {
            "number_of_fragments": 0,
            "matched_fields": ["title", *(f"stemmed.{each}.title" for each in sorted(STEMMED))],
        },
        "text": {
            "number_of_fragments": 2,
            "fragment_size": 160,
            "matched_fields": ["text", *(f"stemmed.{each}.text" for each in sorted(STEMMED))],
        },
    }
    return {
        "name": "members",
        "size": MAX_COPIES_SHOWN + 1,
        "_source": list(SHOWN),
        "sort": [{"duplicate_of": {"order": "asc", "missing": "_first"}}, {"date": "asc"}],
        "track_scores": True,
        "highlight": {**marks, "fields": fields},
    }


def _percentiles(field: str) -> dict[str, Any]:
    return {"percentiles": {"field": field, "percents": [50, 95, 99]}}


# --- the answer ---


def found(answer: Mapping[str, Any]) -> Found:
    """The server's answer to `request`. Pure."""
    hits = answer["hits"]
    texts = answer.get("aggregations", {}).get("texts", {}).get("value", 0)
    return Found(total=hits["total"]["value"], texts=texts, hits=tuple(map(_hit, hits["hits"])))


def _hit(raw: Mapping[str, Any]) -> Hit:
    members = raw["inner_hits"]["members"]["hits"]
    first, *copies = members["hits"]
    marked = first.get("highlight", {})
    return Hit(
        article=_shown(first),
        score=raw["_score"],
        passages=(*marked.get("title", ()), *marked.get("text", ())),
        copies=tuple(map(_shown, copies)),
        copies_total=members["total"]["value"] - 1,
    )


def _shown(raw: Mapping[str, Any]) -> Shown:
    return msgspec.convert(raw["_source"], Shown)


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    return {f"{float(name):g}": value for name, value in values.items() if value is not None}

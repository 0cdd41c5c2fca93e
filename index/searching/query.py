"""What a search asks: in: words, filters, an order, a place to go on from; out: request bodies. Pure.

Nothing that is typed into the search box is an error: the syntax is simple_query_string's, which reads what it can.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from index.mapping import STEMMED_LANGUAGES
from pipeline.failures import WrongSetting

Order = Literal["relevance", "newest"]

# more is no question any more, and Elasticsearch may refuse it
MAX_QUERY_CHARS = 1_000
MAX_COPIES_SHOWN = 20
FIELD_WEIGHTS = {"title": 2.0, "summary": 1.5, "text": 1.0}
UNSTEMMED_WEIGHTS = {"alternative_titles": 1.5}  # of fields that are searched as they are written alone
STEMMED_WEIGHT = 0.5  # what a word in another form counts, beside the same word as written
MINIMUM_SHOULD_MATCH = "3<75%"  # of more than three words, three quarters must occur
# what simple_query_string reads as more than a word; a hyphen inside of a word is none
OPERATORS = re.compile(r'["+|*~()\\]|(^|\s)-')
# a fresh article counts at most twice what an old one counts; half of that bonus is left after
FRESHNESS_DAYS = 7

HIT_FIELDS = ("id", "url", "title", "source", "source_name", "language", "date", "section", "story", "duplicate_of")
HIGHLIGHT_MARKS = ("\u27e8", "\u27e9")  # around a highlighted word; not HTML: the caller shows it where it likes


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """All that is given must hold. `entity` is a name in any case and with or without accents, or a key.

    `stories`: one of these, for a story's articles are told under those of its parts too.
    """

    source: str | None = None
    language: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2: one that the article names, or whose places it names
    entity: str | None = None
    stories: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is searched for, and how."""

    query_text: str
    filters: Filters = Filters()
    order: Order = "relevance"


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where the next page begins: behind the hit with these sort values, without the groups that were shown before.

    `at`: the time by which freshness is reckoned, so that all pages reckon alike.
    """

    freshness_at: datetime
    after: tuple[float | int | str, ...] = ()
    shown_groups: tuple[str, ...] = ()


def encode_cursor(cursor: Cursor) -> str:
    """As a person can copy it."""
    return msgspec.json.encode(cursor).hex()


def decode_cursor(text: str) -> Cursor:
    """What `encode` gave. Raises WrongSetting."""
    try:
        return msgspec.json.decode(bytes.fromhex(text), type=Cursor)
    except (ValueError, msgspec.MsgspecError) as error:
        raise WrongSetting(f"{text[:40]!r} is not where a page ended: take what the page before says") from error


def build_page_body(request: SearchRequest, cursor: Cursor, size: int) -> dict[str, Any]:
    """The next `size` articles, each with its group, and how many there are in all."""
    matching = _match_clause(request)
    newest = request.order == "newest"
    body = {
        "query": matching if newest else _boost_fresh(matching, cursor.freshness_at),
        "sort": [*(() if newest else ("_score",)), {"date": "desc"}, {"id": "asc"}],
        "size": size,
        "_source": False,
        "docvalue_fields": ["group"],
        "track_scores": not newest,
        "track_total_hits": False,  # it would be without those that were shown
        "aggs": {
            "articles": {"value_count": {"field": "id"}},
            "texts": {"cardinality": {"field": "group", "precision_threshold": 10_000}},
        },
    }
    if cursor.shown_groups:
        body["post_filter"] = {"bool": {"must_not": {"terms": {"group": cursor.shown_groups}}}}
    return body | ({"search_after": cursor.after} if cursor.after else {})


def build_groups_body(request: SearchRequest, names: Sequence[str]) -> dict[str, Any]:
    """The articles of these groups that match, the original first, with what was found in them."""
    matching = _match_clause(request)
    matching["bool"]["filter"] = [*matching["bool"]["filter"], {"terms": {"group": names}}]
    return {
        "query": matching,
        "size": len(names),
        "_source": False,
        "collapse": {"field": "group", "inner_hits": _group_members()},
    }


def _match_clause(request: SearchRequest) -> dict[str, Any]:
    return {"bool": {"must": _words_clause(request.query_text), "filter": _filter_clauses(request.filters)}}


def _words_clause(query: str) -> dict[str, Any]:
    query_text = query[:MAX_QUERY_CHARS]
    if not query_text.strip():
        return {"match_all": {}}
    if OPERATORS.search(query_text):
        exact = _exact_fields() if '"' in query_text else _exact_fields() + _stemmed_fields()
        return _each_word(query_text, exact, default_operator="and")
    # which looks at one word at a time: synonyms of several words (czech republic) are found by the other, which looks
    # at the whole and wants it in one field, where it is worth more
    each = _each_word(query_text, _exact_fields() + _stemmed_fields(), minimum_should_match=MINIMUM_SHOULD_MATCH)
    together = {"query": query_text, "fields": _exact_fields(), "operator": "and", "lenient": True}
    return {"bool": {"should": [each, {"multi_match": together}]}}


def _each_word(query_text: str, fields: list[str], **more: str) -> dict[str, Any]:
    return {"simple_query_string": {"query": query_text, "fields": fields, "lenient": True, **more}}


def _exact_fields() -> list[str]:
    """Who quotes a phrase means those words: stemmed fields would find "the united nation" in "the United Nations"."""
    return [f"{name}^{weight}" for name, weight in (FIELD_WEIGHTS | UNSTEMMED_WEIGHTS).items()]


def _stemmed_fields() -> list[str]:
    return [f"stemmed.*.{name}^{weight * STEMMED_WEIGHT}" for name, weight in FIELD_WEIGHTS.items()]


def _filter_clauses(filters: Filters) -> list[dict[str, Any]]:
    equal = {"source": filters.source, "language": filters.language}
    clauses: list[dict[str, Any]] = [{"term": {name: value}} for name, value in equal.items() if value is not None]
    if filters.stories:
        clauses.append({"terms": {"story": list(filters.stories)}})
    if filters.country is not None:
        clauses.append({"term": {"countries": filters.country.upper()}})
    if filters.entity is not None:
        names = ("name.folded", "canonical.folded", "key")
        either = [{"term": {f"entities.{field}": filters.entity}} for field in names]
        clauses.append({"nested": {"path": "entities", "query": {"bool": {"should": either}}}})
    if filters.since or filters.until:
        limits = {"gte": filters.since, "lte": filters.until}
        clauses.append({"range": {"date": {name: at.isoformat() for name, at in limits.items() if at}}})
    return clauses


def _boost_fresh(query: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Relevance, times 1 for what is old to 2 for what is new."""
    decay = {"date": {"origin": now.isoformat(), "offset": "1d", "scale": f"{FRESHNESS_DAYS}d", "decay": 0.5}}
    return {
        "function_score": {
            "query": query,
            "functions": [{"weight": 1}, {"gauss": decay}],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _group_members() -> dict[str, Any]:
    """The articles of a group, the original first."""
    marks = {"pre_tags": [HIGHLIGHT_MARKS[0]], "post_tags": [HIGHLIGHT_MARKS[1]]}
    fields = {
        "title": {"number_of_fragments": 0, "matched_fields": _with_stemmed("title")},
        "text": {"number_of_fragments": 2, "fragment_size": 160, "matched_fields": _with_stemmed("text")},
    }
    return {
        "name": "members",
        "size": MAX_COPIES_SHOWN + 1,
        "_source": list(HIT_FIELDS),
        "sort": [{"duplicate_of": {"order": "asc", "missing": "_first"}}, {"date": "asc"}],
        "highlight": {**marks, "fields": fields},
    }


def _with_stemmed(field: str) -> list[str]:
    return [field, *(f"stemmed.{language}.{field}" for language in sorted(STEMMED_LANGUAGES))]

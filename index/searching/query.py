"""Query: builds the request bodies of article searches. Pure.

In: the typed words, filters, an order, a cursor (where the page before ended). Out: bodies of Elasticsearch's search
request. No input of the search box is an error: the syntax is that of simple_query_string, which ignores what it
can't parse.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from index.mapping import STEMMED_LANGUAGES
from pipeline.failures import WrongSetting

Order = Literal["relevance", "newest"]

# longer input is cut, because Elasticsearch may refuse it
MAX_QUERY_CHARS = 1_000
MAX_COPIES_SHOWN = 20
FIELD_WEIGHTS = {"title": 2.0, "summary": 1.5, "text": 1.0}
UNSTEMMED_WEIGHTS = {"alternative_titles": 1.5}  # of fields that are searched as they are written alone
STEMMED_WEIGHT = 0.5  # weight of a match by stem, relative to a match of the word as written
MINIMUM_SHOULD_MATCH = "3<75%"  # up to three words must all occur, of more three quarters
# what simple_query_string reads as an operator; a hyphen within a word is none
OPERATORS = re.compile(r'["+|*~()\\]|(^|\s)-')
# a new article scores up to twice as high as an old one; this bonus is halved after so many days
FRESHNESS_DAYS = 7

HIT_FIELDS = ("id", "url", "title", "source", "source_name", "language", "date", "section", "story", "duplicate_of")
HIGHLIGHT_MARKS = ("\u27e8", "\u27e9")  # around a highlighted word; not HTML: the caller shows it where it likes


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that must all hold. `entity` is a name (case and accents don't matter) or a name key.

    `stories`: the article belongs to one of these; articles of merged stories keep the id of the story they were given.
    """

    source: str | None = None
    language: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2: one that the article names, or whose places it names
    entity: str | None = None
    stories: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The typed words, the filters and the order of a search."""

    query_text: str
    filters: Filters = Filters()
    order: Order = "relevance"


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where the next page begins: after the hit with the sort values `after`, without the groups in `shown_groups`.

    `freshness_at`: the time for which freshness is computed, the same for all pages.
    """

    freshness_at: datetime
    after: tuple[float | int | str, ...] = ()
    shown_groups: tuple[str, ...] = ()


def encode_cursor(cursor: Cursor) -> str:
    """Encodes a cursor as text that a person can copy."""
    return msgspec.json.encode(cursor).hex()


def decode_cursor(text: str) -> Cursor:
    """Decodes what `encode_cursor` returned. Raises WrongSetting for any other text."""
    try:
        return msgspec.json.decode(bytes.fromhex(text), type=Cursor)
    except (ValueError, msgspec.MsgspecError) as error:
        raise WrongSetting(f"{text[:40]!r} is not where a page ended: take what the page before says") from error


def build_page_body(request: SearchRequest, cursor: Cursor, size: int) -> dict[str, Any]:
    """Builds the request for the next `size` articles with their groups, and for the total numbers of articles and
    texts.
    """
    matching = match_clause(request)
    newest = request.order == "newest"
    body = {
        "query": matching if newest else _boost_fresh(matching, cursor.freshness_at),
        "sort": [*(() if newest else ("_score",)), {"date": "desc"}, {"id": "asc"}],
        "size": size,
        "_source": False,
        "docvalue_fields": ["group"],
        "track_scores": not newest,
        "track_total_hits": False,  # would count only articles after the cursor
        "aggs": {
            "articles": {"value_count": {"field": "id"}},
            "texts": {"cardinality": {"field": "group", "precision_threshold": 10_000}},
        },
    }
    if cursor.shown_groups:
        body["post_filter"] = {"bool": {"must_not": {"terms": {"group": cursor.shown_groups}}}}
    return body | ({"search_after": cursor.after} if cursor.after else {})


def build_groups_body(request: SearchRequest, names: Sequence[str]) -> dict[str, Any]:
    """Builds the request for the matching articles of these groups, the original first, with highlighted passages."""
    matching = match_clause(request)
    matching["bool"]["filter"] = [*matching["bool"]["filter"], {"terms": {"group": names}}]
    return {
        "query": matching,
        "size": len(names),
        "_source": False,
        "collapse": {"field": "group", "inner_hits": _group_members()},
    }


def match_clause(request: SearchRequest) -> dict[str, Any]:
    """Builds the clause that a search's articles match."""
    return {"bool": {"must": _words_clause(request.query_text), "filter": _filter_clauses(request.filters)}}


def _words_clause(query: str) -> dict[str, Any]:
    query_text = query[:MAX_QUERY_CHARS]
    if not query_text.strip():
        return {"match_all": {}}
    if OPERATORS.search(query_text):
        exact = _exact_fields() if '"' in query_text else _exact_fields() + _stemmed_fields()
        return _each_word(query_text, exact, default_operator="and")
    # simple_query_string analyzes one word at a time. The multi_match clause analyzes the whole text, so it also finds
    # synonyms of several words (czech republic); all words must be in one field, where a match is worth more
    each = _each_word(query_text, _exact_fields() + _stemmed_fields(), minimum_should_match=MINIMUM_SHOULD_MATCH)
    together = {"query": query_text, "fields": _exact_fields(), "operator": "and", "lenient": True}
    return {"bool": {"should": [each, {"multi_match": together}]}}


def _each_word(query_text: str, fields: list[str], **more: str) -> dict[str, Any]:
    return {"simple_query_string": {"query": query_text, "fields": fields, "lenient": True, **more}}


def _exact_fields() -> list[str]:
    """Fields with the words as written.

    A quoted phrase uses only these: stemmed fields would find "the united nation" in "the United Nations".
    """
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
    """Multiplies the score by 1 (old article) to 2 (new article)."""
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
    """Requests the articles of each group, the original first."""
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

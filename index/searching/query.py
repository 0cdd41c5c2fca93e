"""Query: builds the request bodies of article searches. Pure.

In: the typed words, filters, an order, a cursor (where the page before ended). Out: bodies of Elasticsearch's search
request. No input of the search box is an error: the syntax is that of simple_query_string, which ignores what it
can't parse. A word is looked for as it is written, and in the languages whose letters it has.
"""

import re
import unicodedata
from datetime import datetime
from typing import Any, Literal

import msgspec

from pipeline.entity import EntityType
from pipeline.failures import WrongSetting

Order = Literal["relevance", "newest"]

# longer input is cut, because Elasticsearch may refuse it
MAX_QUERY_CHARS = 1_000
# each word is a clause for each field, and one with * or ~ many: of 333 of those Elasticsearch thought for longer than
# we wait
MAX_QUERY_WORDS = 50
FIELD_WEIGHTS = {"title": 2.0, "summary": 1.5, "text": 1.0}
UNSTEMMED_WEIGHTS = {"alternative_titles": 1.5}  # of fields that are searched as they are written alone
# the languages of `stemmed` by their letters: a word is looked for in no others
LANGUAGES_BY_LETTERS = {
    "a-zA-Z\u00c0-\u024f\u1e00-\u1eff\uff21-\uff5a": ("de", "en", "es", "fr", "id", "it", "nl", "pl", "pt", "tr"),
    "\u0370-\u03ff\u1f00-\u1fff": ("el",),
    "\u0400-\u052f": ("ru", "uk"),
    "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff": ("ar", "fa"),
    "\u0900-\u097f": ("hi",),
    "\u0980-\u09ff": ("bn",),
    "\u0e00-\u0e7f": ("th",),
    "\u0e80-\u0eff": ("lo",),
    "\u1000-\u109f": ("my",),
    "\u1780-\u17ff": ("km",),
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f": ("ja",),
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff": ("ja", "ko", "zh"),
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3": ("ko",),
}
_LETTERS = [(re.compile(f"[{letters}]"), languages) for letters, languages in LANGUAGES_BY_LETTERS.items()]
# no stems but words, out of text without spaces: a phrase has no other way to be found there
WORD_LANGUAGES = frozenset({"km", "lo", "my", "th"})
STEMMED_WEIGHT = 0.5  # weight of a match by stem, relative to a match of the word as written
MINIMUM_SHOULD_MATCH = "3<75%"  # up to three words must all occur, of more three quarters
# what simple_query_string reads as an operator; a hyphen within a word is none
OPERATORS = re.compile(r'["+|*~()\\]|(^|\s)-')
AS_WRITTEN = re.compile(r'["*~]')  # with one of these no stems are looked at
# a new article scores up to twice as high as an old one; this bonus is halved after so many days
FRESHNESS_DAYS = 7

_SUMMARY = ("id", "url", "title", "source", "source_name", "language", "date", "section", "story", "duplicate_of")
HIT_FIELDS = (*_SUMMARY, "edits", "fetched_at")
CALLED_FIELDS = ("entities.name.folded", "entities.canonical.folded", "entities.key")  # what a name is looked for in
EDIT_FIELDS = ("edits.removed", "edits.added")
HIGHLIGHT_MARKS = ("\u27e8", "\u27e9")  # around a highlighted word; not HTML: the caller shows it where it likes


class NamedEntity(msgspec.Struct, frozen=True):
    """A name (case and accents don't matter) or a name key that an article must have, and of what it is; None: any."""

    name: str
    type: EntityType | None = None


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that must all hold.

    `source` is a host or a source's name (case does not matter). `entity` is a name (case and accents don't matter) or
    a name key.
    `stories`: the article belongs to one of these; articles of merged stories keep the id of the story they were given.
    `edited`: title or text were changed after the article was first indexed; the words of the search are then looked
    for among those that the edits removed or added, and not in the article.
    """

    source: str | None = None
    language: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2: one that the article names, or whose places it names
    entity: str | None = None
    names: tuple[NamedEntity, ...] = ()  # all of them
    kind: str | None = None  # ArticleKind
    stories: tuple[str, ...] = ()
    since: datetime | None = None  # of the article's date; both ends are included
    until: datetime | None = None
    edited: bool = False
    indexed_after: datetime | None = None  # what was written to the index later than that, and ...
    indexed_until: datetime | None = None  # ... what was written until then: for pages that stay as they are


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
        "docvalue_fields": ["group", "language"],
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


def match_clause(request: SearchRequest) -> dict[str, Any]:
    """Builds the clause that a search's articles match."""
    words = _edits_clause if request.filters.edited else _words_clause
    return {"bool": {"must": words(request.query_text), "filter": _filter_clauses(request.filters)}}


def _edits_clause(query: str) -> dict[str, Any]:
    """Words of edits: those that were removed are not in the article any more."""
    query_text = " ".join(query[:MAX_QUERY_CHARS].split()[:MAX_QUERY_WORDS])
    asked = {"query": query_text, "fields": EDIT_FIELDS, "lenient": True, "default_operator": "and"}
    return {"simple_query_string": asked} if query_text else {"match_all": {}}


def _words_clause(query: str) -> dict[str, Any]:
    query_text = query[:MAX_QUERY_CHARS]
    if not query_text.strip():
        return {"match_all": {}}
    if OPERATORS.search(query_text):
        return _operators_clause(" ".join(query_text.split()[:MAX_QUERY_WORDS]))
    words = [word for word in query_text.split() if _is_searchable(word)][:MAX_QUERY_WORDS]
    if not words:
        return {"match_none": {}}
    each = {"should": [_word_clause(word) for word in words], "minimum_should_match": MINIMUM_SHOULD_MATCH}
    # one word at a time finds no synonyms of several words (czech republic), the whole text does; all words must be in
    # one field, where a match is worth more
    together = {"query": " ".join(words), "fields": _exact_fields(), "operator": "and", "lenient": True}
    return {"bool": {"should": [{"bool": each}, {"multi_match": together}]}}


def _operators_clause(query_text: str) -> dict[str, Any]:
    """Phrases look at no stems, which would find "the united nation" in "the United Nations". Neither do beginnings*
    and misspellings~: each becomes many words in each field, and stems add none.
    """
    languages = languages_by_letters(query_text)
    chosen = languages & WORD_LANGUAGES if AS_WRITTEN.search(query_text) else languages
    fields = _exact_fields() + _stemmed_fields(chosen)
    return {"simple_query_string": {"query": query_text, "fields": fields, "lenient": True, "default_operator": "and"}}


def _is_searchable(word: str) -> bool:
    """Whether an analyzer leaves anything of it: letters, digits, symbols as emoji are."""
    return any(unicodedata.category(char)[0] in "LN" or unicodedata.category(char) == "So" for char in word)


def _word_clause(word: str) -> dict[str, Any]:
    """Finds what was typed without a space: one word, or several where a script or a hyphen joins them."""
    fields = _exact_fields() + _stemmed_fields(languages_by_letters(word))
    asked = {"query": word, "fields": fields, "type": "most_fields", "minimum_should_match": MINIMUM_SHOULD_MATCH}
    return {"multi_match": {**asked, "lenient": True}}


def languages_by_letters(text: str) -> frozenset[str]:
    """The languages with an analyzer of their own that are written with some letter of the text."""
    return frozenset(each for letters, languages in _LETTERS if letters.search(text) for each in languages)


def _exact_fields() -> list[str]:
    """Fields with the words as written."""
    return [f"{name}^{weight}" for name, weight in (FIELD_WEIGHTS | UNSTEMMED_WEIGHTS).items()]


def _stemmed_fields(languages: frozenset[str]) -> list[str]:
    """Fields with the stems or the words of these languages."""
    return [
        f"stemmed.{language}.{name}^{weight * STEMMED_WEIGHT}"
        for language in sorted(languages)
        for name, weight in FIELD_WEIGHTS.items()
    ]


def _filter_clauses(filters: Filters) -> list[dict[str, Any]]:
    clauses: list[dict[str, Any]] = []
    if filters.source is not None:
        clauses.append(_source_clause(filters.source))
    if filters.stories:
        clauses.append({"terms": {"story": list(filters.stories)}})
    if filters.edited:
        clauses.append({"exists": {"field": "edits.revision"}})
    country = filters.country.upper() if filters.country else None
    terms = {"language": filters.language, "countries": country, "kind": filters.kind}
    clauses += [{"term": {field: value}} for field, value in terms.items() if value is not None]
    any_kind = [NamedEntity(filters.entity)] if filters.entity is not None else []
    clauses += map(_name_clause, (*any_kind, *filters.names))
    clauses += _range_clauses("date", gte=filters.since, lte=filters.until)
    return clauses + _range_clauses("indexed_at", gt=filters.indexed_after, lte=filters.indexed_until)


def _name_clause(named: NamedEntity) -> dict[str, Any]:
    either = {"bool": {"should": [{"term": {field: named.name}} for field in CALLED_FIELDS]}}
    kind = [{"term": {"entities.type": named.type}}] if named.type else []
    return {"nested": {"path": "entities", "query": {"bool": {"filter": [either, *kind]}}}}


def _range_clauses(field: str, **limits: datetime | None) -> list[dict[str, Any]]:
    given = {name: at.isoformat() for name, at in limits.items() if at}
    return [{"range": {field: given}}] if given else []


def _source_clause(source: str) -> dict[str, Any]:
    """A host, with or without "www.", or what people call the source; case does not matter."""
    host = {"term": {"source": source.lower().removeprefix("www.")}}
    name = {"term": {"source_name": {"value": source, "case_insensitive": True}}}
    return {"bool": {"should": [host, name]}}


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

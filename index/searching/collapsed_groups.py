"""Builds the request for the articles of a page of groups: each an original with its copies folded under it. Pure.

In: a SearchRequest and the names of the groups. Out: the body of the request, with what is to be marked.
"""

from collections.abc import Sequence, Set
from typing import Any

from index.searching.query import (
    EDIT_FIELDS,
    HIGHLIGHT_MARKS,
    HIT_FIELDS,
    SearchRequest,
    languages_by_letters,
    match_clause,
)

MAX_COPIES_SHOWN = 20


def build_groups_body(request: SearchRequest, names: Sequence[str], languages: Set[str]) -> dict[str, Any]:
    """Builds the request for the matching articles of these groups, the original first, with its highlighted passages.

    `languages`: those of the articles. Marking cuts a text into words once for each language that is looked at, and an
    article has stems of its own language alone. One aggregation, because collapse would search once for each group.
    """
    matching = match_clause(request)
    matching["bool"]["filter"] = [*matching["bool"]["filter"], {"terms": {"group": names}}]
    return {
        "query": matching,
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "groups": {
                # of few articles: an order of all groups need not be made first
                "terms": {"field": "group", "size": len(names), "execution_hint": "map"},
                "aggs": _group_members(languages_by_letters(request.query_text) & languages),
            }
        },
    }


def _group_members(languages: frozenset[str]) -> dict[str, Any]:
    """Requests the original of each group, with what matched in these languages marked, and its copies, unmarked."""
    marks = {"pre_tags": [HIGHLIGHT_MARKS[0]], "post_tags": [HIGHLIGHT_MARKS[1]]}
    fields = {
        "title": {"number_of_fragments": 0, "matched_fields": _with_stemmed("title", languages)},
        "text": {"number_of_fragments": 2, "fragment_size": 160, "matched_fields": _with_stemmed("text", languages)},
        **{name: {"number_of_fragments": 2, "fragment_size": 160} for name in EDIT_FIELDS},
    }
    shown = {
        "_source": list(HIT_FIELDS),
        "sort": [{"duplicate_of": {"order": "asc", "missing": "_first"}}, {"date": "asc"}],
    }
    return {
        "first": {"top_hits": {**shown, "size": 1, "highlight": {**marks, "fields": fields}}},
        "copies": {"top_hits": {**shown, "from": 1, "size": MAX_COPIES_SHOWN}},
    }


def _with_stemmed(field: str, languages: frozenset[str]) -> list[str]:
    return [field, *(f"stemmed.{language}.{field}" for language in sorted(languages))]

"""Typed query: what people mean by what they typed on a page or gave to the API: `newsloom search` reads it alike.

In: a query. Out: words, filters, and what was not understood.
"""

from datetime import datetime

import msgspec

from enrich.gazetteer import find_country
from enrich.language_names import find_language
from index.searching import filter_words, story_search
from index.searching.filter_words import TypedSearch
from web.frame import Site


def read_typed(text: str, now: datetime, site: Site) -> TypedSearch:
    """What a query means; its story's id with those of all its parts. Raises Unavailable."""
    typed = filter_words.read_query(text, filter_words.Reader(now, site.zone, find_language, find_country))
    if not typed.story:
        return typed
    stories = story_search.story_ids_with_parts(site.options.elasticsearch, typed.story)
    return msgspec.structs.replace(typed, filters=msgspec.structs.replace(typed.filters, stories=stories))

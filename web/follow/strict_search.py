"""Strict search: the search of an address that a program keeps. What is not understood in it is an error, not left out:
nobody reads a hint on a feed.

In: what was asked. Out: the search.
"""

from index.searching.query import SearchRequest
from pipeline.failures import WrongSetting
from web.frame import Asked, Site
from web.typed_query import read_typed


def read_search(asked: Asked, site: Site) -> SearchRequest:
    """The search of `q`, the newest first. Raises WrongSetting, which says what is not understood; Unavailable."""
    typed = read_typed(asked.word("q"), asked.now, site)
    if typed.problems:
        raise WrongSetting("; ".join(typed.problems))
    return SearchRequest(query_text=typed.words, filters=typed.filters, order="newest")

"""Search: one box, what it finds."""

from dataclasses import dataclass

from index.searching import article_search
from web.frame import Answer, Asked, Page, Shown, Site


@dataclass(frozen=True, slots=True)
class SearchView:
    """What was typed and what was found."""

    typed: str
    total: int
    hits: tuple[article_search.Hit, ...]


def show(asked: Asked, site: Site) -> Answer:
    """The page."""
    typed = asked.word("q")
    found = article_search.search(site.options.elasticsearch, typed)
    return Shown("search.html", "Search", SearchView(typed, found.total, found.hits))


PAGES = (Page("search", "/", show),)

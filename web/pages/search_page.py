"""Search: one box with the language of `newsloom search`, what it finds, and what that is made up of."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import msgspec

from enrich.gazetteer import country_name
from enrich.language_names import language_name
from index.searching import article_search, facet_search, filter_words, suggestion_search
from index.searching.article_search import ArticleSummary, Hit
from index.searching.facet_search import Facets
from index.searching.query import Filters, SearchRequest
from web.frame import Answer, Asked, Page, Sent, SentOn, Shown, Site
from web.pages import first_minute_page
from web.parts import marked_text, search_link, time_range
from web.parts.bar_chart import Bar
from web.parts.marked_text import Segment
from web.parts.search_link import SearchLink
from web.parts.time_range import Span
from web.typed_query import read_typed

HITS = 20  # of a page
FACET_NAMES = {
    "source": "Sources",
    "language": "Languages",
    "country": "Countries",
    "person": "People",
    "organisation": "Organisations",
    "place": "Places",
    "kind": "Kinds",
}


class HitView(msgspec.Struct, frozen=True):
    """A hit: its title and passages with what was found marked, its copies."""

    article: ArticleSummary
    title: tuple[Segment, ...]
    passages: tuple[tuple[Segment, ...], ...]
    copies: tuple[ArticleSummary, ...]
    copies_total: int


class Choice(msgspec.Struct, frozen=True):
    """Something to choose: what it is called, where it leads, how many articles there are; None: not counted."""

    name: str
    url: str
    articles: int | None = None


class SearchView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of results. `filters`: those of the query, each leading to the search without it.

    `seen`: until when what was written to the index is looked at; `new`: how many articles came since.
    """

    link: SearchLink
    keep_order: bool  # the order was chosen, and stays
    problems: tuple[str, ...]
    filters: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    first_day: str
    last_day: str
    total: int
    texts: int
    hits: tuple[HitView, ...]
    next: str
    seen: str
    new: int
    facets: tuple[tuple[str, tuple[Choice, ...]], ...]
    bars: tuple[tuple[Bar, str], ...]
    spans: tuple[Span, ...]
    instead: tuple[Choice, ...]


def show(asked: Asked, site: Site) -> Answer:
    """The page; the first minute's, while there is no article at all."""
    link = search_link.read_link(asked.word("q"), asked.word("order"), asked.word("seen"), asked.word("after"))
    if asked.word("from") or asked.word("to"):
        return SentOn(time_range.with_days(link, asked.word("from"), asked.word("to")).url())
    if asked.word("first"):
        return SentOn(time_range.with_spans(link, asked.word("first"), asked.word("last")).url())
    typed = read_typed(link.typed, asked.now, site)
    seen = search_link.read_moment(search_link.write_time(link.seen or asked.now))
    request = SearchRequest(query_text=typed.words, filters=until(typed.filters, seen), order=link.order)
    options = site.options.elasticsearch
    with ThreadPoolExecutor(1) as beside:  # the page's two long questions, and neither needs the other's answer
        counting = beside.submit(facet_search.facets, options, request, site.zone)
        found = find(site, request, seen, link.after)
        counted = counting.result()
    if not found.total and not link.typed and not article_search.count(options):
        return first_minute_page.show(asked, site)
    view = build_view(link, typed, found, counted, seen)
    if link.seen:
        view = msgspec.structs.replace(view, new=_count_new(site, typed, seen))
    if not found.total:
        view = msgspec.structs.replace(view, instead=tuple(_instead(asked, site, link, typed)))
    return Shown("search.html", f"{link.typed} - Search" if link.typed else "Search", view)


def find(site: Site, request: SearchRequest, seen: datetime, after: str) -> article_search.SearchResult:
    """A page of a search that began at `seen`. Pages by relevance look through one view, while it is open."""
    options, view = site.options.elasticsearch, site.views.find(seen) if after else ""
    search = partial(article_search.search, options, request.query_text, request.filters, HITS, request.order, after)
    try:
        found = search(view=view)
    except article_search.ViewGone:
        site.views.forget(seen)
        found = search()
    if found.next and request.order == "relevance" and not after:
        site.views.keep(seen, article_search.open_view(options))
    return found


def until(filters: Filters, seen: datetime) -> Filters:
    """The filters, and nothing that was written to the index later: the pages of a search stay what they are."""
    return msgspec.structs.replace(filters, indexed_until=seen)


def build_view(
    link: SearchLink,
    typed: filter_words.TypedSearch,
    found: article_search.SearchResult,
    counted: Facets,
    seen: datetime,
) -> SearchView:
    """What the page shows of what was found. Pure."""
    filters = typed.filters
    return SearchView(
        link=link,
        keep_order=link.order != search_link.usual_order(link.typed),
        problems=typed.problems,
        filters=tuple(_filters(link)),
        orders=tuple(Choice(each, SearchLink(typed=link.typed, order=each).url()) for each in search_link.ORDERS),
        first_day=filters.since.date().isoformat() if filters.since else "",
        last_day=filters.until.date().isoformat() if filters.until else "",
        total=found.total,
        texts=found.texts,
        hits=tuple(map(build_hit, found.hits)),
        next=msgspec.structs.replace(link, seen=seen, after=found.next).url() if found.next else "",
        seen=search_link.write_time(seen),
        new=0,
        facets=tuple(_facets(link, counted)),
        bars=time_range.build_linked_bars(link, counted.columns),
        spans=time_range.build_spans(counted.columns),
        instead=(),
    )


def build_hit(hit: Hit) -> HitView:
    """A hit, its title marked where it was found by it. Pure."""
    titles = [each for each in hit.passages if marked_text.without_marks(each) == hit.article.title]
    others = [each for each in hit.passages if each not in titles]
    return HitView(
        article=hit.article,
        title=marked_text.found_words(titles[0]) if titles else (Segment(hit.article.title),),
        passages=tuple(map(marked_text.found_words, others)),
        copies=hit.copies,
        copies_total=hit.copies_total,
    )


def _filters(link: SearchLink) -> Sequence[Choice]:
    return [
        Choice(f"{each.name}: {each.value}", link.of(filter_words.without(link.typed, [each])).url())
        for each in filter_words.find_filter_words(link.typed)
    ]


def _facets(link: SearchLink, counted: Facets) -> Sequence[tuple[str, tuple[Choice, ...]]]:
    shown = [
        (name, tuple(_choice(link, facet, value, count) for value, count in counted.values.get(facet, {}).items()))
        for facet, name in FACET_NAMES.items()
    ]
    return [(name, choices) for name, choices in shown if choices]


def _choice(link: SearchLink, facet: str, value: str, count: int) -> Choice:
    name = language_name(value) if facet == "language" else country_name(value) if facet == "country" else value
    return Choice(name, link.of(filter_words.with_filter(link.typed, facet, value)).url(), count)


def _count_new(site: Site, typed: filter_words.TypedSearch, seen: datetime) -> int:
    filters = msgspec.structs.replace(typed.filters, indexed_after=seen)
    return facet_search.count(site.options.elasticsearch, SearchRequest(query_text=typed.words, filters=filters))


def _instead(asked: Asked, site: Site, link: SearchLink, typed: filter_words.TypedSearch) -> Sequence[Choice]:
    """What may be asked instead of what finds nothing: other spellings, and the search without one of its filters."""
    other: list[str] = []
    spelt = suggestion_search.suggest_spelling(site.options.elasticsearch, typed.words)
    filters = filter_words.find_filter_words(link.typed)
    if spelt:
        kept = " ".join(link.typed[each.start : each.end] for each in filters)
        other.append(f"{spelt} {kept}".strip())
    other += [filter_words.without(link.typed, [each]) for each in filters]
    counted = []
    for text in dict.fromkeys(other):
        meant = read_typed(text, asked.now, site)
        request = SearchRequest(query_text=meant.words, filters=meant.filters)
        if number := facet_search.count(site.options.elasticsearch, request):
            counted.append(Choice(text or "everything", link.of(text).url(), number))
    return counted


# --- what the page's JavaScript asks for ---


def count_new(asked: Asked, site: Site) -> Answer:
    """How many articles of a search came since it was looked at."""
    link = search_link.read_link(asked.word("q"), "", asked.word("seen"), "")
    typed = read_typed(link.typed, asked.now, site)
    number = _count_new(site, typed, link.seen or asked.now)
    return _json({"new": number, "url": link.of(link.typed).url()})


def suggest(asked: Asked, site: Site) -> Answer:
    """The names and sources with which the last word of a query may go on, each as the query that it makes."""
    typed = asked.word("q")
    before, beginning = split_last_word(typed)
    found = suggestion_search.suggest_names(site.options.elasticsearch, beginning) if len(beginning) > 1 else []
    return _json(
        [
            {
                "name": each.name,
                "kind": each.kind,
                "articles": each.articles,
                "query": filter_words.with_filter(before, each.kind, each.name) + " ",
            }
            for each in found
        ]
    )


def split_last_word(typed: str) -> tuple[str, str]:
    """What was typed before the last word, and that word without the name of a filter; none after a space. Pure."""
    if not typed or typed[-1].isspace() or typed.count('"') % 2:
        return typed, ""
    before, _, word = typed.rpartition(" ")
    name, colon, value = word.partition(":")
    return before, value if colon and name.lower() in filter_words.WORDS else word


def _json(value: object) -> Sent:
    return Sent(msgspec.json.encode(value), "application/json")


PAGES = (
    Page("search", search_link.PATH, show),
    Page("new_count", "/new-count", count_new),
    Page("suggestions", "/suggestions", suggest),
)

"""Names: a person, an organisation or a place: its articles over time, with whom it is named, in which stories."""

import msgspec

from index.searching.filter_words import NAMES, write_filter
from index.searching.name_search import NameReport, name_report
from index.searching.query import NamedEntity
from web.frame import Answer, Asked, NoSuchPage, Page, Shown, Site
from web.parts import time_range
from web.parts.bar_chart import Bar
from web.parts.search_link import SearchLink
from web.parts.time_range import Span

TITLES = {"person": "People", "organisation": "Organisations", "place": "Places"}
MOST_LETTERS = 1_000  # of a name in the index


class NameView(msgspec.Struct, frozen=True, kw_only=True):
    """A name of a kind ("name": whatever it is). `search` leads to its articles; `others`: title, kind, counts."""

    kind: str
    report: NameReport
    search: SearchLink
    bars: tuple[tuple[Bar, str], ...]
    spans: tuple[Span, ...]
    others: tuple[tuple[str, str, dict[str, int]], ...]


def show(asked: Asked, site: Site) -> Answer:
    """The page."""
    kind, name = asked.named["kind"], asked.named["name"]
    if kind not in NAMES or len(name) > MOST_LETTERS:
        raise NoSuchPage("There are names of a person, an organisation, a place, or just a name.")
    report = name_report(site.options.elasticsearch, NamedEntity(name, NAMES[kind]), site.zone)  # type: ignore[arg-type]
    if not report.articles:
        raise NoSuchPage(f"No article names {name[:200]} as {'a name' if kind == 'name' else 'a ' + kind}.")
    return Shown("name.html", report.called, build_view(kind, name, report))


def build_view(kind: str, name: str, report: NameReport) -> NameView:
    """What the page shows. Pure."""
    link = SearchLink(typed=write_filter(kind, name), order="newest")
    return NameView(
        kind=kind,
        report=report,
        search=link,
        bars=time_range.build_linked_bars(link, report.columns),
        spans=time_range.build_spans(report.columns),
        others=tuple((TITLES[other], other, found) for other, found in report.others.items() if found),
    )


PAGES = (Page("name", "/names/{kind}/{name}", show),)

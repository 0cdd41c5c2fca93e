"""Watches: what is watched for; a search is made a watch here, as `newsloom watch add` makes one."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from index.searching.filter_words import WORDS, write_filter
from pipeline.watch_messages import Watch
from watches import watch_changes, watch_list
from web.changes import FormView, change_page, form_of
from web.frame import Answer, Asked, Page, SentOn, Shown, Site
from web.typed_query import read_typed

PATH = "/watches"
FILTER_NAME = re.compile(rf"\b(?:{'|'.join(WORDS)}):(?=\S)")
LONGEST_SUGGESTION = 40  # characters of a name made of a query; one that is typed may have 64
FILTERS = ("source", "language", "country", "entity")


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A watch: what it looks for in words, and where the same is searched for."""

    watch: Watch
    wanted: str
    tells: str
    url: str
    removable: bool


@dataclass(frozen=True, slots=True)
class WatchesView:
    """All watches, and the form of a new one with the query that it is to have."""

    rows: tuple[WatchRow, ...]
    typed: str
    name: str  # that the new one may have; "" where none can be made of the query
    form: FormView


def show(asked: Asked, site: Site) -> Answer:
    """The page. `q`: the search that is to be watched."""
    found = sorted(watch_list.read_topic(site.options.kafka).values(), key=lambda each: each.name)
    typed = asked.word("q").strip()
    name = suggest_name(typed, {each.name for each in found})
    view = WatchesView(tuple(map(build_row, found)), typed, name, form_of(asked, site))
    return Shown("follow/watches.html", "Watches", view)


def suggest_name(query: str, taken: Collection[str]) -> str:
    """A name for a watch of this query that none has yet, of its words without accents; "" where it has none. Pure."""
    words = FILTER_NAME.sub(" ", query.casefold())
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    name = "-".join(re.findall(r"[a-z0-9]+", plain))[:LONGEST_SUGGESTION].strip("-")
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 2)))
    return next(each for each in names if each not in taken) if name else ""


def build_row(watch: Watch) -> WatchRow:
    """A watch in words. Pure."""
    filters = [f"{name}: {value}" for name in FILTERS if (value := getattr(watch, name))]
    return WatchRow(
        watch=watch,
        wanted=", ".join(filter(None, (watch.query, *filters))),
        tells=", ".join(filter(None, (watch.webhook, *watch.mail))),
        url=f"/?{urlencode({'q': _query_of(watch), 'order': 'newest'})}",
        removable=watch.origin == "command",
    )


def _query_of(watch: Watch) -> str:
    """The query that finds what the watch finds."""
    named = {"source": watch.source, "language": watch.language, "country": watch.country, "name": watch.entity}
    return " ".join([watch.query, *(write_filter(name, value) for name, value in named.items() if value)]).strip()


def add(asked: Asked, site: Site) -> Answer:
    """Makes a watch of the form."""
    typed = read_typed(asked.field("q"), asked.now, site)
    made = watch_list.watch_of_search(asked.field("name").strip(), typed, asked.now)
    mail = tuple(asked.field("mail").replace(",", " ").split())
    told = msgspec.structs.replace(
        made, webhook=asked.field("webhook").strip(), mail=mail, revisions=bool(asked.field("revisions"))
    )
    watch_changes.add_watch(site.options, told)
    return SentOn(PATH)


def remove(asked: Asked, site: Site) -> Answer:
    """Takes a watch off."""
    watch_changes.remove_watch(site.options, asked.field("name"))
    return SentOn(PATH)


PAGES = (
    Page("watches", PATH, show),
    change_page("watch_add", "/watches/add", add),
    change_page("watch_remove", "/watches/remove", remove),
)

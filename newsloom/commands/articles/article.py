"""`newsloom article ID`: one article, with its text, times, names, copies and story; or what was changed in it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

import click

from index.searching.article_lookup import MIN_ID_PREFIX, ArticleDetails, find_article
from index.searching.article_search import ArticleSummary
from index.writing.article_document import ArticleBody
from ingest.urls import canonical_url
from newsloom import terminal
from newsloom.commands.articles.search import tell_edits
from newsloom.local_run import run_addresses
from newsloom.times import show_time
from newsloom.trace.revisions import Revision, read_revisions
from pipeline.failures import Poison
from pipeline.messages import ARTICLES

MOST_NAMES = 15  # of each kind that are shown
MOST_WORDS = 5  # changes of an edit that are shown; --revisions has all, among the words around them
MOST_SAME = 10  # articles with the same text that are shown
TIMES = ("published_at", "modified_at", "first_seen_at", "fetched_at", "indexed_at")


@click.command()
@click.argument("id_", metavar="ID-OR-URL")
@run_addresses.DATA_OPTION
@click.option("--revisions", "with_revisions", is_flag=True, help="What each revision changed, instead of the text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs; with --revisions one for each.")
def article(id_: str, data: Path, with_revisions: bool, as_json: bool) -> None:
    """Show an article: text, names, times, copies, story. Its address, its ID or the beginning of that is enough."""
    options = run_addresses.settings_for_run(data)
    found = find_article(options.elasticsearch, id_, addresses_of(id_))
    if isinstance(found, tuple):
        raise Poison("no_such_article", _why_none(id_, found))
    if with_revisions:
        shown = found.article
        revisions = read_revisions(options.kafka, shown.id, shown.first_seen_at, terminal.complain)
        if as_json:
            for each in revisions:
                terminal.say_json(each)
        else:
            with terminal.paged_screen(options.display.pager) as screen:
                print_revisions(shown, revisions, screen, options.display.zone())
    elif as_json:
        terminal.say_json(found)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_article(found, screen, options.display.zone())


def addresses_of(typed: str) -> list[str]:
    """The addresses that an article may have of which a person has this one: as it is, and as articles have it."""
    return list(dict.fromkeys(filter(None, (typed, canonical_url(typed))))) if "://" in typed else []


def print_article(found: ArticleDetails, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints what is known of an article, a line for each fact, and then its text."""
    shown = found.article
    screen.line(shown.title, "bold")
    screen.line(shown.url, "blue", indent=2, wrap=False)
    for name, value in _facts(found, zone):
        screen.line(f"{name:<14} {value}", "dim", indent=2)
    for each, line in zip(shown.edits, tell_edits(shown.edits, zone), strict=True):
        screen.line(line, "dim", indent=2)
        for sign, words in (("-", each.removed), ("+", each.added)):
            for change in words[:MOST_WORDS]:
                screen.line(f"{sign} {change}", "dim", indent=4)
    for other in found.same_text[:MOST_SAME]:
        what = "original" if other.id == shown.duplicate_of else "same text"
        told = f"{other.source_name}, article {other.id[: terminal.SHORT_ID]}: {other.url}"
        screen.line(f"{what:<14} {told}", "dim", indent=2, wrap=False)
    if len(found.same_text) > MOST_SAME:
        screen.line(f"{'':<14} and {len(found.same_text) - MOST_SAME} more", "dim", indent=2)
    screen.line("")
    screen.lines(shown.text)


def print_revisions(
    shown: ArticleBody, revisions: Sequence[Revision], screen: terminal.Screen, zone: tzinfo = UTC
) -> None:
    """Prints each revision with the words that it removed, [-so-], and added, {+so+}."""
    screen.line(shown.title, "bold")
    screen.line(shown.url, "blue", indent=2, wrap=False)
    if not revisions:
        screen.line(f"Kafka has no message of it any more: it keeps them for {ARTICLES.retention_days} days.")
    for each in revisions:
        what = f", changed: {', '.join(each.changed)}" if each.changed else ""
        screen.line(f"revision {each.revision}, fetched {show_time(each.fetched_at, zone)}{what}", "bold")
        for part, changes in (("title", each.title), ("text", each.text)):
            for change in changes:
                screen.line(f"{part:<6}{change}", indent=2)


def _facts(found: ArticleDetails, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Names and values of what is known; what is not known is left out."""
    shown = found.article
    yield "source", f"{shown.source_name} ({shown.source})"
    for name in TIMES:
        if when := getattr(shown, name):
            yield name.removesuffix("_at").replace("_", " "), show_time(when, zone)
    yield "kind", ", ".join(_kinds(shown))
    yield from ((name, ", ".join(values)) for name, values in _lists(shown) if values)
    yield "article", f"{shown.id}, revision {shown.revision}"
    yield "story", f"{shown.story}{f': {found.headline}' if found.headline else ''}"


def _lists(shown: ArticleBody) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "authors", shown.authors
    for name in ("people", "organisations", "places"):
        yield name, getattr(shown, name)[:MOST_NAMES]
    yield "tags", shown.tags[:MOST_NAMES]
    yield "countries", shown.countries[:MOST_NAMES]


def _kinds(shown: ArticleBody) -> Iterator[str]:
    yield shown.kind
    yield shown.language
    yield f"text from the {shown.text_from}"
    if shown.truncated:
        yield "its text is not whole"
    if shown.duplicate_kind:
        yield f"a copy ({shown.duplicate_kind})"


def _why_none(id_: str, found: tuple[ArticleSummary, ...]) -> str:
    if found:
        named = "; ".join(f"{each.id}: {each.title}" for each in found)
        return f"{len(found)} articles or more are meant by {id_}: {named}"
    if "://" in id_:
        return f"no article has the address {id_}: `newsloom search` finds articles by their words"
    least = f" (at least {MIN_ID_PREFIX} characters)" if len(id_) < MIN_ID_PREFIX else ""
    return f"no article's id begins with {id_}{least}: `newsloom search` shows ids"

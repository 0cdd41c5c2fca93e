"""`newsloom search`: finds articles by their words; prints text for people or JSON for programs."""

import difflib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click
import msgspec

from index.searching import article_search as engine
from index.searching import filter_values, filter_words, story_search
from index.writing.edits import Edit
from ingest.urls import source_of
from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.named_values import COUNTRY_OPTION, LANGUAGE_OPTION
from newsloom.times import read_time, show_time
from pipeline import settings

COPIES = 3  # copies of one article that are shown in a terminal
VALUES = 12  # values that are named to one whose filter found nothing
EXCLUDING = "\N{MINUS SIGN}"  # stands for the hyphen of -word, which would be taken for an option


class WordsWithHyphens(click.Command):
    """A command whose words may begin with one hyphen, as those do that a search is to leave out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As in the library; a word that begins with one hyphen is no option, but for -h."""
        words = [EXCLUDING + word[1:] if re.match("-[^-]", word) and word != "-h" else word for word in args]
        return super().parse_args(ctx, words)


@click.command(cls=WordsWithHyphens)
@click.argument("query", nargs=-1)
@run_addresses.DATA_OPTION
@click.option("--source", help="Only of this source: a host name, an address, or the source's name.")
@LANGUAGE_OPTION
@COUNTRY_OPTION
@click.option("--entity", help="Only articles that name this person, organisation or place.")
@click.option("--edited", is_flag=True, help="Only edited articles: words that an edit removed or added; none for all.")
@click.option("--story", help="Only of this story, and of what became a part of it.")
@click.option("--since", type=click.DateTime(), help="Only published at or after this time (in display.time_zone).")
@click.option("--until", type=click.DateTime(), help="Only published before this time (in display.time_zone).")
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many to show.")
@click.option("--newest", is_flag=True, help="Newest first, not most relevant first.")
@click.option("--after", default="", help="The next page: what the page before gave as `next`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def search(
    query: tuple[str, ...], data: Path, size: int, newest: bool, after: str, as_json: bool, **chosen: object
) -> None:
    """Search articles. Words, "exact phrases", -without, one | other; and filters as words: source:"The Paper",
    language:, country:, person:, organisation:, place:, name:, story:, kind:, after:2026-11-01 or after:7d, before:."""
    if not query and not chosen["edited"]:
        raise click.UsageError("Missing argument 'QUERY...'.")
    options = run_addresses.settings_for_run(data)
    typed = read_filter_words(read_query(query), options)
    filters = read_filters(options, {**chosen, "story": chosen["story"] or typed.story}, typed.filters)
    order: engine.Order = "newest" if newest else "relevance"
    found = engine.search(options.elasticsearch, typed.words, filters, size, order, after)
    if not found.total:
        complain_of_filters(options.elasticsearch, filters)
    if as_json:
        terminal.say_json(found)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_hits(found, screen, options.display.zone())


def read_query(words: tuple[str, ...]) -> str:
    """The query as the search takes it; a quote that is not closed ends with the query, and that is said."""
    text = " ".join("-" + word[1:] if word.startswith(EXCLUDING) else word for word in words)
    closed = filter_words.close_quotes(text)
    if len(closed) != len(text):
        terminal.complain(f"a quote is not closed: searched for {closed}")
    return closed


def read_filter_words(text: str, options: settings.Settings) -> filter_words.TypedSearch:
    """The query with its filters read; what is none is said."""
    from enrich.gazetteer import find_country  # noqa: PLC0415 - babel takes a fifth of a second to import
    from enrich.language_names import find_language  # noqa: PLC0415

    reader = filter_words.Reader(datetime.now(UTC), options.display.zone(), find_language, find_country)
    typed = filter_words.read_query(text, reader)
    for problem in typed.problems:
        terminal.complain(problem)
    return typed


def read_filters(options: settings.Settings, chosen: dict[str, object], typed: engine.Filters) -> engine.Filters:
    """The filters that the command's options say, and, where they say nothing, those of the query."""
    times = {name: read_time(chosen[name], options.display.zone()) for name in ("since", "until")}
    story = str(chosen["story"] or "")
    source = str(chosen["source"] or "")
    given = {
        **{name: chosen[name] for name in ("language", "country", "entity")},
        **times,
        "stories": story_search.story_ids_with_parts(options.elasticsearch, story) if story else (),
        "edited": bool(chosen["edited"]),
        "source": source_of(source) if "://" in source else source,
    }
    return msgspec.structs.replace(typed, **{name: value for name, value in given.items() if value})


def complain_of_filters(options: settings.Elasticsearch, filters: engine.Filters) -> None:
    """Says of each filter whose value no article has which values there are."""
    from enrich.gazetteer import country_name  # noqa: PLC0415 - babel takes a fifth of a second to import
    from enrich.language_names import language_name  # noqa: PLC0415

    if filters.language:
        there = filter_values.count_values(options, "language")
        if filters.language not in there:
            shown = [f"{language_name(code)} ({code})" for code in there]
            terminal.complain(f"no article is in {language_name(filters.language)}: there are {_first(shown)}")
    if filters.country:
        there = filter_values.count_values(options, "countries")
        if filters.country not in there:
            shown = [f"{country_name(code)} ({code})" for code in there]
            terminal.complain(f"no article names {country_name(filters.country)}: there are {_first(shown)}")
    if filters.source:
        _complain_of_source(options, filters.source)


def _complain_of_source(options: settings.Elasticsearch, source: str) -> None:
    hosts, called = (filter_values.count_values(options, field) for field in ("source", "source_name"))
    wanted, names = source.lower(), {name.lower(): name for name in (*called, *hosts)}
    if wanted in names:
        return
    holding = [name for folded, name in names.items() if wanted in folded]
    near = holding or [names[each] for each in difflib.get_close_matches(wanted, list(names), n=VALUES)]
    hint = f"did you mean {_first(near, ' or ')}?" if near else f"there are {_first(list(called))}"
    terminal.complain(f"no source is called {source}: {hint}")


def _first(values: list[str], between: str = ", ") -> str:
    more = len(values) - VALUES
    return (between.join(values[:VALUES]) or "none yet") + (f" and {more} more" if more > 0 else "")


def tell_edits(edits: Sequence[Edit], zone: tzinfo = UTC) -> Iterator[str]:
    """A line for each edit of an article: when it was seen, what it changed, and how much."""
    for each in edits:
        much = f", {each.words_removed} words removed, {each.words_added} added" if each.words_added is not None else ""
        yield f"edited {show_time(each.at, zone)}: {' and '.join(each.parts)}{much}"


def print_hits(found: engine.SearchResult, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints each hit: title, source and time, ids, the matching passages, and the copies folded under it."""
    for hit in found.hits:
        article = hit.article
        screen.line(article.title, "bold")
        screen.line(f"{article.source_name} ({article.source}), {show_time(article.date, zone)}", "dim", indent=2)
        ids = f"article {article.id[: terminal.SHORT_ID]}, story {article.story[: terminal.SHORT_ID]}"
        screen.line(ids, "dim", indent=2)
        for line in tell_edits(article.edits, zone):
            screen.line(line, "dim", indent=2)
        for passage in hit.passages[:2]:
            screen.line(f"… {passage.strip()} …", indent=2)
        if hit.copies:
            screen.line("1 copy" if hit.copies_total == 1 else f"{hit.copies_total} copies", "dim", indent=2)
        for copy in hit.copies[:COPIES]:
            screen.line(f"copy: {copy.source_name}: {copy.url}", "dim", indent=2, wrap=False)
        screen.line(article.url, "blue", indent=2, wrap=False)
        screen.line("")
    screen.line(f"{found.total} articles, {found.texts} without their copies")
    if found.next:
        screen.line(f"more with --after {found.next}", wrap=False)
    if found.hits:
        screen.line("`newsloom article ID` shows one, `newsloom story ID` what others report of it")

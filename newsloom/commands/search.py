"""`newsloom search`: finds articles by their words; prints text for people or JSON for programs."""

from datetime import UTC, tzinfo
from pathlib import Path

import click

from index.searching import article_search as engine
from index.searching import story_search
from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import read_time, show_time

COPIES = 3  # copies of one article that are shown in a terminal


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--source", help="Only of this source (a host name without www).")
@click.option("--language", help="Only in this language (two letters).")
@click.option("--country", help="Only articles that name this country or a place in it (two letters).")
@click.option("--entity", help="Only articles that name this person, organisation or place.")
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
    """Search articles. Words, "exact phrases", -without, one | other."""
    options = run_addresses.settings_for_run(data)
    times = {name: read_time(chosen.pop(name), options.display.zone()) for name in ("since", "until")}
    story = chosen.pop("story")
    story_ids = story_search.story_ids_with_parts(options.elasticsearch, str(story)) if story else ()
    filters = engine.Filters(stories=story_ids, **chosen, **times)  # type: ignore[arg-type]
    order: engine.Order = "newest" if newest else "relevance"
    found = engine.search(options.elasticsearch, " ".join(query), filters, size, order, after)
    if as_json:
        terminal.say_json(found)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_hits(found, screen, options.display.zone())


def print_hits(found: engine.SearchResult, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints each hit: title, source and time, the matching passages, and the copies folded under it."""
    for hit in found.hits:
        article = hit.article
        screen.line(article.title, "bold")
        when = show_time(article.date, zone)
        screen.line(f"{article.source_name} ({article.source}), {when}, story {article.story}", "dim", indent=2)
        for passage in hit.passages[:2]:
            screen.line(f"… {passage.strip()} …", indent=2)
        if hit.copies:
            screen.line("1 copy" if hit.copies_total == 1 else f"{hit.copies_total} copies", "dim", indent=2)
        for copy in hit.copies[:COPIES]:
            screen.line(f"copy: {copy.source_name}: {copy.url}", "dim", indent=2)
        screen.line(article.url, "blue", indent=2)
        screen.line("")
    screen.line(f"{found.total} articles, {found.texts} without their copies")
    if found.next:
        screen.line(f"more with --after {found.next}", wrap=False)

"""`newsloom search`: finds articles by their words; prints text for people or JSON for programs."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from index.searching import article_search as engine
from index.searching import story_search
from newsloom.local_run import run_addresses

COPIES = 3  # copies of one article that are shown in a terminal


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--source", help="Only of this source (a host name without www).")
@click.option("--language", help="Only in this language (two letters).")
@click.option("--country", help="Only articles that name this country or a place in it (two letters).")
@click.option("--entity", help="Only articles that name this person, organisation or place.")
@click.option("--story", help="Only of this story, and of what became a part of it.")
@click.option("--since", type=click.DateTime(), help="Only published at or after this time (UTC).")
@click.option("--until", type=click.DateTime(), help="Only published before this time (UTC).")
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many to show.")
@click.option("--newest", is_flag=True, help="Newest first, not most relevant first.")
@click.option("--after", default="", help="The next page: what the page before gave as `next`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def search(
    query: tuple[str, ...], data: Path, size: int, newest: bool, after: str, as_json: bool, **chosen: object
) -> None:
    """Search articles. Words, "exact phrases", -without, one | other."""
    options = run_addresses.settings_for_run(data)
    times = {name: _utc(chosen.pop(name)) for name in ("since", "until")}
    story = chosen.pop("story")
    story_ids = story_search.story_ids_with_parts(options.elasticsearch, str(story)) if story else ()
    filters = engine.Filters(stories=story_ids, **chosen, **times)  # type: ignore[arg-type]
    order: engine.Order = "newest" if newest else "relevance"
    found = engine.search(options.elasticsearch, " ".join(query), filters, size, order, after)
    if as_json:
        click.echo(run_addresses.to_json(found))
    else:
        print_hits(found, Console())


def print_hits(found: engine.SearchResult, console: Console) -> None:
    """Prints each hit: title, source and time, the matching passages, and the copies folded under it."""
    for hit in found.hits:
        article = hit.article
        console.print(Text(article.title, style="bold"))
        when = article.date.strftime("%Y-%m-%d %H:%M")
        console.print(Text(f"  {article.source_name} ({article.source}), {when}, story {article.story}", style="dim"))
        for passage in hit.passages[:2]:
            console.print(Text(f"  … {passage.strip()} …"))
        if hit.copies:
            console.print(Text("  1 copy" if hit.copies_total == 1 else f"  {hit.copies_total} copies", style="dim"))
        for copy in hit.copies[:COPIES]:
            console.print(Text(f"  copy: {copy.source_name}: {copy.url}", style="dim"))
        console.print(Text(f"  {article.url}\n", style="blue"))
    console.print(f"{found.total} articles, {found.texts} without their copies")
    if found.next:
        console.print(f"more with --after {found.next}", soft_wrap=True)


def _utc(time: object) -> datetime | None:
    return time.replace(tzinfo=UTC) if isinstance(time, datetime) else None

"""`newsloom stories` and `newsloom story ID`: the biggest stories now, and the articles of one story by time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from index.searching import story_search as engine
from newsloom.local_run import run_addresses

NAMES = 4  # names of a story that a table shows
COPIES = 5  # copies of one text that a timeline shows
SHORT_ID = 8  # characters of an id that a table shows: as a rule no other id begins with them


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--hours", default=24.0, show_default=True, type=click.FloatRange(0.1, 2_000), help="What is now.")
@click.option("--language", help="Only in this language (two letters).")
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 200), help="How many to show.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def stories(data: Path, hours: float, language: str | None, size: int, as_json: bool) -> None:
    """The stories that most outlets report now, and how they grow."""
    options = run_addresses.settings_for_run(data)
    found = engine.current_stories(options.elasticsearch, datetime.now(UTC), hours, size, language)
    if as_json:
        click.echo(run_addresses.to_json([{**msgspec.to_builtins(each), "growth": each.growth} for each in found]))
    else:
        print_stories(found, hours, Console())


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def story(id_: str, data: Path, as_json: bool) -> None:
    """The articles of a story, the earliest first, copies folded. The beginning of its ID is enough."""
    options = run_addresses.settings_for_run(data)
    found = engine.story_timeline(options.elasticsearch, id_)
    if found is None:
        raise click.ClickException(f"there is no story {id_}: `newsloom stories` shows some")
    if as_json:
        click.echo(run_addresses.to_json(found))
    else:
        print_timeline(found, Console())


def print_stories(found: Sequence[engine.CurrentStory], hours: float, console: Console) -> None:
    """Prints a table with a row for each story."""
    if not found:
        console.print(f"no story in the last {hours:g} hours")
        return
    table = Table("headline", "who and where", *("outlets", "articles", "before", "in all"), "since")
    table.add_column("id", no_wrap=True)
    for each in found:
        document = each.story
        numbers = (str(number) for number in (each.outlets, each.articles, each.before, document.size))
        names = ", ".join(each.names[:NAMES])
        table.add_row(
            Text(document.headline),
            Text(names),
            *numbers,
            f"{document.first_seen_at:%m-%d %H:%M}",
            document.id[:SHORT_ID],
        )
    console.print(table)
    console.print(f"articles of the last {hours:g} hours, and of as long before")


def print_timeline(found: engine.Timeline, console: Console) -> None:
    """Prints the story, and a line for each of its texts."""
    document = found.story
    console.print(Text(document.headline, style="bold"))
    console.print(
        Text(
            f"  {document.size} articles of {len(document.sources)} outlets: {', '.join(document.sources)}",
            style="dim",
        )
    )
    console.print(Text(f"  {', '.join(found.names)}\n", style="dim"))
    for text in found.texts:
        article = text.article
        console.print(Text(f"{article.date:%Y-%m-%d %H:%M}  {article.source}: {article.title}"))
        console.print(Text(f"                  {article.url}", style="blue"))
        for copy in text.copies[:COPIES]:
            console.print(Text(f"                  copy: {copy.source}: {copy.url}", style="dim"))
        if len(text.copies) > COPIES:
            console.print(Text(f"                  and {len(text.copies) - COPIES} more copies", style="dim"))

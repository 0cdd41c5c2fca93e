"""`newsloom stories` and `newsloom story ID`: what is big now, and what was reported of one story, in order of time."""

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

NAMES = 4  # of a story, shown in a table
COPIES = 5
SHORT = 8  # characters of an id: as a rule no other begins so


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--hours", default=24.0, show_default=True, type=click.FloatRange(0.1, 2_000), help="What is now.")
@click.option("--language", help="Only in this language (two letters).")
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 200), help="How many to show.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def stories(data: Path, hours: float, language: str | None, size: int, as_json: bool) -> None:
    """The stories that most outlets report now, and how they grow."""
    options = run_addresses.located(data)
    found = engine.current_stories(options.elasticsearch, datetime.now(UTC), hours, size, language)
    if as_json:
        click.echo(run_addresses.dump([{**msgspec.to_builtins(each), "growth": each.growth} for each in found]))
    else:
        show(found, hours, Console())


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def story(id_: str, data: Path, as_json: bool) -> None:
    """The articles of a story, the earliest first, copies folded. The beginning of its ID is enough."""
    options = run_addresses.located(data)
    found = engine.story_timeline(options.elasticsearch, id_)
    if found is None:
        raise click.ClickException(f"there is no story {id_}: `newsloom stories` shows some")
    if as_json:
        click.echo(run_addresses.dump(found))
    else:
        show_timeline(found, Console())


def show(found: Sequence[engine.CurrentStory], hours: float, console: Console) -> None:
    """A row for each story."""
    if not found:
        console.print(f"no story in the last {hours:g} hours")
        return
    table = Table("headline", "who and where", *("outlets", "articles", "before", "in all"), "since")
    table.add_column("id", no_wrap=True)
    for each in found:
        told = each.story
        numbers = (str(number) for number in (each.outlets, each.articles, each.before, told.size))
        names = ", ".join(each.names[:NAMES])
        table.add_row(Text(told.headline), Text(names), *numbers, f"{told.first_seen_at:%m-%d %H:%M}", told.id[:SHORT])
    console.print(table)
    console.print(f"articles of the last {hours:g} hours, and of as long before")


def show_timeline(found: engine.Timeline, console: Console) -> None:
    """The story, and a line for each text."""
    told = found.story
    console.print(Text(told.headline, style="bold"))
    console.print(
        Text(f"  {told.size} articles of {len(told.sources)} outlets: {', '.join(told.sources)}", style="dim")
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

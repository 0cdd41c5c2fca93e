"""`newsloom stories` and `newsloom story ID`: the biggest stories now, and the articles of one story by time."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click
import msgspec

from index.searching import story_search as engine
from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import show_time
from pipeline.failures import Poison

NAMES = 4  # names of a story that a table shows
COPIES = 5  # copies of one text that a timeline shows
SINCE = "%m-%d %H:%M %Z"
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
        terminal.say_json([{**msgspec.to_builtins(each), "growth": each.growth} for each in found])
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_stories(found, hours, screen, options.display.zone())


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def story(id_: str, data: Path, as_json: bool) -> None:
    """The articles of a story, the earliest first, copies folded. The beginning of its ID is enough."""
    options = run_addresses.settings_for_run(data)
    found = engine.story_timeline(options.elasticsearch, id_)
    if found is None:
        raise Poison("no_such_story", f"there is no story {id_}: `newsloom stories` shows some")
    if as_json:
        terminal.say_json(found)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_timeline(found, screen, options.display.zone())


def print_stories(
    found: Sequence[engine.CurrentStory], hours: float, screen: terminal.Screen, zone: tzinfo = UTC
) -> None:
    """Prints a table with a row for each story."""
    if not found:
        screen.line(f"no story in the last {hours:g} hours")
        return
    headers = ("headline", "who and where", "outlets", "articles", "before", "in all", "since")
    columns: list[str | terminal.Column] = [*headers, terminal.Column("id", no_wrap=True)]
    rows = [
        (
            each.story.headline,
            ", ".join(each.names[:NAMES]),
            *(str(number) for number in (each.outlets, each.articles, each.before, each.story.size)),
            show_time(each.story.first_seen_at, zone, SINCE),
            each.story.id[:SHORT_ID],
        )
        for each in found
    ]
    screen.draw(terminal.table(columns, rows))
    screen.line(f"articles of the last {hours:g} hours, and of as long before")


def print_timeline(found: engine.Timeline, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints the story, and a line for each of its texts."""
    document = found.story
    screen.line(document.headline, "bold")
    told_by = f"{document.size} articles of {len(document.sources)} outlets: {', '.join(document.sources)}"
    screen.line(told_by, "dim", indent=2)
    screen.line(", ".join(found.names), "dim", indent=2)
    screen.line("")
    for text in found.texts:
        article = text.article
        screen.line(f"{show_time(article.date, zone)}  {article.source}: {article.title}")
        screen.line(article.url, "blue", indent=18)
        for copy in text.copies[:COPIES]:
            screen.line(f"copy: {copy.source}: {copy.url}", "dim", indent=18)
        if len(text.copies) > COPIES:
            screen.line(f"and {len(text.copies) - COPIES} more copies", "dim", indent=18)

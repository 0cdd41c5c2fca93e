"""`newsloom stories` and `newsloom story ID`: the biggest stories now, and the articles of one story by time."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click
import msgspec

from index.searching import story_search as engine
from newsloom import terminal
from newsloom.commands.articles.search import tell_edits
from newsloom.local_run import run_addresses
from newsloom.named_values import LANGUAGE_OPTION
from newsloom.times import show_time
from pipeline.failures import Poison

NAMES = 4  # names of a story that a table shows
COPIES = 5  # copies of one text that a timeline shows
SINCE = "%m-%d %H:%M %Z"


@click.command()
@run_addresses.DATA_OPTION
@click.option("--hours", default=24.0, show_default=True, type=click.FloatRange(0.1, 2_000), help="What is now.")
@LANGUAGE_OPTION
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
@run_addresses.DATA_OPTION
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
    columns: list[str | terminal.Column] = [
        *(terminal.Column(name, "right") for name in ("outlets", "articles", "before", "in all")),
        "story",
    ]
    rows: list[Sequence[terminal.Cell]] = [
        (
            *(str(number) for number in (each.outlets, each.articles, each.before, each.story.size)),
            (terminal.Styled(each.story.headline, "bold"), *_about(each, zone)),
        )
        for each in found
    ]
    screen.draw(terminal.table(columns, rows))
    screen.line(f"articles of the last {hours:g} hours, and of as long before")


def _about(found: engine.CurrentStory, zone: tzinfo) -> list[terminal.Styled]:
    """What stands below a story's headline: whom and where it is about, since when it runs, and its id."""
    since = show_time(found.story.first_seen_at, zone, SINCE)
    lines = [", ".join(found.names[:NAMES]), f"since {since}, story {found.story.id[: terminal.SHORT_ID]}"]
    return [terminal.Styled(line, "dim") for line in lines if line]


def print_timeline(found: engine.Timeline, screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints the story, how many of its articles were edited, and some lines for each of its texts."""
    document = found.story
    screen.line(document.headline, "bold")
    told_by = f"{document.size} articles of {len(document.sources)} outlets: {', '.join(document.sources)}"
    screen.line(told_by, "dim", indent=2)
    screen.line(", ".join(found.names), "dim", indent=2)
    edited = sum(bool(each.edits) for text in found.texts for each in (text.article, *text.copies))
    if edited:
        screen.line(f"{edited} of its articles were edited: `newsloom article ID` shows how", "dim", indent=2)
    screen.line("")
    for text in found.texts:
        article = text.article
        screen.line(f"{show_time(article.date, zone)}  {article.source}: {article.title}")
        screen.line(f"article {article.id[: terminal.SHORT_ID]}", "dim", indent=4)
        for line in tell_edits(article.edits, zone):
            screen.line(line, "dim", indent=4)
        screen.line(article.url, "blue", indent=4, wrap=False)
        for copy in text.copies[:COPIES]:
            also = ", edited" if copy.edits else ""
            screen.line(f"copy: {copy.source}: {copy.url}{also}", "dim", indent=4, wrap=False)
        if len(text.copies) > COPIES:
            screen.line(f"and {len(text.copies) - COPIES} more copies", "dim", indent=4)

"""`newsloom trace URL-or-id`: why an article is there, or where on its way it was lost."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import click

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import SECONDS, show_time
from newsloom.trace import gather, way
from newsloom.trace.question import read_question
from newsloom.trace.step import Ending, Step, Way
from newsloom.trace.topic_search import MOST_READ
from newsloom.trace.words import count_of

# 0: it is there, or goes on by itself; 1: it is not there, and will not be by itself; 4: a server is away
EXIT_STATUS: dict[Ending, int] = {"searchable": 0, "waiting": 0, "undecided": 4}
STYLES = {"done": "green", "waiting": "yellow", "ended": "red", "unknown": "yellow", "note": ""}
EVERYTHING = f"Read topics as a whole; else at most {MOST_READ:,} messages of each."
WIDTH = 9  # of the names of steps


@click.command()
@click.argument("typed", metavar="URL-OR-ID")
@run_addresses.DATA_OPTION
@click.option("--all", "everything", is_flag=True, help=EVERYTHING)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def trace(typed: str, data: Path, everything: bool, as_json: bool) -> None:
    """Tell an article's way, from the feed that showed it to the index, or to where it was lost.

    URL-OR-ID: its address as a browser shows it, that in its feed, that of its AMP page or of a redirect to it; or its
    id, or the beginning of that. Of an address that no feed has shown: the feeds of that site, and how they are.

    Exit status 0: it is searchable, or on its way. 1: it is not there, and won't be by itself. 4: a server is away
    without which nothing can be said.
    """
    question = read_question(typed)
    options = run_addresses.settings_for_run(data)
    facts = gather.gather(options, question, everything, terminal.complain)
    now, zone = datetime.now(UTC), options.display.zone()
    found = way.tell(facts, now, zone)
    if as_json:
        terminal.say_json(found)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_way(found, screen, now, zone)
        for problem in found.problems:
            terminal.complain(problem)
    if status := EXIT_STATUS.get(found.ending, 1):
        if not as_json:
            terminal.complain(found.summary)
        raise SystemExit(status)


def print_way(found: Way, screen: terminal.Screen, now: datetime, zone: tzinfo = UTC) -> None:
    """Prints what is asked for, a line for each step with its time and age, and how it ends."""
    if found.title:
        screen.line(found.title, "bold")
    if found.url:
        screen.line(found.url, "blue", indent=2, wrap=False)
    if found.article:
        screen.line(f"article {found.article}", "dim", indent=2)
    for step in found.steps:
        _print_step(step, screen, now, zone)
    screen.line(found.summary, "bold")
    if found.do:
        screen.line(found.do, indent=2, wrap=False)
    for each in found.searched:
        screen.line(each, "dim", indent=2)


def _print_step(step: Step, screen: terminal.Screen, now: datetime, zone: tzinfo) -> None:
    when = f"  {show_time(step.at, zone, SECONDS)} ({age(now - step.at)})" if step.at else ""
    screen.line(f"{step.name:<{WIDTH}}{step.state}{when}", STYLES[step.state])
    screen.line(step.text, indent=WIDTH)
    for note in step.notes:
        screen.line(note, "dim", indent=WIDTH)
    if step.do:
        screen.line(f"-> {step.do}", indent=WIDTH, wrap=False)


def age(passed: timedelta) -> str:
    """How long ago something was, in one unit; "now" for what is not past."""
    seconds = int(passed.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= (2 if unit == "day" else 1) * length:
            return f"{count_of(seconds // length, unit)} ago"
    return "now"

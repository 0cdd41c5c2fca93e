"""`newsloom dead`: lists, shows and replays dead letters, the messages that could not be processed.

Reads them from Kafka, so that it works when Elasticsearch does not.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.local_run.stage_order import STAGE_COMMANDS
from newsloom.times import SECONDS, show_time
from pipeline.failures import Poison
from pipeline.kafka import dead_letter
from pipeline.messages import DeadLetter
from pipeline.printable import printable
from pipeline.settings import Settings

F = TypeVar("F", bound=Callable[..., None])
LetterFilter = Callable[[DeadLetter], bool]
SHORT_ID = 12  # characters of an id in a list
MOST_DETAIL = 200  # characters of a detail in a list
MOST_OF_FIELD = {"detail": 4_000, "traceback": 30_000}  # characters of a single letter's field that are shown


def letter_filter(stage: str | None, reason: str | None, since: datetime | None) -> LetterFilter:
    """A function that says whether a letter has this stage and reason and is not older; None stands for any."""

    def passes(letter: DeadLetter) -> bool:
        return (
            (stage is None or letter.stage == stage)
            and (reason is None or letter.reason == reason)
            and (since is None or letter.failed_at >= since)
        )

    return passes


@click.group()
def dead() -> None:
    """The dead letters: what could not be processed, and why."""


def filter_options(command: F) -> F:
    """Decorates a command with the options that choose dead letters."""
    for option in (
        run_addresses.DATA_OPTION,
        click.option("--stage", type=click.Choice(list(STAGE_COMMANDS)), help="Only of this stage."),
        click.option("--reason", help="Only with this reason."),
        click.option("--hours", type=float, help="Only of the last so many hours."),
    ):
        command = option(command)
    return command


@dead.command("list")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def list_letters(data: Path, stage: str | None, reason: str | None, hours: float | None, as_json: bool) -> None:
    """What died, where, why and when."""
    options = run_addresses.settings_for_run(data)
    letters = _chosen(options, stage, reason, hours)
    if as_json:
        for letter in letters:
            terminal.say_json(letter)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_letters(letters, screen, options.display.zone())


@dead.command()
@click.argument("letter_id")
@run_addresses.DATA_OPTION
@click.option("--original", is_flag=True, help="Only the original bytes, as they came.")
def show(letter_id: str, data: Path, original: bool) -> None:
    """One dead letter with everything that is known of it. LETTER_ID may be shortened."""
    options = run_addresses.settings_for_run(data)
    found = list(dead_letter.read_dead_letters(options.kafka, lambda letter: letter.id.startswith(letter_id)))
    if not found:
        raise Poison("no_such_letter", f"no dead letter's id begins with {letter_id}")
    if original:
        terminal.write_bytes(found[-1].original)
    else:
        print_letter(found[-1])


@dead.command()
@filter_options
@click.option("--yes", is_flag=True, help="Do it without asking.")
def replay(data: Path, stage: str | None, reason: str | None, hours: float | None, yes: bool) -> None:
    """Put the chosen messages back on the topic where they failed (after the cause is mended)."""
    options = run_addresses.settings_for_run(data)
    originals, refused = dead_letter.replayable(_chosen(options, stage, reason, hours))
    for why in refused:
        terminal.complain(why)
    if originals and (yes or terminal.confirm(f"replay {len(originals)} messages?")):
        dead_letter.publish_again(options.kafka, originals)
        terminal.say(f"{len(originals)} messages are on their way again")
    elif not originals:
        terminal.say("nothing to replay")


def _chosen(options: Settings, stage: str | None, reason: str | None, hours: float | None) -> list[DeadLetter]:
    since = datetime.now(UTC) - timedelta(hours=hours) if hours is not None else None
    letters = dead_letter.read_dead_letters(options.kafka, letter_filter(stage, reason, since))
    return sorted(letters, key=lambda letter: letter.failed_at)


def _by_reason(letters: list[DeadLetter]) -> list[tuple[str, int]]:
    return Counter(f"{letter.stage}: {letter.reason}" for letter in letters).most_common()


def print_letters(letters: list[DeadLetter], screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints some lines for each letter, and below how many there are of each stage and reason."""
    for letter in letters:
        what = f"{letter.id[:SHORT_ID]}  {show_time(letter.failed_at, zone, SECONDS)}  {letter.stage}: {letter.reason}"
        screen.line(what, "bold")
        screen.line(letter.subject, "blue", indent=2, wrap=False)
        screen.line(printable(letter.detail, MOST_DETAIL), indent=2)
    for what, count in _by_reason(letters):
        terminal.complain(f"{count} {what}")
    if not letters:
        terminal.complain("no dead letters")


def print_letter(letter: DeadLetter) -> None:
    """Prints a line for each field; further lines of a field are indented, so that they look like no other field."""
    for name, value in msgspec.structs.asdict(letter).items():
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        shown = printable(text, MOST_OF_FIELD.get(name, terminal.MOST_CHARACTERS), lines=True)
        terminal.say_lines(f"{name:<14} " + shown.replace("\n", f"\n{'':<15}"))

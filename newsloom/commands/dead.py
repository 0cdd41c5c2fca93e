"""`newsloom dead`: lists, shows and replays dead letters, the messages that could not be processed.

Reads them from Kafka, so that it works when Elasticsearch does not.
"""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from newsloom.local_run import run_addresses
from pipeline.failures import Poison
from pipeline.kafka import dead_letter
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.messages import DeadLetter
from pipeline.settings import Settings

F = TypeVar("F", bound=Callable[..., None])
LetterFilter = Callable[[DeadLetter], bool]


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
        click.option(
            "--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`."
        ),
        click.option("--stage", help="Only of this stage: ingest, annotate, stories, index."),
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
    letters = _chosen(run_addresses.settings_for_run(data), stage, reason, hours)
    if as_json:
        for letter in letters:
            click.echo(run_addresses.to_json(letter))
    else:
        Console().print(_table(letters))
        click.echo("\n".join(f"{count} {what}" for what, count in _by_reason(letters)) or "no dead letters", err=True)


@dead.command()
@click.argument("letter_id")
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--original", is_flag=True, help="Only the original bytes, as they came.")
def show(letter_id: str, data: Path, original: bool) -> None:
    """One dead letter with everything that is known of it. LETTER_ID may be shortened."""
    options = run_addresses.settings_for_run(data)
    found = list(dead_letter.read_dead_letters(options.kafka, lambda letter: letter.id.startswith(letter_id)))
    if not found:
        raise Poison("no_such_letter", f"no dead letter's id begins with {letter_id}")
    if original:
        sys.stdout.buffer.write(found[-1].original)
        return
    for name, value in msgspec.structs.asdict(found[-1]).items():
        text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        click.echo(f"{name:<14} {text}")


@dead.command()
@filter_options
@click.option("--yes", is_flag=True, help="Do it without asking.")
def replay(data: Path, stage: str | None, reason: str | None, hours: float | None, yes: bool) -> None:
    """Put the chosen messages back on the topic where they failed (after the cause is mended)."""
    options = run_addresses.settings_for_run(data)
    letters = _newest_of_each(_chosen(options, stage, reason, hours))
    originals = [encoded for letter in letters if (encoded := _original_or_none(letter)) is not None]
    if originals and (yes or click.confirm(f"replay {len(originals)} messages?")):
        publisher = Publisher(options.kafka)
        publisher.publish(originals)
        publisher.close()
        click.echo(f"{len(originals)} messages are on their way again")
    elif not originals:
        click.echo("nothing to replay")


def _chosen(options: Settings, stage: str | None, reason: str | None, hours: float | None) -> list[DeadLetter]:
    since = datetime.now(UTC) - timedelta(hours=hours) if hours is not None else None
    letters = dead_letter.read_dead_letters(options.kafka, letter_filter(stage, reason, since))
    return sorted(letters, key=lambda letter: letter.failed_at)


def _newest_of_each(letters: list[DeadLetter]) -> list[DeadLetter]:
    """A message that was repeated after a crash may have died twice: it is replayed once."""
    return list({letter.id: letter for letter in letters}.values())


def _original_or_none(letter: DeadLetter) -> EncodedMessage | None:
    try:
        return dead_letter.original_message(letter)
    except Poison as poison:
        click.echo(f"{letter.id[:12]}: {poison.detail}", err=True)
        return None


def _by_reason(letters: list[DeadLetter]) -> list[tuple[str, int]]:
    return Counter(f"{letter.stage}: {letter.reason}" for letter in letters).most_common()


def _table(letters: list[DeadLetter]) -> Table:
    table = Table("id", "when", "stage", "reason", "subject", "detail", box=None)
    for letter in letters:
        when = letter.failed_at.strftime("%Y-%m-%d %H:%M:%S")
        detail = letter.detail if len(letter.detail) < 200 else letter.detail[:199] + "…"
        table.add_row(letter.id[:12], when, letter.stage, letter.reason, letter.subject, detail)
    return table

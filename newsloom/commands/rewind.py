"""`newsloom rewind`: has a stage handle again what is on its topic, with the program as it is now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.local_run.stage_order import STAGE_SOURCES
from pipeline.kafka import reset_offsets

SOURCES = dict(STAGE_SOURCES)


@click.command()
@click.argument("stage", type=click.Choice(list(SOURCES)))
@click.option("--hours", type=float, help="Only what came in the last so many hours; else all that is on the topic.")
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def rewind(stage: str, hours: float | None, data: Path, yes: bool) -> None:
    """Have STAGE handle again what is on its topic; it must be stopped. Articles are neither lost nor doubled by it."""
    options = run_addresses.settings_for_run(data)
    since = datetime.now(UTC) - timedelta(hours=hours) if hours is not None else None
    what = f"what came in the last {hours:g} hours" if hours is not None else "everything"
    if yes or terminal.confirm(f"set {stage} back to handle {what} on {SOURCES[stage].name} again?"):
        count = reset_offsets.rewind(options.kafka, stage, SOURCES[stage], since)
        terminal.say(f"{stage} handles {count} messages again when it is started")

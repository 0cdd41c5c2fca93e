"""`newsloom rewind`: has a stage handle again what is on its topic, with the program as it is now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import read_time, show_time
from pipeline.kafka import reset_offsets
from pipeline.kafka.consumer_lag import STAGE_SOURCES

SOURCES = dict(STAGE_SOURCES)


@click.command()
@click.argument("stage", type=click.Choice(list(SOURCES)))
@click.option("--hours", type=float, help="Only what came in the last so many hours; else all that is on the topic.")
@click.option("--since", type=click.DateTime(), help="Only what came at or after this time (in display.time_zone).")
@run_addresses.DATA_OPTION
@click.option("--yes", is_flag=True, help="Do it without asking.")
def rewind(stage: str, hours: float | None, since: datetime | None, data: Path, yes: bool) -> None:
    """Have STAGE handle again what is on its topic; it must be stopped. Articles are neither lost nor doubled by it."""
    if hours is not None and since is not None:
        raise click.UsageError("--hours or --since, not both")
    options = run_addresses.settings_for_run(data)
    zone = options.display.zone()
    begin = datetime.now(UTC) - timedelta(hours=hours) if hours is not None else read_time(since, zone)
    what = f"what came since {show_time(begin, zone)}" if begin else "everything"
    if yes or terminal.confirm(f"set {stage} back to handle {what} on {SOURCES[stage].name} again?"):
        count = reset_offsets.rewind(options.kafka, stage, SOURCES[stage], begin)
        terminal.say(f"{stage} handles {count} messages again when it is started")

"""`newsloom status`: per stage rate, lag, dead letters; the oldest article on its way; freshness percentiles."""

import time
from pathlib import Path

import click
from rich.console import Console

from newsloom.local_run import live_screen, pipeline_status, run_addresses

BETWEEN_SECONDS = 2.0  # two looks, so that there is a rate


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def status(data: Path, as_json: bool) -> None:
    """How every stage is doing, and how fresh what can be searched is."""
    options = run_addresses.located(data)
    found = run_addresses.read(data)
    health = found.health if found else {}
    before = pipeline_status.take(options, health, pipeline_status.now())
    time.sleep(BETWEEN_SECONDS)
    now = pipeline_status.take(options, health, pipeline_status.now())
    if as_json:
        click.echo(run_addresses.dump({"rates": pipeline_status.rates(before, now), "now": now, "before": before}))
    else:
        Console().print(live_screen.render(now, before))

"""`newsloom status`: rate, lag and dead letters of each stage; the oldest article on its way; freshness percentiles."""

import time
from pathlib import Path

import click

from newsloom import terminal
from newsloom.local_run import live_screen, pipeline_status, run_addresses

INTERVAL_SECONDS = 2.0  # between the two snapshots that rates are computed from


@click.command()
@run_addresses.DATA_OPTION
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def status(data: Path, as_json: bool) -> None:
    """How every stage is doing, and how fresh what can be searched is."""
    options = run_addresses.settings_for_run(data)
    found = run_addresses.read(data)
    health = found.health if found else {}
    before = pipeline_status.take_snapshot(options, health, pipeline_status.now())
    time.sleep(INTERVAL_SECONDS)
    now = pipeline_status.take_snapshot(options, health, pipeline_status.now())
    if as_json:
        terminal.say_json({"rates": pipeline_status.rates(before, now), "now": now, "before": before})
    else:
        terminal.Screen().draw(live_screen.render_screen(now, before, page=found.page if found else ""))

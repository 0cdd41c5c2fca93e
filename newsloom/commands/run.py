"""`newsloom run`: the whole pipeline on this machine.

Embedded Kafka and Elasticsearch unless the settings say where they are, the stages as child processes, one live screen;
logs and data under one data directory. Ctrl-C stops everything cleanly; a second start goes on where the first stopped.
"""

import signal
import threading
from pathlib import Path

import click

from newsloom.local_run import run_addresses
from newsloom.local_run.local_pipeline import pipeline, say, watch
from newsloom.local_run.single_round import Summary, finish


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Where everything is kept."
)
@click.option("--feeds", type=click.Path(path_type=Path, exists=True), help="Another feed list than config/feeds.toml.")
@click.option("--once", is_flag=True, help="Poll every feed once, wait until all is searchable or dead, then stop.")
@click.option("--json", "as_json", is_flag=True, help="With --once: the summary as one JSON object.")
def run(data: Path, feeds: Path | None, once: bool, as_json: bool) -> None:
    """Run the whole pipeline here: servers, stages, a live screen. Ctrl-C stops it."""
    stop = _stop_on_signals()
    with pipeline(data, feeds, once=once, say=say) as running:
        if once:
            tell(finish(running.options, running.stages, stop, say), as_json)
        else:
            watch(running, stop)
        say("stopping")


def tell(summary: Summary, as_json: bool) -> None:
    """The summary of a `--once`, for people or for programs."""
    click.echo(run_addresses.dump(summary) if as_json else summary.text())


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop

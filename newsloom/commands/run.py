"""`newsloom run`: runs the whole pipeline on this machine.

Starts an embedded Kafka and Elasticsearch unless the settings say where they are, and the stages as child processes;
shows a live screen. Logs and data lie under one data directory. Ctrl-C stops everything cleanly; a second start goes on
where the first stopped.
"""

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.local_run.local_pipeline import report_progress, running_pipeline, watch_pipeline
from newsloom.local_run.single_round import RoundSummary, wait_for_round


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), default=run_addresses.DEFAULT_DATA, help="Where everything is kept."
)
@click.option("--feeds", type=click.Path(path_type=Path, exists=True), help="Another feed list than config/feeds.toml.")
@click.option("--once", is_flag=True, help="Poll every feed once, wait until all is searchable or dead, then stop.")
@click.option("--json", "as_json", is_flag=True, help="With --once: the summary as one JSON object.")
def run(data: Path, feeds: Path | None, once: bool, as_json: bool) -> None:
    """Run the whole pipeline here: servers, stages, a live screen. Ctrl-C stops it."""
    signals = StopSignals()
    try:
        with running_pipeline(data, feeds, once=once, report_progress=report_progress) as running:
            signals.finish_start()
            if once:
                print_summary(wait_for_round(running, signals.stop, report_progress), as_json)
            else:
                watch_pipeline(running, signals.stop)
            report_progress("stopping")
    except KeyboardInterrupt:
        report_progress("stopped before it had started")
        if once:
            raise SystemExit(1) from None


def print_summary(summary: RoundSummary, as_json: bool) -> None:
    """Prints the summary of a `--once`: text for people, or JSON for programs."""
    if as_json:
        terminal.say_json(summary)
    else:
        terminal.say_lines(summary.text())


class StopSignals:
    """SIGINT and SIGTERM: `stop` is set. The first one during the start, which waits in many places, interrupts it."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._starting = True
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._receive)

    def finish_start(self) -> None:
        """From now on `stop` is looked at."""
        self._starting = False

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        first = not self.stop.is_set()
        self.stop.set()
        if first and self._starting:
            raise KeyboardInterrupt

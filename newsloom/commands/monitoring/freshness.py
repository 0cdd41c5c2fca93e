"""`newsloom freshness`: how long articles took from publication, discovery and fetch until they could be searched."""

from collections.abc import Iterable
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import show_time

if TYPE_CHECKING:
    from index.searching.article_freshness import Delays, FreshnessReport


@click.command()
@click.option("--hours", default=24.0, show_default=True, type=click.FloatRange(0.1, 24 * 90), help="Of the fetch.")
@click.option(
    "--sources", default=20, show_default=True, type=click.IntRange(0, 1000), help="So many, the slowest first."
)
@run_addresses.DATA_OPTION
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@click.pass_context
def freshness(context: click.Context, hours: float, sources: int, data: Path, as_json: bool) -> None:
    """How fresh what can be searched is: overall, over time, by source, and the share that met the target.

    Exit status 1 when that is less than it should be, 4 when there is no article to judge by.
    """
    from index.searching import article_freshness  # noqa: PLC0415 - elasticsearch takes half a second to import

    options = run_addresses.settings_for_run(data)
    report = article_freshness.report(options.elasticsearch, options.freshness, hours)
    if as_json:
        terminal.say_json(report)
    else:
        with terminal.paged_screen(options.display.pager) as screen:
            print_report(report, screen, sources, options.display.zone())
    context.exit(exit_status(report))


def exit_status(report: "FreshnessReport") -> int:
    """0 where the target was met, 1 where it was not, 4 where no article says how fresh it was."""
    share = report.overall.share
    return 4 if share is None else 0 if share >= report.target_share else 1


def print_report(report: "FreshnessReport", screen: terminal.Screen, sources: int, zone: tzinfo) -> None:
    """Prints the share that met the target, and a table of medians and 95th percentiles."""
    overall = report.overall
    met = "no article says when it was found" if overall.share is None else f"{overall.share:.1%} met the target"
    wanted = f"{report.target_share:.0%} within {report.target_seconds:g} s of their discovery"
    screen.line(f"{overall.articles} articles fetched in the last {report.hours:g} h: {met}")
    screen.line(f"the target: {wanted}", "dim")
    if not overall.articles:
        return
    screen.line("median and 95th percentile of how long after each they could be searched:", "dim")
    screen.draw(_table("from", [("all", overall)]))
    screen.draw(_table("time", [(show_time(at, zone), each) for at, each in report.by_time.items()]))
    shown = list(report.by_source.items())[:sources]
    if shown:
        screen.draw(_table("source", shown))
    if len(report.by_source) > len(shown):
        screen.line(f"{len(report.by_source) - len(shown)} more sources: --sources", "dim")


def _table(first: str, rows: "Iterable[tuple[str, Delays]]") -> terminal.Drawing:
    numbers = ("articles", "in time", "publication", "discovery", "fetch")
    columns = [terminal.Column(first, fold=True), *(terminal.Column(name, "right") for name in numbers)]
    return terminal.table(columns, [(name, *_cells(each)) for name, each in rows])


def _cells(found: "Delays") -> tuple[str, ...]:
    share = "" if found.share is None else f"{found.share:.0%}"
    starts = (found.from_publication, found.from_found, found.from_fetch)
    return str(found.articles), share, *(_percentiles(each) for each in starts)


def _percentiles(values: dict[str, float]) -> str:
    """Median and 95th percentile."""
    return f"{_duration(values['50'])}, {_duration(values['95'])}" if {"50", "95"} <= values.keys() else ""


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"

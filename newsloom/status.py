"""`newsloom status`: per stage rate, lag, dead letters; the oldest article on its way; freshness percentiles."""

import time
from pathlib import Path

import click
from rich.console import Console

from newsloom import addresses, screen, snapshot

BETWEEN_SECONDS = 2.0  # two looks, so that there is a rate


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=addresses.DEFAULT_DATA, help="Of `newsloom run`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def status(data: Path, as_json: bool) -> None:
    """How every stage is doing, and how fresh what can be searched is."""
    options = addresses.located(data)
    found = addresses.read(data)
    health = found.health if found else {}
    before = snapshot.take(options, health, snapshot.now())
    time.sleep(BETWEEN_SECONDS)
    now = snapshot.take(options, health, snapshot.now())
    if as_json:
        click.echo(addresses.dump({"rates": snapshot.rates(before, now), "now": now, "before": before}))
    else:
        Console().print(screen.render(now, before))

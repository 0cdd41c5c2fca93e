"""The long-running services, one each: what compose runs, and what `newsloom run` starts as child processes."""

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import click

from newsloom.server_setup import prepare
from pipeline import service, settings
from pipeline.failures import Unavailable
from pipeline.kafka.stage import Stage
from pipeline.kafka.worker import Worker
from pipeline.messages import Message
from pipeline.service import Service

M = TypeVar("M", bound=Message)


@click.command()
def setup() -> None:
    """Create the topics and the index templates. Safe to repeat."""
    options = settings.load(os.environ)
    for line in prepare(options):
        click.echo(line)


@click.command()
@click.option("--once", is_flag=True, help="Poll every feed once, then stop.")
def ingest(once: bool) -> None:
    """Poll feeds, fetch and read their articles, publish them to Kafka."""
    from ingest import poll  # noqa: PLC0415 - only this process needs what it imports

    options = settings.load(os.environ)
    with service.running("ingest", options.service) as running:
        poll.run(options, running, once=once)


@click.group()
def enrich() -> None:
    """The two enrichers."""


@enrich.command()
def annotate() -> None:
    """Add language, names and fingerprints to articles."""
    from enrich import annotate as hop  # noqa: PLC0415 - only this process needs spaCy

    options = settings.load(os.environ)
    work(hop.stage(options.enrich), options)


@enrich.command()
def stories() -> None:
    """Recognise copies, and bring the reports of one event together."""
    from enrich import stories as hop  # noqa: PLC0415 - only this process needs what it imports

    options = settings.load(os.environ)
    work(hop.stage(options), options)


def work(stage: Stage[M], options: settings.Settings) -> None:
    """Runs a stage in this process until SIGTERM. Raises TooManyBugs, WrongSetting."""
    with service.running(stage.name, options.service) as running:
        Worker(stage, options, running).run()


def work_side_by_side(
    name: str, stages: Sequence[Stage[Any]], chores: Sequence[Callable[[Service], None]], options: settings.Settings
) -> None:
    """Runs stages, each in a thread of its own, and `chores` beside them as one service until SIGTERM, or until one of
    them fails. Raises what that one raised: TooManyBugs, WrongSetting."""
    most = len(stages) + len(chores)
    with service.running(name, options.service) as running, ThreadPoolExecutor(most) as threads:
        workers = [Worker(stage, options, running).run for stage in stages]
        works = [threads.submit(run) for run in workers] + [threads.submit(chore, running) for chore in chores]
        wait(works, return_when=FIRST_EXCEPTION)
        running.stop.set()
    for each in works:
        each.result()


@click.command()
def health() -> None:
    """Ask the service in this container or on this machine how it is (service.health_port)."""
    options = settings.load(os.environ).service
    host = "127.0.0.1" if options.health_host == "0.0.0.0" else options.health_host  # noqa: S104 - asked, not bound
    url = f"http://{host}:{options.health_port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            click.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise Unavailable("service", error.read().decode(errors="replace")) from error
    except OSError as error:
        raise Unavailable("service", f"{url} does not answer: {error}") from error

"""`newsloom setup`, `ingest`, `enrich`, `health`: what Docker Compose runs, and what `newsloom run` starts itself.

Each stage is a long-running service: `run_stage` runs one in this process, `run_stages_together` several.
"""

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any, TypeVar

import click

from newsloom import terminal
from newsloom.server_setup import prepare_servers
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
    for line in prepare_servers(options):
        terminal.say(line)


@click.command()
@click.option("--once", is_flag=True, help="Poll every feed once, then stop.")
def ingest(once: bool) -> None:
    """Poll feeds, fetch and read their articles, publish them to Kafka."""
    from ingest import poll  # noqa: PLC0415 - only this process needs what it imports

    options = settings.load(os.environ)
    with service.running_service("ingest", options.service) as running:
        poll.run(options, running, once=once)


@click.group()
def enrich() -> None:
    """The two enrichers."""


@enrich.command()
def annotate() -> None:
    """Add language, names and fingerprints to articles."""
    from enrich import annotate as stage_module  # noqa: PLC0415 - only this process needs spaCy

    options = settings.load(os.environ)
    run_stage(stage_module.stage(options.enrich), options)


@enrich.command()
def stories() -> None:
    """Recognise copies, and bring the reports of one event together."""
    from enrich import stories as stage_module  # noqa: PLC0415 - only this process needs what it imports

    options = settings.load(os.environ)
    run_stage(stage_module.stage(options), options)


def run_stage(stage: Stage[M], options: settings.Settings) -> None:
    """Runs one stage in this process until SIGTERM. Raises TooManyBugs, WrongSetting."""
    with service.running_service(stage.name, options.service) as running:
        Worker(stage, options, running).run()


def run_stages_together(
    name: str,
    stages: Sequence[Stage[Any]],
    background_tasks: Sequence[Callable[[Service], None]],
    options: settings.Settings,
) -> None:
    """Runs stages and background tasks as one service, each in a thread of its own, until SIGTERM or until one fails.

    Raises what that one raised: TooManyBugs, WrongSetting.
    """
    count = len(stages) + len(background_tasks)
    with service.running_service(name, options.service) as running, ThreadPoolExecutor(count) as threads:
        workers = [Worker(stage, options, running).run for stage in stages]
        futures = [threads.submit(run) for run in workers] + [
            threads.submit(task, running) for task in background_tasks
        ]
        wait(futures, return_when=FIRST_EXCEPTION)
        running.stop.set()
    for each in futures:
        each.result()


@click.command()
def health() -> None:
    """Ask the service in this container or on this machine how it is (service.health_port)."""
    options = settings.load(os.environ).service
    host = "127.0.0.1" if options.health_host == "0.0.0.0" else options.health_host  # noqa: S104 - asked, not bound
    url = f"http://{host}:{options.health_port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            terminal.say(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise Unavailable("service", error.read().decode(errors="replace")) from error
    except OSError as error:
        raise Unavailable("service", f"{url} does not answer: {error}") from error

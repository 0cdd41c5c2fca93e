"""The whole pipeline on this machine: embedded servers, topics and templates, the stages as child processes.

In: a data directory and the environment. Out: a running pipeline for as long as the block runs; watched until told to
stop, stages that died are started again.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from newsloom.local_run import live_screen, pipeline_status, run_addresses
from newsloom.local_run.stage_processes import Stages
from newsloom.server_setup import prepare
from pipeline import settings
from pipeline.failures import Failure, Unavailable

LOOK_SECONDS = 2.0
SAY_SECONDS = 15.0  # between two lines when nobody looks at a screen


class NotStarted(Failure):
    """Kafka or Elasticsearch could not be started; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """A pipeline that runs on this machine."""

    options: settings.Settings
    stages: Stages


@contextmanager
def pipeline(data: Path, feeds: Path | None, *, once: bool, say: Callable[[str], None]) -> Iterator[Running]:
    """Servers, topics, templates and stages on one data directory, for as long as the block runs.

    Raises NotStarted, Unavailable, WrongSetting.
    """
    loaded = settings.load(os.environ)
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    check_disk(data, loaded.embedded.min_free_bytes)
    with _servers(loaded, data, say) as options:
        for made in prepare(options):
            say(made)
        with Stages(_environment(options, feeds), data / "logs", once) as stages:
            kafka, elasticsearch = options.kafka.bootstrap_servers, options.elasticsearch.url
            found = run_addresses.Addresses(
                kafka=kafka, elasticsearch=elasticsearch, health=stages.health, pid=os.getpid()
            )
            run_addresses.write(data, found)
            try:
                yield Running(options, stages)
            finally:
                run_addresses.forget(data)


def check_disk(data: Path, min_free_bytes: int) -> None:
    """Raises Unavailable when the disk is nearly full: Kafka and Elasticsearch would stop in the middle of it."""
    free = shutil.disk_usage(data).free
    if free < min_free_bytes:
        raise Unavailable(
            "disk",
            f"{free / 1e9:.1f} GB are free under {data}, embedded.min_free_bytes asks for "
            f"{min_free_bytes / 1e9:.1f} GB: free some, choose another --data, or lower the setting",
        )


def watch(running: Running, stop: threading.Event) -> None:
    """Shows how it goes until `stop` is set; starts stages again that died."""
    console = Console()
    if not console.is_terminal:
        _watch_lines(running, stop)
        return
    before: pipeline_status.Snapshot | None = None
    with Live(console=console, auto_refresh=False, screen=False) as live:
        while not stop.is_set():
            now = pipeline_status.take(running.options, running.stages.health, pipeline_status.now())
            live.update(live_screen.render(now, before), refresh=True)
            before = now
            _mend(running.stages, live.console.print)
            stop.wait(LOOK_SECONDS)


def say(text: str) -> None:
    """A line about what takes time."""
    click.echo(text, err=True)


def _watch_lines(running: Running, stop: threading.Event) -> None:
    said = -SAY_SECONDS
    while not stop.is_set():
        _mend(running.stages, say)
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            say(live_screen.line(pipeline_status.take(running.options, running.stages.health, pipeline_status.now())))
        stop.wait(LOOK_SECONDS)


def _mend(stages: Stages, say: Callable[[str], None]) -> None:
    for happened in stages.mend(time.monotonic()):
        say(happened)


@contextmanager
def _servers(loaded: settings.Settings, data: Path, say: Callable[[str], None]) -> Iterator[settings.Settings]:
    """The settings with servers that are there: those that were named, or our own."""
    if loaded.kafka.bootstrap_servers and loaded.elasticsearch.url:
        yield loaded
        return
    # not installed where the servers are somewhere else
    from embedded.embedded_error import EmbeddedError  # noqa: PLC0415
    from embedded.stack import Stack  # noqa: PLC0415

    knobs = loaded.embedded
    stack = Stack(
        data,
        settings.ROOT / "config" / "kafka.properties",
        kafka_port=knobs.kafka_port,
        elasticsearch_port=knobs.elasticsearch_port,
        heap=knobs.heap,
        say=say,
    )
    try:
        stack.start()
    except EmbeddedError as error:
        raise NotStarted(str(error)) from error
    try:
        yield run_addresses.with_servers(loaded, stack.bootstrap_servers, stack.elasticsearch_url)
    finally:
        stack.stop()


def _environment(options: settings.Settings, feeds: Path | None) -> dict[str, str]:
    servers = run_addresses.as_environment(options.kafka.bootstrap_servers, options.elasticsearch.url)
    chosen = {"NEWSLOOM_INGEST__FEEDS": str(feeds.resolve())} if feeds else {}
    return {**os.environ, **servers, **chosen}

"""Runs the whole pipeline on this machine: embedded servers, topics and templates, the stages as child processes.

In: a data directory and the environment. Out: a running pipeline for as long as a `with` block lasts; while it is
watched, stages that died are started again and its status is shown.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsloom import terminal
from newsloom.local_run import live_screen, pipeline_status, run_addresses
from newsloom.local_run.stage_processes import StageProcesses
from newsloom.server_setup import prepare_servers
from pipeline import settings
from pipeline.failures import Failure, Unavailable

CHECK_SECONDS = 2.0
REPORT_SECONDS = 15.0  # between two status lines when standard output is no terminal


class NotStarted(Failure):
    """Kafka or Elasticsearch could not be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RunningPipeline:
    """A pipeline that runs on this machine: its settings, with its servers' addresses, and its stages."""

    options: settings.Settings
    stages: StageProcesses


@contextmanager
def running_pipeline(
    data: Path, feeds: Path | None, *, once: bool, report_progress: Callable[[str], None]
) -> Iterator[RunningPipeline]:
    """Runs servers and stages on a data directory for as long as the block lasts.

    `feeds`: another feed list than that of the settings; `once`: poll every feed once. Raises NotStarted, Unavailable,
    WrongSetting.
    """
    loaded = settings.load(os.environ)
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    check_disk(data, loaded.embedded.min_free_bytes)
    with _servers(loaded, data, report_progress) as options:
        for made in prepare_servers(options):
            report_progress(made)
        with StageProcesses(_environment(options, feeds), data / "logs", once) as stages:
            kafka, elasticsearch = options.kafka.bootstrap_servers, options.elasticsearch.url
            found = run_addresses.RunAddresses(
                kafka=kafka, elasticsearch=elasticsearch, health=stages.health, pid=os.getpid()
            )
            run_addresses.write(data, found)
            try:
                yield RunningPipeline(options, stages)
            finally:
                run_addresses.remove(data)


def check_disk(data: Path, min_free_bytes: int) -> None:
    """Raises Unavailable when too little disk is free under `data`: Kafka and Elasticsearch would stop when it is
    full."""
    free = shutil.disk_usage(data).free
    if free < min_free_bytes:
        raise Unavailable(
            "disk",
            f"{free / 1e9:.1f} GB are free under {data}, embedded.min_free_bytes asks for "
            f"{min_free_bytes / 1e9:.1f} GB: free some, choose another --data, or lower the setting",
        )


def watch_pipeline(running: RunningPipeline, stop: threading.Event) -> None:
    """Shows the status until `stop` is set, and starts stages again that died: a live screen, or lines without a
    terminal."""
    screen = terminal.Screen()
    if not screen.is_terminal:
        _watch_lines(running, stop)
        return
    before: pipeline_status.StatusSnapshot | None = None
    with screen.live() as live:
        while not stop.is_set():
            now = pipeline_status.take_snapshot(running.options, running.stages.health, pipeline_status.now())
            live.update(live_screen.render_screen(now, before))
            before = now
            _restart_dead_stages(running.stages, live.line)
            stop.wait(CHECK_SECONDS)


def report_progress(text: str) -> None:
    """Prints a line about something that takes time, on standard error."""
    terminal.complain(text)


def _watch_lines(running: RunningPipeline, stop: threading.Event) -> None:
    reported_at = -REPORT_SECONDS
    while not stop.is_set():
        _restart_dead_stages(running.stages, report_progress)
        if time.monotonic() - reported_at >= REPORT_SECONDS:
            reported_at = time.monotonic()
            report_progress(
                live_screen.render_line(
                    pipeline_status.take_snapshot(running.options, running.stages.health, pipeline_status.now())
                )
            )
        stop.wait(CHECK_SECONDS)


def _restart_dead_stages(stages: StageProcesses, report_progress: Callable[[str], None]) -> None:
    for event in stages.restart_dead(time.monotonic()):
        report_progress(event)


@contextmanager
def _servers(
    loaded: settings.Settings, data: Path, report_progress: Callable[[str], None]
) -> Iterator[settings.Settings]:
    """The settings with the addresses of running servers: those that the settings name, or embedded ones."""
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
        report_progress=report_progress,
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

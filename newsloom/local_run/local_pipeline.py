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
from functools import partial
from pathlib import Path

import msgspec

from ingest.feeds.feed_list import read_feeds
from newsloom import terminal
from newsloom.local_run import live_screen, page_address, run_addresses
from newsloom.local_run.server_processes import NotStarted, OwnServer, ServerProcesses
from newsloom.local_run.stage_processes import StageProcesses
from newsloom.local_run.status_thread import LOG_SECONDS, SCREEN_SECONDS, StatusThread
from newsloom.server_setup import prepare_servers
from pipeline import settings
from pipeline.failures import Unavailable

CHECK_SECONDS = 0.5
ONCE_LOOK_SECONDS = 2.0  # between two looks of the watches in a run that is to end
REPORT_SECONDS = 15.0  # between two status lines when standard output is no terminal


@dataclass(frozen=True, slots=True)
class RunningPipeline:
    """A pipeline that runs on this machine: its settings, with its servers' addresses, its stages, and the servers that
    it owns. `page`: the address of the page; "" in a round that is to end, which has none."""

    options: settings.Settings
    stages: StageProcesses
    servers: ServerProcesses
    page: str

    def restart_dead(self, now: float) -> list[str]:
        """Starts dead servers and stages again; returns a line for each event. `now`: monotonic seconds.

        Raises NotStarted when a server has died too often.
        """
        return self.servers.restart_dead(now) + self.stages.restart_dead(now)

    def problems(self, now: float) -> list[str]:
        """A line for each server and stage that does not run. `now`: monotonic seconds."""
        return self.servers.problems(now) + self.stages.problems(now)


@contextmanager
def running_pipeline(
    data: Path, feeds: Path | None, *, once: bool, report_progress: Callable[[str], None]
) -> Iterator[RunningPipeline]:
    """Runs servers and stages on a data directory for as long as the block lasts.

    `feeds`: another feed list than that of the settings; `once`: poll every feed once. Raises NotStarted, Unavailable,
    WrongSetting (also for the feed list).
    """
    loaded = settings.load(os.environ)
    read_feeds(feeds or loaded.feeds_file())  # a list with a mistake is told now, not after the servers' start
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    check_disk(data, loaded.embedded.min_free_bytes)
    with _servers(loaded, data, report_progress) as (addressed, servers):
        options, page = (addressed, "") if once else _with_page(addressed, data)
        for made in prepare_servers(options):
            report_progress(made)
        with StageProcesses(_environment(options, feeds, data, once), data / "logs", once) as stages:
            kafka, elasticsearch = options.kafka.bootstrap_servers, options.elasticsearch.url
            found = run_addresses.RunAddresses(
                kafka=kafka,
                elasticsearch=elasticsearch,
                health=stages.health,
                pid=os.getpid(),
                feeds=str(feeds.resolve()) if feeds else "",
                page=page,
            )
            run_addresses.write(data, found)
            try:
                yield RunningPipeline(options, stages, servers, page)
            finally:
                run_addresses.remove(data)


def _with_page(options: settings.Settings, data: Path) -> tuple[settings.Settings, str]:
    """The settings with the port of the page, and its address."""
    port = page_address.choose_port(options.web, data)
    replace = msgspec.structs.replace
    return replace(options, web=replace(options.web, port=port)), page_address.address(options.web, port)


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
    """Shows the status until `stop` is set, and starts again what died: a live screen, or lines without a terminal.

    Raises NotStarted when a server can't be kept running; WrongSetting when a stage can't run with its settings.
    """
    report_progress(f"search and read at {running.page}")
    screen = terminal.Screen()
    seconds = SCREEN_SECONDS if screen.is_terminal else LOG_SECONDS
    with StatusThread(running.options, running.stages.health, seconds) as status:
        if not screen.is_terminal:
            _watch(running, stop, report_progress, _LineReporter(status, running))
            return
        with screen.live() as live:
            _watch(running, stop, live.line, lambda: _refresh(live, status, running))


def report_progress(text: str) -> None:
    """Prints a line about something that takes time, on standard error."""
    terminal.complain(text)


def _watch(
    running: RunningPipeline, stop: threading.Event, tell: Callable[[str], None], show: Callable[[], None]
) -> None:
    while not stop.is_set():
        running.stages.raise_if_stopped()
        for event in running.restart_dead(time.monotonic()):
            tell(event)
        show()
        stop.wait(CHECK_SECONDS)


def _refresh(live: terminal.LiveScreen, status: StatusThread, running: RunningPipeline) -> None:
    if status.newest is not None:
        problems = running.problems(time.monotonic())
        live.update(live_screen.render_screen(status.newest, status.before, problems, running.page))


class _LineReporter:
    """Prints a status line every few seconds, and at once when the servers' problems change."""

    def __init__(self, status: StatusThread, running: RunningPipeline) -> None:
        self._status, self._running = status, running
        self._reported_at = -REPORT_SECONDS
        self._problems: tuple[str, ...] = ()

    def __call__(self) -> None:
        now, shown = time.monotonic(), self._status.newest
        if shown is None or (now - self._reported_at < REPORT_SECONDS and bool(shown.problems) == bool(self._problems)):
            return
        self._reported_at, self._problems = now, shown.problems
        report_progress(live_screen.render_line(shown, self._running.problems(now)))


@contextmanager
def _servers(
    loaded: settings.Settings, data: Path, report_progress: Callable[[str], None]
) -> Iterator[tuple[settings.Settings, ServerProcesses]]:
    """The settings with the addresses of running servers (those that the settings name, or embedded ones), and the
    latter's processes."""
    if loaded.kafka.bootstrap_servers and loaded.elasticsearch.url:
        yield loaded, ServerProcesses((), time.monotonic())
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
        try:
            stack.start()
        except EmbeddedError as error:
            raise NotStarted(str(error)) from error
        own = [OwnServer(each.child, partial(stack.restart, each)) for each in (stack.kafka, stack.elasticsearch)]
        options = run_addresses.with_servers(loaded, stack.bootstrap_servers, stack.elasticsearch_url)
        yield options, ServerProcesses(own, time.monotonic())
    finally:
        stack.stop()


def _environment(options: settings.Settings, feeds: Path | None, data: Path, once: bool) -> dict[str, str]:
    servers = run_addresses.as_environment(options.kafka.bootstrap_servers, options.elasticsearch.url)
    chosen = {"NEWSLOOM_INGEST__FEEDS": str(feeds.resolve())} if feeds else {}
    chosen["NEWSLOOM_WEB__PORT"] = str(options.web.port)
    chosen["NEWSLOOM_WATCHES__FEEDS_DIR"] = options.watches.feeds_dir or str(data / "watches")
    if once:  # somebody waits for the last look
        chosen["NEWSLOOM_WATCHES__INTERVAL_SECONDS"] = str(min(options.watches.interval_seconds, ONCE_LOOK_SECONDS))
    return {**os.environ, **servers, **chosen}

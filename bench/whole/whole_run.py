"""A whole pipeline of one build, started as people start it: `newsloom run` on its own Kafka and Elasticsearch.

In: a build, a data directory, a feed list. Out: a running pipeline, asked only what every build answers: the file
addresses.json, /metrics of the stages, Elasticsearch's counts.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.whole.builds import Build
from bench.whole.process_cost import PipelineProcesses
from bench.whole.stage_lag import count_unfinished
from bench.whole.web.local_web import LocalFeed, feed_list
from embedded.child_process import ChildProcess

START_SECONDS = 600.0
STOP_SECONDS = 120.0
STALLED_SECONDS = 120.0  # without a new article: what is missing then does not come
SETTLED_SECONDS = 180.0
COUNT_SECONDS = 1.0
START_LOOK_SECONDS = 0.1  # at a start, which takes seconds
ALIAS = "news"
SETTINGS = {"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true", "NEWSLOOM_INGEST__CONTACT": "bench@example.org"}


class WholeRun:
    """`newsloom run` on a data directory, from outside. Time is in seconds of time.monotonic()."""

    def __init__(self, child: ChildProcess, data: Path, feeds_file: Path) -> None:
        self._child, self._data, self._feeds_file = child, data, feeds_file
        self._started_at = time.monotonic()
        self.processes = PipelineProcesses(child.pid)

    @property
    def addresses(self) -> dict[str, Any]:
        """Where Kafka, Elasticsearch and the health pages are; empty while it starts."""
        with suppress(FileNotFoundError):
            found: dict[str, Any] = json.loads((self._data / "addresses.json").read_text())
            return found
        return {}

    def set_feeds(self, feeds: Sequence[LocalFeed]) -> None:
        """The feed list from now on; the poller looks at the file every few seconds."""
        write_feed_list(self._feeds_file, feeds)

    def ask_elasticsearch(self, path: str, body: object = None, method: str = "POST") -> Any:
        """An answer of Elasticsearch. Raises OSError."""
        return ask_elasticsearch(self.addresses["elasticsearch"], path, body, method)

    def searchable(self) -> int:
        """The number of articles that a search finds now; 0 while there is no index."""
        with suppress(urllib.error.HTTPError, KeyError, OSError):
            return int(self.ask_elasticsearch(f"/{ALIAS}/_count")["count"])
        return 0

    def wait_for_articles(self, count: int) -> int:
        """Waits until so many are searchable, or no more come; returns how many there are. Raises StartFailed."""
        seen, changed_at = self.searchable(), time.monotonic()
        while seen < count and time.monotonic() - changed_at < STALLED_SECONDS:
            self._wait(COUNT_SECONDS)
            if (now := self.searchable()) != seen:
                seen, changed_at = now, time.monotonic()
        return seen

    def wait_for_first_article(self, before: int) -> float:
        """Waits for the first article beyond those of before; returns seconds since the start. Raises StartFailed."""
        while self.searchable() <= before:
            self._wait(START_LOOK_SECONDS)
            if time.monotonic() - self._started_at > START_SECONDS:
                raise self._child.failure("made no article searchable")
        return time.monotonic() - self._started_at

    def _wait(self, seconds: float) -> None:
        time.sleep(seconds)
        if not self._child.alive:
            raise self._child.failure("ended")

    def settle(self) -> None:
        """Waits until no stage has anything to finish any more."""
        deadline, before = time.monotonic() + SETTLED_SECONDS, -1.0
        while time.monotonic() < deadline:
            now = sum(self.metrics("newsloom_records_total").values())
            if now == before and not count_unfinished(self.addresses["kafka"]):
                return
            before = now
            time.sleep(COUNT_SECONDS)

    def metrics(self, name: str) -> dict[str, float]:
        """A metric of all processes: by its labels, as they are written."""
        found: dict[str, float] = {}
        for url in self.addresses["health"].values():
            with urllib.request.urlopen(f"{url}/metrics", timeout=30) as answer:  # noqa: S310 - our own processes
                lines = [line for line in answer.read().decode().splitlines() if line.startswith(name)]
            for line in lines:
                labels, value = line.rsplit(" ", 1)
                if labels.partition("{")[0] == name:
                    found[labels.removeprefix(name)] = found.get(labels.removeprefix(name), 0.0) + float(value)
        return found


def ask_elasticsearch(server: str, path: str, body: object = None, method: str = "POST") -> Any:
    """An answer of the Elasticsearch at this address. Raises OSError."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 - on this machine
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read())


def write_feed_list(file: Path, feeds: Sequence[LocalFeed]) -> None:
    """Writes a feed list in one step."""
    part = file.with_suffix(".part")
    part.write_text(feed_list(feeds), encoding="utf-8")
    part.replace(file)


@contextmanager
def whole_run(build: Build, folder: Path, feeds: Sequence[LocalFeed]) -> Iterator[WholeRun]:
    """Runs the pipeline of a build for as long as the block lasts; `folder` holds its data, feed list and log.

    Raises StartFailed when it does not start, or ends by itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, feeds_file = folder / "data", folder / "feeds.toml"
    write_feed_list(feeds_file, feeds)
    command = build.command("run", "--data", str(data), "--feeds", str(feeds_file))
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLOOM_", "PYTHON"))}
    child = ChildProcess("newsloom run", command, folder / "run.log", plain | SETTINGS, STOP_SECONDS)
    child.start()
    try:
        running = WholeRun(child, data, feeds_file)
        child.wait_until(_has_started(running), START_SECONDS)
        yield running
    finally:
        child.stop()


def _has_started(running: WholeRun) -> Callable[[], bool]:
    return lambda: bool(running.addresses)

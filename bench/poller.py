"""Measures our poller: polls per second, CPU per poll, memory per feed. `python -m bench.poller [--feeds N] [--hosts
N]`

In: feeds on local hosts (bench/polling/poller_site), with states on Kafka as if they had been polled before. Out:
figures of our whole poller (Kafka, robots.txt, politeness, known entries, log) beside a bare loop of aiohttp and
feedparser. Each runs in a process of its own, alternately: the other is stopped (SIGSTOP) meanwhile. More feeds are due
than can be polled, so both work as fast as they can. CPU time is that of the whole process, measured by the kernel: the
cores are shared with the server, Kafka and other programs, so CPU time rather than wall time gives the polls per second
of one core. The bare loop asks each host again within seconds and keeps its connections; at real intervals no
connection would live so long, so it is also measured with new connections. Hardly any page is fetched: entries of all
feeds link to the same articles, so a new entry is found, recognised and stored, and its page is not fetched again.
"""

import argparse
import multiprocessing
import os
import re
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from bench.polling.poller_and_bare_loop import run_bare_loop, run_poller
from bench.polling.poller_setup import poller_settings, write_feeds_and_states
from bench.polling.poller_site import NewspaperServer, feed_urls, newspaper_server
from embedded.stack import Stack
from pipeline.settings import ROOT

ROUND_SECONDS = 10.0
PATIENCE_SECONDS = 1800.0
# polls that may be under way: an answer may still be read while other feeds are polled a second time
IN_HAND = 500
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
POLLS = re.compile(r'^newsloom_polls_total\{outcome="(\w+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RoundMeasurement:
    """What a process did in a round: polls, CPU seconds of it and of its children, which read pages, wall seconds."""

    polls: float
    cpu: float
    children: float
    wall: float

    @property
    def per_wall(self) -> float:
        """Polls per second."""
        return self.polls / self.wall

    @property
    def per_cpu(self) -> float:
        """Polls per CPU second of the process."""
        return self.polls / self.cpu


class PollerProcess:
    """Our poller's process, measured from outside."""

    def __init__(self, process: SpawnProcess, health_port: int) -> None:
        self.pid = process.pid or 0
        self._url = f"http://127.0.0.1:{health_port}/metrics"

    def polls(self) -> dict[str, float]:
        """Polls so far, by outcome."""
        with urllib.request.urlopen(self._url, timeout=60) as answer:  # noqa: S310 - our own, on this machine
            return {outcome: float(count) for outcome, count in POLLS.findall(answer.read().decode())}

    def cpu(self) -> tuple[float, float]:
        """CPU seconds so far: of the process and of its children."""
        return _cpu(self.pid), sum(map(_cpu, _children(self.pid)))

    def resident(self) -> int:
        """Resident bytes of the process, without its children."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_BYTES

    def measure(self, seconds: float) -> RoundMeasurement:
        """Lets it run for so many seconds."""
        os.kill(self.pid, signal.SIGCONT)
        try:
            began, polls, (cpu, children) = time.monotonic(), sum(self.polls().values()), self.cpu()
            time.sleep(seconds)
            more, (more_cpu, more_children) = sum(self.polls().values()), self.cpu()
            return RoundMeasurement(more - polls, more_cpu - cpu, more_children - children, time.monotonic() - began)
        finally:
            os.kill(self.pid, signal.SIGSTOP)


def _cpu(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # the thread has just ended
            found += map(int, (task / "children").read_text().split())
    return found


class LoopProcess:
    """The bare loop's process. `close`: each request on a connection of its own."""

    def __init__(self, pipe: Connection, close: bool) -> None:
        self._pipe, self._close = pipe, close

    def measure(self, seconds: float) -> RoundMeasurement:
        """Lets it run for so many seconds."""
        began = time.monotonic()
        self._pipe.send((seconds, self._close))
        polls, cpu = self._pipe.recv()
        return RoundMeasurement(polls, cpu, 0.0, time.monotonic() - began)


@contextmanager
def child_process(target: object, *arguments: object) -> Iterator[tuple[SpawnProcess, Connection]]:
    """A child process that calls `target`, and the pipe to it; ended with the block."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=target, args=(*arguments, there))  # type: ignore[arg-type]
    process.start()
    try:
        yield process, here
    finally:
        os.kill(process.pid or 0, signal.SIGCONT)
        process.terminate()
        process.join(60)
        process.kill()


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line."""

    feeds: int
    hosts: int
    seconds: float
    interval: float
    remembered: int
    kafka: str
    profile: Path | None


def run(arguments: Arguments, kafka: str, site: NewspaperServer, folder: Path) -> None:
    """Starts both processes, measures them and prints the figures."""
    urls = feed_urls(site.port, arguments.feeds, arguments.hosts)
    options = poller_settings(kafka, folder, arguments.interval or max(1.0, arguments.feeds / 2_000))
    write_feeds_and_states(options, urls, site.port, arguments.remembered)
    log = folder / "poller.log"
    with (
        child_process(run_poller, options, log, arguments.profile) as (process, poller_pipe),
        child_process(run_bare_loop, urls, options) as (_, loop_pipe),
    ):
        poller_pipe.recv()
        poller = PollerProcess(process, options.service.health_port)
        loops = {
            "bare": LoopProcess(loop_pipe, close=False),
            "bare, new connections": LoopProcess(loop_pipe, close=True),
        }
        before = poller.resident()
        poller_pipe.send(None)
        wait_for_all(site, poller, arguments.feeds)
        memory = (poller.resident() - before) / arguments.feeds / 1000
        print(f"resident memory of a feed, all feeds polled: {memory:.1f} kB", flush=True)
        compare(poller, loops, arguments.seconds)
    print_answers(site)


def wait_for_all(site: NewspaperServer, poller: PollerProcess, feeds: int) -> None:
    """Waits until every feed was polled at least once and its answer was read."""
    began = time.monotonic()
    while (asked := site.answered()[0]) < feeds or sum(poller.polls().values()) < feeds + IN_HAND:
        if time.monotonic() - began > PATIENCE_SECONDS:
            sys.exit(f"only {asked} of {feeds} feeds were asked for in {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.2)
    took = time.monotonic() - began
    print(f"started, and every feed read whole, after {took:.1f} s: {format_counts(poller.polls())}", flush=True)


def compare(poller: PollerProcess, loops: Mapping[str, LoopProcess], seconds: float) -> None:
    """Measures all processes in alternating rounds and prints their medians."""
    os.kill(poller.pid, signal.SIGSTOP)
    processes: dict[str, PollerProcess | LoopProcess] = {"ours": poller, **loops}
    poller.measure(ROUND_SECONDS)  # reads the answers that wait for the children
    count = max(1, round(seconds / ROUND_SECONDS / len(processes)))
    rounds = [{name: each.measure(ROUND_SECONDS) for name, each in processes.items()} for _ in range(count)]
    for name in processes:
        found = [each[name] for each in rounds]
        wall, cpu = statistics.median(m.per_wall for m in found), statistics.median(m.per_cpu for m in found)
        reader = statistics.median(m.children / m.polls for m in found)
        print(
            f"{name:24} {wall:5.0f} polls/s  {cpu:5.0f} polls per CPU second  {1e3 / cpu:.2f} ms CPU per poll"
            + f"  + {1e3 * reader:.2f} ms in the reader's process" * (name == "ours")
        )
    for name in loops:
        wall = statistics.median(each["ours"].per_wall / each[name].per_wall for each in rounds)
        cpu = statistics.median(each["ours"].per_cpu / each[name].per_cpu for each in rounds)
        both = statistics.median(
            each["ours"].polls / (each["ours"].cpu + each["ours"].children) / each[name].per_cpu for each in rounds
        )
        print(
            f"ours / {name}, {count} rounds: {wall:.2f} per wall second, {cpu:.2f} per CPU second of the process,"
            f" {both:.2f} with its reader"
        )


def format_counts(counts: Mapping[str, float]) -> str:
    """Counts for people, the largest first."""
    return ", ".join(f"{count:.0f} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def print_answers(site: NewspaperServer) -> None:
    """Prints what the server answered to our poller and to the bare loop."""
    answers = site.answered()[1]
    for name, client in (("ours", True), ("bare", False)):
        asked = sum(count for (whose, _), count in answers.items() if whose == client)
        share = answers.get((client, 304), 0) / max(1, asked)
        print(f"{name}: {asked} requests for feeds, {share:.0%} answered 304")


def parse_arguments() -> Arguments:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description="Speed and memory of the poller, beside a bare loop.")
    parser.add_argument("--feeds", type=int, default=20_000)
    parser.add_argument("--hosts", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="of measuring, ours and bare together")
    parser.add_argument(
        "--interval", type=float, default=0.0, help="seconds between polls of a feed (default: too few)"
    )
    parser.add_argument("--remembered", type=int, default=0, help="entries of each feed that it no longer shows")
    parser.add_argument("--kafka", default="", help="a broker, for example 127.0.0.1:9092; else one is started")
    parser.add_argument("--profile", type=Path, help="a file for what cProfile says of our event loop")
    return Arguments(**vars(parser.parse_args()))


def main() -> None:
    """Prints the figures."""
    asked = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="newsloom-bench-") as name, newspaper_server() as site:
        folder = Path(name)
        own = (
            nullcontext()
            if asked.kafka
            else Stack(folder / "stack", ROOT / "config" / "kafka.properties", report_progress=print)
        )
        with own as stack:
            run(asked, stack.bootstrap_servers if stack else asked.kafka, site, folder)


if __name__ == "__main__":
    main()

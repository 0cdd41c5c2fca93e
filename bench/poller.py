"""Polls per second, CPU per poll and memory per feed of our poller: `python -m bench.poller [--feeds N] [--hosts N]`.

In: feeds on local hosts (bench/polling/poller_site), known to Kafka as if they had been polled before. Out: our whole
poller (Kafka, robots.txt, turns, memory, log) beside a bare loop of aiohttp and feedparser, each in a process of its
own, in turns: the other one is stopped (SIGSTOP) meanwhile. More is due than can be polled, so both do what they can.
CPU is that of the whole process, measured by the kernel: the cores are shared with the server, Kafka and whoever else
is here, so it is what tells polls per second of one core. The bare loop asks each host again within seconds and keeps
its connections; at real intervals none would live so long, so it is measured without that, too. Pages are next to none:
entries of all feeds lead to the same stories, so a new entry is found, remembered, recognised and settled, and its page
is not asked for again.
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

from bench.polling.poller_and_bare_loop import bare, ours
from bench.polling.poller_setup import options_for, prepare
from bench.polling.poller_site import Papers, feed_urls, papers
from embedded.stack import Stack
from pipeline.settings import ROOT

ROUND_SECONDS = 10.0
PATIENCE_SECONDS = 1800.0
# polls that may be under way, so that an answer is being read whole while others count their second poll
IN_HAND = 500
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
POLLS = re.compile(r'^newsloom_polls_total\{outcome="(\w+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a process did in a round: polls, the CPU seconds of it and of its reader children, wall seconds."""

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


class Poller:
    """Our poller's process, seen from outside."""

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
        """Bytes of the process, its children left out."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_BYTES

    def measured(self, seconds: float) -> Measure:
        """Lets it run for a while."""
        os.kill(self.pid, signal.SIGCONT)
        try:
            began, polls, (cpu, children) = time.monotonic(), sum(self.polls().values()), self.cpu()
            time.sleep(seconds)
            more, (more_cpu, more_children) = sum(self.polls().values()), self.cpu()
            return Measure(more - polls, more_cpu - cpu, more_children - children, time.monotonic() - began)
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


class Loop:
    """The bare loop's process. `close`: each request on a connection of its own."""

    def __init__(self, told: Connection, close: bool) -> None:
        self._told, self._close = told, close

    def measured(self, seconds: float) -> Measure:
        """Lets it run for a while."""
        began = time.monotonic()
        self._told.send((seconds, self._close))
        polls, cpu = self._told.recv()
        return Measure(polls, cpu, 0.0, time.monotonic() - began)


@contextmanager
def started(way: object, *arguments: object) -> Iterator[tuple[SpawnProcess, Connection]]:
    """A child process that runs one of the two, ended at the end."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=way, args=(*arguments, there))  # type: ignore[arg-type]
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


def run(arguments: Arguments, kafka: str, site: Papers, folder: Path) -> None:
    """Everything, and its lines."""
    urls = feed_urls(site.port, arguments.feeds, arguments.hosts)
    options = options_for(kafka, folder, arguments.interval or max(1.0, arguments.feeds / 2_000))
    prepare(options, urls, site.port, arguments.remembered)
    log = folder / "poller.log"
    with started(ours, options, log, arguments.profile) as (process, told), started(bare, urls, options) as (_, also):
        told.recv()
        poller = Poller(process, options.service.health_port)
        loops = {"bare": Loop(also, close=False), "bare, new connections": Loop(also, close=True)}
        before = poller.resident()
        told.send(None)
        wait_for_all(site, poller, arguments.feeds)
        memory = (poller.resident() - before) / arguments.feeds / 1000
        print(f"resident memory of a feed, all feeds polled: {memory:.1f} kB", flush=True)
        compare(poller, loops, arguments.seconds)
    tell_answers(site)


def wait_for_all(site: Papers, poller: Poller, feeds: int) -> None:
    """Until every feed was polled at least once, and what it answered was read."""
    began = time.monotonic()
    while (asked := site.asked()[0]) < feeds or sum(poller.polls().values()) < feeds + IN_HAND:
        if time.monotonic() - began > PATIENCE_SECONDS:
            sys.exit(f"only {asked} of {feeds} feeds were asked for in {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.2)
    took = time.monotonic() - began
    print(f"started, and every feed read whole, after {took:.1f} s: {shown(poller.polls())}", flush=True)


def compare(poller: Poller, loops: Mapping[str, Loop], seconds: float) -> None:
    """Rounds in turns, and their medians."""
    os.kill(poller.pid, signal.SIGSTOP)
    ways: dict[str, Poller | Loop] = {"ours": poller, **loops}
    poller.measured(ROUND_SECONDS)  # what waited for the reader meanwhile is read
    count = max(1, round(seconds / ROUND_SECONDS / len(ways)))
    rounds = [{name: way.measured(ROUND_SECONDS) for name, way in ways.items()} for _ in range(count)]
    for name in ways:
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


def shown(counts: Mapping[str, float]) -> str:
    """Counts for people, the largest first."""
    return ", ".join(f"{count:.0f} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def tell_answers(site: Papers) -> None:
    """What the server answered to each."""
    answers = site.asked()[1]
    for name, client in (("ours", True), ("bare", False)):
        asked = sum(count for (whose, _), count in answers.items() if whose == client)
        share = answers.get((client, 304), 0) / max(1, asked)
        print(f"{name}: {asked} requests for feeds, {share:.0%} answered 304")


def arguments() -> Arguments:
    """The command line, read."""
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
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="newsloom-bench-") as name, papers() as site:
        folder = Path(name)
        own = nullcontext() if asked.kafka else Stack(folder / "stack", ROOT / "config" / "kafka.properties", say=print)
        with own as stack:
            run(asked, stack.bootstrap_servers if stack else asked.kafka, site, folder)


if __name__ == "__main__":
    main()

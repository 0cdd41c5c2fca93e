"""One run of the soak: in: a seed, a length, a rate; out: the verdict and what was measured.

Articles appear at a steady rate, some are revised; faults are done as planned, each in a thread of its own; what has
died is started again, as `newsloom run` or compose does it. Then everything is mended, the pipeline comes to rest, and
all is read and judged.
"""

import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from embedded.elasticsearch import Elasticsearch
from embedded.kafka import Kafka
from embedded.stack import Stack
from newsloom.server_setup import prepare_servers
from pipeline.settings import ROOT, Settings, load
from tests.conftest import CORPUS, environment_of
from tests.journeys.corpus_site import feed_list
from tests.soak import final_reading
from tests.soak.crew import Crew
from tests.soak.faults import of_servers, of_topics, of_web, of_workers
from tests.soak.faults.schedule import PlannedFault
from tests.soak.faulty_door import FaultyDoor
from tests.soak.loopback_web import LoopbackWeb, LoopThread
from tests.soak.newspapers import Newspapers, Publication, read_sentences
from tests.soak.report import Measured
from tests.soak.search_watch import SearchWatch
from tests.soak.verdict import Verdict, judge
from tests.soak.world import Injection, World

INJECTIONS: dict[str, Injection] = {
    **of_workers.INJECTIONS,
    **of_servers.INJECTIONS,
    **of_topics.INJECTIONS,
    **of_web.INJECTIONS,
}
SITES = 13  # the last one is for strange pages and feeds
REVISED = 0.15  # share of the articles that get another edition, after so many seconds:
REVISED_AFTER = (10.0, 60.0)
MEMORY_SECONDS, PROGRESS_SECONDS, TICK_SECONDS = 10.0, 10.0, 0.1
READY_SECONDS = 90.0
# real ones, made shorter where a run of an hour could not wait for them: an interval, a retry of a feed or page
SETTINGS = {
    "NEWSLOOM_KAFKA__PREFIX": "soak",
    "NEWSLOOM_ELASTICSEARCH__PREFIX": "soak",
    "NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true",
    "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0",
    "NEWSLOOM_INGEST__INTERVAL_SECONDS": "4",
    "NEWSLOOM_INGEST__INTERVAL_LEAST_SECONDS": "3",
    "NEWSLOOM_INGEST__INTERVAL_MOST_SECONDS": "8",
    "NEWSLOOM_INGEST__RETRY_FIRST_SECONDS": "3",
    "NEWSLOOM_INGEST__RETRY_MOST_SECONDS": "15",
    "NEWSLOOM_INGEST__PAGE_ATTEMPTS": "40",
    "NEWSLOOM_INGEST__PAGE_RETRY_SECONDS": "3",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a run. `rate`: articles in a second; `drain`: the most seconds to come to rest."""

    seed: int
    seconds: float
    rate: float
    drain: float
    faults: Sequence[PlannedFault]


@dataclass
class SoakRun:
    """A run on running servers. One thread ticks; each fault has one of its own."""

    plan: Plan
    world: World
    watch: SearchWatch
    say: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.plan.seed)
        self._todo = list(self.plan.faults)
        self._threads: list[threading.Thread] = []
        self._groups = {fault.kind.group: threading.Lock() for fault in self._todo}
        self._on: set[str] = set()
        self._revisions: list[tuple[float, Publication]] = []
        self._published = 0
        self._began = self._memory_at = self._told_at = 0.0

    def run(self) -> float | None:
        """Seconds until it was at rest after the last article; None when it never was."""
        self._wait_for_first()
        self._began = time.monotonic()
        while time.monotonic() - self._began < self.plan.seconds and not self.stop.is_set():
            self._publish_due(time.monotonic())
            self._start_due(time.monotonic())
            self._look_after(time.monotonic())
            self.stop.wait(TICK_SECONDS)
        self.say("no more articles and no more faults; waiting until all is at rest")
        return self._drain()

    def _wait_for_first(self) -> None:
        """Until the pipeline carries an article: a fault at the very beginning would tell nothing."""
        self._publish(time.monotonic())
        deadline = time.monotonic() + READY_SECONDS
        while self.watch.waiting and time.monotonic() < deadline and not self.stop.wait(TICK_SECONDS):
            self._look_after(time.monotonic())

    # --- articles ---

    def _publish_due(self, now: float) -> None:
        while self._published < (now - self._began) * self.plan.rate:
            self._published += 1
            self._publish(now)
        due = [each for at, each in self._revisions if at <= now]
        self._revisions = [each for each in self._revisions if each[0] > now]
        for publication in due:
            self.world.papers.revise(publication)
            self.watch.expect(publication, now)

    def _publish(self, now: float) -> None:
        publication = self.world.papers.publish(datetime.now(UTC))
        self.watch.expect(publication, now)
        if self._chance.random() < REVISED:
            self._revisions.append((now + self._chance.uniform(*REVISED_AFTER), publication))

    # --- faults ---

    def _start_due(self, now: float) -> None:
        while self._todo and self._todo[0].at <= now - self._began:
            fault = self._todo.pop(0)
            thread = threading.Thread(target=self._do, args=(fault,), name=fault.kind.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _do(self, fault: PlannedFault) -> None:
        """One fault, after those of its group: a server that is killed takes longer to start than was planned."""
        with self._groups[fault.kind.group]:
            began, over = time.monotonic(), threading.Event()
            self.say(f"fault {fault.number}: {fault.kind.name}, {fault.seconds:.0f} s")
            self._on.add(fault.kind.name)
            try:
                INJECTIONS[fault.kind.name](self.world, fault, over)
            except Exception as error:
                self.broken.append(f"{fault.kind.name}: {error!r}")
                self.say(traceback.format_exc())
            self._on.discard(fault.kind.name)
            self.watch.fault_ended(fault, began, time.monotonic())

    # --- what has died, memory, progress ---

    def _look_after(self, now: float) -> None:
        for line in self.world.crew.restart_dead(now):
            self.say(line)
        servers: dict[str, Kafka | Elasticsearch] = {
            "kafka": self.world.stack.kafka,
            "elasticsearch": self.world.stack.elasticsearch,
        }
        for name, server in servers.items():
            if not server.child.alive and name not in self.world.servers_down:
                self.world.crew.ended_by_themselves.append(f"{name} with {server.child.returncode}")
                server.launch()
        if self._began and now - self._memory_at > MEMORY_SECONDS:
            self._memory_at = now
            self.world.crew.sample_memory({name: each.child.pid for name, each in servers.items() if each.child.alive})
        if now - self._told_at > PROGRESS_SECONDS and self._began:
            self._told_at = now
            self._tell(now)

    def _tell(self, now: float) -> None:
        lag = "unknown" if self.watch.lag is None else sum(self.watch.lag.values())
        waiting = f"{len(self.watch.waiting)} not searchable, the oldest for {self.watch.oldest(now):.0f} s"
        on = f"; on: {', '.join(sorted(self._on))}" if self._on else ""
        self.say(f"{now - self._began:5.0f} s  {self._published} articles, {waiting}, lag {lag}{on}")

    # --- the end ---

    def _drain(self) -> float | None:
        began = time.monotonic()
        for thread in self._threads:
            while thread.is_alive():
                self._look_after(time.monotonic())
                thread.join(TICK_SECONDS)
        mended = time.monotonic()
        self.watch.forget_lag()
        while time.monotonic() - mended < self.plan.drain and not self.stop.is_set():
            self._look_after(time.monotonic())
            if not self.watch.waiting and self.watch.lag is not None and not any(self.watch.lag.values()):
                return time.monotonic() - began
            self.stop.wait(TICK_SECONDS)
        return None


def soak(plan: Plan, folder: Path, say: Callable[[str], None]) -> tuple[Verdict, Measured]:
    """Starts everything, runs, stops the workers, reads and judges."""
    with ExitStack() as exits:
        stack = exits.enter_context(Stack(folder / "stack", ROOT / "config" / "kafka.properties", report_progress=say))
        thread = exits.enter_context(LoopThread())
        run = make_run(plan, folder, stack, thread, say)
        exits.callback(run.world.crew.stop)
        with run.watch:
            run.world.crew.start()
            rest = run.run()
        run.world.crew.stop()
        return _judged(run, rest)


def make_run(plan: Plan, folder: Path, stack: Stack, thread: LoopThread, say: Callable[[str], None]) -> SoakRun:
    """A run on started servers; its workers are not started yet."""
    web, door = LoopbackWeb(thread, SITES), FaultyDoor(thread, stack.elasticsearch.port)
    papers = Newspapers(plan.seed, web.sites, read_sentences(CORPUS, plan.seed))
    web.serve = papers.serve
    options = settings_of(stack)
    prepare_servers(options)
    through_door = msgspec.structs.replace(options.elasticsearch, url=door.url)
    feeds = feed_list(folder / "feeds.toml", papers.feed_urls())
    environment = environment_of(msgspec.structs.replace(options, elasticsearch=through_door))
    crew = Crew({**environment, "NEWSLOOM_INGEST__FEEDS": str(feeds)}, folder / "logs")
    return SoakRun(plan, World(options, stack, crew, web, door, papers, say), SearchWatch(options), say)


def settings_of(stack: Stack) -> Settings:
    """The settings of the run on these servers."""
    servers = {
        "NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        "NEWSLOOM_ELASTICSEARCH__URL": stack.elasticsearch_url,
    }
    return load({**SETTINGS, **servers})


def _judged(run: SoakRun, rest: float | None) -> tuple[Verdict, Measured]:
    world, crew = run.world, run.world.crew
    letters = final_reading.found_letters(world.options, world.papers)
    given_up = final_reading.given_up(letters) if world.readers_were_frozen else {}
    verdict = judge(
        final_reading.expectations(world.papers, {**world.expected, **given_up}),
        final_reading.found_articles(world.options),
        letters,
        crew.ended_by_themselves,
    )
    measured = Measured(
        run.plan.seed,
        run.plan.seconds,
        rest,
        run.watch.ended,
        run.watch.seconds,
        final_reading.messages(world.options),
        crew.memory,
        crew.restarts,
        run.broken,
    )
    return verdict, measured

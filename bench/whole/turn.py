"""One turn of a build: from an empty data directory through every phase that is measured.

In: a build, the pages to read, a folder. Out: the figures of the turn. Phases, in their order: first start and warming,
the measured pages, idling, articles at a steady rate; then a second start on the same data, and articles in many
languages.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.whole.builds import Build
from bench.whole.disk_use import DiskUse, measure_disk
from bench.whole.process_cost import PeakMemory, difference
from bench.whole.search_latency import watching_latency
from bench.whole.stage_batches import read_batch_counts
from bench.whole.web.local_web import LocalFeed
from bench.whole.whole_run import ALIAS, WholeRun, whole_run
from bench.whole.workload import Workload

LOOK_SECONDS = 0.1  # at a start, which takes seconds


@dataclass(frozen=True, slots=True)
class PhaseCost:
    """What a phase took: articles that became searchable, wall seconds, CPU seconds by part."""

    articles: int
    wall: float
    cpu: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MeasuredCost:
    """The measured pages: their cost, the most memory of each part and of all at one time, records of a batch by
    stage; `samples`: memory of all parts, every few seconds. Memory in bytes of PSS."""

    cost: PhaseCost
    peak: Mapping[str, int]
    peak_of_all: int
    samples: Sequence[int]
    batch_sizes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class IdleCost:
    """What it costs to wait for news: with so many feeds, of which some were polled meanwhile."""

    cost: PhaseCost
    feeds: int
    polls: float
    memory: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LanguageCost:
    """Articles in many languages: their cost, how many languages the index has then, bytes of PSS before and after."""

    cost: PhaseCost
    languages: int
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(slots=True)
class TurnFigures:
    """Everything of one turn; `latency`: seconds from Kafka to searchable by what was asked for ("1/s")."""

    build: str
    first_start: PhaseCost
    warming: PhaseCost
    measured: MeasuredCost
    disk: DiskUse
    articles_on_disk: int
    idle: IdleCost | None = None
    latency: dict[str, list[float]] = field(default_factory=dict)
    warm_start: PhaseCost | None = None
    languages: LanguageCost | None = None


class Phase:
    """The phase that begins now."""

    def __init__(self, running: WholeRun) -> None:
        self._running = running
        self._articles, self._cpu, self._began = running.searchable(), running.processes.cpu(), time.monotonic()

    def finish(self, articles: int = 1, step: float = 1.0) -> PhaseCost:
        """Waits for so many articles more, and until everything about them is done."""
        there = self._running.wait_for_articles(self._articles + articles, step) if articles else self._articles
        wall = time.monotonic() - self._began
        self._running.settle()
        return PhaseCost(there - self._articles, wall, difference(self._cpu, self._running.processes.cpu()))


def run_turn(build: Build, work: Workload, folder: Path) -> TurnFigures:
    """Takes a build through all phases. Raises StartFailed."""
    with whole_run(build, folder, work.warming) as running:
        first_start = _start_cost(running, 0)
        phase = Phase(running)
        warming = phase.finish(sum(feed.pages for feed in work.warming) - running.searchable())
        feeds = [*work.warming, *work.measured]
        measured = _measure_pages(running, work, feeds)
        idle = _measure_idle(running, work.idle_seconds, len(feeds)) if work.idle_seconds else None
        disk, articles = measure_disk(running, folder / "data"), running.searchable()
        figures = TurnFigures(build.name, first_start, warming, measured, disk, articles, idle)
        for rate in work.steady:
            feeds += _measure_latency(running, work, rate, feeds, figures)
    _second_start(build, work, folder, feeds, figures)
    return figures


def _start_cost(running: WholeRun, articles: int) -> PhaseCost:
    """From the start of the first process to the first article beyond `articles` that a search finds."""
    running.wait_for_articles(articles + 1, LOOK_SECONDS)
    return PhaseCost(1, time.monotonic() - running.started_at, running.processes.cpu())


def _measure_pages(running: WholeRun, work: Workload, feeds: Sequence[LocalFeed]) -> MeasuredCost:
    batches = read_batch_counts(running)
    phase = Phase(running)
    with PeakMemory(running.processes) as peak:
        running.set_feeds(feeds)
        cost = phase.finish(sum(feed.pages for feed in work.measured))
    sizes = read_batch_counts(running).since(batches).sizes()
    return MeasuredCost(cost, peak.bytes, peak.total, peak.samples, sizes)


def _measure_idle(running: WholeRun, seconds: float, feeds: int) -> IdleCost:
    polls, cpu, began = _polls(running), running.processes.cpu(), time.monotonic()
    time.sleep(seconds)
    cost = PhaseCost(0, time.monotonic() - began, difference(cpu, running.processes.cpu()))
    return IdleCost(cost, feeds, _polls(running) - polls, running.processes.memory())


def _polls(running: WholeRun) -> float:
    return sum(running.metrics("newsloom_polls_total").values())


def _measure_latency(
    running: WholeRun, work: Workload, rate: str, feeds: Sequence[LocalFeed], figures: TurnFigures
) -> list[LocalFeed]:
    """Measures at a rate; returns the feeds that were added for it. A host gives a page a second, so the number of
    hosts is the rate."""
    cost = figures.measured.cost
    hosts = max(1, round(cost.articles / cost.wall / 2)) if rate == "half" else int(rate)
    added = work.steady_feeds(rate, hosts)
    with watching_latency(running) as latency:
        running.set_feeds([*feeds, *added])
        figures.latency[f"{rate}: {hosts}/s"] = latency.take(sum(feed.pages for feed in added))
    return added


def _second_start(build: Build, work: Workload, folder: Path, feeds: Sequence[LocalFeed], figures: TurnFigures) -> None:
    with whole_run(build, folder, [*feeds, *work.second_start]) as running:
        figures.warm_start = _start_cost(running, _articles(figures))
        if work.languages:
            running.settle()
            before, phase = running.processes.memory(), Phase(running)
            running.set_feeds([*feeds, *work.second_start, *work.languages])
            cost = phase.finish(sum(feed.pages for feed in work.languages))
            figures.languages = LanguageCost(cost, _languages(running), before, running.processes.memory())


def _articles(figures: TurnFigures) -> int:
    return figures.articles_on_disk + sum(map(len, figures.latency.values()))


def _languages(running: WholeRun) -> int:
    asked = {"size": 0, "aggs": {"languages": {"cardinality": {"field": "language"}}}}
    return int(running.ask_elasticsearch(f"/{ALIAS}/_search", asked)["aggregations"]["languages"]["value"])

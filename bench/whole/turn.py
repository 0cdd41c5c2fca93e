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
    """The phase that begins now. `articles`: how many are searchable at its beginning."""

    def __init__(self, running: WholeRun) -> None:
        self._running = running
        self.articles = running.searchable()
        self._cpu, self._began = running.processes.cpu(), time.monotonic()

    def finish(self, articles: int) -> PhaseCost:
        """Waits for so many articles more, and until everything about them is done."""
        there = self._running.wait_for_articles(self.articles + articles)
        wall = time.monotonic() - self._began
        self._running.settle()
        return PhaseCost(there - self.articles, wall, difference(self._cpu, self._running.processes.cpu()))


def run_turn(build: Build, work: Workload, folder: Path) -> TurnFigures:
    """Takes a build through all phases. Raises StartFailed."""
    with whole_run(build, folder, work.warming) as running:
        first_start = _start_cost(running, 0)
        warming = _warm(running, work)
        feeds = [*work.warming, *work.measured]
        measured = _measure_pages(running, work, feeds)
        idle = _measure_idle(running, work.idle_seconds, len(feeds)) if work.idle_seconds else None
        disk, articles = measure_disk(running, folder / "data"), running.searchable()
        figures = TurnFigures(build.name, first_start, warming, measured, disk, articles, idle)
        for rate in work.steady:
            feeds += _measure_latency(running, work, rate, feeds, figures)
        running.settle()
        there = running.searchable()
    with whole_run(build, folder, [*feeds, *work.second_start]) as running:
        figures.warm_start = _start_cost(running, there)
        if work.languages:
            figures.languages = _measure_languages(running, work, [*feeds, *work.second_start])
    return figures


def _start_cost(running: WholeRun, articles: int) -> PhaseCost:
    """From the start of the first process to the first article beyond `articles` that a search finds."""
    return PhaseCost(1, running.wait_for_first_article(articles), running.processes.cpu())


def _warm(running: WholeRun, work: Workload) -> PhaseCost:
    """What comes after the first article."""
    phase = Phase(running)
    return phase.finish(sum(feed.pages for feed in work.warming) - phase.articles)


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


def _measure_languages(running: WholeRun, work: Workload, feeds: Sequence[LocalFeed]) -> LanguageCost:
    running.settle()
    before, phase = running.processes.memory(), Phase(running)
    running.set_feeds([*feeds, *work.languages])
    cost = phase.finish(sum(feed.pages for feed in work.languages))
    return LanguageCost(cost, _languages(running), before, running.processes.memory())


def _languages(running: WholeRun) -> int:
    asked = {"size": 0, "aggs": {"languages": {"cardinality": {"field": "language"}}}}
    return int(running.ask_elasticsearch(f"/{ALIAS}/_search", asked)["aggregations"]["languages"]["value"])

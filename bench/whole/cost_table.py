"""The figures of a whole bench as tables: a row for each figure, a column for each build, and their ratio.

In: the turns' figures. Out: text. Several turns of a build are averaged; the ratio is this build's figure divided by
the earlier one's, so below 1 is less.
"""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bench.whole.bare_loop import BareCost
from bench.whole.peers import PeerCost
from bench.whole.process_cost import READERS
from bench.whole.search_latency import percentile
from bench.whole.turn import LanguageCost, PhaseCost, TurnFigures

# in the order in which an article passes them; what is not named here comes after
ORDER = ("poller", READERS, "annotate", "stories", "index", "Kafka", "Elasticsearch", "run")  # run: `newsloom run`
MB = 1e6
Turns = Sequence[TurnFigures]
Figures = Mapping[str, float]  # by the name of a row
LABEL, COLUMN = 50, 12


class CostTable:
    """Rows of figures; builds are columns, the first one is divided by the second."""

    def __init__(self, turns: Turns) -> None:
        names = list(dict.fromkeys(turn.build for turn in turns))
        self.builds = {name: [turn for turn in turns if turn.build == name] for name in names}

    def head(self, title: str) -> str:
        """The first line of a table."""
        ratio = "ratio" if len(self.builds) == 2 else ""
        return f"\n{title:{LABEL}}" + "".join(f"{name:>{COLUMN}}" for name in [*self.builds, ratio])

    def rows(self, figures: Callable[[TurnFigures], Figures], digits: int = 1, total: bool = False) -> Iterator[str]:
        """A row for each figure of a turn, averaged over the turns; with their sum, where that means something."""
        means = [mean_of(map(figures, turns)) for turns in self.builds.values()]
        names = sorted(dict.fromkeys(name for mean in means for name in mean), key=_place)
        for name in names:
            yield self._row(f"  {name}", [mean.get(name, 0.0) for mean in means], digits)
        if total:
            yield self._row("  all", [sum(mean.values()) for mean in means], digits)

    def _row(self, label: str, values: Sequence[float], digits: int) -> str:
        both = len(values) == 2 and values[1]
        shown = [f"{value:{COLUMN}.{digits}f}" for value in values]
        return f"{label:{LABEL}}" + "".join(shown) + (f"{values[0] / values[1]:{COLUMN}.2f}" if both else "")


def mean_of(figures: Iterable[Figures]) -> dict[str, float]:
    """The mean of each figure over the turns that have it."""
    found: dict[str, list[float]] = {}
    for turn in figures:
        for name, value in turn.items():
            found.setdefault(name, []).append(value)
    return {name: statistics.mean(values) for name, values in found.items()}


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def report(turns: Turns, bare: Sequence[BareCost], peers: Mapping[str, Sequence[PeerCost]]) -> str:
    """All tables."""
    table = CostTable(turns)
    parts = [_articles(table), _bare(table, bare) if bare else [], _peers(table, peers)]
    parts += [_memory(table), _batches(table), _latency(table), _idle(table), _starts(table), _disk(table)]
    parts += [_languages(table)]
    return "\n".join(line for part in parts for line in part)


def ms_of_an_article(cost: PhaseCost) -> dict[str, float]:
    """Milliseconds of CPU for each article, by part."""
    return {part: 1000 * seconds / max(1, cost.articles) for part, seconds in cost.cpu.items()}


def _articles(table: CostTable) -> Iterator[str]:
    yield table.head("ms of CPU an article")
    yield from table.rows(lambda turn: ms_of_an_article(turn.measured.cost), total=True)
    yield from table.rows(lambda turn: {"articles that became searchable": turn.measured.cost.articles}, 0)
    yield from table.rows(lambda turn: {"articles a second (wall)": _rate(turn.measured.cost)})
    yield from table.rows(lambda turn: {"all, while warming": sum(ms_of_an_article(turn.warming).values())})


def _rate(cost: PhaseCost) -> float:
    return cost.articles / cost.wall


def _bare(table: CostTable, bare: Sequence[BareCost]) -> Iterator[str]:
    pages = sum(each.pages for each in bare)
    steps = {step: sum(each.seconds[step] for each in bare) / pages * 1000 for step in bare[0].seconds}
    whole = sum(steps.values())
    yield f"\nthe bare loop on the same pages: {whole:.1f} ms of CPU a page"
    yield "  " + ", ".join(f"{step} {value:.1f}" for step, value in steps.items())
    yield "  trafilatura by page: " + ", ".join(_reading(bare))
    names = 1000 * sum(each.names_alone for each in bare) / pages
    yield f"  (spaCy loaded for names alone, as `enrich` does, would take {names:.1f})"
    yield table.head("times the bare loop")
    yield from table.rows(lambda turn: {"all": sum(ms_of_an_article(turn.measured.cost).values()) / whole}, 2)


def _reading(bare: Sequence[BareCost]) -> Iterator[str]:
    for kind in bare[0].reading:
        found = [each.reading[kind] for each in bare if kind in each.reading]
        count, seconds = (sum(values) for values in zip(*found, strict=True))
        yield f"{kind} {1000 * seconds / count:.1f} ms ({count:.0f})"


def _peers(table: CostTable, peers: Mapping[str, Sequence[PeerCost]]) -> Iterator[str]:
    for name, costs in peers.items():
        pages = sum(each.pages for each in costs)
        each = 1000 * sum(cost.seconds for cost in costs) / pages
        found = sum(cost.found for cost in costs)
        yield f"\n{name}: {each:.1f} ms of CPU a page (a text in {found} of {pages})"
        yield table.head(f"{name} takes so many times the CPU of")
        yield from table.rows(_of(each), 2)


def _of(ms: float) -> Callable[[TurnFigures], Figures]:
    def ratios(turn: TurnFigures) -> Figures:
        parts = ms_of_an_article(turn.measured.cost)
        return {READERS: ms / max(0.001, parts.get(READERS, 0.0)), "the whole pipeline": ms / sum(parts.values())}

    return ratios


def _memory(table: CostTable) -> Iterator[str]:
    yield table.head("most memory, MB of PSS")
    yield from table.rows(lambda turn: {part: value / MB for part, value in turn.measured.peak.items()}, 0)
    yield from table.rows(lambda turn: {"all at one time": turn.measured.peak_of_all / MB}, 0)
    yield from table.rows(_memory_by_quarter, 0)


def _memory_by_quarter(turn: TurnFigures) -> Figures:
    samples = turn.measured.samples
    return {
        f"all, {quarter} % through": samples[(len(samples) - 1) * quarter // 100] / MB for quarter in range(0, 101, 25)
    }


def _batches(table: CostTable) -> Iterator[str]:
    yield table.head("records a batch")
    yield from table.rows(lambda turn: turn.measured.batch_sizes, 1)


def _latency(table: CostTable) -> Iterator[str]:
    yield table.head("seconds from Kafka to searchable")
    yield from table.rows(_percentiles, 2)


def _percentiles(turn: TurnFigures) -> Figures:
    return {
        f"{rate.partition(':')[0] + ('/s' if rate[0].isdigit() else ' of the most')}, p{share}": percentile(
            seconds, share / 100
        )
        for rate, seconds in turn.latency.items()
        for share in (50, 95, 99)
    }


def _idle(table: CostTable) -> Iterator[str]:
    yield table.head("idle, % of a core")
    yield from table.rows(_idle_shares, 2, total=True)
    yield from table.rows(_idle_circumstances, 0)


def _idle_shares(turn: TurnFigures) -> Figures:
    cost = turn.idle.cost if turn.idle else PhaseCost(0, 1.0, {})
    return {part: 100 * seconds / cost.wall for part, seconds in cost.cpu.items()}


def _idle_circumstances(turn: TurnFigures) -> Figures:
    if turn.idle is None:
        return {}
    memory = sum(turn.idle.memory.values()) / MB
    return {"feeds": turn.idle.feeds, "polls meanwhile": turn.idle.polls, "MB of PSS, all": memory}


def _starts(table: CostTable) -> Iterator[str]:
    for title, start in (("first start", _first_start), ("second start, on the data of the first", _second_start)):
        yield table.head(f"{title}, s of CPU")
        yield from table.rows(lambda turn, start=start: start(turn).cpu, total=True)  # type: ignore[misc]
        yield from table.rows(lambda turn, start=start: {"wall seconds": start(turn).wall})  # type: ignore[misc]


def _first_start(turn: TurnFigures) -> PhaseCost:
    return turn.first_start


def _second_start(turn: TurnFigures) -> PhaseCost:
    return turn.warm_start or PhaseCost(0, 0.0, {})


def _disk(table: CostTable) -> Iterator[str]:
    yield table.head("kB of disk an article")
    yield from table.rows(lambda turn: _kilobytes(turn, turn.disk.index_bytes, "index of "), 2)
    yield from table.rows(lambda turn: _kilobytes(turn, turn.disk.directories, "directory of "), 2)
    yield from table.rows(lambda turn: {f"indices of {kind}": count for kind, count in turn.disk.indices.items()}, 0)


def _kilobytes(turn: TurnFigures, sizes: Mapping[str, int], what: str) -> Figures:
    return {what + name: size / 1000 / max(1, turn.articles_on_disk) for name, size in sizes.items()}


def _languages(table: CostTable) -> Iterator[str]:
    if not any(turn.languages for turns in table.builds.values() for turn in turns):
        return
    yield table.head("an article in each language")
    yield from table.rows(lambda turn: _language_figures(turn.languages))


def _language_figures(found: LanguageCost | None) -> Figures:
    if found is None:
        return {}
    figures: dict[str, float] = {"articles": found.cost.articles, "languages in the index": found.languages}
    for part in ("annotate", "stories"):
        figures[f"{part}: MB before"] = found.before.get(part, 0) / MB
        figures[f"{part}: MB more after"] = (found.after.get(part, 0) - found.before.get(part, 0)) / MB
        figures[f"{part}: s of CPU"] = found.cost.cpu.get(part, 0.0)
    return figures

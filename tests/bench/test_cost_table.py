"""The tables of the whole bench."""

import math

import pytest

from bench.whole.bare_loop import BareCost
from bench.whole.builds import earlier_build
from bench.whole.cost_table import report
from bench.whole.disk_use import DiskUse
from bench.whole.peers import PeerCost
from bench.whole.search_latency import percentile
from bench.whole.turn import IdleCost, LanguageCost, MeasuredCost, PhaseCost, TurnFigures

DISK = DiskUse({"articles": 200_000}, {"articles": 1}, {"kafka": 400_000})


def turn_of(build: str, seconds: float, kafka: float) -> TurnFigures:
    cost = PhaseCost(100, 10.0, {"index": seconds, "Kafka": kafka})
    measured = MeasuredCost(cost, {"index": 70_000_000}, 90_000_000, [80_000_000, 90_000_000], {"index": 16.0})
    return TurnFigures(build, cost, cost, measured, DISK, 200)


def rows_of(text: str) -> dict[str, list[str]]:
    """The figures of each row; of rows of one name the first."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        found.setdefault(line[:50].strip(), line[50:].split())
    return found


def test_turns_are_averaged_and_builds_divided() -> None:
    turns = [turn_of("new", 1.0, 2.0), turn_of("old", 4.0, 5.0), turn_of("new", 3.0, 2.0), turn_of("old", 4.0, 5.0)]
    rows = rows_of(report(turns, [], {}))
    assert rows["ms of CPU an article"] == ["new", "old", "ratio"]
    assert rows["index"] == ["20.0", "40.0", "0.50"]
    assert rows["Kafka"] == ["20.0", "50.0", "0.40"]
    assert rows["all"] == ["40.0", "90.0", "0.44"]
    assert rows["articles a second (wall)"] == ["10.0", "10.0", "1.00"]
    assert rows["index of articles"] == ["1.00", "1.00", "1.00"]
    assert rows["directory of kafka"] == ["2.00", "2.00", "1.00"]
    assert rows["all at one time"] == ["90", "90", "1.00"]


def test_one_build_has_no_ratio() -> None:
    turn = turn_of("new", 1.0, 2.0)
    turn.latency["1: 1/s"] = [0.1 * number for number in range(1, 101)]
    turn.idle = IdleCost(PhaseCost(0, 60.0, {"index": 0.6}), 200, 3.0, {"index": 50_000_000})
    more = LanguageCost(turn.warming, 80, {"stories": 100_000_000}, {"stories": 130_000_000})
    turn.languages = more
    rows = rows_of(report([turn], [], {}))
    assert rows["ms of CPU an article"] == ["new"]
    assert rows["1/s, p50"] == ["5.10"]
    assert rows["1/s, p95"] == ["9.60"]
    assert rows["polls meanwhile"] == ["3"]
    assert rows["stories: MB more after"] == ["30.0"]


def test_the_bare_loop_and_peers_are_told_as_ratios() -> None:
    bare = [BareCost(10, {"trafilatura": 0.1, "bulk": 0.05}, {"real": (4, 0.06), "framed": (6, 0.04)}, 0.02)]
    text = report([turn_of("new", 1.0, 2.0)], bare, {"news-please": [PeerCost(10, 0.9, 8)]})
    rows = rows_of(text)
    assert "the bare loop on the same pages: 15.0 ms of CPU a page" in text
    assert "trafilatura by page: real 15.0 ms (4), framed 6.7 ms (6)" in text
    assert rows["times the bare loop"] == ["new"]
    assert "news-please: 90.0 ms of CPU a page (a text in 8 of 10)" in text
    assert rows["the whole pipeline"] == ["3.00"]


def test_percentiles() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([1.0], 0.95) == 1.0
    assert math.isnan(percentile([], 0.5))


def test_a_commit_that_is_not_there_is_told() -> None:
    with pytest.raises(SystemExit, match="no such commit"), earlier_build("no-such-commit", None):
        pass

"""What an article costs, all processes together: `python -m bench.whole [--against COMMIT] [--peers]`.

The whole pipeline (`newsloom run`: its own Kafka and Elasticsearch, each stage a process) reads a local web of the
corpus's real pages and of background articles in the frames of such pages. Out: by process CPU an article and memory,
records a batch, disk an article, latency from Kafka to searchable, CPU while idle and until the first article after a
start; beside it, on the same pages, a bare loop and peers. With --against an earlier build takes turns with this one.

CPU is the measure: it is the kernel's account of each process with its threads and children. Wall time depends on what
else the machine does, and so does latency. The parts of a turn are told in bench/whole/turn.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.machine_speed import measure_speed
from bench.whole.bare_loop import BareCost, measure_bare_loop
from bench.whole.builds import Build, earlier_build, this_build
from bench.whole.cost_table import ms_of_an_article, report
from bench.whole.peers import PeerCost, installed_peers, measure_peer
from bench.whole.turn import TurnFigures, run_turn
from bench.whole.web.corpus_pages import CorpusPages
from bench.whole.web.local_web import LocalWeb, serving
from bench.whole.workload import Wanted, Workload
from pipeline.settings import ROOT

CORPUS = ROOT.parent / "shared" / "corpus"


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line."""

    pages: int
    warming: int
    feeds: int
    turns: int
    idle: float
    steady: list[str]
    steady_seconds: int
    languages: int
    against: str
    builds: Path | None
    peers: int
    bare: int
    corpus: Path
    json: Path | None


class Bench:
    """One run: its figures grow turn by turn."""

    def __init__(self, asked: Arguments, folder: Path) -> None:
        self._asked, self._folder = asked, folder
        self.turns: list[TurnFigures] = []
        self.bare: list[BareCost] = []
        self.peers: dict[str, list[PeerCost]] = {}

    def run(self, builds: Sequence[Build], work: Workload, peers: dict[str, Path]) -> None:
        """Lets the builds take turns, and after each round what is beside them read its part of the pages."""
        for turn in range(self._asked.turns):
            for build in builds:
                self._run_build(build, work, turn)
            pages = work.measured_pages[turn :: self._asked.turns]
            if self._asked.bare:
                self.bare.append(measure_bare_loop(pages[: self._asked.bare]))
            files = [file for file, _ in pages[: self._asked.peers]]
            for name, python in peers.items():
                self.peers.setdefault(name, []).append(measure_peer(name, python, files))

    def _run_build(self, build: Build, work: Workload, turn: int) -> None:
        with tempfile.TemporaryDirectory(prefix="turn-", dir=self._folder) as folder:
            figures = run_turn(build, work, Path(folder))
        self.turns.append(figures)
        cost = figures.measured.cost
        total = sum(ms_of_an_article(cost).values())
        print(
            f"turn {turn + 1}, {build.name}: {total:.1f} ms of CPU an article, {cost.articles} articles in"
            f" {cost.wall:.0f} s; {measure_speed()}",
            flush=True,
        )

    def as_json(self) -> bytes:
        """Every figure of every turn."""
        found = {"turns": self.turns, "bare": self.bare, "peers": self.peers, "asked": asdict(self._asked)}
        return msgspec.json.format(msgspec.json.encode(found, enc_hook=str), indent=1)


def main() -> int:
    """Prints the tables."""
    asked = parse_arguments()
    if not (asked.corpus / "pages").is_dir():
        print(f"skipped: the corpus is not at {asked.corpus}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was made for the run is removed
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsloom-whole-")))
        builds = [this_build()]
        if asked.against:
            builds.append(stack.enter_context(earlier_build(asked.against, asked.builds)))
        peers = stack.enter_context(installed_peers()) if asked.peers else {}
        web = LocalWeb(folder / "web", datetime.now(UTC).replace(microsecond=0))
        work = Workload(CorpusPages(asked.corpus), web, wanted_of(asked))
        stack.enter_context(serving(web))
        kinds = ", ".join(f"{count} {kind}" for kind, count in work.kinds.most_common())
        print(f"{asked.warming} pages to warm, {asked.pages} measured ({kinds}); {measure_speed()}", flush=True)
        bench = Bench(asked, folder)
        bench.run(builds, work, peers)
        print(report(bench.turns, bench.bare, bench.peers), flush=True)
        if asked.json:
            asked.json.write_bytes(bench.as_json())
    return 0


def wanted_of(asked: Arguments) -> Wanted:
    """What the command line asks of a turn."""
    return Wanted(
        warming=asked.warming,
        pages=asked.pages,
        feeds=asked.feeds,
        idle_seconds=asked.idle,
        steady=asked.steady,
        steady_seconds=asked.steady_seconds,
        languages=asked.languages,
    )


def parse_arguments() -> Arguments:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description="What an article costs, all processes together.")
    parser.add_argument("--pages", type=int, default=2_000, help="pages that are measured")
    parser.add_argument("--warming", type=int, default=500, help="pages before them")
    parser.add_argument("--feeds", type=int, default=200, help="that link to them, each on a host of its own")
    parser.add_argument("--turns", type=int, default=2, help="of each build")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds; 0: not measured")
    parser.add_argument(
        "--steady",
        nargs="*",
        default=["1", "half"],
        help="articles a second at which latency is measured, or half: of what was reached before; none: not measured",
    )
    parser.add_argument("--steady-seconds", type=int, default=60, help="at each rate")
    parser.add_argument("--languages", type=int, default=0, help="one article in each of so many; at most 80")
    parser.add_argument("--against", default="", help="an earlier commit, measured in turns with this build")
    parser.add_argument("--builds", type=Path, help="a folder where the earlier build is kept for the next run")
    parser.add_argument("--bare", type=int, default=500, help="pages of each turn that the bare loop reads; 0: none")
    parser.add_argument("--peers", type=int, nargs="?", const=60, default=0, help="pages of each turn that peers read")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--json", type=Path, help="a file for every figure")
    return Arguments(**vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.soak [--seconds N] [--seed N] [--rate N] [--only NAMES]`: breaks everything, counts what is left.

Prints the seed first, what happens while it happens, and a report. Ends with 1 when anything is missing, doubled, stale
or dead that should not be; the data directory is kept then.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.faults import schedule
from tests.soak.report import report
from tests.soak.soak_run import Plan, soak


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A long run of the whole pipeline while everything breaks.")
    parser.add_argument("--seconds", type=float, default=3600.0, help="of articles and faults, without the drain")
    parser.add_argument("--seed", type=int, default=None, help="of faults and articles (default: drawn, and printed)")
    parser.add_argument("--rate", type=float, default=2.0, help="new articles in a second")
    parser.add_argument("--drain", type=float, default=300.0, help="the most seconds to come to rest at the end")
    parser.add_argument("--only", default="", help="faults of these groups, or named so, with commas")
    parser.add_argument("--longest", type=float, help="the most seconds of one fault (default: a quarter of the run)")
    parser.add_argument("--list", action="store_true", help="list the faults, and what this seed would do, and end")
    return parser.parse_args()


def chosen_kinds(only: str) -> list[schedule.FaultKind]:
    """The kinds of these groups, or with one of these words in their name; all where none is given."""
    words = [word.strip() for word in only.split(",") if word.strip()]
    told = [(kind, [word == kind.group or word in kind.name for word in words]) for kind in schedule.KINDS]
    return [kind for kind, fits in told if any(fits) or not words]


def main() -> int:
    asked = parse_arguments()
    seed = random.SystemRandom().randrange(1, 100_000) if asked.seed is None else asked.seed
    faults = schedule.plan(seed, asked.seconds, chosen_kinds(asked.only), asked.longest)
    tell(f"seed {seed}: {len(faults)} faults in {asked.seconds:.0f} s, {asked.rate:g} articles a second")
    if asked.list:
        for each in faults:
            tell(f"{each.at:6.0f} s  {each.kind.name}, {each.seconds:.0f} s")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="newsloom-soak-"))
    verdict, measured = soak(Plan(seed, asked.seconds, asked.rate, asked.drain, faults), folder, tell)
    tell(report(measured, verdict))
    if verdict.good and not measured.broken_injections:
        shutil.rmtree(folder)
        return 0
    tell(f"logs and data are kept in {folder}")
    return 1


def tell(text: str) -> None:
    """A line with the time, at once."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

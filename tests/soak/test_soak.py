"""A short soak: a minute of articles with a handful of faults. `python -m tests.soak` is the long one."""

from pathlib import Path

import pytest

from tests.soak.faults.schedule import KINDS, plan
from tests.soak.report import report
from tests.soak.soak_run import Plan, soak

pytestmark = [
    *(pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(600)),
    # connections to a broker that was killed, which kafka-python leaves to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SEED, SECONDS = 10, 75.0
# of each group one or two that are over soon: the long run has all
CHOSEN = {
    *("ingest killed", "annotate terminated", "index frozen"),
    *("kafka restarted", "elasticsearch killed", "half of each bulk is refused with 429", "bulk answers are lost"),
    *("malformed messages", "message of an older program", "site resets connections", "dates in the years 1 and 9999"),
}


def test_a_minute_of_faults_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind.name in CHOSEN]
    assert len(kinds) == len(CHOSEN)
    faults = plan(SEED, SECONDS, kinds, longest=10)
    verdict, measured = soak(Plan(SEED, SECONDS, rate=1.0, drain=240.0, faults=faults), tmp_path, print)
    text = report(measured, verdict)
    assert verdict.good, text
    assert measured.drained_after is not None, text
    assert len(measured.faults) == len(faults) >= 8
    assert measured.broken_injections == []

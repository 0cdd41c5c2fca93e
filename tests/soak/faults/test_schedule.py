"""The faults of a soak: the same for the same seed, each kind before any again, never two on one server."""

from itertools import combinations

import pytest

from pipeline.settings import ROOT
from tests.soak.faults import schedule
from tests.soak.faults.schedule import KINDS, PlannedFault, plan
from tests.soak.soak_run import INJECTIONS

HOUR = 3600.0
SEEDS = range(20)


def test_every_kind_can_be_done_and_there_are_many() -> None:
    assert {kind.name for kind in KINDS} == INJECTIONS.keys()
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 45


def test_the_page_on_reliability_has_a_row_for_every_kind() -> None:
    rows = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").splitlines()
    told = [row.split("|")[1].strip() for row in rows if row.startswith("|")]
    assert [kind.name for kind in KINDS] == told[2:]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_is_a_plan(seed: int) -> None:
    assert plan(seed, HOUR) == plan(seed, HOUR)
    assert plan(seed, HOUR) != plan(seed + 1, HOUR)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_hour_has_every_kind_and_none_twice_before_all(seed: int) -> None:
    names = [each.kind.name for each in plan(seed, HOUR)]
    assert len(set(names[: len(KINDS)])) == len(KINDS)


@pytest.mark.parametrize("seconds", [60.0, 300.0, HOUR])
@pytest.mark.parametrize("seed", SEEDS)
def test_faults_lie_within_the_run_and_two_of_one_group_never_meet(seed: int, seconds: float) -> None:
    planned = plan(seed, seconds)
    assert planned
    assert all(schedule.FIRST_AT <= each.at <= each.end <= seconds for each in planned)
    assert [each.at for each in planned] == sorted(each.at for each in planned)
    assert not [pair for pair in combinations(planned, 2) if meet(*pair) and same_group(*pair)]


def meet(first: PlannedFault, second: PlannedFault) -> bool:
    return first.at <= second.end and second.at <= first.end


def same_group(first: PlannedFault, second: PlannedFault) -> bool:
    return first.kind.group == second.kind.group


def test_a_short_run_has_no_long_fault() -> None:
    assert max(each.seconds for seed in SEEDS for each in plan(seed, 80)) <= 20
    assert max(each.seconds for each in plan(1, HOUR, longest=9)) == 9
    assert plan(1, 10) == []
    assert plan(1, HOUR, ()) == []

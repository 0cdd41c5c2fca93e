"""What the authors of four feed parsers expect of their own files, compared with what we read: a floor for each."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from bench.feed_formats import Case, Difference, find_differences, load_cases

pytestmark = pytest.mark.quality

# of the files and expectations that the floors were measured on, 2026-11-23
DIGEST = "22f9ddc3a56d6aeb"
# files of each peer that are read, those that it says something of, those where we agree with all of it
FLOORS = {
    "gofeed": (282, 282, 281),
    "miniflux": (140, 71, 63),
    "reader": (7, 7, 7),
    # 1024 until 2026-11-30: two of its files have two entries without id, with the same link and no text; those are one
    # for us since (bench/corpus/feed_differences names them), so that no item is published twice
    "feedparser": (1049, 1038, 1022),
    "real": (6, 0, 0),
}


@pytest.fixture(scope="module")
def found(corpus: Path) -> dict[str, tuple[Case, list[Difference]]]:
    return {f"{case.peer}/{case.id}": (case, find_differences(case)) for case in load_cases(corpus)}


def test_the_data_is_what_was_measured(corpus: Path) -> None:
    digest = hashlib.sha256()
    for file in sorted(corpus.glob("feeds/*/*")):
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    assert digest.hexdigest()[:16] == DIGEST


@pytest.mark.parametrize("peer", FLOORS)
def test_we_agree_with_the_peers(found: dict[str, tuple[Case, list[Difference]]], peer: str) -> None:
    own = [(case, differences) for case, differences in found.values() if case.peer == peer]
    counts = (
        len(own),
        sum(bool(case.expectations) for case, _ in own),
        sum(bool(case.expectations) and not differences for case, differences in own),
    )
    print(f"{peer}: {counts[0]} files, {counts[1]} compared, {counts[2]} agreed")
    assert counts[:2] == FLOORS[peer][:2]
    assert counts[2] >= FLOORS[peer][2]


def test_every_difference_has_a_reason(found: dict[str, tuple[Case, list[Difference]]]) -> None:
    differences = [each for _, own in found.values() for each in own]
    assert [f"{each.case.peer}/{each.case.id}: {each.expectation}" for each in differences if not each.reason] == []
    print(Counter(each.reason for each in differences))

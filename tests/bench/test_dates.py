"""The bench of dates reads a site's dates as each kind of source writes them, and pairs them with their truth."""

from datetime import UTC, datetime

import pytest

from bench.corpus.written_dates import Site
from bench.dates import SOURCES, judge

TRUTH = {f"2026-03-0{day}T10:00:00Z": datetime(2026, 3, day, 10, tzinfo=UTC) for day in (3, 1, 2)}


@pytest.mark.parametrize("source", SOURCES)
def test_each_date_is_paired_with_its_own_truth(source: str) -> None:
    site = Site("ISO 8601", "en", dict(TRUTH))
    assert [judge(read(site), site)["right"] for read in SOURCES[source]][-1] == len(TRUTH)

"""Which months leave, and that nothing else does."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import mapping, retention, write
from index.client import connect
from pipeline.failures import WrongSetting
from pipeline.settings import Settings
from tests.index.samples import NOVEMBER, enriched

JANUARY = datetime(2027, 1, 15, tzinfo=UTC)
MONTHS = [f"news-articles-{year}.{month:02}" for year in (2025, 2026) for month in range(1, 13)] + [
    "news-articles-2027.01",
    "news-articles-2027.02",  # of a machine whose clock runs ahead
]


@given(st.integers(1, 40))
def test_the_last_months_stay_and_all_before_them_leave(months: int) -> None:
    leaving = retention.expired(reversed(MONTHS), "news", JANUARY, months)
    assert leaving == MONTHS[: max(0, len(MONTHS) - 1 - months)]


def test_only_monthly_indices_of_this_prefix_leave() -> None:
    others = ["news-stories", "news-articles-2020.13", "news-articles-2020.01-copy", "old-news-articles-2020.01",
              "newsxarticles-2020.01", "other-articles-2020.01", ".kibana"]  # fmt: skip
    assert retention.expired([*others, "news-articles-2020.01"], "news", JANUARY, 1) == ["news-articles-2020.01"]


def test_the_present_month_is_that_of_utc() -> None:
    new_year_in_tokyo = datetime(2027, 1, 1, 5, tzinfo=timezone(timedelta(hours=9)))  # still 2026 in UTC
    assert "news-articles-2026.12" not in retention.expired(MONTHS, "news", new_year_in_tokyo, 1)


@pytest.mark.parametrize("months", [0, -1])
def test_nothing_is_kept_by_no_setting(months: int) -> None:
    with pytest.raises(WrongSetting, match="at least the present month"):
        retention.expired(MONTHS, "news", JANUARY, months)


@pytest.mark.stack
def test_old_indices_are_deleted_on_the_server(options: Settings) -> None:
    there = options.elasticsearch
    assert retention.prune(there, NOVEMBER, 1) == []  # before the first article
    mapping.install(there)
    write.stage(there).handle([enriched("old"), enriched("new", first_seen_at=NOVEMBER)])
    assert retention.prune(there, NOVEMBER, 2) == []
    assert retention.prune(there, NOVEMBER, 1) == [f"{there.prefix}-articles-2026.10"]
    with connect(there) as client:
        assert list(client.indices.get_alias(index=f"{there.prefix}-*")) == [f"{there.prefix}-articles-2026.11"]

"""Which months leave, and that nothing else does."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import mapping, write
from index.client import connect
from index.upkeep import maintenance, retention
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
    leaving = retention.expired_indices(reversed(MONTHS), "news-articles", JANUARY, months)
    assert leaving == MONTHS[: max(0, len(MONTHS) - 1 - months)]


def test_only_monthly_indices_of_this_kind_leave() -> None:
    others = ["news-stories-2020.01", "news-articles-2020.13", "news-articles-2020.01-copy", "my-news-articles-2020.01",
              "newsxarticles-2020.01", "other-articles-2020.01", "news-articles-list", ".kibana"]  # fmt: skip
    ours = ["news-articles-2020.01", "news-articles-2020.01-7"]
    assert retention.expired_indices([*others, *ours], "news-articles", JANUARY, 1) == ours


def test_the_present_month_is_that_of_utc() -> None:
    new_year_in_tokyo = datetime(2027, 1, 1, 5, tzinfo=timezone(timedelta(hours=9)))  # still 2026 in UTC
    assert "news-articles-2026.12" not in retention.expired_indices(MONTHS, "news-articles", new_year_in_tokyo, 1)


@pytest.mark.parametrize("months", [0, -1])
def test_nothing_is_kept_by_no_setting(months: int) -> None:
    with pytest.raises(WrongSetting, match="at least the present month"):
        retention.expired_indices(MONTHS, "news-articles", JANUARY, months)


def index(alias: bool, hours: float) -> dict[str, Any]:
    """An index as the server tells it: behind the alias or not, made so many hours before January's noon."""
    made = (JANUARY - timedelta(hours=hours)).timestamp() * 1000
    return {"aliases": {"news": {}} if alias else {}, "settings": {"index": {"creation_date": str(int(made))}}}


def test_what_was_replaced_leaves_when_its_successor_is_an_hour_old() -> None:
    old, one, two = ("news-articles-2026.12", "news-articles-2026.12-2", "news-articles-2026.12-3")
    assert retention.replaced_indices({old: index(True, 9)}, "news") == {}
    fresh = retention.replaced_indices({old: index(False, 9), one: index(True, 0.5)}, "news")
    assert fresh == {old: JANUARY + timedelta(hours=0.5)}
    there = {old: index(False, 9), one: index(False, 5), two: index(True, 2), "news-articles-2026.11": index(False, 9)}
    assert retention.replaced_indices(there, "news") == dict.fromkeys([old, one], JANUARY - timedelta(hours=1))


def test_an_index_that_is_being_built_is_no_replaced_one() -> None:
    one, two = "news-articles-2026.12-2", "news-articles-2026.12-3"
    assert retention.replaced_indices({one: index(True, 9), two: index(False, 0.1)}, "news") == {}


def test_a_rebuilt_index_has_the_next_free_number() -> None:
    there = ["news-articles-2026.11", "news-articles-2026.12", "news-articles-2026.12-4", "news-feeds-list"]
    assert retention.next_index_name(there, "news-articles-2026.11") == "news-articles-2026.11-2"
    assert retention.next_index_name(there, "news-articles-2026.12") == "news-articles-2026.12-5"
    assert retention.next_index_name(there, "news-feeds-list") == "news-feeds-list-2"


@pytest.mark.stack
def test_old_indices_are_deleted_on_the_server(options: Settings) -> None:
    there = options.elasticsearch
    assert retention.prune(there, NOVEMBER, 1) == []  # before the first article
    mapping.install(there)
    write.stage(there).handle([enriched("old"), enriched("new", first_seen_at=NOVEMBER)])
    maintenance.run_once(there, NOVEMBER + timedelta(days=400))  # keep_months is 0
    assert retention.prune(there, NOVEMBER, 2) == []
    assert retention.prune(there, NOVEMBER, 1) == [f"{there.prefix}-articles-2026.10"]
    with connect(there) as client:
        assert list(client.indices.get_alias(index=f"{there.prefix}-*")) == [f"{there.prefix}-articles-2026.11"]

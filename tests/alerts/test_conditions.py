"""Each kind of rule finds what is wrong, names it, and says nothing where nobody could know."""

from datetime import datetime
from typing import Any

import pytest

from alerts import rules
from alerts.conditions import find_wrong, needed_minutes
from alerts.observation import Disk, Observation
from index.searching.article_freshness import TargetMet
from tests.alerts.samples import NOON, feed, minutes, seen

EARLY = NOON - minutes(700)


def target(articles: int, share: float) -> TargetMet:
    return TargetMet(articles=articles, share=share, target_seconds=60.0, target_share=0.95)


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (rules.SilenceRule(), {"silent": (feed("Ledger"),)}, {"silent": ()}),
        (rules.DriftRule(), {"drifting": (feed("Ledger"),)}, {"drifting": ()}),
        (
            rules.FailingRule(hours=6),
            {"failing": (feed("Ledger", EARLY, detail="http: 403"),)},
            {"failing": (feed("Ledger", NOON - minutes(300)),)},
        ),
        (rules.GapRule(hours=1), {"gaps": (feed("Ledger", NOON - minutes(59)),)}, {"gaps": (feed("Ledger", EARLY),)}),
        (
            rules.OverdueRule(minutes=30),
            {"overdue": (feed("Ledger", NOON - minutes(31)),)},
            {"overdue": (feed("Ledger", NOON - minutes(29)),)},
        ),
        (rules.FreshnessRule(), {"freshness": {60.0: target(20, 0.94)}}, {"freshness": {60.0: target(20, 0.95)}}),
        (rules.FreshnessRule(), {"freshness": {60.0: target(20, 0.0)}}, {"freshness": {60.0: target(1, 1.0)}}),
        (
            rules.LagAgeRule(minutes=15),
            {"waiting_since": {"stories": NOON - minutes(16), "index": NOON}},
            {"waiting_since": {"stories": NOON - minutes(14)}},
        ),
        (
            rules.DeadLettersRule(most=3),
            {"dead_letters": {"ingest http": 2, "index rejected_document": 2}},
            {"dead_letters": {"ingest http": 3}},
        ),
        (
            rules.DiskRule(least_percent=15),
            {"disks": {"node-1": Disk(free=14, total=100)}},
            {"disks": {"node-1": Disk(free=15, total=100)}},
        ),
        (rules.ServerRule(), {"away": {"kafka": "nothing heard for 31 s"}}, {}),
    ],
)
def test_a_rule_finds_what_is_wrong(rule: rules.AnyRule, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    found = find_wrong(rule, seen(**wrong))
    assert found is not None
    [words] = found.values()
    assert any(name in words for name in ("Ledger", "articles", "stories", "dead letters", "node-1", "kafka"))
    assert find_wrong(rule, seen(**right)) == {}


@pytest.mark.parametrize("kind", [kind for kind in rules.AnyRule.__args__ if kind is not rules.ServerRule])
def test_nobody_accuses_when_the_server_that_knows_is_away(kind: type[rules.AnyRule]) -> None:
    assert find_wrong(kind(), Observation(at=NOON, away={"elasticsearch": "gone"})) is None


def test_only_feeds_of_the_groups_that_a_rule_names() -> None:
    rule = rules.SilenceRule(groups=("coast",))
    found = find_wrong(rule, seen(silent=(feed("Ledger", group="coast"), feed("Post", group="inland"))))
    assert found is not None
    assert list(found) == ["https://Ledger.example/feed"]


def test_dead_letters_are_told_by_reason_the_most_frequent_first() -> None:
    found = find_wrong(rules.DeadLettersRule(most=1), seen(dead_letters={"ingest http": 2, "index immense_term": 5}))
    assert found is not None
    assert "7 dead letters in the last hour (5 index immense_term, 2 ingest http)" in found["dead letters"]


def test_what_has_to_be_observed_for_freshness() -> None:
    chosen = (rules.FreshnessRule(minutes=60), rules.DiskRule(), rules.FreshnessRule(minutes=5, name="quick"))
    assert needed_minutes(chosen) == {60, 5}


def test_a_window_that_was_not_observed_says_nothing() -> None:
    assert find_wrong(rules.FreshnessRule(minutes=5), seen(freshness={60.0: target(100, 0.0)})) is None


@pytest.mark.parametrize("found", [target(0, 1.0), target(19, 0.0)])
def test_no_article_or_a_few_late_ones_do_not_mean_that_articles_are_in_time_again(found: TargetMet) -> None:
    assert find_wrong(rules.FreshnessRule(), seen(freshness={60.0: found})) is None


def test_times_are_told_in_utc() -> None:
    silent = feed("Ledger", datetime(2026, 11, 22, 7, 5, tzinfo=NOON.tzinfo))
    found = find_wrong(rules.SilenceRule(), seen(silent=(silent,)))
    assert found == {"https://Ledger.example/feed": "Ledger has been silent since 2026-11-22 07:05 UTC"}

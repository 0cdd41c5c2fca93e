"""Conditions: which subjects are wrong by a rule, as things are observed. Pure.

In: a rule and an Observation. Out: what is wrong, by subject, in words for people; None when nobody could say, because
the server that knows did not answer or had nothing to judge by: then nothing begins and nothing ends.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import singledispatch

from alerts import rules
from alerts.observation import FeedRemark, Observation
from alerts.rules import AnyRule

Wrong = dict[str, str] | None
MOST_REASONS = 5  # of dead letters that are named


Feeds = tuple[FeedRemark, ...] | None


@singledispatch
def find_wrong(rule: AnyRule, seen: Observation) -> Wrong:  # noqa: ARG001 - each kind of rule has its own, below
    """What is wrong by this rule: subject -> words."""
    raise TypeError(f"no condition for {type(rule).__name__}")


@find_wrong.register
def _silence(rule: rules.SilenceRule, seen: Observation) -> Wrong:
    return _of_feeds(rule, seen.silent, lambda each: f"{each.name} has been silent {_since(each.since)}")


@find_wrong.register
def _drift(rule: rules.DriftRule, seen: Observation) -> Wrong:
    return _of_feeds(rule, seen.drifting, lambda each: f"{each.name}: its pages look unlike usual {_since(each.since)}")


@find_wrong.register
def _failing(rule: rules.FailingRule, seen: Observation) -> Wrong:
    failing = _older(seen.failing, seen.at - timedelta(hours=rule.hours))
    return _of_feeds(rule, failing, lambda each: f"{each.name} could not be read {_since(each.since)}; {each.detail}")


@find_wrong.register
def _gap(rule: rules.GapRule, seen: Observation) -> Wrong:
    gaps = _newer(seen.gaps, seen.at - timedelta(hours=rule.hours))
    words = "was polled too late {}: entries were probably missed"
    return _of_feeds(rule, gaps, lambda each: f"{each.name} {words.format(_at(each.since))}")


@find_wrong.register
def _overdue(rule: rules.OverdueRule, seen: Observation) -> Wrong:
    overdue = _older(seen.overdue, seen.at - timedelta(minutes=rule.minutes))
    words = "should have been polled {}: does a poller run?"
    return _of_feeds(rule, overdue, lambda each: f"{each.name} {words.format(_at(each.since))}")


def _of_feeds(rule: rules.FeedRule, feeds: Feeds, words: Callable[[FeedRemark], str]) -> Wrong:
    if feeds is None:
        return None
    return {each.url: words(each) for each in feeds if not rule.groups or each.group in rule.groups}


def _older(feeds: Feeds, at: datetime) -> Feeds:
    return feeds if feeds is None else tuple(each for each in feeds if each.since <= at)


def _newer(feeds: Feeds, at: datetime) -> Feeds:
    return feeds if feeds is None else tuple(each for each in feeds if each.since >= at)


@find_wrong.register
def _freshness(rule: rules.FreshnessRule, seen: Observation) -> Wrong:
    found = seen.freshness.get(rule.minutes)
    # no article, or a few late ones, are no news of how fresh the others would be: that is not "all is well again"
    if found is None or not found.articles:
        return None
    if found.share >= found.target_share:
        return {}
    if found.articles < rule.least_articles:
        return None
    return {
        "articles": f"{found.share:.0%} of {found.articles} articles of the last {rule.minutes:g} min were searchable"
        f" {found.target_seconds:g} s after they were found; {found.target_share:.0%} should be"
    }


@find_wrong.register
def _lag_age(rule: rules.LagAgeRule, seen: Observation) -> Wrong:
    if seen.waiting_since is None:
        return None
    at = seen.at - timedelta(minutes=rule.minutes)
    return {
        stage: f"{stage}: the oldest message has waited {_since(since)}"
        for stage, since in seen.waiting_since.items()
        if since <= at
    }


@find_wrong.register
def _dead_letters(rule: rules.DeadLettersRule, seen: Observation) -> Wrong:
    if seen.dead_letters is None:
        return None
    count = sum(seen.dead_letters.values())
    if count <= rule.most:
        return {}
    most = sorted(seen.dead_letters.items(), key=lambda pair: -pair[1])[:MOST_REASONS]
    named = ", ".join(f"{number} {reason}" for reason, number in most)
    return {"dead letters": f"{count} dead letters in the last hour ({named}): newsloom dead list"}


@find_wrong.register
def _disks(rule: rules.DiskRule, seen: Observation) -> Wrong:
    if seen.disks is None:
        return None
    return {
        node: f"{disk.free / 1e9:.1f} GB ({disk.free / disk.total:.0%}) are free on the disk of Elasticsearch's {node}"
        for node, disk in seen.disks.items()
        if disk.free < disk.total * rule.least_percent / 100
    }


@find_wrong.register
def _servers(_: rules.ServerRule, seen: Observation) -> Wrong:
    return {name: f"{name} does not answer: {said}" for name, said in seen.away.items()}


def _since(when: datetime) -> str:
    return f"since {when:%Y-%m-%d %H:%M} UTC"


def _at(when: datetime) -> str:
    return f"at {when:%Y-%m-%d %H:%M} UTC"


def needed_minutes(chosen: Iterable[AnyRule]) -> set[float]:
    """The windows, in minutes, of the rules about freshness: what is to be observed for them."""
    return {rule.minutes for rule in chosen if isinstance(rule, rules.FreshnessRule)}

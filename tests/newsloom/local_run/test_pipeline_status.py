"""The pipeline's status: what the processes' metrics pages say is what the screen shows."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, cast

from msgspec.structs import replace
from prometheus_client import REGISTRY, generate_latest
from rich.console import Console

from index.searching.feed_search import Completeness
from ingest.frontier.feed_states import FeedStates
from ingest.frontier.frontier import Frontier, Rules, Tasks
from ingest.frontier.revisits.revisit_budget import RevisitLimits
from newsloom.local_run import live_screen
from newsloom.local_run.pipeline_status import StatusSnapshot, count_by, count_records, exit_status, read_samples
from newsloom.local_run.single_round import count_failed
from newsloom.terminal import Screen
from pipeline import observability
from pipeline.feed_state import FeedError
from pipeline.messages import FeedState


def test_what_each_stage_did_is_counted_by_outcome() -> None:
    before = {stage: count_records(read_samples(generate_latest(REGISTRY)), stage) for stage in ("annotate", "index")}
    for stage, outcome, count in (("annotate", "done", 3), ("annotate", "dead", 2), ("index", "done", 5)):
        observability.RECORDS.labels(stage, outcome).inc(count)
    after = {stage: count_records(read_samples(generate_latest(REGISTRY)), stage) for stage in ("annotate", "index")}
    grown = {
        (stage, outcome): count - before[stage].get(outcome, 0)
        for stage, counts in after.items()
        for outcome, count in counts.items()
    }
    assert {each: count for each, count in grown.items() if count} == {
        ("annotate", "done"): 3,
        ("annotate", "dead"): 2,
        ("index", "done"): 5,
    }


def test_what_ingest_did_are_the_articles_that_it_published() -> None:
    before = count_records(read_samples(generate_latest(REGISTRY)), "ingest")["done"]
    observability.ARTICLES.labels("new").inc(2)
    observability.ARTICLES.labels("revised").inc()
    assert count_records(read_samples(generate_latest(REGISTRY)), "ingest")["done"] - before == 3


NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FEED = FeedState(url="https://a.example/rss", host="a.example", name="A", polls=1)
FAILED = replace(FEED, failures=2, error=FeedError(kind="timeout", detail="no answer", at=NOW))
GONE = replace(FAILED, active=False, gone_at=NOW)


def shown_feeds(states: list[FeedState]) -> str:
    """The line about feeds, from the states of a poller's feeds."""
    known = FeedStates()
    for number, state in enumerate(states):
        known.put(replace(state, url=f"https://a.example/{number}", next_poll_at=NOW + timedelta(hours=1)))
    tasks = Tasks(*(4 * [cast(Any, None)]))
    rules = Rules(once=False, at_a_time=2, most_bugs=9, revisits=RevisitLimits.of_share(0.1, 64, 1.0))
    Frontier(known, tasks, rules).update_gauges(NOW)
    counts = count_by(read_samples(generate_latest(REGISTRY)), "newsloom_feeds", "state")
    return live_screen.render_line(StatusSnapshot(at=NOW, stages={}, feeds=counts)).partition(" |")[0]


def test_every_feed_of_the_list_is_counted_in_one_place() -> None:
    unlisted = replace(FEED, active=False)
    assert (
        shown_feeds([*(31 * [FEED]), *(4 * [FAILED]), GONE, unlisted]) == "feeds 36: 31 fine, 4 failing, 1 gone (410)"
    )
    quiet = replace(FEED, silent_since=NOW)
    assert shown_feeds([FEED, quiet, replace(FAILED, silent_since=NOW)]) == "feeds 3: 1 fine, 1 failing, 1 silent"
    assert shown_feeds([FAILED]) == "feeds 1: 1 failing"
    assert shown_feeds([unlisted]) == "feeds none yet"


def test_open_alerts_are_shown_by_rule_and_nothing_where_none_is() -> None:
    observability.ALERTS.labels("silence").set(2)
    observability.ALERTS.labels("disk").set(0)
    open_ = count_by(read_samples(generate_latest(REGISTRY)), "newsloom_alerts", "rule")
    shown = StatusSnapshot(at=NOW, stages={}, alerts=open_)
    assert " | alerts: 2 silence" in live_screen.render_line(shown)
    assert "alerts" not in live_screen.render_line(StatusSnapshot(at=NOW, stages={}))
    assert drawn(replace(shown, alerts={"silence": 2}))["alerts"] == "2 silence  (newsloom alerts)"


def test_none_is_only_said_of_what_somebody_looked_at() -> None:
    unknown = StatusSnapshot(at=NOW, stages={}, doubts=("alerts: nobody looks",), alerts={})
    assert drawn(unknown)["alerts"] == "unknown"
    assert "! alerts: nobody looks" in live_screen.render_line(unknown)
    assert drawn(replace(unknown, alerts=None, doubts=()))["alerts"] == "unknown"
    assert drawn(replace(unknown, doubts=()))["alerts"] == "none"
    assert [exit_status(each) for each in (replace(unknown, doubts=()), unknown)] == [0, 4]
    assert exit_status(replace(unknown, problems=("kafka is unavailable",))) == 1


def test_how_complete_the_news_is_says_how_old_that_is_where_nobody_polls() -> None:
    polled = Completeness(expected=100.0, seen=98.0)
    overdue = replace(polled, overdue=3, last_poll_at=NOW - timedelta(days=3))
    fresh, old = (drawn(StatusSnapshot(at=NOW, stages={}, completeness=each)) for each in (polled, overdue))
    assert (fresh["complete"], fresh["silent"]) == ("98 new entries in about a day, usually 100", "none")
    assert old["complete"].endswith("; 3 feeds were not polled when they were due, the last poll was 3 days ago")
    assert old["silent"] == "unknown"
    unlearnt = drawn(StatusSnapshot(at=NOW, stages={}, completeness=Completeness()))
    assert unlearnt["silent"] == "unknown"


def drawn(found: StatusSnapshot) -> dict[str, str]:
    """The facts on the screen, by their names."""
    console = Console(width=200, file=StringIO())
    Screen(console).draw(live_screen.render_screen(found, None))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return {name.strip(): said.strip() for name, _, said in (line.partition("  ") for line in lines)}


def test_a_round_counts_the_feeds_whose_last_poll_failed() -> None:
    broken = replace(FAILED, failures=0)  # read as far as it goes
    assert count_failed([FEED, FAILED, FAILED, broken, GONE]) == {"timeout": 2, "gone": 1}

"""The pipeline's status at one moment, for `newsloom status` and the live screen.

In: the health and metrics pages of the processes, Kafka's offsets, Elasticsearch's counts. Out: one StatusSnapshot. A
server that can't be asked is a problem in the snapshot, not an error.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from alerts import certainty, rules
from alerts.open_alerts import read_open
from index.searching import article_freshness, article_search, feed_search
from index.searching.article_freshness import Delays
from index.searching.feed_search import Completeness
from newsloom.local_run.stage_order import STAGE_COMMANDS
from pipeline.failures import Failure
from pipeline.kafka import broker, consumer_lag
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.messages import DEAD, Article
from pipeline.settings import Settings
from watches.last_look import ARTICLES, late_words, read_last_looks
from watches.looking import articles_behind
from watches.watch_list import read_topic

T = TypeVar("T")
Samples = Sequence[Sample]
ASK_TIMEOUT_SECONDS = 2.0


class StageStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: its state ("working" or what is wrong), messages done and dead since it started, messages waiting."""

    state: str
    done: int = 0
    dead: int = 0
    lag: int | None = None


class StatusSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The pipeline at one moment. Counts are since the processes started; times are seconds."""

    at: datetime
    stages: dict[str, StageStatus]
    feeds: dict[str, int] = {}  # active, of them failing, silent and due; gone (410)
    polls: dict[str, int] = {}  # by outcome
    pages: dict[str, int] = {}  # by outcome
    published: int = 0
    pending: int = 0
    searchable: int | None = None
    oldest_waiting: datetime | None = None  # when the oldest article was fetched that is not yet searchable
    freshness: Delays | None = None  # of the last day
    dead_letters: int | None = None
    completeness: Completeness | None = None  # what the feeds usually have in a day, and had
    alerts: dict[str, int] | None = None  # that are open, by rule; None: unknown
    doubts: tuple[str, ...] = ()  # why it is not known whether alerts and watches would tell of something
    problems: tuple[str, ...] = ()


def take_snapshot(options: Settings, health: Mapping[str, str], now: datetime) -> StatusSnapshot:
    """Asks the stages' health pages (`health`: stage -> URL), Kafka and Elasticsearch; takes seconds at most."""
    problems: list[str] = []
    asked = {stage: _ask(url, stage, problems) for stage, url in health.items()}
    lags = _or_problem(lambda: _lags(options), problems) or {}
    ingest = asked.get("ingest", ("", ()))[1]
    return StatusSnapshot(
        at=now,
        stages={stage: _stage(stage, asked.get(stage), lags.get(stage)) for stage in STAGE_COMMANDS},
        feeds=count_by(ingest, "newsloom_feeds", "state"),
        polls=count_by(ingest, "newsloom_polls_total", "outcome"),
        pages=count_by(ingest, "newsloom_pages_total", "outcome"),
        published=_published(ingest),
        pending=sum(int(each.value) for each in ingest if each.name == "newsloom_pages_pending"),
        searchable=_or_problem(lambda: article_search.count(options.elasticsearch), problems),
        oldest_waiting=_or_problem(lambda: _oldest_unfinished(options, lags), problems),
        freshness=_or_problem(lambda: article_freshness.delays(options.elasticsearch, options.freshness, 24), problems),
        dead_letters=_or_problem(lambda: consumer_lag.count_messages(options.kafka, DEAD), problems),
        completeness=_or_problem(lambda: feed_search.completeness(options.elasticsearch), problems),
        alerts=_or_problem(lambda: _open_alerts(options, asked.get("watch")), problems),
        doubts=_or_problem(lambda: _doubts(options, now), problems) or (),
        problems=tuple(dict.fromkeys(problems)),
    )


def exit_status(found: StatusSnapshot) -> int:
    """1 where something is wrong, 4 where nothing is known to be, and nobody can say that nothing is; else 0."""
    return 1 if found.problems or found.alerts else 4 if found.doubts else 0


def rates(before: StatusSnapshot, now: StatusSnapshot) -> dict[str, float]:
    """Messages per second that each stage has finished between two snapshots; a stage that was restarted counts 0."""
    seconds = max((now.at - before.at).total_seconds(), 0.001)
    return {
        stage: max(0.0, (view.done + view.dead - before.stages[stage].done - before.stages[stage].dead) / seconds)
        for stage, view in now.stages.items()
        if stage in before.stages
    }


def _or_problem(ask: Callable[[], T], problems: list[str]) -> T | None:
    try:
        return ask()
    except Failure as failure:
        problems.append(str(failure))
        return None


def _ask(url: str, stage: str, problems: list[str]) -> tuple[str, Samples]:
    """State and metrics of one process; what it warns of is a problem, though it works."""
    try:
        health = _health(url)
        problems += [f"{stage}: {health['warning']}"] if "warning" in health else []
        return str(health["status"]), read_samples(_get(f"{url}/metrics"))
    except urllib.error.URLError as error:
        refused = isinstance(error.reason, ConnectionRefusedError)
        return "starting (or see its log)" if refused else f"does not answer ({error.reason})", ()
    except (OSError, http.client.HTTPException) as error:
        return f"does not answer ({error})", ()


def _health(url: str) -> dict[str, Any]:
    try:
        body = _get(f"{url}/healthz")
    except urllib.error.HTTPError as error:  # 503: the body says why
        body = error.read()
    found: dict[str, Any] = json.loads(body)
    return found


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=ASK_TIMEOUT_SECONDS) as answer:  # noqa: S310 - our own process
        body: bytes = answer.read()
        return body


def read_samples(page: bytes) -> Samples:
    """The samples of a metrics page, each with its name, labels and value."""
    return [each for family in text_string_to_metric_families(page.decode()) for each in family.samples]


def count_by(samples: Samples, metric: str, label: str, **where: str) -> dict[str, int]:
    """The counts of a metric by the value of one of its labels, where its other labels have the values of `where`."""
    return {
        each.labels[label]: int(each.value)
        for each in samples
        if each.name == metric and each.value and where.items() <= each.labels.items()
    }


def _published(samples: Samples) -> int:
    return sum(count_by(samples, "newsloom_articles_published_total", "outcome").values())


def count_records(samples: Samples, stage: str) -> dict[str, int]:
    """What a stage has done since its process started: messages by outcome, "done" or "dead"."""
    if stage == "ingest":
        return {"done": _published(samples)}
    if stage == "web":
        return {"done": sum(int(each.value) for each in samples if each.name == "newsloom_web_pages_total")}
    return count_by(samples, "newsloom_records_total", "outcome", stage=stage)


def _stage(stage: str, asked: tuple[str, Samples] | None, lag: int | None) -> StageStatus:
    state, samples = asked or ("not started here", ())
    records = count_records(samples, stage)
    return StageStatus(state=state, done=records.get("done", 0), dead=records.get("dead", 0), lag=lag)


def _lags(options: Settings) -> dict[str, int]:
    """For each stage, and for the watches: how many messages it has not finished. Nothing waits for the page."""
    return {**consumer_lag.lag(options.kafka, STAGE_SOURCES), "watch": articles_behind(options.kafka), "web": 0}


def _open_alerts(options: Settings, asked: tuple[str, Samples] | None) -> dict[str, int]:
    """The open alerts by rule: from the metrics of the service, or from Kafka where those could not be asked."""
    if asked is not None and asked[1]:
        return count_by(asked[1], "newsloom_alerts", "rule")
    return dict(Counter(each.rule for each in read_open(options.kafka)))


def _doubts(options: Settings, now: datetime) -> tuple[str, ...]:
    """Why that alerts and watches tell of nothing may not mean that there is nothing."""
    looks, chosen = read_last_looks(options.kafka), rules.read_file(options.alerts_file())
    alerts = certainty.doubt(chosen, looks, options.alerts, now)
    late = late_words(ARTICLES, looks, now, options.watches.interval_seconds) if read_topic(options.kafka) else ""
    return (*([f"alerts: {alerts}"] if alerts else []), *([f"watches: {late}"] if late else []))


def _oldest_unfinished(options: Settings, lags: Mapping[str, int]) -> datetime | None:
    """When the oldest article was fetched that a stage has not finished yet."""
    times = [
        article.fetched_at
        for stage, topic in STAGE_SOURCES
        if lags.get(stage)
        for record in consumer_lag.first_uncommitted(options.kafka, stage, topic)
        if (article := broker.decode_or_none(record.value, Article)) is not None
    ]
    return min(times, default=None)


def now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)

"""`newsloom run --once`: waits until every published article is searchable or dead-lettered, and sums up.

In: a running pipeline. Out: a RoundSummary. A stage has finished when its consumer group has committed everything on
its topic, and it commits only after its own messages are acknowledged: so waiting for the stages one by one, in the
order in which an article passes them, is enough. At last every watch must have been held against what was indexed.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

import msgspec

from index.searching import article_search
from newsloom.local_run.local_pipeline import RunningPipeline
from pipeline.failures import Unavailable
from pipeline.kafka import broker, consumer_lag, dead_letter
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.messages import ARTICLES, FEEDS, FeedState, Topic
from pipeline.settings import Settings
from watches.looking import articles_behind

CHECK_SECONDS = 0.2
REPORT_SECONDS = 5.0


class RoundSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one round over all feeds."""

    feeds: int  # on the list
    failed: dict[str, int]  # feeds whose last poll failed, by the kind of the error; "gone": the site took it away
    published: int  # articles and revisions of this round
    searchable: int  # articles in Elasticsearch, of all rounds
    dead: dict[str, int]  # dead letters of this round, by stage and reason
    seconds: float
    complete: bool  # false when it was interrupted

    def text(self) -> str:
        """The summary as lines of text, for people."""
        failed = ", ".join(f"{count} {kind}" for kind, count in self.failed.items())
        dead = ", ".join(f"{count} {reason}" for reason, count in self.dead.items())
        return "\n".join(
            [
                f"feeds        {self.feeds}" + (f", failed: {failed}" if failed else ""),
                f"published    {self.published}",
                f"searchable   {self.searchable}",
                f"dead letters {dead or 0}",
                f"took         {self.seconds:.1f} s" + ("" if self.complete else " (interrupted)"),
            ]
        )


def wait_for_round(
    running: RunningPipeline, stop: threading.Event, report_progress: Callable[[str], None]
) -> RoundSummary:
    """Waits for the end of the round, or until `stop` is set, and returns its summary.

    Raises StageStopped when a stage must not be started again; NotStarted when a server can't be; WrongSetting,
    Unavailable.
    """
    options = running.options
    started, clock = datetime.now(UTC), time.monotonic()
    before = consumer_lag.count_messages(options.kafka, ARTICLES)
    complete = _wait(lambda: running.stages.finished("ingest"), "polling the feeds", running, stop, report_progress)
    for stage, topic in STAGE_SOURCES:
        complete = complete and _wait(
            partial(_nothing_waits, options, stage, topic), stage, running, stop, report_progress
        )
    complete = complete and _wait(
        lambda: articles_behind(options.kafka) == 0, "the watches", running, stop, report_progress
    )
    article_search.refresh(options.elasticsearch)
    return _summary(options, before, started, time.monotonic() - clock, complete)


def _wait(
    done: Callable[[], bool],
    what: str,
    running: RunningPipeline,
    stop: threading.Event,
    report_progress: Callable[[str], None],
) -> bool:
    """True when `done` came true, false when `stop` was set first. Reports every few seconds what is waited for."""
    reported_at = time.monotonic()
    problem = ""
    while True:
        try:
            if done():
                return True
            problem = ""
        except Unavailable as error:
            problem = f" ({error})"
        if stop.is_set():
            return False
        running.stages.raise_if_stopped()
        for event in running.restart_dead(time.monotonic()):
            report_progress(event)
        if time.monotonic() - reported_at > REPORT_SECONDS:
            reported_at = time.monotonic()
            report_progress(f"waiting for {what}{problem}")
        stop.wait(CHECK_SECONDS)


def _nothing_waits(options: Settings, stage: str, topic: Topic) -> bool:
    return consumer_lag.lag(options.kafka, [(stage, topic)])[stage] == 0


def _summary(options: Settings, before: int, started: datetime, seconds: float, complete: bool) -> RoundSummary:
    states = {record.key: record.value for record in broker.read_topic(options.kafka, FEEDS) if record.value}
    decoded = [broker.decode_or_none(value, FeedState) for value in states.values()]
    feeds = [feed for feed in decoded if feed is not None and (feed.active or feed.gone_at)]
    letters = dead_letter.read_dead_letters(options.kafka, lambda letter: letter.failed_at >= started)
    return RoundSummary(
        feeds=len(feeds),
        failed=count_failed(feeds),
        published=consumer_lag.count_messages(options.kafka, ARTICLES) - before,
        searchable=article_search.count(options.elasticsearch),
        dead=dict(Counter(f"{letter.stage}: {letter.reason}" for letter in letters).most_common()),
        seconds=round(seconds, 3),
        complete=complete,
    )


def count_failed(feeds: Iterable[FeedState]) -> dict[str, int]:
    """The feeds whose last poll failed, by the kind of the error; "gone" are those that their site took away (410)."""
    kinds = ("gone" if feed.gone_at else feed.error.kind for feed in feeds if feed.error and feed.failures)
    return dict(Counter(kinds).most_common())

"""`newsloom run --once`: waits until all that was published is searchable or dead-lettered, and sums up.

A stage has finished when its group has committed everything on its topic; it commits only what it has published and
what is acknowledged. So the stages are waited for in the order in which an article passes them.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import msgspec

from index.searching import article_search
from newsloom.local_run.stage_order import SOURCES
from newsloom.local_run.stage_processes import Stages
from pipeline.failures import Failure, Unavailable
from pipeline.kafka import broker, consumer_lag, dead_letter
from pipeline.messages import ARTICLES, FEEDS, FeedState, Topic, decode
from pipeline.settings import Settings

LOOK_SECONDS = 0.2
SAY_SECONDS = 5.0


class Stopped(Failure):
    """A stage ended before the work was done."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What one round over all feeds brought."""

    feeds: int  # active
    failed: dict[str, int]  # feeds whose poll failed, by the kind of the error
    published: int  # articles and revisions of this round
    searchable: int  # articles in Elasticsearch, of all rounds
    dead: dict[str, int]  # dead letters of this round, by stage and reason
    seconds: float
    complete: bool  # false when it was interrupted

    def text(self) -> str:
        """For people."""
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


def finish(options: Settings, stages: Stages, stop: threading.Event, say: Callable[[str], None]) -> Summary:
    """Waits for the end of the round and returns its summary. Raises Stopped, Unavailable."""
    started, clock = datetime.now(UTC), time.monotonic()
    before = consumer_lag.size(options.kafka, ARTICLES)
    complete = _wait(lambda: stages.finished("ingest"), "polling the feeds", stages, stop, say)
    for stage, topic in SOURCES:
        complete = complete and _wait(partial(_nothing_waits, options, stage, topic), stage, stages, stop, say)
    article_search.refresh(options.elasticsearch)
    return _summary(options, before, started, time.monotonic() - clock, complete)


def _wait(
    done: Callable[[], bool], what: str, stages: Stages, stop: threading.Event, say: Callable[[str], None]
) -> bool:
    """True when it is done, false when it was interrupted. A word every few seconds."""
    said = time.monotonic()
    while not done():
        if stop.is_set():
            return False
        if hopeless := stages.hopeless():
            raise Stopped(hopeless)
        for happened in stages.mend(time.monotonic()):
            say(happened)
        if time.monotonic() - said > SAY_SECONDS:
            said = time.monotonic()
            say(f"waiting for {what}")
        stop.wait(LOOK_SECONDS)
    return True


def _nothing_waits(options: Settings, stage: str, topic: Topic) -> bool:
    try:
        return consumer_lag.lag(options.kafka, [(stage, topic)])[stage] == 0
    except Unavailable:
        return False


def _summary(options: Settings, before: int, started: datetime, seconds: float, complete: bool) -> Summary:
    states = {record.key: record.value for record in broker.read_back(options.kafka, FEEDS) if record.value}
    feeds = [feed for value in states.values() if (feed := decode(value, FeedState)).active]
    letters = dead_letter.read(options.kafka, lambda letter: letter.failed_at >= started)
    return Summary(
        feeds=len(feeds),
        failed=dict(Counter(feed.error.kind for feed in feeds if feed.error).most_common()),
        published=consumer_lag.size(options.kafka, ARTICLES) - before,
        searchable=article_search.count(options.elasticsearch),
        dead=dict(Counter(f"{letter.stage}: {letter.reason}" for letter in letters).most_common()),
        seconds=round(seconds, 3),
        complete=complete,
    )

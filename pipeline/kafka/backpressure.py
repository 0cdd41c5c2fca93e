"""Backpressure: a stage waits while the stage after it is too far behind, so that nothing grows without bound.

Kafka is the buffer between the stages, and what lies on a topic for longer than its retention is lost. In: the consumer
lag of the next stage, asked for now and then. Out: why to wait, "" when there is no reason. Waiting begins above
`worker.most_backlog` messages and ends at half of that, so that it does not begin and end all the time.
"""

import time
from collections.abc import Callable, Mapping

from pipeline.failures import Unavailable
from pipeline.kafka import consumer_lag
from pipeline.messages import ANNOTATED, ARTICLES, ENRICHED, Topic
from pipeline.settings import Settings

# stage -> the stage after it, and the topic between them
NEXT_STAGE: Mapping[str, tuple[str, Topic]] = {
    "ingest": ("annotate", ARTICLES),
    "annotate": ("stories", ANNOTATED),
    "stories": ("index", ENRICHED),
}
ASK_SECONDS = 10.0


class Backpressure:
    """Whether a stage must wait for the next one. One thread. `clock` gives monotonic seconds."""

    def __init__(self, options: Settings, stage: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._options, self._clock = options, clock
        self._next = NEXT_STAGE.get(stage)
        self._asked_at = -ASK_SECONDS
        self._reason = ""

    def reason(self) -> str:
        """Why to wait, for people; "" for go on. Asks Kafka at most every ASK_SECONDS; never raises Unavailable."""
        now = self._clock()
        if self._next is not None and now - self._asked_at >= ASK_SECONDS:
            self._asked_at = now
            self._reason = self._ask(*self._next)
        return self._reason

    def _ask(self, stage: str, topic: Topic) -> str:
        try:
            behind = consumer_lag.lag(self._options.kafka, [(stage, topic)])[stage]
        except Unavailable:
            return self._reason  # who asks has its own way to find out that Kafka is away
        most = self._options.worker.most_backlog
        if behind > (most // 2 if self._reason else most):
            return f"waiting for {stage}, which is {behind} messages behind (worker.most_backlog is {most})"
        return ""

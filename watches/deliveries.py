"""Deliveries: which hits are due at which output, and what follows from a delivery's outcome. Pure.

In: hits in the order of their topic, outcomes of deliveries. Out: batches that are due, and how far each output has
come. An output is a webhook or a mailbox of one watch; each has a queue of its own, so that one that does not answer
holds up nobody else.

    delivered           the next hits are due
    Poison              refused for good: dead letters, the next hits are due
    Unavailable         the same hits again after a growing wait; after `give_up_hours` of failures as Poison
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline import settings
from pipeline.failures import Backoff, Poison, Unavailable
from pipeline.watch_messages import OutputKind, WatchHit

MOST_OF_A_BATCH = 20  # hits in one call or mail

Outcome = None | Poison | Unavailable


@dataclass(frozen=True, slots=True)
class Batch:
    """Hits that are to be delivered together; `next_offset` is where their output goes on afterwards."""

    output: OutputKind
    watch: str
    hits: tuple[WatchHit, ...]
    next_offset: int

    @property
    def name(self) -> str:
        """Of the output's WatchProgress."""
        return output_name(self.output, self.watch)


@dataclass(slots=True)
class _Queue:
    """What waits for one output. `under_way`: a batch is being delivered, and none may overtake it."""

    output: OutputKind
    watch: str
    hits: deque[tuple[int, WatchHit]] = field(default_factory=deque)
    failures: int = 0
    failing_since: datetime | None = None
    due_at: datetime | None = None
    under_way: bool = False


def output_name(output: OutputKind, watch: str) -> str:
    """The name of an output's WatchProgress."""
    return f"{output} {watch}"


class Outbox:
    """The queues of all outputs."""

    def __init__(self, options: settings.Watches, progress: Mapping[str, int]) -> None:
        self._options = options
        self._backoff = Backoff(options.retry_first_seconds, options.retry_most_seconds)
        self._next = dict(progress)  # output's name -> offset of the first hit that was not dealt with
        self._queues: dict[str, _Queue] = {}

    def add(self, offset: int, hit: WatchHit) -> None:
        """Queues a hit for those of its outputs that have not dealt with it."""
        for output in hit.outputs:
            name = output_name(output, hit.watch)
            if offset >= self._next.get(name, 0):
                self._queues.setdefault(name, _Queue(output, hit.watch)).hits.append((offset, hit))

    def take_due(self, now: datetime) -> list[Batch]:
        """The batches that are to be delivered now; each stays under way until `settle`."""
        ready = [
            queue
            for queue in self._queues.values()
            if queue.hits and not queue.under_way and (queue.due_at is None or queue.due_at <= now)
        ]
        for queue in ready:
            queue.under_way = True
        return [_batch(queue) for queue in ready]

    def settle(self, batch: Batch, outcome: Outcome, now: datetime, jitter: float) -> Poison | None:
        """Takes in how a delivery ended. Returns why its hits are given up for good, None when they are not.

        `jitter` in [0, 1).
        """
        queue = self._queues[batch.name]
        queue.under_way = False
        if isinstance(outcome, Unavailable) and not self._is_hopeless(queue, now):
            queue.failures += 1
            queue.due_at = now + timedelta(seconds=self._backoff.delay(queue.failures, jitter))
            return None
        for _ in batch.hits:
            queue.hits.popleft()
        self._next[batch.name] = batch.next_offset
        queue.failures, queue.failing_since, queue.due_at = 0, None, None
        return Poison(f"undelivered_{batch.output}", str(outcome)) if isinstance(outcome, Unavailable) else outcome

    def waiting(self) -> dict[OutputKind, int]:
        """How many hits wait, by the kind of output."""
        counts: dict[OutputKind, int] = {"webhook": 0, "mail": 0}
        for queue in self._queues.values():
            counts[queue.output] += len(queue.hits)
        return counts

    def _is_hopeless(self, queue: _Queue, now: datetime) -> bool:
        """Whether it has failed for too long; notes when it began to."""
        queue.failing_since = queue.failing_since or now
        return now - queue.failing_since >= timedelta(hours=self._options.give_up_hours)


def _batch(queue: _Queue) -> Batch:
    chosen = [queue.hits[n] for n in range(min(MOST_OF_A_BATCH, len(queue.hits)))]
    return Batch(queue.output, queue.watch, tuple(hit for _, hit in chosen), chosen[-1][0] + 1)

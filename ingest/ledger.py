"""Which feeds are ours, and what is known of each: our share of `feeds`, followed by a thread.

In: the operator's list and the topic. Out: the states of the feeds whose partitions are ours, each under its present
definition. While we own a partition we are the only one that writes its states, so what comes back of it is our own.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ingest import memory
from ingest.feeds import Feed
from pipeline import observe, settings
from pipeline.failures import Backoff, Failure, Unavailable
from pipeline.messages import FEEDS, FeedState
from pipeline.publisher import partition_for
from pipeline.table import Changes, Table

STAGE = "ingest"


@dataclass
class Ledger:
    """The states of our feeds by URL. `partition_of` gives the partition of a host."""

    feeds: Iterable[Feed]
    partition_of: Callable[[str], int]
    states: dict[str, FeedState] = field(default_factory=dict)
    _ready: frozenset[int] = frozenset()
    _reading: dict[int, dict[str, FeedState]] = field(default_factory=dict)

    def apply(self, changes: Changes[FeedState]) -> tuple[set[str], set[str]]:
        """Takes in what the table brought; the feeds that are ours from now on, and those that no longer are."""
        lost = self._drop(changes.lost | (self._ready - changes.owned))
        for update in changes.updates:
            self._read(update.partition, update.key, update.message)
        come = changes.owned - self._ready
        if not come or not changes.caught_up:
            return set(), lost
        self._ready = changes.owned
        return self._take(come), lost

    @property
    def settled(self) -> bool:
        """Whether there are partitions that are ours and read."""
        return bool(self._ready)

    def _read(self, partition: int, key: str, state: FeedState | None) -> None:
        if partition in self._ready:
            return  # our own words
        states = self._reading.setdefault(partition, {})
        if state is None:
            states.pop(key, None)
        else:
            states[key] = state

    def _take(self, partitions: frozenset[int]) -> set[str]:
        found = {url: state for each in partitions for url, state in self._reading.pop(each, {}).items()}
        ours = [feed for feed in self.feeds if self.partition_of(feed.host) in partitions]
        listed = {feed.url: memory.defined(found.get(feed.url), feed) for feed in ours}
        gone = {url: memory.retired(state) for url, state in found.items() if url not in listed}
        self.states |= gone | listed
        return set(gone | listed)

    def _drop(self, partitions: frozenset[int]) -> set[str]:
        self._ready -= partitions
        for each in partitions:
            self._reading.pop(each, None)
        lost = {url for url, state in self.states.items() if self.partition_of(state.host) in partitions}
        for url in lost:
            del self.states[url]
        return lost


class Follower:
    """The thread that follows the table and hands its changes to the event loop."""

    def __init__(
        self, options: settings.Settings, stop: threading.Event, changed: Callable[[Changes[FeedState]], None]
    ) -> None:
        self._options, self._changed = options, changed
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self._partitions = options.kafka.partitions
        self._table: Table[FeedState] = Table(options.kafka, FEEDS, FeedState, group=STAGE)
        self._log = observe.get_logger(STAGE)
        self.failure: Failure | None = None
        self._thread = threading.Thread(target=self._follow, name="ledger", daemon=True)
        self._thread.start()

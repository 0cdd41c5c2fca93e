"""Which feeds are assigned to this poller: its partitions of the topic `feeds`, followed by a thread.

In: the operator's feed list and the topic, a compacted table of feed states. Out: changes of the assignment: feeds that
came, each with its state under its present definition, and feeds that went to another poller. While a feed is ours we
alone write its state, so what comes back of it was written by us and is ignored.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

from ingest.feeds.feed_list import Feed
from ingest.frontier import poll_history
from ingest.frontier.feed_states import PackedStates
from pipeline import observability, settings
from pipeline.failures import Backoff, Unavailable
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.compacted_table import CompactedTable, TableChanges
from pipeline.messages import FEEDS, FeedState

STAGE = "ingest"


@dataclass(frozen=True, slots=True)
class AssignmentChange:
    """Feeds that came and feeds that went. `settled`: partitions that are ours have been read to their end. `term`: of
    the lease, in which what is ours now may be acted on."""

    come: PackedStates
    gone: frozenset[str]
    settled: bool
    term: int = 0


@dataclass(frozen=True, slots=True)
class FeedListChange:
    """What another feed list means for our feeds: those that are new or defined otherwise, and those that left it."""

    defined: tuple[Feed, ...]
    left: frozenset[str]


@dataclass
class Assignment:
    """The feeds that are ours. `partition_of` gives the partition of a host. Knows no Kafka."""

    feeds: Sequence[Feed]
    partition_of: Callable[[str], int]
    _ready: frozenset[int] = frozenset()
    _read: dict[int, PackedStates] = field(default_factory=dict)
    _ours: dict[int, frozenset[str]] = field(default_factory=dict)

    def apply(self, changes: TableChanges[FeedState]) -> AssignmentChange:
        """The table's changes as changes of the assignment. A partition counts as ours when it was read to its end."""
        gone = self._leave(changes.lost | (self._ready - changes.owned))
        for update in changes.updates:
            if update.partition not in self._ready:
                self._note(update.partition, update.key, update.message)
        new = changes.owned - self._ready if changes.caught_up else frozenset()
        self._ready |= new
        come = PackedStates()
        for partition in sorted(new):
            self._take(partition, come)
        return AssignmentChange(come, gone, bool(new), changes.term)

    def relist(self, feeds: Sequence[Feed]) -> FeedListChange:
        """Takes another feed list, from now on."""
        before = {feed.url: feed for feed in self.feeds}
        now = {feed.url: feed for feed in feeds}
        self.feeds = feeds
        changed = [feed for feed in feeds if before.get(feed.url) != feed and self._has(feed)]
        for feed in changed:
            partition = self.partition_of(feed.host)
            self._ours[partition] = self._ours[partition] | {feed.url}
        left = {url for url, feed in before.items() if url not in now and self._has(feed)}
        return FeedListChange(tuple(changed), frozenset(left))

    @property
    def ready(self) -> frozenset[int]:
        """The partitions that are ours and read."""
        return self._ready

    def _has(self, feed: Feed) -> bool:
        return self.partition_of(feed.host) in self._ready

    def _note(self, partition: int, url: str, state: FeedState | None) -> None:
        states = self._read.setdefault(partition, PackedStates())
        if state is None:
            states.bytes.pop(url, None)
        else:
            states[url] = state

    def _take(self, partition: int, come: PackedStates) -> None:
        """The feeds of a partition: those of the list as they are defined now, and those that left it, retired."""
        known = self._read.pop(partition, PackedStates())
        listed = {feed.url: feed for feed in self.feeds if self.partition_of(feed.host) == partition}
        for url, state in known.items():
            come[url] = (
                poll_history.with_definition(state, listed[url])
                if url in listed
                else poll_history.after_unlisting(state)
            )
        for url in listed.keys() - known.keys():
            come[url] = poll_history.with_definition(None, listed[url])
        self._ours[partition] = frozenset(listed.keys() | known.keys())

    def _leave(self, partitions: frozenset[int]) -> frozenset[str]:
        self._ready -= partitions
        for each in partitions:
            self._read.pop(each, None)
        return frozenset().union(*(self._ours.pop(each, frozenset()) for each in partitions))


# what is reported: a change, a text while Kafka is unavailable ("" when it is back), what ended the follower
FollowerReport = AssignmentChange | FeedListChange | str | Exception


class AssignmentFollower:
    """The thread that follows the topic and reports every change to the event loop that made it."""

    def __init__(
        self,
        options: settings.Settings,
        feeds: Sequence[Feed],
        report: Callable[[FollowerReport], None],
        lease: Lease | None = None,
    ) -> None:
        self._poll_seconds = options.worker.poll_seconds
        self._backoff = Backoff(options.worker.retry_first_seconds, options.worker.retry_most_seconds)
        self._table: CompactedTable[FeedState] = CompactedTable(options.kafka, FEEDS, FeedState, STAGE, lease)
        self._term = -1  # the last that was reported
        self._assignment = Assignment(feeds, self._table.partition_for)
        self._loop, self._report = asyncio.get_running_loop(), report
        self._end = threading.Event()
        self._lists: SimpleQueue[Sequence[Feed]] = SimpleQueue()
        self._thread = threading.Thread(target=self._follow, name="assignment", daemon=True)
        self._thread.start()

    def relist(self, feeds: Sequence[Feed]) -> None:
        """Takes another feed list; what that means for our feeds is reported."""
        self._lists.put(feeds)

    @property
    def heard_at(self) -> float:
        """When Kafka was last heard, in monotonic seconds."""
        return self._table.heard_at

    def close(self) -> None:
        """Leaves the group: the other pollers take over at once."""
        self._end.set()
        self._thread.join()

    def _follow(self) -> None:
        try:
            while not self._end.is_set():
                self._step()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._report, error)
        finally:
            self._table.close()

    def _step(self) -> None:
        try:
            share = self._assignment.apply(self._table.poll(self._poll_seconds))
        except Unavailable as error:
            observability.UNAVAILABLE.labels(STAGE, error.what).inc()
            self._loop.call_soon_threadsafe(self._report, str(error))
            self._end.wait(self._backoff.first)
            return
        self._table.pause(self._assignment.ready)  # what we write there ourselves need not come back
        self._loop.call_soon_threadsafe(self._report, "")
        while not self._lists.empty():
            self._loop.call_soon_threadsafe(self._report, self._assignment.relist(self._lists.get()))
        if share.come or share.gone or share.settled or share.term != self._term:
            self._loop.call_soon_threadsafe(self._report, share)
            self._term = share.term

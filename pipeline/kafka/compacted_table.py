"""A compacted topic as a table that several processes share: each owns some partitions and reads them from the start.

In: the topic, and membership in a consumer group that never commits, since the whole table is read at each start. Out:
which partitions are ours, and the newest values of their keys. What the owner itself publishes is read back as well,
so an owner that has caught up pauses its partitions and relies on what it holds in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kafka import TopicPartition

from pipeline import observability, settings
from pipeline.failures import Poison
from pipeline.kafka import broker
from pipeline.kafka.broker import Record
from pipeline.kafka.broker_contact import BrokerContact
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.clients.network import Consumer
from pipeline.kafka.publisher import partition_for
from pipeline.messages import Message, Topic, decode

M = TypeVar("M", bound=Message)
# decoded and in memory at a time: the values of a table may be large
MAX_POLL_RECORDS = 200


@dataclass(frozen=True, slots=True)
class TableUpdate(Generic[M]):
    """The newest value of a key, and its offset; None when it was deleted."""

    partition: int
    key: str
    message: M | None
    offset: int = -1


@dataclass(frozen=True, slots=True)
class TableChanges(Generic[M]):
    """What one poll brought: the partitions that are ours now, those gained and lost since the last poll, new values.

    A partition that was another process's in between is among those lost and those gained. `caught_up`: all owned
    partitions have been read to the end that they had when they were assigned. `term`: of the lease, to be begun
    (Lease.begin_term) when this change was taken in.
    """

    owned: frozenset[int]
    gained: frozenset[int]
    lost: frozenset[int]
    updates: list[TableUpdate[M]]
    caught_up: bool
    term: int = 0


class CompactedTable(Generic[M]):
    """This process's share of a compacted topic. To be used by one thread.

    `lease`: under which others send what follows from the share; None makes one.
    """

    def __init__(
        self, options: settings.Kafka, topic: Topic, message: type[M], group: str, lease: Lease | None = None
    ) -> None:
        self.lease = lease or Lease(options)
        self._options, self._topic, self._message, self._group = options, topic, message, group
        self._name = broker.topic_name(options, topic)
        self._consumer: Consumer | None = None
        self._contact = BrokerContact(self._name)
        self._assigned: frozenset[int] = frozenset()  # as the group says
        self._owned: frozenset[int] = frozenset()  # as the last TableChanges said
        self._interrupted: frozenset[int] = frozenset()  # of these, those that may have been another's since
        self._untold: list[TableUpdate[M]] = []  # read before Kafka went away
        self._member = ""
        self._positions: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._partitions = 0
        self._log = observability.get_logger(group)

    def partition_for(self, text: str) -> int:
        """The partition that the key `text` (a host) belongs to. Raises Unavailable, WrongSetting."""
        if not self._partitions:
            self._partitions = len(broker.partitions_of(self._connected(), self._name))
        return partition_for(text, self._partitions)

    @property
    def heard_at(self) -> float:
        """When the broker was last heard, in monotonic seconds."""
        return self._contact.heard_at

    def poll(self, seconds: float) -> TableChanges[M]:
        """Waits up to `seconds` for new records or a new assignment. Raises Unavailable."""
        consumer = self._connected()
        batches = broker.call_kafka(lambda: consumer.poll(timeout_ms=int(seconds * 1000), max_records=MAX_POLL_RECORDS))
        self._untold += [
            update for raw in batches.values() for each in raw if (update := self._update(each)) is not None
        ]
        term, owned = self.lease.term, self._assigned
        self._contact.check(consumer, batches)
        self._update_positions(consumer, owned)
        # from here on nothing fails: what was found is told now
        before, self._owned = self._owned, owned
        interrupted, self._interrupted = self._interrupted, frozenset()
        updates, self._untold = self._untold, []
        return TableChanges(
            owned=owned,
            gained=owned - (before - interrupted),
            lost=(before - owned) | interrupted,
            updates=updates,
            caught_up=all(self._positions.get(partition, 0) >= end for partition, end in self._ends.items()),
            term=term,
        )

    def pause(self, partitions: frozenset[int]) -> None:
        """Stops reading partitions that are ours until they are assigned anew: we alone write them and know their
        values."""
        if self._consumer is not None:
            self._consumer.pause(*(TopicPartition(self._name, each) for each in partitions & self._assigned))

    def close(self) -> None:
        """Leaves the group, so that the other members take over at once."""
        if self._consumer is not None:
            self.lease.end_term()
            self._consumer.leave()
            self._consumer = None

    def _connected(self) -> Consumer:
        if self._consumer is None:
            self._consumer = broker.group_consumer(
                self._options, self._topic, self._group, self._on_assignment, self.lease
            )
        return self._consumer

    def _on_assignment(self, assigned: Sequence[TopicPartition]) -> None:
        """Called inside poll: a partition that stays ours is read on, a new one from its beginning."""
        self._assigned = frozenset(tp.partition for tp in assigned)
        if self._consumer is None:
            return
        if assigned:
            self._note_member(self._consumer.member)
        for tp in assigned:
            if tp.partition in self._owned and tp.partition in self._positions:
                self._consumer.seek(tp, self._positions[tp.partition])
            else:
                self._positions.pop(tp.partition, None)
                self._consumer.resume(tp)
                self._consumer.seek_to_beginning(tp)

    def _note_member(self, member: str) -> None:
        """Another member than before: the group had dropped us, and what we owned may have been another's since."""
        if self._member and member != self._member:
            self._interrupted |= self._owned
            self._positions.clear()
            self._ends.clear()
        self._member = member

    def _update_positions(self, consumer: Consumer, owned: frozenset[int]) -> None:
        """Notes how far each partition is read, and the present end of new ones. Drops what we no longer own."""
        ours = [TopicPartition(self._name, partition) for partition in owned]
        new = [tp for tp in ours if tp.partition not in self._ends]
        ends = broker.call_kafka(lambda: consumer.end_offsets(new)) if new else {}
        positions = {tp.partition: broker.next_offset(consumer, tp) for tp in ours}
        self._ends = {p: end for p, end in self._ends.items() if p in owned}
        self._ends |= {tp.partition: end for tp, end in ends.items()}
        self._positions = positions

    def _update(self, raw: Any) -> TableUpdate[M] | None:
        record: Record = broker.to_record(raw)
        key = (record.key or b"").decode(errors="replace")
        if not record.value:
            return TableUpdate(record.partition, key, None, record.offset)
        try:
            return TableUpdate(record.partition, key, decode(record.value, self._message), record.offset)
        except Poison as poison:
            # a value that can't be read counts as none: the owner of its key writes a new one when it next changes
            self._log.error("unreadable", topic=record.topic, key=key, offset=record.offset, detail=poison.detail)
            return None

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
from pipeline.kafka.network import Consumer
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

    `caught_up`: all owned partitions have been read to the end that they had when they were assigned.
    """

    owned: frozenset[int]
    gained: frozenset[int]
    lost: frozenset[int]
    updates: list[TableUpdate[M]]
    caught_up: bool


class CompactedTable(Generic[M]):
    """This process's share of a compacted topic. To be used by one thread."""

    def __init__(self, options: settings.Kafka, topic: Topic, message: type[M], group: str) -> None:
        self._options, self._topic, self._message, self._group = options, topic, message, group
        self._name = broker.topic_name(options, topic)
        self._consumer: Consumer | None = None
        self._contact = BrokerContact(self._name)
        self._assigned: frozenset[int] = frozenset()  # as the group says
        self._owned: frozenset[int] = frozenset()  # as the last TableChanges said
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
        self._contact.check(consumer, batches)
        before, self._owned = self._owned, self._assigned
        self._update_positions(consumer)
        return TableChanges(
            owned=self._owned,
            gained=self._owned - before,
            lost=before - self._owned,
            updates=[update for raw in batches.values() for each in raw if (update := self._update(each)) is not None],
            caught_up=all(self._positions.get(partition, 0) >= end for partition, end in self._ends.items()),
        )

    def pause(self, partitions: frozenset[int]) -> None:
        """Stops reading partitions that are ours until they are assigned anew: we alone write them and know their
        values."""
        if self._consumer is not None:
            self._consumer.pause(*(TopicPartition(self._name, each) for each in partitions & self._assigned))

    def close(self) -> None:
        """Leaves the group, so that the other members take over at once."""
        if self._consumer is not None:
            self._consumer.leave()
            self._consumer = None

    def _connected(self) -> Consumer:
        if self._consumer is None:
            self._consumer = broker.group_consumer(self._options, self._topic, self._group, self._on_assignment)
        return self._consumer

    def _on_assignment(self, assigned: Sequence[TopicPartition]) -> None:
        """Called inside poll: a partition that stays ours is read on, a new one from its beginning."""
        self._assigned = frozenset(tp.partition for tp in assigned)
        for tp in assigned:
            if self._consumer is None:
                continue
            if tp.partition in self._owned and tp.partition in self._positions:
                self._consumer.seek(tp, self._positions[tp.partition])
            else:
                self._positions.pop(tp.partition, None)
                self._consumer.resume(tp)
                self._consumer.seek_to_beginning(tp)

    def _update_positions(self, consumer: Consumer) -> None:
        """Notes how far each partition is read, and the present end of new ones. Drops what we no longer own."""
        owned = [TopicPartition(self._name, partition) for partition in self._owned]
        new = [tp for tp in owned if tp.partition not in self._ends]
        ends = broker.call_kafka(lambda: consumer.end_offsets(new)) if new else {}
        self._ends = {p: end for p, end in self._ends.items() if p in self._owned}
        self._ends |= {tp.partition: end for tp, end in ends.items()}
        self._positions = {tp.partition: broker.next_offset(consumer, tp) for tp in owned}

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

"""A compacted topic as a table that several processes share: each owns some partitions, reads them from their beginning
and follows them.

In: membership in a consumer group (which never commits: what a table holds is what its topic says, from the start).
Out: which partitions are ours, and every newest value of their keys. What the owner itself publishes comes back too,
later: an owner that has caught up trusts what it holds, and lets the partition rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kafka import KafkaConsumer, TopicPartition

from pipeline import observability, settings
from pipeline.failures import Poison
from pipeline.kafka import broker
from pipeline.kafka.broker import Record
from pipeline.kafka.publisher import partition_for
from pipeline.messages import Message, Topic, decode

M = TypeVar("M", bound=Message)
# in memory at a time, decoded: values of a table may be large
MOST_RECORDS = 200


@dataclass(frozen=True, slots=True)
class Update(Generic[M]):
    """The newest value of a key; None when it was deleted."""

    partition: int
    key: str
    message: M | None


@dataclass(frozen=True, slots=True)
class Changes(Generic[M]):
    """What one poll brought. `caught_up`: all owned partitions are read to what was their end when they were taken."""

    owned: frozenset[int]
    taken: frozenset[int]
    lost: frozenset[int]
    updates: list[Update[M]]
    caught_up: bool


class Table(Generic[M]):
    """Our share of a compacted topic. One thread."""

    def __init__(self, options: settings.Kafka, topic: Topic, message: type[M], group: str) -> None:
        self._options, self._topic, self._message, self._group = options, topic, message, group
        self._name = broker.topic_name(options, topic)
        self._consumer: KafkaConsumer | None = None
        self._assigned: frozenset[int] = frozenset()  # as the group says
        self._owned: frozenset[int] = frozenset()  # as the last Changes said
        self._positions: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._partitions = 0
        self._log = observability.get_logger(group)

    def partition_for(self, text: str) -> int:
        """The partition that `text` (a host) belongs to. Raises Unavailable, WrongSetting."""
        if not self._partitions:
            self._partitions = len(broker.partitions(self._connected(), self._name))
        return partition_for(text, self._partitions)

    def poll(self, seconds: float) -> "Changes[M]":
        """Waits up to `seconds` for news. Raises Unavailable."""
        consumer = self._connected()
        batches = broker.available(lambda: consumer.poll(timeout_ms=int(seconds * 1000), max_records=MOST_RECORDS))
        before, self._owned = self._owned, self._assigned
        self._settle_positions(consumer)
        return Changes(
            owned=self._owned,
            taken=self._owned - before,
            lost=before - self._owned,
            updates=[update for raw in batches.values() for each in raw if (update := self._update(each)) is not None],
            caught_up=all(self._positions.get(partition, 0) >= end for partition, end in self._ends.items()),
        )

    def rest(self, partitions: frozenset[int]) -> None:
        """Reads no more of partitions that are ours, until they are taken anew: their owner knows what it says."""
        if self._consumer is not None:
            self._consumer.pause(*(TopicPartition(self._name, each) for each in partitions & self._assigned))

    def close(self) -> None:
        """Leaves the group: the others take over at once."""
        if self._consumer is not None:
            self._consumer.close(autocommit=False)
            self._consumer = None

    def _connected(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = broker.group_consumer(self._options, self._topic, self._group, self._on_moved)
        return self._consumer

    def _on_moved(self, came: Sequence[TopicPartition]) -> None:
        """Called inside poll: a partition that we kept goes on where it was, a new one is read from its beginning."""
        self._assigned = frozenset(tp.partition for tp in came)
        for tp in came:
            if self._consumer is None:
                continue
            if tp.partition in self._owned and tp.partition in self._positions:
                self._consumer.seek(tp, self._positions[tp.partition])
            else:
                self._positions.pop(tp.partition, None)
                self._consumer.resume(tp)
                self._consumer.seek_to_beginning(tp)

    def _settle_positions(self, consumer: KafkaConsumer) -> None:
        """Notes how far we are, and for new partitions where their end is. Forgets the lost ones."""
        owned = [TopicPartition(self._name, partition) for partition in self._owned]
        new = [tp for tp in owned if tp.partition not in self._ends]
        ends = broker.available(lambda: consumer.end_offsets(new)) if new else {}
        self._ends = {p: end for p, end in self._ends.items() if p in self._owned}
        self._ends |= {tp.partition: end for tp, end in ends.items()}
        self._positions = {tp.partition: broker.position(consumer, tp) for tp in owned}

    def _update(self, raw: Any) -> Update[M] | None:
        record: Record = broker.to_record(raw)
        key = (record.key or b"").decode(errors="replace")
        if not record.value:
            return Update(record.partition, key, None)
        try:
            return Update(record.partition, key, decode(record.value, self._message))
        except Poison as poison:
            # a value that nobody can read is as good as none: its owner writes a new one at its next occasion
            self._log.error("unreadable", topic=record.topic, key=key, offset=record.offset, detail=poison.detail)
            return None

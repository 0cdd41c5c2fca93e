"""Offsets of messages that are handled and not committed yet: a commit that fails is tried again.

In: handled records. Out: commits. Without a second try a stage that has nothing more to do would never commit its last
messages, and a lag would stand that is none.
"""

from collections.abc import Sequence

from kafka import OffsetAndMetadata, TopicPartition

from pipeline.kafka.broker import Record
from pipeline.kafka.clients.network import Consumer

COMMIT_SECONDS = 10.0


class UncommittedOffsets:
    """The next offset of each partition whose messages were handled since the last commit that succeeded."""

    def __init__(self) -> None:
        self._offsets: dict[TopicPartition, OffsetAndMetadata] = {}

    def __bool__(self) -> bool:
        return bool(self._offsets)

    def add(self, records: Sequence[Record]) -> None:
        """Notes handled records, in order."""
        for each in records:
            self._offsets[TopicPartition(each.topic, each.partition)] = OffsetAndMetadata(each.offset + 1, "", -1)

    def commit(self, consumer: Consumer) -> None:
        """Commits them. Raises KafkaError; then they are still to be committed."""
        consumer.commit(self._offsets, timeout_ms=int(COMMIT_SECONDS * 1000))
        self.forget()

    def forget(self) -> None:
        """The partitions came or went: whoever has them now begins at what is committed."""
        self._offsets = {}

"""Consumer lag: how many messages wait for each stage, the first of them, and how many a topic has had.

In: the [kafka] settings and pairs of a stage and its source topic. Out: counts of messages, and Records. A
TopicFollower reads what a stage has finished.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition

from pipeline import settings
from pipeline.kafka.broker import (
    Record,
    call_kafka,
    connect_client,
    group_name,
    groupless_consumer,
    partitions_of,
    read_until,
    to_record,
    topic_name,
)
from pipeline.kafka.clients.network import Consumer
from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, FEEDS, STORIES, Topic

# (consumer group, its source topic); the last four run in one service
STAGE_SOURCES: tuple[tuple[str, Topic], ...] = (
    ("annotate", ARTICLES),
    ("stories", ANNOTATED),
    ("index", ENRICHED),
    ("index-stories", STORIES),
    ("index-feeds", FEEDS),
    ("index-dead", DEAD),
)


def lag(options: settings.Kafka, pairs: Sequence[tuple[str, Topic]]) -> dict[str, int]:
    """For each pair (stage, its source topic): the number of messages that the stage has not committed yet.

    Raises Unavailable.
    """
    with _clients(options) as (admin, consumer):
        waiting = {stage: _uncommitted_offsets(admin, consumer, options, stage, topic) for stage, topic in pairs}
        return {stage: sum(end - start for start, end in spans.values()) for stage, spans in waiting.items()}


def oldest_unfinished(options: settings.Kafka) -> dict[str, datetime]:
    """For each stage of STAGE_SOURCES that is behind: when the oldest message was written that it has not committed.

    Raises Unavailable.
    """
    found: dict[str, datetime] = {}
    with _clients(options) as (admin, consumer):
        for stage, topic in STAGE_SOURCES:
            first = _first_records(consumer, _uncommitted_offsets(admin, consumer, options, stage, topic))
            if first:
                found[stage] = datetime.fromtimestamp(min(each.timestamp_ms for each in first) / 1000, UTC)
    return found


def first_uncommitted(options: settings.Kafka, stage: str, topic: Topic) -> list[Record]:
    """The first message of each partition that the stage has not committed yet. Raises Unavailable."""
    with _clients(options) as (admin, consumer):
        return _first_records(consumer, _uncommitted_offsets(admin, consumer, options, stage, topic))


def _first_records(consumer: Consumer, spans: Mapping[TopicPartition, tuple[int, int]]) -> list[Record]:
    """The first record of each span that is not empty."""
    todo = [tp for tp, (start, end) in spans.items() if end > start]
    call_kafka(lambda: consumer.assign(todo))
    for tp in todo:
        consumer.seek(tp, spans[tp][0])
    first: dict[TopicPartition, Record] = {}
    for _ in todo:  # each poll brings at least one partition's messages
        for tp, records in call_kafka(lambda: consumer.poll(timeout_ms=1_000)).items():
            first.setdefault(tp, to_record(records[0]))
    return list(first.values())


@contextmanager
def _clients(options: settings.Kafka) -> Iterator[tuple[KafkaAdminClient, Consumer]]:
    admin = connect_client(KafkaAdminClient, options)
    try:
        consumer = groupless_consumer(options)
        try:
            yield admin, consumer
        finally:
            consumer.leave()
    finally:
        admin.close()


def _uncommitted_offsets(
    admin: KafkaAdminClient, consumer: Consumer, options: settings.Kafka, stage: str, topic: Topic
) -> dict[TopicPartition, tuple[int, int]]:
    """For each partition: the first offset that is not committed, and the end offset."""
    group, name = group_name(options, stage), topic_name(options, topic)
    committed = call_kafka(lambda: admin.list_group_offsets([group])).get(group) or {}
    todo = [TopicPartition(name, partition) for partition in partitions_of(consumer, name)]
    ends = call_kafka(lambda: consumer.end_offsets(todo))
    starts = call_kafka(lambda: consumer.beginning_offsets(todo))
    return {tp: (_next_offset(committed.get(tp), starts[tp], ends[tp]), ends[tp]) for tp in todo}


def _next_offset(committed: OffsetAndMetadata | None, start: int, end: int) -> int:
    """Where the stage goes on: after what it committed; at the beginning where that is not on the topic (any more)."""
    offset = committed.offset if committed is not None else start
    return int(offset) if start <= offset <= end else start


def count_messages(options: settings.Kafka, topic: Topic) -> int:
    """How many messages were ever written to the topic: the sum of its end offsets. Raises Unavailable."""
    consumer = groupless_consumer(options)
    try:
        name = topic_name(options, topic)
        todo = [TopicPartition(name, partition) for partition in partitions_of(consumer, name)]
        return sum(call_kafka(lambda: consumer.end_offsets(todo)).values())
    finally:
        consumer.leave()


class TopicFollower:
    """Reads a topic between offsets that the caller knows, as a member of no group. To be used by one thread."""

    def __init__(self, options: settings.Kafka, topic: Topic) -> None:
        self._options, self._topic, self._name = options, topic, topic_name(options, topic)
        self._consumer: Consumer | None = None
        self._admin: KafkaAdminClient | None = None

    def finished_by(self, stage: str) -> dict[int, int]:
        """By partition, the offset before which the stage has finished everything. Raises Unavailable."""
        if self._admin is None:
            self._admin = connect_client(KafkaAdminClient, self._options)
        spans = _uncommitted_offsets(self._admin, self._connected(), self._options, stage, self._topic)
        return {tp.partition: start for tp, (start, _) in spans.items()}

    def ends(self) -> dict[int, int]:
        """By partition, the offset of the next message that will be written. Raises Unavailable."""
        consumer = self._connected()
        todo = [TopicPartition(self._name, partition) for partition in partitions_of(consumer, self._name)]
        return {tp.partition: end for tp, end in call_kafka(lambda: consumer.end_offsets(todo)).items()}

    def begins(self) -> dict[int, int]:
        """By partition, the offset of the first message that is still there. Raises Unavailable."""
        consumer = self._connected()
        todo = [TopicPartition(self._name, partition) for partition in partitions_of(consumer, self._name)]
        return {tp.partition: begin for tp, begin in call_kafka(lambda: consumer.beginning_offsets(todo)).items()}

    def offsets_at(self, when: datetime) -> dict[int, int]:
        """By partition, the offset of the first message of this time or later; the end where there is none.

        Raises Unavailable.
        """
        consumer, at, ends = self._connected(), int(when.timestamp() * 1000), self.ends()
        todo = {TopicPartition(self._name, partition): at for partition in ends}
        found = call_kafka(lambda: consumer.offsets_for_times(todo))
        return {tp.partition: found[tp].offset if found.get(tp) else ends[tp.partition] for tp in todo}

    def read(self, starts: Mapping[int, int], ends: Mapping[int, int]) -> Iterator[Record]:
        """Yields the records between the offsets of each partition of `ends`; one without a start from its beginning.

        What is no longer on the topic is left out. Raises Unavailable.
        """
        consumer = self._connected()
        todo = {TopicPartition(self._name, partition): end for partition, end in ends.items()}
        call_kafka(lambda: consumer.assign(list(todo)))
        begun = call_kafka(lambda: consumer.beginning_offsets(list(todo)))
        for tp in todo:
            consumer.seek(tp, max(starts.get(tp.partition, 0), begun[tp]))
        for record in read_until(consumer, todo):
            if record.offset < ends[record.partition]:
                yield record

    def close(self) -> None:
        """Closes the connections; the next use makes new ones."""
        if self._consumer is not None:
            self._consumer.leave()
        if self._admin is not None:
            self._admin.close()
        self._consumer, self._admin = None, None

    def _connected(self) -> Consumer:
        if self._consumer is None:
            self._consumer = groupless_consumer(self._options)
        return self._consumer

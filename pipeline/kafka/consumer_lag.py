"""What waits: how far each stage is behind its topic, and what is on a topic at all.

In: the settings and (stage, its source topic). Out: numbers of messages, and the first of those that wait.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from pipeline import settings
from pipeline.kafka.broker import (
    Record,
    available,
    bare_consumer,
    connected,
    group_name,
    partitions,
    to_record,
    topic_name,
)
from pipeline.messages import Topic


def lag(options: settings.Kafka, pairs: Sequence[tuple[str, Topic]]) -> dict[str, int]:
    """For each (stage, its source topic): messages that are on the topic and not yet committed by the stage.

    Raises Unavailable.
    """
    with _asking(options) as (admin, consumer):
        waiting = {stage: _waiting(admin, consumer, options, stage, topic) for stage, topic in pairs}
        return {stage: sum(end - start for start, end in spans.values()) for stage, spans in waiting.items()}


def first_waiting(options: settings.Kafka, stage: str, topic: Topic) -> list[Record]:
    """The first message of each partition that the stage has not committed yet. Raises Unavailable."""
    with _asking(options) as (admin, consumer):
        spans = _waiting(admin, consumer, options, stage, topic)
        todo = [tp for tp, (start, end) in spans.items() if end > start]
        available(lambda: consumer.assign(todo))
        for tp in todo:
            consumer.seek(tp, spans[tp][0])
        first: dict[TopicPartition, Record] = {}
        for _ in todo:  # each poll brings at least one partition's messages
            for tp, records in available(lambda: consumer.poll(timeout_ms=1_000)).items():
                first.setdefault(tp, to_record(records[0]))
        return list(first.values())


@contextmanager
def _asking(options: settings.Kafka) -> Iterator[tuple[KafkaAdminClient, KafkaConsumer]]:
    admin = connected(KafkaAdminClient, options)
    try:
        consumer = bare_consumer(options)
        try:
            yield admin, consumer
        finally:
            consumer.close(autocommit=False)
    finally:
        admin.close()


def _waiting(
    admin: KafkaAdminClient, consumer: KafkaConsumer, options: settings.Kafka, stage: str, topic: Topic
) -> dict[TopicPartition, tuple[int, int]]:
    """For each partition: the first offset that is not committed, and the end."""
    group, name = group_name(options, stage), topic_name(options, topic)
    committed = available(lambda: admin.list_group_offsets([group])).get(group) or {}
    todo = [TopicPartition(name, partition) for partition in partitions(consumer, name)]
    ends = available(lambda: consumer.end_offsets(todo))
    starts = available(lambda: consumer.beginning_offsets(todo))
    done = {tp: max(committed[tp].offset if tp in committed else 0, starts[tp]) for tp in todo}
    return {tp: (min(done[tp], ends[tp]), ends[tp]) for tp in todo}


def size(options: settings.Kafka, topic: Topic) -> int:
    """How many messages were ever put on the topic (the sum of its end offsets). Raises Unavailable."""
    consumer = bare_consumer(options)
    try:
        name = topic_name(options, topic)
        todo = [TopicPartition(name, partition) for partition in partitions(consumer, name)]
        return sum(available(lambda: consumer.end_offsets(todo)).values())
    finally:
        consumer.close(autocommit=False)

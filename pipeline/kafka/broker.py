"""What is asked of the Kafka broker beside the stream itself: connections, topics, reading a topic back.

With pipeline/kafka/network, pipeline/kafka/publisher and pipeline/kafka/worker the only place that knows kafka-python.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, TopicAlreadyExistsError

from pipeline import settings
from pipeline.failures import Failure, Unavailable, WrongSetting
from pipeline.kafka.network import closed_on_failure, tls_context
from pipeline.messages import TOPICS, Topic

T = TypeVar("T")
DAY_MS = 86_400_000
# of one fetch answer for one partition: the broker sends at least one message whatever its size
FETCH_BYTES = 8 * 1024 * 1024
BOOTSTRAP_MS = 5_000
GROUPS_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Record:
    """A message as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: dict[str, bytes] = field(default_factory=dict)


def topic_name(options: settings.Kafka, topic: Topic) -> str:
    """The name on the broker: `news.articles`."""
    return f"{options.prefix}.{topic.name}"


def group_name(options: settings.Kafka, stage: str) -> str:
    """The consumer group of a stage: `news.annotate`."""
    return f"{options.prefix}.{stage}"


def _connection(options: settings.Kafka) -> dict[str, Any]:
    return {
        "bootstrap_servers": [server.strip() for server in options.bootstrap_servers.split(",")],
        "bootstrap_timeout_ms": min(BOOTSTRAP_MS, int(options.acknowledge_timeout_seconds * 1000)),
        # found by a measured restart: with the default of 30 s a worker comes back half a minute after its broker
        "reconnect_backoff_max_ms": 2_000,
        **_security(options),
    }


PROTOCOLS = {"none": "PLAINTEXT", "tls": "SSL", "password": "SASL_PLAINTEXT", "password_tls": "SASL_SSL"}


def _security(options: settings.Kafka) -> dict[str, Any]:
    """Raises WrongSetting."""
    chosen: dict[str, Any] = {"security_protocol": PROTOCOLS[options.security]}
    if options.security.startswith("password"):
        if not (options.username and options.password):
            raise WrongSetting(
                f"kafka.security is {options.security}: kafka.username and NEWSLOOM_KAFKA__PASSWORD say whose"
            )
        chosen |= {"sasl_mechanism": options.mechanism}
        chosen |= {"sasl_plain_username": options.username, "sasl_plain_password": options.password}
    if options.security.endswith("tls"):
        try:
            chosen["ssl_context"] = tls_context(options.ca_file)
        except (OSError, ValueError) as error:
            raise WrongSetting(f"kafka.ca_file {options.ca_file} is no file of certificates: {error}") from error
    return chosen


def available(action: Callable[[], T]) -> T:
    """What `action` returns; an error of Kafka becomes Unavailable."""
    try:
        return action()
    except KafkaError as error:
        raise Unavailable("kafka", f"{type(error).__name__}: {error}") from error


def connected(client: Callable[..., T], options: settings.Kafka, **more: Any) -> T:
    """A client of kafka-python, connected. Raises Unavailable; WrongSetting when nobody said where Kafka is.

    A process that waits for a broker for hours must not run out of sockets: pipeline/kafka/network.
    """
    if not options.bootstrap_servers:
        raise WrongSetting(
            "kafka.bootstrap_servers is empty: say where Kafka is, or use `newsloom run`, which starts one"
        )
    return available(lambda: closed_on_failure(client, **_connection(options), **more))


def create_topics(options: settings.Kafka) -> list[str]:
    """Creates the topics that are not there yet and returns their names. Safe to repeat.

    Raises Unavailable.
    """
    admin = connected(KafkaAdminClient, options)
    try:
        missing = _missing(admin, options)
        if missing:
            _create(admin, options, missing)
        available(lambda: admin.wait_for_topics([topic_name(options, topic) for topic in TOPICS]))
        _wait_for_groups(admin, options)
        return [topic_name(options, topic) for topic in missing]
    finally:
        admin.close()


def _create(admin: KafkaAdminClient, options: settings.Kafka, missing: Sequence[Topic]) -> None:
    new = {topic_name(options, topic): _definition(options, topic) for topic in missing}
    try:
        available(lambda: admin.create_topics(new))
    except Unavailable as error:
        if not isinstance(error.__cause__, TopicAlreadyExistsError):  # another `setup` was faster
            raise


def missing_topics(options: settings.Kafka) -> list[str]:
    """The topics that `create_topics` would create. Raises Unavailable."""
    admin = connected(KafkaAdminClient, options)
    try:
        return [topic_name(options, topic) for topic in _missing(admin, options)]
    finally:
        admin.close()


def _missing(admin: KafkaAdminClient, options: settings.Kafka) -> list[Topic]:
    there = set(available(admin.list_topics))
    return [topic for topic in TOPICS if topic_name(options, topic) not in there]


def _wait_for_groups(admin: KafkaAdminClient, options: settings.Kafka) -> None:
    """A new broker makes the topic of its consumer groups when it is first asked for one, which takes some seconds."""
    deadline = time.monotonic() + GROUPS_SECONDS
    while True:
        try:
            available(lambda: admin.list_group_offsets([group_name(options, "setup")]))
            return
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _definition(options: settings.Kafka, topic: Topic) -> dict[str, Any]:
    configs = {
        "cleanup.policy": topic.cleanup,
        "max.message.bytes": str(2 * options.max_message_bytes),
        "compression.type": "producer",
    }
    if topic.cleanup == "delete":
        configs["retention.ms"] = str(topic.retention_days * DAY_MS)
    else:
        # a compacted topic is read back at every start: keep what must be read small
        configs |= {"min.cleanable.dirty.ratio": "0.2", "segment.ms": str(DAY_MS), "max.compaction.lag.ms": str(DAY_MS)}
    return {
        "num_partitions": options.partitions,
        "replication_factor": options.replication_factor,
        "configs": configs,
    }


def partitions(consumer: KafkaConsumer, name: str) -> list[int]:
    """The partitions of a topic, in order. Raises WrongSetting when there is no such topic."""
    found = available(lambda: consumer.partitions_for_topic(name))
    if not found:
        raise WrongSetting(f"topic {name} is not there: run `newsloom setup`")
    return sorted(found)


def read_back(
    options: settings.Kafka, topic: Topic, wanted: Iterable[int] | None = None, last: int | None = None
) -> Iterator[Record]:
    """Every record of a topic, or of its `wanted` partitions, from the beginning to its present end.

    `last`: no more than so many of each partition, the newest. Raises Unavailable.
    """
    name = topic_name(options, topic)
    consumer = bare_consumer(options)
    try:
        chosen = partitions(consumer, name) if wanted is None else sorted(wanted)
        todo = [TopicPartition(name, partition) for partition in chosen]
        available(lambda: consumer.assign(todo))
        available(lambda: consumer.seek_to_beginning(*todo))
        ends = available(lambda: consumer.end_offsets(todo))
        if last is not None:
            for tp, end in ends.items():
                consumer.seek(tp, max(position(consumer, tp), end - last))
        yield from _until(consumer, ends)
    finally:
        consumer.close(autocommit=False)


def bare_consumer(options: settings.Kafka) -> KafkaConsumer:
    """A consumer outside every group. Raises Unavailable, WrongSetting."""
    return connected(
        KafkaConsumer,
        options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        allow_auto_create_topics=False,
    )


def group_consumer(
    options: settings.Kafka, topic: Topic, group: str, moved: Callable[[Sequence[TopicPartition]], None]
) -> KafkaConsumer:
    """A member of a consumer group that commits by hand. `moved` is called inside poll with every new assignment.

    Raises Unavailable; WrongSetting when the topic is not there.
    """
    session_ms = int(options.session_timeout_seconds * 1000)
    consumer = connected(
        KafkaConsumer,
        options,
        group_id=group_name(options, group),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // 5,
        max_partition_fetch_bytes=FETCH_BYTES,
        allow_auto_create_topics=False,
    )
    name = topic_name(options, topic)
    consumer.subscribe([name], listener=_Listener(moved))
    try:
        partitions(consumer, name)
    except Failure:
        consumer.close(autocommit=False)
        raise
    return consumer


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, moved: Callable[[Sequence[TopicPartition]], None]) -> None:
        self._moved = moved

    def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ARG002 - the library's signature
        self._moved(())

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._moved(tuple(assigned))


def _until(consumer: KafkaConsumer, ends: dict[TopicPartition, int]) -> Iterator[Record]:
    # positions, not offsets: the last offset before the end may be a control record or compacted away
    while any(position(consumer, tp) < end for tp, end in ends.items()):
        for records in available(lambda: consumer.poll(timeout_ms=500, max_records=2_000)).values():
            yield from map(to_record, records)


def position(consumer: KafkaConsumer, tp: TopicPartition) -> int:
    """The offset that is read next. Raises Unavailable."""
    return int(available(lambda: consumer.position(tp)))


def to_record(raw: Any) -> Record:
    """kafka-python's ConsumerRecord as a Record."""
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.timestamp, dict(raw.headers or ()))

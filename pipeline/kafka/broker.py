"""Connections to the Kafka broker, the pipeline's topics, and reading a whole topic outside the stages' loop.

In: the [kafka] settings. Out: connected clients of kafka-python, created topics, Records. Errors of kafka-python become
Unavailable, wrong settings WrongSetting.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kafka import ConsumerRebalanceListener, KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError, TopicAlreadyExistsError

from pipeline import settings
from pipeline.failures import Failure, Poison, Unavailable, WrongSetting
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.clients.network import Consumer, create_client, tls_context
from pipeline.messages import TOPICS, Message, Topic, decode

T = TypeVar("T")
M = TypeVar("M", bound=Message)
DAY_MS = 86_400_000
# most bytes of one partition in one fetch; the broker sends at least one message whatever its size
FETCH_BYTES = 8 * 1024 * 1024
BOOTSTRAP_MS = 5_000
GROUP_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Record:
    """A message as it is stored on a topic: its place, its bytes, its time in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: dict[str, bytes] = field(default_factory=dict)


def topic_name(options: settings.Kafka, topic: Topic) -> str:
    """The topic's name on the broker, for example `news.articles`."""
    return f"{options.prefix}.{topic.name}"


def group_name(options: settings.Kafka, stage: str) -> str:
    """The name of a stage's consumer group, for example `news.annotate`."""
    return f"{options.prefix}.{stage}"


def _connection(options: settings.Kafka) -> dict[str, Any]:
    return {
        "bootstrap_servers": [server.strip() for server in options.bootstrap_servers.split(",")],
        "bootstrap_timeout_ms": min(BOOTSTRAP_MS, int(options.acknowledge_timeout_seconds * 1000)),
        # found by measuring a restart: with the default of 30 s a worker comes back half a minute after its broker
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


def call_kafka(action: Callable[[], T]) -> T:
    """Calls `action` and returns its result. Raises Unavailable in place of any error of kafka-python."""
    try:
        return action()
    except KafkaError as error:
        raise Unavailable("kafka", f"{type(error).__name__}: {error}") from error


def connect_client(client_class: Callable[..., T], options: settings.Kafka, **config: Any) -> T:
    """A connected client of kafka-python: `client_class` is its class, `config` more of its own settings.

    Leaves no socket open when the broker is away (pipeline/kafka/clients/network). Raises Unavailable; WrongSetting
    when kafka.bootstrap_servers is empty.
    """
    if not options.bootstrap_servers:
        raise WrongSetting(
            "kafka.bootstrap_servers is empty: say where Kafka is, or use `newsloom run`, which starts one"
        )
    return call_kafka(lambda: create_client(client_class, **_connection(options), **config))


def create_topics(options: settings.Kafka) -> list[str]:
    """Creates the topics that do not exist yet and returns their names. Safe to repeat.

    Raises Unavailable.
    """
    admin = connect_client(KafkaAdminClient, options)
    try:
        missing = _missing(admin, options)
        if missing:
            _create(admin, options, missing)
        call_kafka(lambda: admin.wait_for_topics([topic_name(options, topic) for topic in TOPICS]))
        _wait_for_groups(admin, options)
        return [topic_name(options, topic) for topic in missing]
    finally:
        admin.close()


def _create(admin: KafkaAdminClient, options: settings.Kafka, missing: Sequence[Topic]) -> None:
    new = {topic_name(options, topic): _definition(options, topic) for topic in missing}
    try:
        call_kafka(lambda: admin.create_topics(new))
    except Unavailable as error:
        if not isinstance(error.__cause__, TopicAlreadyExistsError):  # another `setup` was faster
            raise


def missing_topics(options: settings.Kafka) -> list[str]:
    """The names of the topics that `create_topics` would create. Raises Unavailable."""
    admin = connect_client(KafkaAdminClient, options)
    try:
        return [topic_name(options, topic) for topic in _missing(admin, options)]
    finally:
        admin.close()


def _missing(admin: KafkaAdminClient, options: settings.Kafka) -> list[Topic]:
    there = set(call_kafka(admin.list_topics))
    return [topic for topic in TOPICS if topic_name(options, topic) not in there]


def _wait_for_groups(admin: KafkaAdminClient, options: settings.Kafka) -> None:
    """Waits until consumer groups can be used: a new broker creates their topic at the first request, which takes
    seconds."""
    deadline = time.monotonic() + GROUP_WAIT_SECONDS
    while True:
        try:
            call_kafka(lambda: admin.list_group_offsets([group_name(options, "setup")]))
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
        "num_partitions": topic.partitions or options.partitions,
        "replication_factor": options.replication_factor,
        "configs": configs,
    }


def partitions_of(consumer: Consumer, name: str) -> list[int]:
    """The partition numbers of a topic, in order. Raises Unavailable; WrongSetting when there is no such topic."""
    found = call_kafka(lambda: consumer.partitions_for_topic(name))
    if not found:
        raise WrongSetting(f"topic {name} is not there: run `newsloom setup`")
    return sorted(found)


def read_topic(
    options: settings.Kafka, topic: Topic, partitions: Iterable[int] | None = None, last: int | None = None
) -> Iterator[Record]:
    """Yields every record of a topic, or only of the given partitions, from the beginning to the end that it has now.

    `last`: only so many of each partition, the newest. Raises Unavailable; WrongSetting when there is no such topic.
    """
    name = topic_name(options, topic)
    consumer = groupless_consumer(options)
    try:
        chosen = partitions_of(consumer, name) if partitions is None else sorted(partitions)
        todo = [TopicPartition(name, partition) for partition in chosen]
        call_kafka(lambda: consumer.assign(todo))
        call_kafka(lambda: consumer.seek_to_beginning(*todo))
        ends = call_kafka(lambda: consumer.end_offsets(todo))
        if last is not None:
            for tp, end in ends.items():
                consumer.seek(tp, max(next_offset(consumer, tp), end - last))
        yield from read_until(consumer, ends)
    finally:
        consumer.leave()


def groupless_consumer(options: settings.Kafka) -> Consumer:
    """A consumer that belongs to no group and commits nothing. Raises Unavailable, WrongSetting."""
    return connect_client(
        Consumer,
        options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        allow_auto_create_topics=False,
    )


def group_consumer(
    options: settings.Kafka,
    topic: Topic,
    group: str,
    on_assignment: Callable[[Sequence[TopicPartition]], None],
    lease: Lease,
) -> Consumer:
    """A consumer that is a member of a group and commits only when told to.

    `on_assignment` is called inside poll with all partitions of each new assignment, and with none when they are
    revoked; before it the term of the lease ends. Raises Unavailable; WrongSetting when the topic does not exist.
    """
    session_ms = int(options.session_timeout_seconds * 1000)
    consumer = connect_client(
        Consumer,
        options,
        group_id=group_name(options, group),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // 5,
        max_partition_fetch_bytes=FETCH_BYTES,
        allow_auto_create_topics=False,
        lease=lease,
    )
    name = topic_name(options, topic)
    consumer.subscribe([name], listener=_Listener(on_assignment, lease))
    try:
        partitions_of(consumer, name)
    except Failure:
        consumer.leave()
        raise
    return consumer


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, on_assignment: Callable[[Sequence[TopicPartition]], None], lease: Lease) -> None:
        self._on_assignment, self._lease = on_assignment, lease

    def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ARG002 - the library's signature
        self._lease.end_term()
        self._on_assignment(())

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._lease.end_term()
        self._on_assignment(tuple(assigned))


def read_until(consumer: Consumer, ends: dict[TopicPartition, int]) -> Iterator[Record]:
    """Yields what an assigned consumer has before it up to these offsets. Raises Unavailable."""
    # positions, not offsets: the last offset before the end may be a control record or compacted away
    while any(next_offset(consumer, tp) < end for tp, end in ends.items()):
        found = call_kafka(lambda: consumer.poll(timeout_ms=500, max_records=2_000))
        for records in found.values():
            yield from map(to_record, records)
        if not found:
            call_kafka(lambda: consumer.require_answer(list(ends)))


def next_offset(consumer: Consumer, tp: TopicPartition) -> int:
    """The offset of the record that the consumer reads next. Raises Unavailable."""
    return int(call_kafka(lambda: consumer.position(tp)))


def to_record(raw: Any) -> Record:
    """Converts kafka-python's ConsumerRecord."""
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.timestamp, dict(raw.headers or ()))


def decode_or_none(value: bytes | None, kind: type[M]) -> M | None:
    """As `decode`, but None for what can't be read: who sums up a topic does not fall over one message."""
    try:
        return decode(value, kind)
    except Poison:
        return None

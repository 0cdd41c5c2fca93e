"""Publishes messages to Kafka: encodes, sends, waits for the broker's acknowledgement.

In: messages with their topics. Out: they are on Kafka, acknowledged by all in-sync replicas (acks=all, idempotent
producer). A message that is too large is Poison; a broker that does not answer is Unavailable, and then the producer is
discarded, because an idempotent producer that lost a batch can't go on.
"""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from pipeline import settings
from pipeline.failures import Poison, Unavailable
from pipeline.kafka import broker
from pipeline.messages import Message, Topic, encode


class OutgoingMessage(msgspec.Struct, frozen=True):
    """A message and the topic that it goes to. `tombstone`: deletes the message's key from a compacted topic
    instead."""

    topic: Topic
    message: Message
    tombstone: bool = False


class EncodedMessage(msgspec.Struct, frozen=True):
    """A message as the bytes that are sent; a dead letter is replayed as one, too. `topic` is the name on the
    broker."""

    topic: str
    key: bytes
    value: bytes | None
    partition: int | None = None
    headers: Mapping[str, bytes] = {}


def partition_for(text: str, partitions: int) -> int:
    """The partition of the key `text`, as Kafka's default partitioner picks it (murmur2)."""
    return int((murmur2(text.encode()) & 0x7FFFFFFF) % partitions)


class Publisher:
    """Sends messages and waits until they are acknowledged. Several threads may share one."""

    def __init__(self, options: settings.Kafka) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    def encode(self, outgoing: OutgoingMessage) -> EncodedMessage:
        """The bytes to send. Raises Poison `too_large`; Unavailable when the broker can't say how many partitions there
        are."""
        topic, message = outgoing.topic, outgoing.message
        value = None if outgoing.tombstone else encode(message)
        if value is not None and len(value) > self._options.max_message_bytes:
            limit = self._options.max_message_bytes
            raise Poison("too_large", f"{topic.name} message of {len(value)} bytes; kafka.max_message_bytes is {limit}")
        name = broker.topic_name(self._options, topic)
        partition = None
        if topic.partition_by is not None:
            partition = partition_for(topic.partition_by(message), self._partition_count(name))
        return EncodedMessage(name, topic.key(message).encode(), value, partition)

    def publish(self, batch: Iterable[EncodedMessage]) -> None:
        """Sends all and returns when all are acknowledged. Raises Unavailable; then some may have been sent."""
        timeout = self._options.acknowledge_timeout_seconds
        try:
            for future in [self._send(encoded) for encoded in batch]:
                future.get(timeout=timeout)
        except KafkaError as error:
            self._discard_producer()
            raise Unavailable("kafka", f"{type(error).__name__}: {error}") from error

    def submit(self, encoded: EncodedMessage) -> "Future[None]":
        """Sends one message and returns at once; the future is done when it is acknowledged, or raises Unavailable."""
        acknowledged: Future[None] = Future()

        def failed(error: BaseException) -> None:
            self._discard_producer()
            seen = error if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}"
            acknowledged.set_exception(seen if isinstance(seen, Unavailable) else Unavailable("kafka", seen))

        try:
            sent = self._send(encoded)
        except (KafkaError, Unavailable) as error:
            failed(error)
            return acknowledged
        sent.add_callback(lambda _: acknowledged.set_result(None))
        sent.add_errback(failed)
        return acknowledged

    def close(self) -> None:
        """Waits until what was sent is acknowledged, then closes the connections."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=self._options.acknowledge_timeout_seconds)

    def _send(self, encoded: EncodedMessage) -> Any:
        headers = list(encoded.headers.items())
        producer = self._connected()
        return producer.send(encoded.topic, encoded.value, encoded.key, headers, partition=encoded.partition)

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = self._connect()
            return self._producer

    def _connect(self) -> KafkaProducer:
        options = self._options
        timeout_ms = int(options.acknowledge_timeout_seconds * 1000)
        return broker.connect_client(
            KafkaProducer,
            options,
            acks="all",
            enable_idempotence=True,
            compression_type=None if options.compression == "none" else options.compression,
            # small: what is waited for is the acknowledgement of a batch, which fills up meanwhile
            linger_ms=5,
            batch_size=256 * 1024,
            max_request_size=2 * options.max_message_bytes,
            max_block_ms=timeout_ms,
            request_timeout_ms=timeout_ms // 2,
            delivery_timeout_ms=timeout_ms,
            allow_auto_create_topics=False,
        )

    def _discard_producer(self) -> None:
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            # closing waits for a broker that does not answer: not here, and not in the producer's own thread
            threading.Thread(target=producer.close, kwargs={"timeout": 0}, daemon=True).start()

    def _partition_count(self, name: str) -> int:
        if name not in self._partitions:
            try:
                self._partitions[name] = len(self._connected().partitions_for(name))
            except KafkaError as error:
                raise Unavailable("kafka", f"{type(error).__name__}: {error}") from error
        return self._partitions[name]

"""Publishes messages to Kafka: encodes, sends, waits for the broker's acknowledgement.

In: messages with their topics. Out: they are on Kafka, acknowledged by all in-sync replicas (acks=all, idempotent
producer). Three things can go wrong, and every send ends in one of them or in its acknowledgement:

    too large for our limit      Poison `too_large`, when it is encoded
    refused by the broker        Poison `too_large` or `refused_record`, for that message alone: the broker refuses the
                                 whole batch that it travelled in, so each of these is sent again on its own
    no answer in time            Unavailable, for everything that was not acknowledged yet

After both of the latter the producer is abandoned, because an idempotent producer that lost a batch can't go on.
"""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

import msgspec
from kafka.errors import (
    InvalidRecordError,
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from kafka.partitioner.default import murmur2

from pipeline import settings
from pipeline.failures import Poison, Unavailable
from pipeline.kafka import broker
from pipeline.kafka.clients.network import Producer
from pipeline.messages import Message, Topic, encode

TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
# what a broker says of a record itself: sent again it would be refused again
REFUSALS = (*TOO_LARGE, InvalidRecordError, InvalidTimestampError)


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
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that the broker refuses for itself, and why."""

    message: EncodedMessage
    poison: Poison


def partition_for(text: str, partitions: int) -> int:
    """The partition of the key `text`, as Kafka's default partitioner picks it (murmur2)."""
    return int((murmur2(text.encode()) & 0x7FFFFFFF) % partitions)


@dataclass
class _Connection:
    """A producer and the sends that it has not answered yet. Several threads may share one."""

    producer: Producer
    _waiting: set["Future[None]"] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _abandoned: bool = False

    def send(self, encoded: EncodedMessage) -> "Future[None]":
        """A future that ends with the acknowledgement, or with the error of kafka-python. Raises KafkaError."""
        answer: Future[None] = Future()
        with self._lock:
            self._waiting.add(answer)
        headers = list(encoded.headers.items())
        try:
            sent = self.producer.send(encoded.topic, encoded.value, encoded.key, headers, partition=encoded.partition)
        except BaseException as error:
            self._end(answer, error)
            raise
        sent.add_callback(lambda _: self._end(answer, None))
        sent.add_errback(lambda error: self._end(answer, error))
        if self._abandoned:  # meanwhile, by another thread
            self.abandon()
        return answer

    def abandon(self) -> None:
        """Ends every send that was not answered, at once and whatever the broker does."""
        self._abandoned = True
        self.producer.abandon()
        for answer in list(self._waiting):
            self._end(answer, KafkaError("given up together with another message"))

    def _end(self, answer: "Future[None]", error: BaseException | None) -> None:
        """The first end counts: it may be abandoned while its answer comes."""
        with self._lock:
            if answer not in self._waiting:
                return
            self._waiting.discard(answer)
        if error is None:
            answer.set_result(None)
        else:
            answer.set_exception(error)


class Publisher:
    """Sends messages and waits until they are acknowledged. Several threads may share one.

    `deliver_seconds`: what was not acknowledged so long after it was handed over is given up and never sent; None:
    after kafka.acknowledge_timeout_seconds.
    """

    def __init__(self, options: settings.Kafka, deliver_seconds: float | None = None) -> None:
        self._options = options
        self._deliver_seconds = options.acknowledge_timeout_seconds if deliver_seconds is None else deliver_seconds
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._partitions: dict[str, int] = {}

    def encode(self, outgoing: OutgoingMessage) -> EncodedMessage:
        """The bytes to send. Raises Poison `too_large`, `unencodable_message`; Unavailable when the broker can't say
        how many partitions there are."""
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
        """Sends all and returns when all are acknowledged.

        Raises Unavailable; then some may have been sent. Raises Poison when the broker refuses one; the others are sent
        all the same.
        """
        for refused in self.publish_each(batch):
            raise refused.poison

    def publish_each(self, batch: Iterable[EncodedMessage]) -> list[Refused]:
        """Sends all and returns when all are acknowledged but those that the broker refuses: these are returned.

        Raises Unavailable; then some may have been sent.
        """
        messages = list(batch)
        errors = self._send_and_wait(messages) if messages else []
        if not any(errors):
            return []
        if not any(isinstance(error, REFUSALS) for error in errors):
            raise _unavailable(next(error for error in errors if error))
        # the refused ones took others with them: each on its own shows which it was
        again = [each for each, error in zip(messages, errors, strict=True) if error]
        return [Refused(each, poison) for each in again if (poison := self.publish_alone(each))]

    def publish_alone(self, encoded: EncodedMessage) -> Poison | None:
        """Sends one message in a batch of its own: None when it is acknowledged, Poison when the broker refuses it.

        Raises Unavailable.
        """
        [error] = self._send_and_wait([encoded])
        if error is None:
            return None
        if isinstance(error, REFUSALS):
            reason = "too_large" if isinstance(error, TOO_LARGE) else "refused_record"
            return Poison(reason, f"{encoded.topic} does not take it: {type(error).__name__}: {error}")
        raise _unavailable(error)

    def submit(self, encoded: EncodedMessage) -> "Future[None]":
        """Sends one message and returns at once. The future ends with its acknowledgement, or raises Unavailable.

        Unavailable too when the broker refused the batch: `publish_alone` tells whether it was this message.
        """
        outcome: Future[None] = Future()
        outcome.set_running_or_notify_cancel()  # who stops waiting does not stop it
        connection: _Connection | None = None

        def settle(sent: "Future[None]") -> None:  # in the producer's own thread, which must not wait
            error = sent.exception()
            if error is None:
                outcome.set_result(None)
            else:
                self._abandon(connection)
                outcome.set_exception(_unavailable(error))

        try:
            connection = self._connected()
            connection.send(encoded).add_done_callback(settle)
        except (KafkaError, Unavailable) as error:
            self._abandon(connection)
            outcome.set_exception(_unavailable(error))
        return outcome

    def close(self) -> None:
        """Waits until what was sent is acknowledged, then closes the connections; gives up when that takes too long."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            _close(connection, self._options.acknowledge_timeout_seconds)

    # --- one send ---

    def _send_and_wait(self, messages: list[EncodedMessage]) -> list[BaseException | None]:
        """For each message its error, None when it is acknowledged. Raises Unavailable when nothing can be sent."""
        timeout = self._options.acknowledge_timeout_seconds
        connection = self._connected()
        errors: list[BaseException | None] = []
        try:
            for answer in [connection.send(each) for each in messages]:
                errors.append(answer.exception(timeout))
        except KafkaError as error:
            self._abandon(connection)
            raise _unavailable(error) from error
        except TimeoutError as error:
            self._abandon(connection)
            raise Unavailable("kafka", f"no acknowledgement within {timeout:g} s") from error
        if any(errors):
            self._abandon(connection)
        return errors

    # --- the producer ---

    def _connected(self) -> _Connection:
        with self._lock:
            if self._connection is None:
                self._connection = _Connection(self._connect())
            return self._connection

    def _connect(self) -> Producer:
        options = self._options
        timeout_ms, deliver_ms = (
            int(each * 1000) for each in (options.acknowledge_timeout_seconds, self._deliver_seconds)
        )
        return broker.connect_client(
            Producer,
            options,
            acks="all",
            enable_idempotence=True,
            compression_type=None if options.compression == "none" else options.compression,
            # small: what is waited for is the acknowledgement of a batch, which fills up meanwhile
            linger_ms=5,
            batch_size=256 * 1024,
            max_request_size=2 * options.max_message_bytes,
            max_block_ms=timeout_ms,
            request_timeout_ms=deliver_ms // 2,
            delivery_timeout_ms=deliver_ms,
            allow_auto_create_topics=False,
        )

    def _abandon(self, connection: _Connection | None) -> None:
        """The next send makes a new producer; what this one has not answered is over. May be called twice."""
        if connection is None:
            return
        with self._lock:
            if self._connection is connection:
                self._connection = None
        connection.abandon()
        # its threads and sockets end by themselves, but not in the producer's own thread, in which this may be
        seconds = self._options.acknowledge_timeout_seconds
        threading.Thread(target=_close, args=(connection, seconds), daemon=True).start()

    def _partition_count(self, name: str) -> int:
        if name not in self._partitions:
            try:
                self._partitions[name] = len(self._connected().producer.partitions_for(name))
            except KafkaError as error:
                raise _unavailable(error) from error
        return self._partitions[name]


def _close(connection: _Connection, seconds: float) -> None:
    try:
        connection.producer.close(timeout=seconds)
    except KafkaError:  # not flushed in time: it has been told in its futures, or is now
        connection.abandon()


def _unavailable(error: BaseException) -> Unavailable:
    return error if isinstance(error, Unavailable) else Unavailable("kafka", f"{type(error).__name__}: {error}")

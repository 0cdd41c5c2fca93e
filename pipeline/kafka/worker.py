"""The Kafka loop that every stage uses: poll a batch, handle, publish, wait for the acknowledgement, commit.

In: records of the stage's source topic. Out: what the stage makes of them, acknowledged by the broker before their
offsets are committed; so a kill at any moment repeats work and loses none (messages carry ids and revisions, so a
repetition has no effect). What is published is published under a lease (pipeline/kafka/clients/lease): a worker that
stood still until its partitions were another's publishes nothing more of them. What happens after each result of a
message:

    StageOutput    it is published, the message is committed
    Poison         the message goes to the dead letters with the reason, and the loop goes on
    Unavailable    the partitions are paused, polling goes on (so the group keeps us), the same batch is tried again
    anything else  a bug: that one message goes to the dead letters with its traceback; after several in a row we stop
"""

import itertools
import random
import time
from collections.abc import Sequence
from typing import Generic, TypeVar

from kafka import TopicPartition
from kafka.errors import KafkaError

from pipeline import observability
from pipeline.failures import Backoff, Poison, Unavailable
from pipeline.kafka import broker
from pipeline.kafka.backpressure import Backpressure
from pipeline.kafka.batch_pacing import BatchPacing
from pipeline.kafka.broker import Record
from pipeline.kafka.broker_contact import BrokerContact
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.clients.network import Consumer
from pipeline.kafka.output_publisher import OutputPublisher
from pipeline.kafka.stage import Result, Stage, TooManyBugs
from pipeline.kafka.uncommitted import UncommittedOffsets
from pipeline.messages import Message, decode
from pipeline.service import Service
from pipeline.settings import Settings

M = TypeVar("M", bound=Message)


# between two looks at the stage after this one, while it is waited for
BACKPRESSURE_SECONDS = 5.0
# how long a broker takes to send what it has at hand: a fetch is answered as soon as there is one message
GATHER_SECONDS = 0.02


class Worker(Generic[M]):
    """Runs one stage until the service stops, in the thread that calls `run`."""

    def __init__(self, stage: Stage[M], options: Settings, service: Service) -> None:
        self._stage = stage
        self._options = options
        self._service = service
        self._lease = Lease(options.kafka)
        self._out = OutputPublisher(stage.name, options.kafka, self._lease)
        self._backpressure = Backpressure(options, stage.name)
        pace = options.worker.batch_seconds if stage.batch_seconds is None else stage.batch_seconds
        self._pacing = BatchPacing(pace, options.worker.batch_records)
        self._backoff = Backoff(options.worker.retry_first_seconds, options.worker.retry_most_seconds)
        self._log = observability.get_logger(stage.name)
        self._consumer: Consumer | None = None
        self._contact = BrokerContact(broker.topic_name(options.kafka, stage.source))
        self._uncommitted = UncommittedOffsets()
        self._owned: frozenset[int] = frozenset()  # the partitions that the stage was last given
        self._assignment_changed = False  # partitions came or went since the stage last rebuilt its state
        self._paused = False
        self._bugs_in_a_row = 0
        service.heartbeat("starting", part=stage.name)

    def run(self) -> None:
        """Runs until `service.stop` is set; a batch in hand is finished first. Raises TooManyBugs."""
        try:
            while not self._service.stop.is_set():
                records = self._poll_batch()
                if records or self._assignment_changed:
                    self._process(records)
        finally:
            if self._consumer is not None:
                self._consumer.leave()
            self._out.close()

    # --- poll ---

    def _poll_batch(self) -> list[Record]:
        """The next batch: what gathered since the last one in a steady flow, at once otherwise."""
        wait = self._pacing.wait_seconds()
        self._service.stop.wait(wait)
        records = self._poll()
        if (wait or len(records) > 1) and not self._assignment_changed:
            records = self._gather(records)
        self._pacing.took(len(records))
        return records

    def _gather(self, records: list[Record]) -> list[Record]:
        """These records and those that came meanwhile; none when partitions came or went, which begin anew then."""
        limit = self._options.worker.batch_records
        while 0 < len(records) < limit and (more := self._poll_for_more(limit - len(records))):
            records = records + more
        if self._assignment_changed:
            self._rewind(records)
            return []
        return records

    def _poll_for_more(self, limit: int) -> list[Record]:
        try:
            return self._poll_for(GATHER_SECONDS, limit)
        except Unavailable:  # the next poll tells
            return []

    def _poll(self) -> list[Record]:
        try:
            records = self._poll_for(self._options.worker.poll_seconds, self._options.worker.batch_records)
            self._contact.check(self._connected(), records)
            if not records:
                self._commit_uncommitted()
            self._service.heartbeat(part=self._stage.name, heard_at=self._contact.heard_at)
            return records
        except Unavailable as error:
            self._report_unavailable(error, attempt=1)
            self._service.stop.wait(self._backoff.first)
            return []

    def _poll_for(self, seconds: float, limit: int) -> list[Record]:
        consumer = self._connected()
        found = broker.call_kafka(lambda: consumer.poll(timeout_ms=int(seconds * 1000), max_records=limit))
        return [broker.to_record(raw) for raw in itertools.chain.from_iterable(found.values())]

    def _connected(self) -> Consumer:
        if self._consumer is None:
            options, stage = self._options.kafka, self._stage
            self._consumer = broker.group_consumer(options, stage.source, stage.name, self._on_assignment, self._lease)
        return self._consumer

    def _on_assignment(self, assigned: Sequence[TopicPartition]) -> None:
        self._assignment_changed = True
        self._uncommitted.forget()
        if self._paused and self._consumer is not None:
            self._consumer.pause(*assigned)  # a new assignment forgets that partitions were paused

    # --- try until the batch is done ---

    def _process(self, records: list[Record]) -> None:
        if records and not self._wait_for_next_stage():
            self._rewind(records)
            return
        attempt = 0
        while not self._attempt(records, attempt := attempt + 1):
            if not self._wait_while_paused(self._backoff.delay(attempt, random.random())):
                self._rewind(records)
                return

    def _wait_for_next_stage(self) -> bool:
        """Waits while the stage after this one is too far behind; False when the batch in hand must be dropped."""
        while reason := self._backpressure.reason():
            self._service.warnings[self._stage.name] = reason
            self._service.heartbeat(part=self._stage.name, heard_at=self._contact.heard_at)
            if not self._wait_while_paused(BACKPRESSURE_SECONDS):
                return False
        self._service.warnings[self._stage.name] = ""
        return True

    def _attempt(self, records: list[Record], attempt: int) -> bool:
        try:
            self._apply_assignment()
            self._handle_and_commit(records)
        except Unavailable as error:
            self._report_unavailable(error, attempt)
            return False
        return True

    def _apply_assignment(self) -> None:
        """Lets the stage rebuild its state for the partitions that are ours now. Raises Unavailable."""
        if self._assignment_changed and self._consumer is not None:
            owned = frozenset(tp.partition for tp in self._consumer.assignment())
            if owned or self._owned:  # joining a group begins with an empty assignment
                self._stage.assigned(owned)
                self._log.info("assigned", partitions=sorted(owned))
            self._owned, self._assignment_changed = owned, False
            self._lease.begin_term(self._lease.term)

    def _wait_while_paused(self, seconds: float) -> bool:
        """Waits with all partitions paused and goes on polling; False when the batch in hand must be dropped."""
        deadline = time.monotonic() + seconds
        self._pause(True)
        try:
            while time.monotonic() < deadline and not self._service.stop.is_set():
                self._poll_while_paused(min(self._options.worker.poll_seconds, max(0.0, deadline - time.monotonic())))
                if self._assignment_changed:
                    return False
            return not self._service.stop.is_set()
        finally:
            self._pause(False)

    def _poll_while_paused(self, seconds: float) -> None:
        try:
            self._poll_for(seconds, limit=1)
        except Unavailable:
            self._service.stop.wait(seconds)

    def _pause(self, on: bool) -> None:
        self._paused = on
        observability.PAUSED.labels(self._stage.name).set(on)
        if self._consumer is not None:
            change = self._consumer.pause if on else self._consumer.resume
            change(*self._consumer.assignment())

    def _rewind(self, records: list[Record]) -> None:
        """Goes back to the first of these uncommitted records where their partition is still ours; else its new owner
        does."""
        for tp, offset in _first_offsets(records).items():
            if self._consumer is not None and tp in self._consumer.assignment():
                self._consumer.seek(tp, offset)

    def _report_unavailable(self, error: Unavailable, attempt: int) -> None:
        self._service.heartbeat(problem=str(error), part=self._stage.name)
        observability.UNAVAILABLE.labels(self._stage.name, error.what).inc()
        self._log.warning("unavailable", what=error.what, detail=error.detail, attempt=attempt)

    # --- handle, publish, commit ---

    def _handle_and_commit(self, records: list[Record]) -> None:
        """Handles, publishes and commits. Raises Unavailable, TooManyBugs."""
        if not records:
            return
        started = time.monotonic()
        outcomes = self._cut_at_too_many_bugs(self._handle(records))
        settled = records[: len(outcomes)]
        dead = self._out.publish(settled, outcomes)
        self._commit(settled)
        self._report_batch(len(settled), dead, time.monotonic() - started)
        if self._bugs_in_a_row >= self._options.worker.stop_after_bugs:
            raise TooManyBugs(f"{self._stage.name}: {self._bugs_in_a_row} bugs in a row; see `newsloom dead list`")

    def _handle(self, records: list[Record]) -> list[Result | Exception]:
        """One outcome for each record, in order. Raises Unavailable."""
        decoded = [self._decode_or_poison(record) for record in records]
        messages = [each for each in decoded if not isinstance(each, Poison)]
        handled = iter(self._handle_messages(messages) if messages else ())
        return [each if isinstance(each, Poison) else next(handled) for each in decoded]

    def _decode_or_poison(self, record: Record) -> M | Poison:
        try:
            return decode(record.value, self._stage.message)
        except Poison as poison:
            return poison

    def _handle_messages(self, messages: Sequence[M]) -> Sequence[Result | Exception]:
        try:
            results = self._stage.handle(messages)
            if len(results) != len(messages):
                raise AssertionError(f"{self._stage.name} gave {len(results)} results for {len(messages)} messages")
            return results
        except Unavailable:
            raise
        except Exception as error:
            # one message made the batch fail: handled one by one, each has its own result
            return [error] if len(messages) == 1 else [self._handle_messages([each])[0] for each in messages]

    def _cut_at_too_many_bugs(self, outcomes: list[Result | Exception]) -> list[Result | Exception]:
        for number, outcome in enumerate(outcomes, start=1):
            bug = isinstance(outcome, Exception) and not isinstance(outcome, Poison)
            self._bugs_in_a_row = self._bugs_in_a_row + 1 if bug else 0
            if self._bugs_in_a_row >= self._options.worker.stop_after_bugs:
                return outcomes[:number]
        return outcomes

    def _commit(self, records: list[Record]) -> None:
        self._uncommitted.add(records)
        self._commit_uncommitted()

    def _commit_uncommitted(self) -> None:
        """Commits what is handled. When that fails it is tried again at the next poll without a message."""
        if self._consumer is None or not self._uncommitted:
            return
        try:
            self._uncommitted.commit(self._consumer)
        except KafkaError as error:
            # the partitions went to another worker, which repeats these messages, or the broker is away: either way
            # nothing is lost and a repetition has no effect
            self._contact.doubt()
            self._log.warning("not_committed", error=f"{type(error).__name__}: {error}")

    def _report_batch(self, records: int, dead: list[str], seconds: float) -> None:
        name = self._stage.name
        observability.RECORDS.labels(name, "done").inc(records - len(dead))
        observability.RECORDS.labels(name, "dead").inc(len(dead))
        for reason in dead:
            observability.DEAD_LETTERS.labels(name, reason).inc()
        observability.BATCH_SECONDS.labels(name).observe(seconds)
        self._log.info("handled", records=records, dead=len(dead), took=round(seconds, 4))


def _first_offsets(records: Sequence[Record]) -> dict[TopicPartition, int]:
    return {TopicPartition(each.topic, each.partition): each.offset for each in reversed(records)}

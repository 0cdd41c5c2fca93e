"""Publishes what a stage made of records; what can't be published makes its record a dead letter.

In: records with their results. Out: everything acknowledged by Kafka: what is to be remembered before the rest; and the
reasons of the records that became dead letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline import observability, settings
from pipeline.failures import Poison, Unavailable
from pipeline.kafka import dead_letter
from pipeline.kafka.broker import Record
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.kafka.stage import Result
from pipeline.messages import DEAD


@dataclass(frozen=True, slots=True)
class _Output:
    """What is published of a record: `remember` before `publish`. `dead`: the reason, when it is a dead letter."""

    record: Record
    remember: list[EncodedMessage]
    publish: list[EncodedMessage]
    dead: str = ""


class OutputPublisher:
    """The way out of one stage. `lease`: of the partitions whose records these are."""

    def __init__(self, stage: str, options: settings.Kafka, lease: Lease) -> None:
        self._stage = stage
        self._options = options
        self._lease = lease
        self._publisher = Publisher(options, lease.deliver_seconds)
        self._log = observability.get_logger(stage)

    def publish(self, records: Sequence[Record], outcomes: Sequence[Result | Exception]) -> list[str]:
        """Returns the reasons of the records that became dead letters, when all is acknowledged. Raises Unavailable."""
        outputs = [self._encode(record, outcome) for record, outcome in zip(records, outcomes, strict=True)]
        return [each.dead for each in outputs if each.dead] + self._publish(outputs)

    def close(self) -> None:
        """Waits until what was sent is acknowledged, then closes the connections."""
        self._publisher.close()

    def _encode(self, record: Record, outcome: Result | Exception) -> _Output:
        """What is to be published of a record. Raises Unavailable."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            encode = self._publisher.encode
            remember, publish = map(encode, outcome.remember), map(encode, outcome.publish)
            return _Output(record, list(remember), list(publish))
        except Unavailable:
            raise
        except Exception as failure:
            reason = failure.reason if isinstance(failure, Poison) else "bug"
            return _Output(record, [], [self._encode_dead_letter(record, failure)], reason)

    def _publish(self, outputs: Sequence[_Output]) -> list[str]:
        """Publishes what is to be remembered, then the rest. Raises Unavailable.

        A record of whose messages the broker refuses one becomes a dead letter; the reasons of these.
        """
        refused = self._publish_each([(each, message) for each in outputs for message in each.remember])
        left = [each for each in outputs if id(each) not in refused]
        refused |= self._publish_each([(each, message) for each in left for message in each.publish])
        letters = [self._encode_dead_letter(output.record, poison) for output, poison in refused.values()]
        for letter in self._publisher.publish_each(letters):
            raise Unavailable("kafka", f"the dead letters' topic does not take one: {letter.poison.detail}")
        return [poison.reason for _, poison in refused.values()]

    def _publish_each(self, pairs: Sequence[tuple[_Output, EncodedMessage]]) -> dict[int, tuple[_Output, Poison]]:
        """The outputs of which a message is refused, by their ids."""
        output_of = {id(message): output for output, message in pairs}
        self._lease.require(self._lease.begun, self._lease.confirm_seconds)
        refused = self._publisher.publish_each([message for _, message in pairs])
        outputs = [(output_of[id(each.message)], each.poison) for each in refused]
        for output, poison in outputs:
            if output.dead:
                raise Unavailable("kafka", f"the dead letters' topic does not take one: {poison.detail}")
        return {id(output): (output, poison) for output, poison in outputs}

    def _encode_dead_letter(self, record: Record, failure: Exception) -> EncodedMessage:
        letter = dead_letter.from_record(
            record, self._stage, failure, datetime.now(UTC), self._options.max_message_bytes
        )
        self._log.error("dead", reason=letter.reason, detail=letter.detail, subject=letter.subject)
        return self._publisher.encode(OutgoingMessage(DEAD, letter))

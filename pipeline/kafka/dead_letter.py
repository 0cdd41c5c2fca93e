"""Dead letters: messages that could not be processed, with the reason and the original bytes; made, read, replayed.

In: a Kafka record, or bytes from the web, and the failure. Out: a DeadLetter for the topic `dead`; and back from a
letter to the original message.
"""

import hashlib
import traceback as tracebacks
from collections.abc import Callable, Iterator
from datetime import datetime

from pipeline import settings
from pipeline.failures import Poison
from pipeline.kafka import broker
from pipeline.kafka.broker import Record
from pipeline.kafka.publisher import EncodedMessage
from pipeline.messages import DEAD, DeadLetter, decode

ATTEMPT_HEADER = "newsloom-attempt"
# largest share of kafka.max_message_bytes for the original bytes: as base64 and with the rest of the letter they must
# still pass that limit
ORIGINAL_SHARE = 0.6


def from_record(record: Record, stage: str, failure: Exception, now: datetime, max_message_bytes: int) -> DeadLetter:
    """The dead letter for a Kafka message that `stage` could not process. A failure other than Poison has reason
    `bug`."""
    poison = failure if isinstance(failure, Poison) else Poison("bug", f"{type(failure).__name__}: {failure}")
    original = record.value or b""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return DeadLetter(
        id=hashlib.sha256(f"{stage} {place}".encode()).hexdigest()[:32],
        stage=stage,
        reason=poison.reason,
        detail=poison.detail,
        failed_at=now,
        attempt=int(record.headers.get(ATTEMPT_HEADER, b"1")),
        subject=(record.key or b"").decode(errors="replace"),
        traceback="" if failure is poison else "".join(tracebacks.format_exception(failure)),
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key or b"",
        original=original[: int(max_message_bytes * ORIGINAL_SHARE)],
        original_size=len(original),
    )


def from_web(url: str, body: bytes, stage: str, poison: Poison, now: datetime, max_message_bytes: int) -> DeadLetter:
    """The dead letter for a page or feed from the web: its `subject` is the URL, its `original` the body."""
    return DeadLetter(
        id=hashlib.sha256(f"{stage} {url}".encode()).hexdigest()[:32],
        stage=stage,
        reason=poison.reason,
        detail=poison.detail,
        failed_at=now,
        subject=url,
        original=body[: int(max_message_bytes * ORIGINAL_SHARE)],
        original_size=len(body),
    )


def read_dead_letters(options: settings.Kafka, matches: Callable[[DeadLetter], bool]) -> Iterator[DeadLetter]:
    """Yields the dead letters for which `matches` is true, oldest first within a partition. Raises Unavailable."""
    for record in broker.read_topic(options, DEAD):
        letter = decode(record.value, DeadLetter)
        if matches(letter):
            yield letter


def original_message(letter: DeadLetter) -> EncodedMessage:
    """The original message of a dead letter, ready to be published again to the topic it came from, as its next
    attempt.

    Raises Poison `not_replayable` when it came from the web or its bytes were cut.
    """
    if not letter.topic:
        raise Poison("not_replayable", f"{letter.subject} came from the web: its feed's next poll finds it again")
    if len(letter.original) < letter.original_size:
        raise Poison("not_replayable", f"only {len(letter.original)} of {letter.original_size} bytes were kept")
    headers = {ATTEMPT_HEADER: str(letter.attempt + 1).encode()}
    return EncodedMessage(letter.topic, letter.key, letter.original, None, headers)

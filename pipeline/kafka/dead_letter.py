"""What could not be processed, and why: the envelope, reading the topic back, replaying.

In: a record (or bytes from the web) and the failure. Out: a DeadLetter on `dead`, with the original bytes.
"""

import hashlib
import traceback as tracebacks
from collections.abc import Callable, Iterator
from datetime import datetime

from pipeline import settings
from pipeline.failures import Poison
from pipeline.kafka import broker
from pipeline.kafka.broker import Record
from pipeline.kafka.publisher import Encoded
from pipeline.messages import DEAD, DeadLetter, decode

ATTEMPT_HEADER = "newsloom-attempt"
# of the original bytes, as base64, and the rest of the letter: the letter must pass the broker's limit itself
ORIGINAL_SHARE = 0.6


def bury(record: Record, stage: str, failure: Exception, now: datetime, max_message_bytes: int) -> DeadLetter:
    """The dead letter of a message that `stage` could not process. Any failure that is no Poison is a `bug`."""
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


def bury_page(url: str, body: bytes, stage: str, poison: Poison, now: datetime, max_message_bytes: int) -> DeadLetter:
    """The dead letter of something that came from the web: `subject` is its URL, `original` its bytes."""
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


def read(options: settings.Kafka, wanted: Callable[[DeadLetter], bool]) -> Iterator[DeadLetter]:
    """The dead letters for which `wanted` is true, oldest first within a partition. Raises Unavailable."""
    for record in broker.read_back(options, DEAD):
        letter = decode(record.value, DeadLetter)
        if wanted(letter):
            yield letter


def revived(letter: DeadLetter) -> Encoded:
    """The original message, to be published again where it came from.

    Raises Poison: `not_replayable` when it came from the web or its bytes were cut.
    """
    if not letter.topic:
        raise Poison("not_replayable", f"{letter.subject} came from the web: its feed's next poll finds it again")
    if len(letter.original) < letter.original_size:
        raise Poison("not_replayable", f"only {len(letter.original)} of {letter.original_size} bytes were kept")
    headers = {ATTEMPT_HEADER: str(letter.attempt + 1).encode()}
    return Encoded(letter.topic, letter.key, letter.original, None, headers)

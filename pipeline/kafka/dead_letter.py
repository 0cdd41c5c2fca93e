"""Dead letters: messages that could not be processed, with the reason and the original bytes; made, read, replayed.

In: a Kafka record, or bytes from the web, and the failure. Out: a DeadLetter for the topic `dead`; and back from a
letter to the original message.
"""

import hashlib
import traceback as tracebacks
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from pipeline import settings
from pipeline.failures import Poison
from pipeline.kafka import broker
from pipeline.kafka.broker import Record
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.messages import DEAD, TOPICS, DeadLetter, decode

ATTEMPT_HEADER = "newsloom-attempt"
# largest share of kafka.max_message_bytes for the original bytes: as base64 and with the rest of the letter they must
# still pass that limit
ORIGINAL_SHARE = 0.6
# of what strangers may have written
MOST_DETAIL, MOST_TRACEBACK, MOST_SUBJECT = 4_000, 40_000, 2_000  # characters
MOST_ATTEMPTS = 1_000_000
# the reason of a letter that stands for a message on the topic `dead` that is no dead letter
UNREADABLE = "unreadable_letter"
MOST_UNREADABLE = 100_000  # bytes of it that are shown
STATE_TOPICS = frozenset(topic.name for topic in TOPICS if topic.cleanup == "compact")


def from_record(record: Record, stage: str, failure: Exception, now: datetime, max_message_bytes: int) -> DeadLetter:
    """The dead letter for a Kafka message that `stage` could not process. A failure other than Poison has reason
    `bug`."""
    poison = failure if isinstance(failure, Poison) else Poison("bug", f"{type(failure).__name__}: {failure}")
    original = record.value or b""
    return DeadLetter(
        id=letter_id(stage, record.topic, record.partition, record.offset),
        stage=stage,
        reason=poison.reason,
        detail=_storable(poison.detail, MOST_DETAIL),
        failed_at=now,
        attempt=_attempt(record.headers.get(ATTEMPT_HEADER)),
        subject=_storable(_article_of(record) or (record.key or b"").decode(errors="replace"), MOST_SUBJECT),
        traceback="" if failure is poison else _storable(_traceback(failure), MOST_TRACEBACK),
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
        detail=_storable(poison.detail, MOST_DETAIL),
        failed_at=now,
        subject=_storable(url, MOST_SUBJECT),
        original=body[: int(max_message_bytes * ORIGINAL_SHARE)],
        original_size=len(body),
    )


def unreadable(record: Record, poison: Poison) -> DeadLetter:
    """A letter that stands for a message on the topic `dead` that is no dead letter: it is shown, and not replayed."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    original = record.value or b""
    return DeadLetter(
        id=hashlib.sha256(f"unreadable {place}".encode()).hexdigest()[:32],
        stage="unknown",
        reason=UNREADABLE,
        detail=_storable(f"{place} can't be read: {poison.detail}", MOST_DETAIL),
        failed_at=_time(record.timestamp_ms),
        subject=_storable((record.key or b"").decode(errors="replace"), MOST_SUBJECT),
        original=original[:MOST_UNREADABLE],
        original_size=len(original),
    )


def read_dead_letters(options: settings.Kafka, wanted: Callable[[DeadLetter], bool]) -> Iterator[DeadLetter]:
    """The dead letters for which `wanted` is true, oldest first within a partition. Raises Unavailable.

    A message on the topic that is no dead letter is told as one that stands for it (`unreadable`).
    """
    for record in broker.read_topic(options, DEAD):
        if record.value is None:
            continue
        try:
            letter = decode(record.value, DeadLetter)
        except Poison as poison:
            letter = unreadable(record, poison)
        if wanted(letter):
            yield letter


class _AnArticle(msgspec.Struct):
    """What only messages with an article have."""

    id: str
    revision: int
    title: str


def _article_of(record: Record) -> str:
    """The id of the article that a message holds, "" for none: not on every topic is it the key."""
    try:
        return msgspec.json.decode(record.value or b"", type=_AnArticle).id
    except Exception:  # as in `decode`: whatever strange bytes make of a decoder
        return ""


def letter_id(stage: str, topic: str, partition: int, offset: int) -> str:
    """The id that the dead letter of `stage` for the message at this place has, if there is one."""
    return hashlib.sha256(f"{stage} {topic}/{partition}/{offset}".encode()).hexdigest()[:32]


def _attempt(header: bytes | None) -> int:
    """What the header of a replayed message says; 1 where it says nothing that can be."""
    written = header or b""
    number = int(written) if written.isdigit() and len(written) <= len(str(MOST_ATTEMPTS)) else 1
    return max(1, min(number, MOST_ATTEMPTS))


def _time(timestamp_ms: int | None) -> datetime:
    """A record's time; the beginning of Unix time where it has none that can be."""
    try:
        return datetime.fromtimestamp((timestamp_ms or 0) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _traceback(failure: Exception) -> str:
    return "".join(tracebacks.format_exception(failure))


def _storable(text: str, most: int) -> str:
    """The text as JSON can hold it, cut to so many characters."""
    return text[:most].encode(errors="replace").decode()


def original_message(letter: DeadLetter) -> EncodedMessage:
    """The original message of a dead letter, ready to be published again to the topic it came from, as its next
    attempt.

    Raises Poison `not_replayable` when it came from the web, its bytes were cut, or it is the state of something, of
    which a newer one may lie on the topic.
    """
    if letter.reason == UNREADABLE:
        raise Poison("not_replayable", letter.detail)
    if not letter.topic:
        raise Poison("not_replayable", f"{letter.subject} came from the web: its feed's next poll finds it again")
    if _is_state(letter):
        raise Poison("not_replayable", f"{letter.subject} may have a newer state by now: {_other_way(letter)}")
    if len(letter.original) < letter.original_size:
        raise Poison("not_replayable", f"only {len(letter.original)} of {letter.original_size} bytes were kept")
    headers = {ATTEMPT_HEADER: str(letter.attempt + 1).encode()}
    return EncodedMessage(letter.topic, letter.key, letter.original, None, headers)


def _is_state(letter: DeadLetter) -> bool:
    """Whether it came from a compacted topic: sent again, it would count as the newest of its key."""
    return letter.topic.rpartition(".")[2] in STATE_TOPICS


def _other_way(letter: DeadLetter) -> str:
    if letter.stage in dict(STAGE_SOURCES):
        return f"`newsloom rewind {letter.stage}` has its newest one read again"
    return "its next state stands in this one's place"


def replayable(letters: Iterable[DeadLetter]) -> tuple[list[EncodedMessage], list[str]]:
    """The original messages of these letters, each once though it may have died twice; and why others have none."""
    found: list[EncodedMessage] = []
    refused: list[str] = []
    for letter in {letter.id: letter for letter in letters}.values():
        try:
            found.append(original_message(letter))
        except Poison as poison:
            refused.append(f"{letter.id[:12]}: {poison.detail}")
    return found, refused


def publish_again(options: settings.Kafka, originals: list[EncodedMessage]) -> None:
    """Puts messages back on the topics where they failed. Raises Unavailable."""
    publisher = Publisher(options)
    try:
        publisher.publish(originals)
    finally:
        publisher.close()

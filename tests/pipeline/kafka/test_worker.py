"""The Kafka loop on a real broker: what is committed, what is dead-lettered, what waits, what is tried again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import msgspec
import pytest

from pipeline.failures import Poison, Unavailable
from pipeline.kafka import broker, consumer_lag, dead_letter
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.kafka.stage import Result, Stage, StageOutput, TooManyBugs
from pipeline.kafka.worker import Worker
from pipeline.messages import ANNOTATED, ARTICLES, DEAD, Annotated, Article, DeadLetter, decode
from pipeline.service import Service
from pipeline.settings import Settings

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def article(number: int, text: str = "text") -> Article:
    return Article(
        id=f"{number:032x}",
        revision=1,
        url=f"https://example.org/{number}",
        source="example.org",
        source_name="Example",
        feed_url="https://example.org/feed",
        title=f"Title {number}",
        text=text,
        text_from="page",
        first_seen_at=NOW,
        fetched_at=NOW,
    )


def annotated(one: Article) -> Annotated:
    return Annotated(
        **msgspec.structs.asdict(one),
        annotator=1,
        language="en",
        language_confidence=1.0,
        language_source="text",
        content_hash="00",
    )


def annotate(batch: Sequence[Article]) -> Sequence[Result]:
    return [StageOutput(publish=(OutgoingMessage(ANNOTATED, annotated(each)),)) for each in batch]


def put(options: Settings, *messages: Article | bytes) -> None:
    publisher = Publisher(options.kafka)
    name = broker.topic_name(options.kafka, ARTICLES)
    publisher.publish(
        EncodedMessage(name, b"broken", each)
        if isinstance(each, bytes)
        else publisher.encode(OutgoingMessage(ARTICLES, each))
        for each in messages
    )
    publisher.close()


def titles(options: Settings) -> list[str]:
    return sorted(decode(record.value, Annotated).title for record in broker.read_topic(options.kafka, ANNOTATED))


def letters(options: Settings) -> list[DeadLetter]:
    return [decode(record.value, DeadLetter) for record in broker.read_topic(options.kafka, DEAD)]


@contextmanager
def working(
    options: Settings, handle: Callable[[Sequence[Article]], Sequence[Result]], **more: Any
) -> Iterator[Service]:
    service = Service("annotate")
    worker = Worker(Stage("annotate", ARTICLES, Article, handle, **more), options, service)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop.set()
        thread.join(30)
    assert not thread.is_alive()


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it never came true"


def lag(options: Settings) -> int:
    return consumer_lag.lag(options.kafka, [("annotate", ARTICLES)])["annotate"]


def test_what_is_handled_is_published_and_committed(options: Settings) -> None:
    put(options, *map(article, range(100)))
    assert lag(options) == 100
    with working(options, annotate):
        until(lambda: lag(options) == 0)
    assert titles(options) == sorted(f"Title {number}" for number in range(100))


def test_in_a_steady_flow_messages_gather_to_one_batch(options: Settings) -> None:
    sizes: list[int] = []

    def handle(batch: Sequence[Article]) -> Sequence[Result]:
        sizes.append(len(batch))
        return annotate(batch)

    # long enough for ten acknowledged messages, one after the other, on a busy machine
    slow = msgspec.structs.replace(options.worker, batch_seconds=6.0)
    put(options, article(1), article(2))
    with working(msgspec.structs.replace(options, worker=slow), handle):
        until(lambda: sum(sizes) == 2)
        first = len(sizes)
        for number in range(3, 13):
            put(options, article(number))
        until(lambda: lag(options) == 0)
    assert sizes[first:] == [10]
    assert len(titles(options)) == 12


def test_a_second_worker_goes_on_where_the_first_stopped(options: Settings) -> None:
    put(options, *map(article, range(10)))
    with working(options, annotate):
        until(lambda: lag(options) == 0)
    put(options, *map(article, range(10, 20)))
    with working(options, annotate):
        until(lambda: lag(options) == 0)
    assert len(titles(options)) == 20


def test_a_malformed_message_is_dead_lettered_with_its_bytes_and_the_rest_goes_on(options: Settings) -> None:
    put(options, article(1), b"{not json", b'{"schema": 99}', article(2))
    with working(options, annotate):
        until(lambda: lag(options) == 0)
    assert titles(options) == ["Title 1", "Title 2"]
    found = {letter.reason: letter for letter in letters(options)}
    assert set(found) == {"malformed_message", "unknown_schema"}
    assert found["malformed_message"].original == b"{not json"
    assert found["malformed_message"].stage == "annotate"
    assert "99" in found["unknown_schema"].detail


def test_poison_and_bugs_take_only_their_own_message(options: Settings) -> None:
    def handle(batch: Sequence[Article]) -> Sequence[Result]:
        if any(each.title == "Title 3" for each in batch):
            raise ZeroDivisionError("a bug")
        poison = Poison("no_text", "nothing to read")
        return [poison if each.title == "Title 5" else annotate([each])[0] for each in batch]

    put(options, *map(article, range(8)))
    with working(options, handle):
        until(lambda: lag(options) == 0)
    assert titles(options) == [f"Title {number}" for number in (0, 1, 2, 4, 6, 7)]
    found = {letter.reason: letter for letter in letters(options)}
    assert set(found) == {"bug", "no_text"}
    assert "ZeroDivisionError: a bug" in found["bug"].detail
    assert "in handle" in found["bug"].traceback
    assert decode(found["bug"].original, Article) == article(3)


def test_too_many_bugs_in_a_row_stop_the_worker_and_leave_the_rest_on_the_topic(options: Settings) -> None:
    def handle(batch: Sequence[Article]) -> Sequence[Result]:
        raise KeyError("every time")

    put(options, *map(article, range(50)))
    worker = Worker(Stage("annotate", ARTICLES, Article, handle), options, Service("annotate"))
    with pytest.raises(TooManyBugs):
        worker.run()
    limit = options.worker.stop_after_bugs
    assert len(letters(options)) == limit
    assert lag(options) == 50 - limit


def test_while_the_world_is_away_nothing_is_lost_and_nothing_dead_lettered(options: Settings) -> None:
    back = threading.Event()
    tries: list[int] = []

    def handle(batch: Sequence[Article]) -> Sequence[Result]:
        tries.append(len(batch))
        if not back.is_set():
            raise Unavailable("search engine", "it is away")
        return annotate(batch)

    put(options, *map(article, range(5)))
    with working(options, handle) as service:
        until(lambda: len(tries) >= 3)
        status, body = service.health()
        assert (status, body["status"]) == (503, "search engine is unavailable: it is away")
        assert lag(options) == 5
        back.set()
        until(lambda: lag(options) == 0)
        until(lambda: service.health()[0] == 200)
    assert len(titles(options)) == 5
    assert letters(options) == []


def test_a_stop_while_the_world_is_away_leaves_the_batch_uncommitted(options: Settings) -> None:
    tried = threading.Event()

    def away(batch: Sequence[Article]) -> Sequence[Result]:
        tried.set()
        raise Unavailable("search engine", "it is away")

    put(options, article(1))
    with working(options, away):
        assert tried.wait(30)
    assert lag(options) == 1
    with working(options, annotate):
        until(lambda: lag(options) == 0)
    assert titles(options) == ["Title 1"]


def test_partitions_that_come_while_the_world_is_away_are_not_lost(options: Settings) -> None:
    """A second worker joins while the first holds a batch: both drop what they hold, and all is handled in the end."""
    back = threading.Event()
    tried = threading.Event()

    def handle(batch: Sequence[Article]) -> Sequence[Result]:
        tried.set()
        if not back.is_set():
            raise Unavailable("search engine", "it is away")
        return annotate(batch)

    put(options, *map(article, range(20)))
    with working(options, handle):
        assert tried.wait(30)
        joined: list[frozenset[int]] = []
        with working(options, handle, assigned=joined.append):
            until(lambda: any(joined))
            back.set()
            until(lambda: lag(options) == 0)
    assert sorted(set(titles(options))) == sorted(f"Title {number}" for number in range(20))


def test_a_stage_with_state_is_told_its_partitions_before_the_first_message(options: Settings) -> None:
    order: list[str] = []

    def handle(batch: Sequence[Article]) -> Sequence[Result]:
        order.append("handle")
        return annotate(batch)

    put(options, article(1))
    with working(options, handle, assigned=lambda owned: order.append(f"assigned {sorted(owned)}")):
        until(lambda: lag(options) == 0)
    assert order == ["assigned [0, 1]", "handle"]


def test_a_message_too_large_for_the_broker_is_dead_lettered_not_crashed_on(options: Settings) -> None:
    small = msgspec.structs.replace(options, kafka=msgspec.structs.replace(options.kafka, max_message_bytes=20_000))
    put(options, article(1), article(2, text="x" * 30_000), article(3))
    with working(small, annotate):
        until(lambda: lag(options) == 0)
    assert titles(options) == ["Title 1", "Title 3"]
    (letter,) = letters(options)
    assert (letter.reason, letter.original_size > 30_000) == ("too_large", True)
    assert len(letter.original) == 12_000
    with pytest.raises(Poison, match="12000 of"):
        dead_letter.original_message(letter)


def test_a_replayed_message_is_the_original_and_knows_its_attempt(options: Settings) -> None:
    put(options, b"{not json")
    with working(options, annotate):
        until(lambda: lag(options) == 0)
        publisher = Publisher(options.kafka)
        publisher.publish([dead_letter.original_message(letters(options)[0])])
        publisher.close()
        until(lambda: len(letters(options)) == 2)
    assert [(letter.attempt, letter.original) for letter in letters(options)] == [(1, b"{not json"), (2, b"{not json")]

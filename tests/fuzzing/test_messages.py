"""Messages of every topic, mutated from the golden files: a message or Poison; and a message becomes a document or
Poison, an annotated article, a line for people, and never anything else."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from enrich.annotate import annotate
from index.writing.document_kinds import KINDS
from newsloom.commands import dead
from newsloom.commands.feeds import feed_status
from pipeline.failures import Poison
from pipeline.messages import TOPICS, Article, DeadLetter, FeedState, Message, Topic, decode, encode
from pipeline.settings import ROOT
from tests.fuzzing.mutations import mutated
from tests.newsloom.hostile_text import what_is_unsafe

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOLDEN = ROOT / "tests" / "data" / "messages" / "v1"
FEW = settings(max_examples=150, suppress_health_check=list(HealthCheck))
TOPIC = {topic.name: topic for topic in TOPICS}


def golden(topic: Topic) -> bytes:
    return (GOLDEN / f"{topic.name}.json").read_bytes()


VALUES: list[Any] = [
    *(None, 0, -1, 2**63, 1e308, True, "", "x" * 40_000, [], {}, [[]], ["x"] * 50),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T12:00:00"),
    *("javascript:x", "\x1b[31m\u202e"),
]


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, bytes]:
    """A topic's name, and a message of it in which bytes, or whole fields, are other than they should be."""
    topic = draw(st.sampled_from(TOPICS))
    if draw(st.booleans()):
        return topic.name, draw(mutated([golden(topic)]))
    body = msgspec.json.decode(golden(topic))
    for _ in range(draw(st.integers(1, 3))):
        body[draw(st.sampled_from(sorted(body)))] = draw(st.sampled_from(VALUES))
    return topic.name, msgspec.json.encode(body)


def with_time(topic: str, field: str, time: str) -> tuple[str, bytes]:
    """A golden message in which one time is another."""
    return topic, msgspec.json.encode({**msgspec.json.decode(golden(TOPIC[topic])), field: time})


# what was found: times without a zone, which can be compared with none of ours; times that are none in UTC
@FEW
@given(changed())
@example(with_time("stories", "first_seen_at", "2026-11-23T12:00:00"))
@example(with_time("articles", "published_at", "2026-11-23T12:00:00"))
@example(with_time("enriched", "fetched_at", "2026-11-23T12:00:00"))
@example(with_time("stories", "first_seen_at", "0001-01-01T00:00:00+14:00"))
@example(with_time("enriched", "first_seen_at", "9999-12-31T23:59:59-14:00"))
@example(with_time("dead", "failed_at", "0001-01-01T00:00:00+14:00"))
def test_a_message_is_one_or_poison_and_so_is_its_document(found: tuple[str, bytes]) -> None:
    topic, value = TOPIC[found[0]], found[1]
    try:
        message = decode(value, topic.message)
    except Poison as poison:
        assert poison.reason in ("malformed_message", "unknown_schema")
        return
    assert decode(encode(message), topic.message) == message
    topic.key(message)
    for kind in KINDS:
        if kind.topic is topic:
            make(partial(kind.build, message, "news", NOW))
    if type(message) is Article:
        annotate([message], 20)
    show(message)


def make(build: Callable[[], Any]) -> None:
    try:
        document = build()
        msgspec.json.encode(document.body)
    except Poison as poison:
        assert poison.reason == "rejected_document"


def show(message: Message) -> None:
    if isinstance(message, FeedState):
        feed_status.states_table([message], NOW)
        feed_status.events_table(message)
    if isinstance(message, DeadLetter):
        dead.print_letter(message)


def test_every_topic_has_a_golden_file() -> None:
    assert [topic.name for topic in TOPICS if not Path(GOLDEN / f"{topic.name}.json").is_file()] == []


def test_what_is_shown_of_a_letter_is_safe(capsys: pytest.CaptureFixture[str]) -> None:
    show(decode(golden(TOPIC["dead"]), DeadLetter))
    assert what_is_unsafe(capsys.readouterr().out) == []

"""Everything on a topic is input: what can't be read ends as Poison, and no command falls over it."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition

from pipeline.failures import Poison
from pipeline.kafka import broker, consumer_lag, dead_letter
from pipeline.kafka.broker import Record
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.messages import ARTICLES, DEAD, FEEDS, TOPICS, Article, DeadLetter, FeedState, decode, encode
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.pipeline.kafka.test_worker import NOW, annotate, article, lag, letters, put, titles, until, working

DEEP = b'{"schema":1,"unknown":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
TYPES = sorted({topic.message for topic in TOPICS}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("value", [DEEP, DEEP.replace(b'"schema":1', b'"schema" : 1'), DEEP[22:], b"", b"\xff", b"0"])
def test_whatever_a_decoder_raises_is_poison(kind: type[Article], value: bytes) -> None:
    with pytest.raises(Poison):
        decode(value, kind)


def test_what_no_message_can_hold_is_poison() -> None:
    with pytest.raises(Poison, match=r"unencodable_message: a FeedState.*surrogates"):
        encode(FeedState(url="https://a.example/feed", host="a.example", name="half of \ud83d"))


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.integers(-(10**12), 10**12) | st.none())
@example(b"999999999999999999999999", 1)
@example(b"-3", 10**18)
@example("٣".encode(), -1)
def test_any_record_can_become_a_dead_letter(header: bytes, timestamp: int | None) -> None:
    record = Record("t", 0, 7, b"\xff", b"{", timestamp, {dead_letter.ATTEMPT_HEADER: header})  # type: ignore[arg-type]
    letter = dead_letter.from_record(record, "annotate", Poison("malformed_message", "no"), NOW, 10_000)
    assert 1 <= letter.attempt <= dead_letter.MOST_ATTEMPTS
    assert decode(encode(letter), DeadLetter) == letter
    unreadable = dead_letter.unreadable(record, Poison("malformed_message", "no"))
    assert decode(encode(unreadable), DeadLetter).reason == dead_letter.UNREADABLE


@pytest.mark.stack
def test_a_deeply_nested_message_and_a_strange_header_are_dead_letters(options: Settings) -> None:
    put(options, article(1), DEEP)
    publisher = Publisher(options.kafka)
    name = broker.topic_name(options.kafka, ARTICLES)
    publisher.publish([EncodedMessage(name, b"k", b"{", headers={dead_letter.ATTEMPT_HEADER: b"many"})])
    publisher.close()
    put(options, article(2))
    with working(options, annotate):
        until(lambda: lag(options) == 0)
    assert titles(options) == ["Title 1", "Title 2"]
    assert [letter.reason for letter in letters(options)] == ["malformed_message"] * 2


def newsloom(options: Settings, *command: str) -> "subprocess.CompletedProcess[str]":
    environment = {**environment_of(options), "COLUMNS": "300"}
    arguments = [sys.executable, "-m", "newsloom", *command]
    return subprocess.run(arguments, check=False, capture_output=True, text=True, env=environment, timeout=120)


@pytest.mark.stack
def test_no_command_falls_over_an_unreadable_message(options: Settings) -> None:
    publisher = Publisher(options.kafka)
    for topic in (DEAD, FEEDS, ARTICLES):
        name = broker.topic_name(options.kafka, topic)
        publisher.publish([EncodedMessage(name, b"k%d" % n, value) for n, value in enumerate((DEEP, b"{", b"\xff"))])
    good = dead_letter.from_web("https://a.example/1", b"x", "ingest", Poison("unreadable_page", "no"), NOW, 10_000)
    state = FeedState(url="https://a.example/feed", host="a.example", name="A paper")
    publisher.publish([publisher.encode(OutgoingMessage(DEAD, good)), publisher.encode(OutgoingMessage(FEEDS, state))])
    publisher.close()
    listed = newsloom(options, "dead", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    found = [json.loads(line) for line in listed.stdout.splitlines()]
    assert sorted(each["reason"] for each in found) == [*["unreadable_letter"] * 3, "unreadable_page"]
    assert newsloom(options, "dead", "list").returncode == 0
    bad = next(each["id"] for each in found if each["reason"] == dead_letter.UNREADABLE)
    assert "unreadable_letter" in newsloom(options, "dead", "show", bad[:12]).stdout
    replayed = newsloom(options, "dead", "replay", "--yes")
    assert replayed.returncode == 0, replayed.stderr
    assert "nothing to replay" in replayed.stdout
    status = newsloom(options, "feeds", "status")
    assert status.returncode == 0, status.stderr
    assert "A paper" in status.stdout
    assert "3 unreadable" in status.stdout + status.stderr
    assert newsloom(options, "status").returncode == 4  # no `watch` runs: nobody looks
    assert "Traceback" not in newsloom(options, "status").stderr


@pytest.mark.stack
def test_lag_behind_a_topic_that_was_made_anew_is_all_of_it(options: Settings) -> None:
    """A committed offset beyond the end: the consumer begins again at the beginning, and so does what is told."""
    put(options, *map(article, range(10)))
    group, name = broker.group_name(options.kafka, "annotate"), broker.topic_name(options.kafka, ARTICLES)
    admin = broker.connect_client(KafkaAdminClient, options.kafka)
    admin.alter_group_offsets(group, {TopicPartition(name, n): OffsetAndMetadata(500, "", -1) for n in range(2)})
    admin.close()
    assert lag(options) == 10
    assert len(consumer_lag.first_uncommitted(options.kafka, "annotate", ARTICLES)) == 2


def test_a_letter_about_an_article_names_it_whatever_its_key_is() -> None:
    """On `annotated` the key is the language: "en" tells nobody what died."""
    record = Record("t", 0, 7, b"en", encode(article(1)), 0)
    letter = dead_letter.from_record(record, "stories", Poison("bug", "no"), NOW, 10_000)
    assert letter.subject == article(1).id
    assert letter.id == dead_letter.letter_id("stories", "t", 0, 7)
    unread = dead_letter.from_record(replace(record, value=DEEP), "stories", Poison("bug", "no"), NOW, 10_000)
    assert unread.subject == "en"

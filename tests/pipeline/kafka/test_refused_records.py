"""A broker that stalls, and one that refuses a record: every send ends, and no record takes another with it."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import msgspec
import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from embedded import ports, stack
from embedded.kafka import Kafka
from pipeline.failures import Poison, Unavailable
from pipeline.kafka import broker
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.kafka.stage import Result, StageOutput
from pipeline.messages import ANNOTATED, ARTICLES, FEEDS, Article, FeedState, Topic
from pipeline.settings import ROOT, Settings
from tests.pipeline.kafka.test_worker import annotated, article, letters, put, titles, until, working

pytestmark = pytest.mark.stack
SMALL = 20_000


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process does nothing meanwhile, and keeps its connections."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def own_broker(tmp_path: Path, offline_options: Settings) -> Iterator[tuple[Kafka, Settings]]:
    """A broker that the test may stop, and settings for it that wait for three seconds."""
    chosen = ports.choose_ports({"kafka": 0, "controller": 0})
    files, shared = stack.install_servers(print).kafka, ROOT / "config" / "kafka.properties"
    kafka = Kafka(tmp_path / "kafka", tmp_path / "log", files=files, settings=shared, ports=(chosen[0], chosen[1]))
    knobs = {"bootstrap_servers": kafka.bootstrap_servers, "acknowledge_timeout_seconds": 3.0, "partitions": 2}
    options = msgspec.structs.replace(offline_options, kafka=msgspec.structs.replace(offline_options.kafka, **knobs))
    kafka.start()
    try:
        broker.create_topics(options.kafka)
        yield kafka, options
    finally:
        kafka.kill()


def test_every_send_to_a_stalled_broker_ends_and_the_next_one_arrives(own_broker: tuple[Kafka, Settings]) -> None:
    kafka, options = own_broker
    publisher = Publisher(options.kafka)
    encoded = [publisher.encode(OutgoingMessage(ARTICLES, article(number))) for number in range(17)]
    publisher.publish(encoded[:1])
    with stopped(kafka.child.pid):
        began = monotonic()
        waiting = [publisher.submit(each) for each in encoded[1:]]
        for each in waiting:
            with pytest.raises(Unavailable):
                each.result(20)
        assert monotonic() - began < 20
    publisher.publish(encoded[1:])
    publisher.close()
    keys = {record.key for record in broker.read_topic(options.kafka, ARTICLES)}
    assert keys == {each.key for each in encoded}


def limit_messages(options: Settings, topic: Topic, most_bytes: int) -> None:
    admin = broker.connect_client(KafkaAdminClient, options.kafka)
    name = broker.topic_name(options.kafka, topic)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": str(most_bytes)})])
    admin.close()


def noise(size: int) -> str:
    """A text that compression makes little of."""
    return os.urandom(size).hex()


def test_messages_above_the_topics_own_limit_are_poison_and_the_others_arrive(options: Settings) -> None:
    limit_messages(options, ARTICLES, SMALL)
    publisher = Publisher(options.kafka)
    large = publisher.encode(OutgoingMessage(ARTICLES, article(1, noise(SMALL))))
    others = [publisher.encode(OutgoingMessage(ARTICLES, article(number))) for number in range(2, 6)]
    refused = publisher.publish_each([*others[:2], large, *others[2:]])
    assert [(each.message, each.poison.reason) for each in refused] == [(large, "too_large")]
    with pytest.raises(Unavailable, match="MessageSizeTooLarge"):
        publisher.submit(large).result(30)
    poison = publisher.publish_alone(large)
    assert isinstance(poison, Poison)
    assert poison.reason == "too_large"
    publisher.submit(others[0]).result(30)
    publisher.close()
    assert {record.key for record in broker.read_topic(options.kafka, ARTICLES)} == {each.key for each in others}


def test_a_record_without_a_key_does_not_take_a_compacted_topics_batch_with_it(options: Settings) -> None:
    publisher = Publisher(options.kafka)
    states = [FeedState(url=f"https://a.example/{number}", host="a.example", name="A") for number in range(4)]
    good = [publisher.encode(OutgoingMessage(FEEDS, state)) for state in states]
    keyless = EncodedMessage(good[0].topic, None, b"{}", good[0].partition)
    refused = publisher.publish_each([*good[:2], keyless, *good[2:]])
    assert [(each.message, each.poison.reason) for each in refused] == [(keyless, "refused_record")]
    waiting = [publisher.submit(each) for each in (good[0], keyless, good[1])]
    assert any(isinstance(each.exception(30), Unavailable) for each in waiting)
    assert [publisher.publish_alone(each) is None for each in (good[0], keyless, good[1])] == [True, False, True]
    publisher.close()
    assert {record.key for record in broker.read_topic(options.kafka, FEEDS)} == {each.key for each in good}


def test_a_stages_message_that_its_topic_does_not_take_is_a_dead_letter(options: Settings) -> None:
    limit_messages(options, ANNOTATED, SMALL)
    put(options, *(article(number, noise(SMALL) if number == 2 else "text") for number in range(1, 5)))

    def annotate(batch: Sequence[Article]) -> Sequence[Result]:
        return [StageOutput(publish=(OutgoingMessage(ANNOTATED, annotated(each)),)) for each in batch]

    with working(options, annotate):
        until(lambda: len(titles(options)) == 3 and len(letters(options)) == 1)
    [letter] = letters(options)
    assert (letter.reason, letter.subject) == ("too_large", article(2).id)
    assert titles(options) == ["Title 1", "Title 3", "Title 4"]

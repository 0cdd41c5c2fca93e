"""A broker with SCRAM over TLS, started as in compose: who has a password may do what it needs, and no more."""

from collections.abc import Callable, Iterator

import msgspec
import pytest

from embedded import ports
from pipeline import settings
from pipeline.alert_message import Alert
from pipeline.failures import Failure, Unavailable, WrongSetting
from pipeline.kafka import broker, consumer_lag, rights
from pipeline.kafka.backpressure import NEXT_STAGE
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.compacted_table import CompactedTable
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.messages import (
    ALERTS,
    ANNOTATED,
    ARTICLES,
    DEAD,
    ENRICHED,
    FEEDS,
    FINGERPRINTS,
    STORIES,
    TOPICS,
    WATCH_HITS,
    WATCH_PROGRESS,
    WATCHES,
    Topic,
)
from pipeline.settings import Settings
from tests.pipeline import password_broker

PASSWORDS = {user: f"password-of-{user}" for user in rights.RIGHTS}
# what each stage does: read from its code, and written down here once more
READ_BY_STAGES = {ARTICLES, ANNOTATED, ENRICHED, STORIES, FEEDS, DEAD}  # alerts look for what waits longest
READS = {
    "ingest": {FEEDS},
    "annotate": {ARTICLES},
    "stories": {ANNOTATED, FINGERPRINTS},
    "index": {ENRICHED, STORIES, FEEDS, DEAD},
    "watch": {*READ_BY_STAGES, WATCHES, WATCH_HITS, WATCH_PROGRESS, ALERTS},
    "web": {*READ_BY_STAGES, WATCHES, WATCH_HITS, WATCH_PROGRESS, ALERTS},
}
WRITES = {
    "ingest": {FEEDS, ARTICLES, DEAD},
    "annotate": {ANNOTATED, DEAD},
    "stories": {ENRICHED, STORIES, FINGERPRINTS, DEAD},
    "index": {DEAD},
    "watch": {WATCHES, WATCH_HITS, WATCH_PROGRESS, ALERTS, DEAD},
    "web": {ARTICLES, ANNOTATED, ENRICHED, STORIES, WATCHES},
}


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The super user of a broker with TLS, topics and users."""
    folder = tmp_path_factory.mktemp("secured")
    trust, key = password_broker.certificate(folder)
    port, controller = ports.choose_ports({"Kafka": 0, "its controller": 0})
    environment = {
        "KAFKA_NAME": "127.0.0.1",
        "KAFKA_HOST": "127.0.0.1",
        "KAFKA_PORT": str(port),
        "KAFKA_CONTROLLER_PORT": str(controller),
        "KAFKA_KEYSTORE": str(key),
        "KAFKA_TRUST": str(trust),
    }
    options = password_broker.admin_settings(f"127.0.0.1:{port}", security="password_tls", ca_file=str(trust))
    with password_broker.running_broker(folder, environment) as child:
        child.wait_until(lambda: password_broker.answers(options), password_broker.SECONDS)
        broker.create_topics(options.kafka)
        assert rights.grant(options.kafka, {**PASSWORDS, "reader": "of no one here"}) == list(PASSWORDS)
        fill(options)
        yield options


def fill(options: Settings) -> None:
    """A record on every topic: of an empty one nothing is asked that a writer may not know."""
    publisher = Publisher(options.kafka)
    publisher.publish([EncodedMessage(broker.topic_name(options.kafka, topic), b"key", b"{}", n)
                       for topic in TOPICS for n in range(topic.partitions or options.kafka.partitions)])  # fmt: skip
    publisher.close()


def as_user(admin: Settings, user: str, password: str = "") -> settings.Kafka:
    secret = password or PASSWORDS[user]
    return msgspec.structs.replace(admin.kafka, username=user, password=secret, acknowledge_timeout_seconds=10.0)


def allowed(topics: tuple[Topic, ...], attempt: Callable[[Topic], object]) -> set[str]:
    """The topics with which it works; with the others it must fail for want of rights."""
    return {topic.name for topic in topics if not refused(topic, attempt)}


def refused(topic: Topic, attempt: Callable[[Topic], object]) -> bool:
    try:
        attempt(topic)
    except Failure as failure:
        if "uthorization" in str(failure) or "is not there" in str(failure):
            return True
        raise
    return False


@pytest.mark.stack
@pytest.mark.parametrize("user", rights.RIGHTS)
def test_a_service_may_do_what_it_does_and_no_more(admin: Settings, user: str) -> None:
    own = as_user(admin, user)
    publisher = Publisher(own)

    def write(topic: Topic) -> None:
        publisher.publish([EncodedMessage(broker.topic_name(own, topic), b"key", b"{}")])

    assert allowed(TOPICS, lambda topic: list(broker.read_topic(own, topic))) == {each.name for each in READS[user]}
    assert allowed(TOPICS, write) == {each.name for each in WRITES[user]}
    publisher.close()


@pytest.mark.stack
def test_a_service_joins_its_own_group_and_no_other(admin: Settings) -> None:
    own = as_user(admin, "annotate")
    for group, works in (("annotate", True), ("index", False)):
        consumer = broker.group_consumer(own, ARTICLES, group, lambda _: None, Lease(own))
        try:
            if works:
                broker.call_kafka(lambda consumer=consumer: consumer.poll(timeout_ms=1_000))  # type: ignore[misc]
            else:
                with pytest.raises(Unavailable, match="GroupAuthorization"):
                    broker.call_kafka(lambda consumer=consumer: consumer.poll(timeout_ms=10_000))  # type: ignore[misc]
        finally:
            consumer.close(autocommit=False)


@pytest.mark.stack
@pytest.mark.parametrize("stage", NEXT_STAGE)
def test_a_stage_may_ask_how_far_the_next_one_is_behind(admin: Settings, stage: str) -> None:
    assert NEXT_STAGE[stage][0] in consumer_lag.lag(as_user(admin, stage), [NEXT_STAGE[stage]])


@pytest.mark.stack
def test_the_alerts_may_ask_what_waits_longest_and_own_their_topic(admin: Settings) -> None:
    own = as_user(admin, "watch")
    assert set(consumer_lag.oldest_unfinished(own)) <= {stage for stage, _ in consumer_lag.STAGE_SOURCES}
    table = CompactedTable(own, ALERTS, Alert, "alerts")
    assert table.poll(1.0).owned <= {0}
    table.close()


@pytest.mark.stack
def test_who_has_no_password_a_wrong_one_or_no_tls_does_not_get_in(admin: Settings) -> None:
    wrong = as_user(admin, "ingest", "guessed")
    nobody = as_user(admin, "nobody", "guessed")
    plain = msgspec.structs.replace(as_user(admin, "ingest"), security="password")
    strange = msgspec.structs.replace(
        as_user(admin, "ingest"), ca_file=""
    )  # an authority that the machine does not know
    for options in (wrong, nobody, plain, strange):
        with pytest.raises(Unavailable):
            broker.missing_topics(options)


@pytest.mark.stack
def test_a_new_password_takes_the_place_of_the_old_one(admin: Settings) -> None:
    rights.grant(admin.kafka, {"stories": "another"})
    assert consumer_lag.count_messages(as_user(admin, "stories", "another"), ANNOTATED) >= 0
    rights.grant(admin.kafka, {"stories": PASSWORDS["stories"]})
    with pytest.raises(Unavailable):
        consumer_lag.count_messages(as_user(admin, "stories", "another"), ANNOTATED)


def test_what_makes_no_connection_is_a_wrong_setting(offline_options: Settings) -> None:
    some = msgspec.structs.replace(offline_options.kafka, bootstrap_servers="127.0.0.1:1")
    with pytest.raises(WrongSetting, match="NEWSLOOM_KAFKA__PASSWORD"):
        broker.missing_topics(msgspec.structs.replace(some, security="password", username="ingest"))
    with pytest.raises(WrongSetting, match=r"kafka\.ca_file .*nowhere"):
        broker.missing_topics(msgspec.structs.replace(some, security="tls", ca_file="/nowhere/ca.pem"))
    with pytest.raises(WrongSetting, match="PLAIN"):
        rights.grant(msgspec.structs.replace(some, mechanism="PLAIN"), {"ingest": "x"})
    assert rights.grant(some, {}) == []

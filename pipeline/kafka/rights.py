"""Access rights on Kafka: one user for each service, with the access control entries (ACLs) that it needs.

In: the services' passwords. Out: users of the services' names on the broker, and their ACLs. Nobody else but the super
user who runs this has any right. Rights are to read or write a topic and to join a group; Kafka lets whoever has one of
them ask for metadata and offsets, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    UserScramCredentialUpsertion,
)

from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting
from pipeline.kafka.broker import call_kafka, connect_client, group_name, topic_name
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.messages import (
    ALERTS,
    ANNOTATED,
    ARTICLES,
    DEAD,
    ENRICHED,
    FEEDS,
    FINGERPRINTS,
    STORIES,
    WATCH_TOPICS,
    WATCHES,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Rights:
    """The topics that a service reads and writes, and the stages whose progress it may ask for.

    Each may also join the consumer groups that begin with its name, and those that begin with `joins`.
    """

    reads: tuple[Topic, ...]
    writes: tuple[Topic, ...]
    follows: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()


RIGHTS: Mapping[str, Rights] = {
    # a stage asks how far the one after it is behind (pipeline/kafka/backpressure)
    "ingest": Rights((FEEDS,), (FEEDS, ARTICLES, DEAD), ("annotate",)),
    "annotate": Rights((ARTICLES,), (ANNOTATED, DEAD), ("stories",)),
    "stories": Rights((ANNOTATED, FINGERPRINTS), (ENRICHED, STORIES, FINGERPRINTS, DEAD), ("index",)),
    "index": Rights((ENRICHED, STORIES, FEEDS, DEAD), (DEAD,)),
    # and the alerts ask all stages, and the topics that they read, for what has waited longest
    "watch": Rights(
        (*(topic for _, topic in STAGE_SOURCES), *WATCH_TOPICS, ALERTS),
        (*WATCH_TOPICS, ALERTS, DEAD),
        tuple(stage for stage, _ in STAGE_SOURCES),
        joins=("alerts",),
    ),
    # tells an article's way: where it is on the topics, and how far each stage has come; makes watches and replays
    # what failed, where it was an article or a story: states of feeds are the poller's
    "web": Rights(
        (*(topic for _, topic in STAGE_SOURCES), *WATCH_TOPICS, ALERTS),
        (ARTICLES, ANNOTATED, ENRICHED, STORIES, WATCHES),
        tuple(stage for stage, _ in STAGE_SOURCES),
    ),
}


def grant(options: settings.Kafka, passwords: Mapping[str, str]) -> list[str]:
    """Creates a user for each service that has a password, with its rights; returns their names. Safe to repeat.

    `passwords`: by service. Raises Unavailable; WrongSetting when kafka.mechanism has no users on the broker (PLAIN).
    """
    users = [user for user in RIGHTS if passwords.get(user)]
    if not users:
        return []
    mechanism = options.mechanism
    if mechanism == "PLAIN":
        raise WrongSetting("kafka.mechanism is PLAIN: a broker makes users for SCRAM only")
    admin = connect_client(KafkaAdminClient, options)
    try:
        changes = [UserScramCredentialUpsertion(user, mechanism, passwords[user]) for user in users]
        answers = call_kafka(lambda: admin.alter_user_scram_credentials(changes))
        _check({user: str(answers[user]) for user in users if answers.get(user)})
        created = call_kafka(lambda: admin.create_acls([each for user in users for each in acl_entries(options, user)]))
        _check({str(acl): str(error) for acl, error in created["failed"]})
    finally:
        admin.close()
    return users


def _check(failed: Mapping[str, str]) -> None:
    if failed:
        raise Unavailable("kafka", f"users were not made: {failed}")


def acl_entries(options: settings.Kafka, user: str) -> Iterator[ACL]:
    """The access control entries of a service's user. Asks no broker."""
    own = RIGHTS[user]
    literal, prefixed = ACLResourcePatternType.LITERAL, ACLResourcePatternType.PREFIXED
    for topic in own.reads:
        yield _allow(user, ACLOperation.READ, ResourcePattern(ResourceType.TOPIC, topic_name(options, topic), literal))
    for topic in own.writes:
        yield _allow(user, ACLOperation.WRITE, ResourcePattern(ResourceType.TOPIC, topic_name(options, topic), literal))
    for name in (user, *own.joins):
        yield _allow(user, ACLOperation.READ, ResourcePattern(ResourceType.GROUP, group_name(options, name), prefixed))
    for name in own.follows:
        group = ResourcePattern(ResourceType.GROUP, group_name(options, name), literal)
        yield _allow(user, ACLOperation.DESCRIBE, group)


def _allow(user: str, operation: ACLOperation, what: ResourcePattern) -> ACL:
    return ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, what)

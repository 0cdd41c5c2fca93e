"""Who may read and write what on Kafka: in: passwords of services; out: users with the rights that each one needs.

A right is given to a user of the service's name; nobody else has any, but for the super user who gives them. A topic
may be read or written, a group joined: asking for metadata and offsets comes with either.
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
from pipeline.kafka.broker import available, connected, group_name, topic_name
from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, FEEDS, FINGERPRINTS, STORIES, Topic


@dataclass(frozen=True, slots=True)
class Rights:
    """What a service reads and writes. Every one joins the groups that begin with its name, and buries its dead."""

    reads: tuple[Topic, ...]
    writes: tuple[Topic, ...]


RIGHTS: Mapping[str, Rights] = {
    "ingest": Rights((FEEDS,), (FEEDS, ARTICLES, DEAD)),
    "annotate": Rights((ARTICLES,), (ANNOTATED, DEAD)),
    "stories": Rights((ANNOTATED, FINGERPRINTS), (ENRICHED, STORIES, FINGERPRINTS, DEAD)),
    "index": Rights((ENRICHED, STORIES, FEEDS, DEAD), (DEAD,)),
}


def grant(options: settings.Kafka, passwords: Mapping[str, str]) -> list[str]:
    """Makes the users that have a password, and gives them their rights. Returns their names. Safe to repeat.

    Raises Unavailable; WrongSetting when the broker keeps no passwords or no rights.
    """
    users = [user for user in RIGHTS if passwords.get(user)]
    if not users:
        return []
    mechanism = options.mechanism
    if mechanism == "PLAIN":
        raise WrongSetting("kafka.mechanism is PLAIN: a broker makes users for SCRAM only")
    admin = connected(KafkaAdminClient, options)
    try:
        changes = [UserScramCredentialUpsertion(user, mechanism, passwords[user]) for user in users]
        told = available(lambda: admin.alter_user_scram_credentials(changes))
        _check({user: str(told[user]) for user in users if told.get(user)})
        given = available(lambda: admin.create_acls([each for user in users for each in rights(options, user)]))
        _check({str(acl): str(error) for acl, error in given["failed"]})
    finally:
        admin.close()
    return users


def _check(failed: Mapping[str, str]) -> None:
    if failed:
        raise Unavailable("kafka", f"users were not made: {failed}")


def rights(options: settings.Kafka, user: str) -> Iterator[ACL]:
    """The entries of a user in the broker's list of rights. Pure."""
    own = RIGHTS[user]
    literal, prefixed = ACLResourcePatternType.LITERAL, ACLResourcePatternType.PREFIXED
    for topic in own.reads:
        yield _may(user, ACLOperation.READ, ResourcePattern(ResourceType.TOPIC, topic_name(options, topic), literal))
    for topic in own.writes:
        yield _may(user, ACLOperation.WRITE, ResourcePattern(ResourceType.TOPIC, topic_name(options, topic), literal))
    yield _may(user, ACLOperation.READ, ResourcePattern(ResourceType.GROUP, group_name(options, user), prefixed))


def _may(user: str, operation: ACLOperation, what: ResourcePattern) -> ACL:
    return ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, what)

"""Sets a stage back on its source topic, so that it handles messages again: after a better enricher, or a lost index.

In: a stage, its source topic, and a time. Out: the stage's committed offsets are those of the first messages of that
time; it handles what follows again when it is started. Handling a message again has no effect where it comes out the
same, and takes effect where the stage is newer (docs/decisions/0002).
"""

from datetime import datetime

from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from kafka.errors import GroupIdNotFoundError, KafkaError

from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting
from pipeline.kafka.broker import call_kafka, connect_client, group_name, groupless_consumer, partitions_of, topic_name
from pipeline.messages import Topic


def rewind(options: settings.Kafka, stage: str, topic: Topic, since: datetime | None = None) -> int:
    """Sets the stage back to the first messages published at or after `since`, or to the beginning of its topic.

    Returns how many messages it will handle. Raises Unavailable; WrongSetting while the stage runs, for then it would
    go on where it was.
    """
    offsets, ends = _offsets(options, topic, since)
    admin = connect_client(KafkaAdminClient, options)
    try:
        group = group_name(options, stage)
        _refuse_running(admin, group, stage)
        wanted = {tp: OffsetAndMetadata(offset, "", -1) for tp, offset in offsets.items()}
        for tp, error in call_kafka(lambda: admin.alter_group_offsets(group, wanted)).items():
            _raise(stage, tp, error)
    finally:
        admin.close()
    return sum(ends[tp] - offset for tp, offset in offsets.items())


def _offsets(
    options: settings.Kafka, topic: Topic, since: datetime | None
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Of each partition the offset to go back to, and its end."""
    consumer = groupless_consumer(options)
    try:
        name = topic_name(options, topic)
        todo = [TopicPartition(name, partition) for partition in partitions_of(consumer, name)]
        ends = call_kafka(lambda: consumer.end_offsets(todo))
        if since is None:
            return call_kafka(lambda: consumer.beginning_offsets(todo)), ends
        at = int(since.timestamp() * 1000)
        found = call_kafka(lambda: consumer.offsets_for_times(dict.fromkeys(todo, at)))
        return {tp: found[tp].offset if found.get(tp) else ends[tp] for tp in todo}, ends
    finally:
        consumer.close(autocommit=False)


def _refuse_running(admin: KafkaAdminClient, group: str, stage: str) -> None:
    try:
        described = call_kafka(lambda: admin.describe_groups([group]))
    except Unavailable as error:
        if isinstance(error.__cause__, GroupIdNotFoundError):
            return  # it has never run
        raise
    members = described.get(group, {}).get("members") or []
    if members:
        raise WrongSetting(f"{stage} is running ({len(members)} of it): stop it first, then rewind it and start it")


def _raise(stage: str, tp: TopicPartition, error: type[KafkaError]) -> None:
    if error.__name__ == "NoError":
        return
    if error.__name__ in ("UnknownMemberIdError", "NonEmptyGroupError"):
        raise WrongSetting(f"{stage} is running: stop it first, then rewind it and start it")
    raise Unavailable("kafka", f"{tp.topic}/{tp.partition}: {error.__name__}")

"""How far the stages of a running pipeline are behind, by what their consumer groups have committed.

In: Kafka's address. Out: the number of messages that a group has still to finish. Groups and topics are those that the
broker has, whatever a build calls them.
"""

from kafka import KafkaAdminClient, KafkaConsumer


def count_unfinished(kafka: str) -> int:
    """Messages that are not committed yet, of all groups together."""
    admin, consumer = KafkaAdminClient(bootstrap_servers=kafka), KafkaConsumer(bootstrap_servers=kafka)
    try:
        groups = [group["group_id"] for group in admin.list_groups()]
        committed = [each for offsets in admin.list_group_offsets(groups).values() for each in offsets.items()]
        ends = consumer.end_offsets([partition for partition, _ in committed])
        return sum(max(0, ends[partition] - found.offset) for partition, found in committed)
    finally:
        consumer.close()
        admin.close()

"""Sending: partitions as Kafka picks them, and a broker that is away is Unavailable, not a crash."""

import gc

import msgspec
import pytest

from pipeline.failures import Unavailable, WrongSetting
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage, Publisher, partition_for
from pipeline.messages import ARTICLES, FEEDS, FeedState
from pipeline.settings import Settings
from tests.pipeline.kafka.test_worker import article

# what org.apache.kafka.common.utils.Utils.murmur2 gives, from Kafka's own UtilsTest.testMurmur2
MURMUR2 = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536}


@pytest.mark.parametrize(("text", "hashed"), MURMUR2.items())
@pytest.mark.parametrize("partitions", [1, 4, 7])
def test_a_partition_is_the_one_that_kafkas_own_partitioner_picks(text: str, hashed: int, partitions: int) -> None:
    assert partition_for(text, partitions) == (hashed & 0x7FFFFFFF) % partitions


def test_no_address_is_a_wrong_setting_that_says_what_to_do(offline_options: Settings) -> None:
    with pytest.raises(WrongSetting, match=r"kafka\.bootstrap_servers is empty"):
        broker.create_topics(offline_options.kafka)


# kafka-python 3.0.12 leaves the half-open socket of a refused connection to the garbage collector
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_broker_that_is_away_is_unavailable(offline_options: Settings, free_port: int) -> None:
    options = msgspec.structs.replace(
        offline_options.kafka, bootstrap_servers=f"127.0.0.1:{free_port}", acknowledge_timeout_seconds=1.0
    )
    publisher = Publisher(options)
    encoded = publisher.encode(OutgoingMessage(ARTICLES, article(1)))
    with pytest.raises(Unavailable, match="kafka is unavailable"):
        publisher.publish([encoded])
    with pytest.raises(Unavailable, match="kafka is unavailable"):
        publisher.submit(encoded).result(30)
    publisher.close()
    gc.collect()


@pytest.mark.stack
def test_feeds_of_one_host_share_a_partition_and_keep_their_own_keys(options: Settings) -> None:
    publisher = Publisher(options.kafka)
    states = [
        FeedState(url=f"https://{host}/feed/{number}", host=host, name=f"{host} {number}")
        for host in ("a.example", "b.example", "c.example", "d.example")
        for number in range(3)
    ]
    publisher.publish([publisher.encode(OutgoingMessage(FEEDS, state)) for state in states])
    publisher.submit(publisher.encode(OutgoingMessage(FEEDS, states[0], tombstone=True))).result(30)
    publisher.close()
    records = list(broker.read_topic(options.kafka, FEEDS))
    assert {record.key for record in records} == {state.url.encode() for state in states}
    assert sum(record.value is None for record in records) == 1
    for host in ("a.example", "b.example", "c.example", "d.example"):
        of_host = {record.partition for record in records if host.encode() in (record.key or b"")}
        assert of_host == {partition_for(host, options.kafka.partitions)}

"""A stage waits while the one after it is too far behind, says so, and goes on by itself; nothing is lost."""

import msgspec
import pytest
from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition

from pipeline.kafka import broker, consumer_lag
from pipeline.kafka.backpressure import ASK_SECONDS, Backpressure
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ANNOTATED
from pipeline.settings import Settings
from tests.pipeline.kafka.test_worker import annotate, annotated, article, lag, put, titles, until, working

pytestmark = pytest.mark.stack


@pytest.fixture
def behind(options: Settings) -> Settings:
    """The stage after annotate is ten messages behind, and five are allowed."""
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(OutgoingMessage(ANNOTATED, annotated(article(n)))) for n in range(100, 110)])
    publisher.close()
    return msgspec.structs.replace(options, worker=msgspec.structs.replace(options.worker, most_backlog=5))


def catch_up(options: Settings, left: int) -> None:
    """The stage after annotate has handled all but so many."""
    name = broker.topic_name(options.kafka, ANNOTATED)
    consumer = broker.groupless_consumer(options.kafka)
    ends = consumer.end_offsets([TopicPartition(name, n) for n in broker.partitions_of(consumer, name)])
    consumer.close(autocommit=False)
    offsets = {}
    for tp, end in ends.items():
        offsets[tp] = OffsetAndMetadata(max(0, end - left), "", -1)
        left -= min(end, left)
    admin = broker.connect_client(KafkaAdminClient, options.kafka)
    admin.alter_group_offsets(broker.group_name(options.kafka, "stories"), offsets)
    admin.close()


def test_it_begins_above_the_limit_and_ends_at_half_of_it(behind: Settings) -> None:
    now = [0.0]
    backpressure = Backpressure(behind, "annotate", lambda: now[0])
    assert "stories, which is 10 messages behind" in backpressure.reason()
    catch_up(behind, 4)
    assert "10 messages" in backpressure.reason()  # not asked again yet
    now[0] += ASK_SECONDS
    assert "4 messages" in backpressure.reason()
    catch_up(behind, 2)
    now[0] += ASK_SECONDS
    assert backpressure.reason() == ""
    assert Backpressure(behind, "index", lambda: now[0]).reason() == ""


def test_a_worker_waits_and_goes_on_by_itself(behind: Settings) -> None:
    put(behind, *map(article, range(3)))
    with working(behind, annotate) as service:
        until(lambda: "stories" in str(service.health()[1].get("warning")))
        assert service.health()[0] == 200
        assert lag(behind) == 3
        catch_up(behind, 0)
        until(lambda: lag(behind) == 0, 60)
        assert "warning" not in service.health()[1]
    assert len(titles(behind)) == 13
    assert consumer_lag.lag(behind.kafka, [("stories", ANNOTATED)]) == {"stories": 3}

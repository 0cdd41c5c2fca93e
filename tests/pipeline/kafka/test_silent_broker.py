"""A broker that is stopped or dead: every stage's health says so, memory stays, and all goes on when it is back."""

import asyncio
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from embedded import ports
from embedded.kafka import Kafka
from embedded.stack import install_servers
from ingest.feeds.feed_list import Feed
from ingest.frontier.assignment import AssignmentFollower, FollowerReport
from pipeline.failures import Unavailable
from pipeline.kafka import broker, consumer_lag
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.kafka.stage import Stage, StageOutput
from pipeline.kafka.worker import Worker
from pipeline.messages import ANNOTATED, ARTICLES, Annotated, Article
from pipeline.service import Service
from pipeline.settings import ROOT, Settings, load
from tests.pipeline.kafka.test_worker import article, put

pytestmark = [pytest.mark.stack, pytest.mark.slow]
# what is found out within: QUIET_SECONDS and the question's deadline, on a busy machine
NOTICED = 25.0


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A broker of this test's own, to be stopped and killed."""
    client, controller = ports.choose_ports({"Kafka": 0, "its controller": 0})
    files, settings = install_servers(print).kafka, ROOT / "config" / "kafka.properties"
    made = Kafka(tmp_path / "kafka", tmp_path / "kafka.log", files=files, settings=settings, ports=(client, controller))
    made.start()
    try:
        yield made
    finally:
        with suppress(ProcessLookupError):
            os.kill(made.child.pid, signal.SIGCONT)
        made.kill()


@pytest.fixture
def own_options(kafka: Kafka) -> Settings:
    options = load(
        {
            "NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "NEWSLOOM_KAFKA__PARTITIONS": "2",
            "NEWSLOOM_ELASTICSEARCH__URL": "http://127.0.0.1:9",
        }
    )
    broker.create_topics(options.kafka)
    return options


@contextmanager
def idle_stages(options: Settings) -> Iterator[Service]:
    """Two stages with nothing to do, as one service."""
    service = Service("index")
    stages: list[Stage[Article]] = [
        Stage("one", ARTICLES, Article, lambda batch: [StageOutput() for _ in batch]),
        Stage("two", ANNOTATED, Annotated, lambda batch: [StageOutput() for _ in batch]),
    ]
    threads = [threading.Thread(target=Worker(stage, options, service).run) for stage in stages]
    for thread in threads:
        thread.start()
    try:
        yield service
    finally:
        service.stop.set()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)


def until(condition: Callable[[], bool], seconds: float, what: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it never came true: {what()}"
        time.sleep(0.1)


def is_silent(service: Service) -> bool:
    status, body = service.health()
    return status == 503 and str(body["status"]).startswith("kafka is unavailable: nothing heard for ")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_stopped_broker_is_told_costs_nothing_and_is_found_again(kafka: Kafka, own_options: Settings) -> None:
    with idle_stages(own_options) as service:
        until(lambda: service.health()[0] == 200, 30, service.health)
        heard = service.health()[1]["kafka_heard_seconds_ago"]
        assert isinstance(heard, float)
        assert heard < 10
        memory, work = resident_bytes(), time.process_time()
        os.kill(kafka.child.pid, signal.SIGSTOP)
        stopped_at = time.monotonic()
        until(lambda: is_silent(service), NOTICED, service.health)
        # the library's own deadline for what it has asked is 30 s: what grows, grows so long
        until(lambda: time.monotonic() > stopped_at + 25, 30, service.health)
        assert is_silent(service)
        assert resident_bytes() - memory < 25_000_000
        assert time.process_time() - work < 8
        os.kill(kafka.child.pid, signal.SIGCONT)
        until(lambda: service.health()[0] == 200, 20, service.health)


def test_a_dead_broker_is_told_and_a_stop_is_answered_at_once(kafka: Kafka, own_options: Settings) -> None:
    with idle_stages(own_options) as service:
        until(lambda: service.health()[0] == 200, 30, service.health)
        kafka.kill()
        until(lambda: is_silent(service), NOTICED, service.health)
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 12
    kafka.start()
    with idle_stages(own_options) as service:
        until(lambda: service.health()[0] == 200, 30, service.health)
        kafka.kill()
        until(lambda: is_silent(service), NOTICED, service.health)
        kafka.start()
        until(lambda: service.health()[0] == 200, 30, service.health)


def test_the_poller_hears_that_its_broker_is_silent(kafka: Kafka, own_options: Settings) -> None:
    async def follow() -> list[FollowerReport]:
        reports: list[FollowerReport] = []
        follower = AssignmentFollower(own_options, [Feed(url="http://a.example/f", name="A")], reports.append)
        try:
            await reported(reports, lambda: any(not isinstance(each, str) for each in reports))
            os.kill(kafka.child.pid, signal.SIGSTOP)
            await reported(reports, lambda: "nothing heard for" in str(reports[-1]))
            os.kill(kafka.child.pid, signal.SIGCONT)
            await reported(reports, lambda: reports[-1] == "")
        finally:
            await asyncio.to_thread(follower.close)
        return reports

    assert asyncio.run(follow())


async def reported(reports: list[FollowerReport], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, reports[-3:]
        await asyncio.sleep(0.1)


def test_reading_a_topic_ends_when_the_broker_does(kafka: Kafka, own_options: Settings) -> None:
    name = broker.topic_name(own_options.kafka, ARTICLES)
    publisher = Publisher(own_options.kafka)
    publisher.publish([EncodedMessage(name, str(number).encode(), os.urandom(1_000_000)) for number in range(40)])
    publisher.close()
    records = broker.read_topic(own_options.kafka, ARTICLES)
    next(records)
    os.kill(kafka.child.pid, signal.SIGSTOP)
    with pytest.raises(Unavailable, match="kafka is unavailable"):
        assert len(list(records)) < 39


def test_a_commit_that_failed_is_made_good_without_another_message(kafka: Kafka, own_options: Settings) -> None:
    acknowledged = threading.Event()

    def handle(batch: Sequence[Article]) -> Sequence[StageOutput]:
        if batch[-1] == article(2):
            assert acknowledged.wait(30)
            kafka.kill()  # after the last message was handled, before it is committed
        return [StageOutput() for _ in batch]

    def nothing_waits() -> bool:
        with suppress(Unavailable):  # a broker that has just started reads its groups first
            return consumer_lag.lag(own_options.kafka, [("annotate", ARTICLES)])["annotate"] == 0
        return False

    service = Service("annotate")
    thread = threading.Thread(target=Worker(Stage("annotate", ARTICLES, Article, handle), own_options, service).run)
    thread.start()
    try:
        put(own_options, article(1))
        until(nothing_waits, 30, service.health)
        put(own_options, article(2))
        acknowledged.set()
        until(lambda: is_silent(service), 60, service.health)
        kafka.start()
        until(nothing_waits, 30, service.health)
    finally:
        service.stop.set()
        thread.join(30)
    assert not thread.is_alive()

"""Who stood still until its partitions were another's sends nothing more of them."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from msgspec.structs import replace

from pipeline.failures import Unavailable
from pipeline.kafka import broker
from pipeline.kafka.clients.lease import Lease
from pipeline.kafka.clients.network import Producer
from pipeline.kafka.stage import Result, Stage
from pipeline.kafka.worker import Worker
from pipeline.messages import ARTICLES, FEEDS, Article
from pipeline.service import Service
from pipeline.settings import Settings, load
from tests.pipeline.kafka.test_compacted_table import Member, feeds, polled, publish
from tests.pipeline.kafka.test_worker import annotate, article, put, titles, until

SESSION_SECONDS = 6.0
LINGER_SECONDS, DELIVER_SECONDS = 1.0, 2.0


KAFKA = replace(load({}).kafka, session_timeout_seconds=10.0, acknowledge_timeout_seconds=30.0)


# --- the lease ---


def test_it_is_held_from_an_answered_heartbeat_until_what_is_sent_could_come_too_late() -> None:
    now = [100.0]
    lease = Lease(KAFKA, lambda: now[0])
    lease.begin_term(0)
    assert lease.deliver_seconds == 5.0
    assert not lease.is_held()
    lease.confirm(100.0)
    now[0] = 104.9
    lease.require(lease.begun)
    now[0] = 105.1
    with pytest.raises(Unavailable, match="does not confirm"):
        lease.require(lease.begun)
    lease.confirm(105.0)
    lease.require(lease.begun)


def test_what_was_decided_in_a_term_that_has_ended_is_never_sent() -> None:
    lease = Lease(KAFKA, lambda: 0.0)
    lease.begin_term(0)
    lease.confirm(0.0)
    decided_in = lease.begun
    lease.end_term()
    with pytest.raises(Unavailable, match="anew"):
        lease.require(decided_in, wait_seconds=60)  # nor is it waited for
    lease.begin_term(lease.term)
    with pytest.raises(Unavailable, match="anew"):
        lease.require(decided_in)
    lease.require(lease.begun)


@given(st.lists(st.sampled_from(["end", "begin the present", "begin the last but one"])))
def test_a_term_begins_only_when_the_present_assignment_was_taken_in(steps: list[str]) -> None:
    lease, taken_in = Lease(KAFKA, lambda: 0.0), False
    lease.confirm(0.0)
    for step in steps:
        if step == "end":
            lease.end_term()
            taken_in = False
        else:
            lease.begin_term(lease.term if step == "begin the present" else lease.term - 1)
            taken_in = taken_in or step == "begin the present"
        assert lease.is_held() == taken_in


# --- a member that the group has dropped ---


def drop_members(options: Settings, group: str) -> None:
    """What the coordinator does when it hears nothing of them."""
    admin = broker.connect_client(KafkaAdminClient, options.kafka)
    name = broker.group_name(options.kafka, group)
    members = [MemberToRemove(member["member_id"]) for member in admin.describe_groups([name])[name]["members"]]
    admin.remove_group_members(name, members)
    admin.close()


@pytest.mark.stack
def test_a_member_that_was_dropped_takes_its_partitions_as_new_ones(options: Settings) -> None:
    """Another may have owned them meanwhile, and have written there: here it has."""
    options = replace(options, kafka=replace(options.kafka, session_timeout_seconds=SESSION_SECONDS))
    publish(options, *feeds(6))
    member, lost = Member(options), set[int]()
    polled(member, until=lambda: len(member.owned) == 2 and member.caught_up)
    member.table.pause(member.owned)
    publish(options, *feeds(6, etag="of another"))
    drop_members(options, "pollers")

    def is_back() -> bool:
        lost.update(member.lost)
        return len(lost) == 2 and len(member.owned) == 2 and member.caught_up

    polled(member, until=is_back)
    assert {state.etag for held in member.held.values() for state in held.values()} == {"of another"}
    member.table.close()


# --- processes that stand still ---


def stop_oneself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def send_and_stand_still(options: Settings) -> None:
    """Hands a message over to a producer, and stands still before it is sent."""
    producer = broker.connect_client(
        Producer,
        options.kafka,
        acks="all",
        linger_ms=int(LINGER_SECONDS * 1000),
        request_timeout_ms=500,
        delivery_timeout_ms=int(DELIVER_SECONDS * 1000),
    )
    name = broker.topic_name(options.kafka, FEEDS)
    producer.partitions_for(name)
    sent = producer.send(name, b"{}", b"key", partition=0)
    stop_oneself()
    producer.flush(10)
    assert sent.failed()


class HandleOnce:
    """Annotates, and the first time stands still in the middle of it."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __call__(self, batch: Sequence[Article]) -> Sequence[Result]:
        if not self._mark.exists():
            self._mark.touch()
            stop_oneself()
        return annotate(batch)


def work(options: Settings, mark: Path) -> None:
    service = Service("annotate")
    Worker(Stage("annotate", ARTICLES, Article, HandleOnce(mark)), options, service).run()


@contextmanager
def process(function: Callable[..., None], *arguments: object) -> Iterator[SpawnProcess]:
    running = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    running.start()
    try:
        yield running
    finally:
        running.kill()
        running.join()


def stands_still(running: SpawnProcess) -> bool:
    return Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.stack
def test_what_waits_in_a_producer_that_stands_still_is_not_sent_when_it_goes_on(options: Settings) -> None:
    """kafka-python 3.0.12 tells such a batch as expired, and sends it all the same."""
    with process(send_and_stand_still, options) as sender:
        until(lambda: stands_still(sender))
        since = time.monotonic()
        until(lambda: time.monotonic() > since + DELIVER_SECONDS + 0.5)
        os.kill(sender.pid or 0, signal.SIGCONT)
        sender.join(30)
        assert sender.exitcode == 0
    assert list(broker.read_topic(options.kafka, FEEDS)) == []


@pytest.mark.stack
def test_a_worker_that_stands_still_publishes_nothing_after_its_successor(options: Settings, tmp_path: Path) -> None:
    options = replace(options, kafka=replace(options.kafka, session_timeout_seconds=SESSION_SECONDS))
    put(options, article(1))
    with process(work, options, tmp_path / "stood still") as first:
        until(lambda: stands_still(first), 60)
        with process(work, options, tmp_path / "stood still"):
            until(lambda: titles(options) == ["Title 1"], 60)
            os.kill(first.pid or 0, signal.SIGCONT)
            put(options, *map(article, range(2, 42)))  # both have work again
            until(lambda: len(titles(options)) >= 41, 60)
    assert titles(options) == sorted(f"Title {number}" for number in range(1, 42))

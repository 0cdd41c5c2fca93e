"""A compacted topic shared by two members: each reads its own from the start, and takes over."""

from time import monotonic

import pytest

from pipeline.kafka.compacted_table import CompactedTable
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import FEEDS, FeedState
from pipeline.settings import Settings

pytestmark = pytest.mark.stack


class Member:
    """A table and what it holds."""

    def __init__(self, options: Settings) -> None:
        self.table = CompactedTable(options.kafka, FEEDS, FeedState, group="pollers")
        self.owned: frozenset[int] = frozenset()
        self.held: dict[int, dict[str, FeedState]] = {}
        self.caught_up = False
        self.lost: frozenset[int] = frozenset()  # with the last poll

    def poll(self) -> None:
        changes = self.table.poll(0.1)
        self.lost = changes.lost
        self.owned, self.caught_up = changes.owned, changes.caught_up
        for partition in changes.lost:
            self.held.pop(partition, None)
        for update in changes.updates:
            of_partition = self.held.setdefault(update.partition, {})
            if update.message is None:
                of_partition.pop(update.key, None)
            else:
                of_partition[update.key] = update.message

    def urls(self) -> set[str]:
        return {key for of_partition in self.held.values() for key in of_partition}


def polled(*members: Member, until: object = None, seconds: float = 30) -> None:
    deadline = monotonic() + seconds
    while not (callable(until) and until()):
        assert monotonic() < deadline, "it never came true"
        for member in members:
            member.poll()


def publish(options: Settings, *states: FeedState, tombstone: bool = False) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(OutgoingMessage(FEEDS, state, tombstone)) for state in states])
    publisher.close()


def feeds(count: int, etag: str | None = None) -> list[FeedState]:
    return [
        FeedState(url=f"https://host{number}.example/feed", host=f"host{number}.example", name=str(number), etag=etag)
        for number in range(count)
    ]


def test_newest_values_are_held_and_deleted_ones_are_not(options: Settings) -> None:
    publish(options, *feeds(10), *feeds(10, etag="new"))
    publish(options, feeds(1)[0], tombstone=True)
    member = Member(options)
    polled(member, until=lambda: len(member.owned) == 2 and member.caught_up)
    assert len(member.urls()) == 9
    assert {state.etag for held in member.held.values() for state in held.values()} == {"new"}
    assert all(member.table.partition_for(s.host) == p for p, held in member.held.items() for s in held.values())
    publish(options, *feeds(12)[11:])
    polled(member, until=lambda: "https://host11.example/feed" in member.urls())
    member.table.close()


def test_two_members_share_and_the_second_takes_over(options: Settings) -> None:
    publish(options, *feeds(20))
    first, second = Member(options), Member(options)
    polled(first, until=lambda: len(first.owned) == 2 and first.caught_up)
    polled(
        first,
        second,
        until=lambda: len(first.owned) == len(second.owned) == 1 and first.caught_up and second.caught_up,
    )
    assert first.owned | second.owned == {0, 1}
    assert len(first.urls()) + len(second.urls()) == 20
    assert not first.urls() & second.urls()
    first.table.close()
    polled(second, until=lambda: len(second.owned) == 2 and second.caught_up)
    assert len(second.urls()) == 20
    second.table.close()

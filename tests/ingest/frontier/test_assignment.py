"""Which feeds are ours: taken when their partition was read to its end, and given up when it goes."""

from datetime import UTC, datetime

from ingest.feeds.feed_list import Feed
from ingest.frontier.assignment import Assignment, FeedListChange
from pipeline.kafka.compacted_table import TableChanges, TableUpdate
from pipeline.messages import FeedState

NOW = datetime(2026, 5, 4, tzinfo=UTC)
FEEDS = [Feed(url=f"https://host{number}.example/rss", name=f"Feed {number}") for number in (0, 1, 2)]


def partition_of(host: str) -> int:
    return int(host.removeprefix("host").removesuffix(".example")) % 2


def state(number: int, polls: int) -> FeedState:
    return FeedState(url=f"https://host{number}.example/rss", host=f"host{number}.example", name="old", polls=polls)


def updates(*states: FeedState) -> list[TableUpdate[FeedState]]:
    return [TableUpdate(partition_of(each.host), each.url, each) for each in states]


def changes(
    owned: set[int],
    *,
    lost: set[int] | None = None,
    caught_up: bool = True,
    found: list[TableUpdate[FeedState]] | None = None,
) -> TableChanges[FeedState]:
    return TableChanges(frozenset(owned), frozenset(), frozenset(lost or ()), found or [], caught_up)


def test_feeds_come_when_their_partition_was_read_with_their_newest_state() -> None:
    ledger = Assignment(FEEDS, partition_of)
    early = ledger.apply(changes({0}, caught_up=False, found=updates(state(0, 1), state(4, 9))))
    assert (len(early.come), early.gone, early.settled) == (0, frozenset(), False)
    share = ledger.apply(changes({0}, found=updates(state(0, 2))))
    assert share.settled
    assert {url: (each.polls, each.active, each.name) for url, each in share.come.items()} == {
        "https://host0.example/rss": (2, True, "Feed 0"),
        "https://host2.example/rss": (0, True, "Feed 2"),
        "https://host4.example/rss": (9, False, "old"),
    }


def test_what_we_said_ourselves_is_no_news() -> None:
    ledger = Assignment(FEEDS, partition_of)
    ledger.apply(changes({0}))
    again = ledger.apply(changes({0, 1}, caught_up=False, found=updates(state(0, 7))))
    assert (len(again.come), again.gone) == (0, frozenset())
    share = ledger.apply(changes({0, 1}))
    assert share.come.keys() == {"https://host1.example/rss"}


def test_feeds_go_with_their_partition_and_come_back_as_the_topic_knows_them() -> None:
    ledger = Assignment(FEEDS, partition_of)
    ledger.apply(changes({0, 1}))
    share = ledger.apply(changes({1}, lost={0}))
    assert share.gone == {"https://host0.example/rss", "https://host2.example/rss"}
    back = ledger.apply(changes({0, 1}, found=updates(state(0, 5))))
    assert back.come["https://host0.example/rss"].polls == 5
    assert len(back.come) == 2


def test_a_feed_whose_state_was_deleted_starts_anew() -> None:
    ledger = Assignment(FEEDS, partition_of)
    gone: TableUpdate[FeedState] = TableUpdate(1, "https://host1.example/rss", None)
    share = ledger.apply(changes({1}, found=[*updates(state(1, 5)), gone]))
    assert share.come["https://host1.example/rss"].polls == 0


def test_another_list_means_feeds_that_come_and_feeds_that_leave_of_our_share() -> None:
    ledger = Assignment(FEEDS, partition_of)
    ledger.apply(changes({0}))
    renamed = Feed(url=FEEDS[0].url, name="Renamed")
    new = [Feed(url=f"https://host{number}.example/rss", name="New") for number in (6, 7)]
    listing = ledger.relist([renamed, FEEDS[1], *new])
    assert [feed.url for feed in listing.defined] == [renamed.url, new[0].url]  # 7 is another poller's
    assert listing.left == {FEEDS[2].url}
    assert ledger.relist([renamed, FEEDS[1], *new]) == FeedListChange((), frozenset())
    later = ledger.apply(changes(set(), lost={0}))
    assert new[0].url in later.gone

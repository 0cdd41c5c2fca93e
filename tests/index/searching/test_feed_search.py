"""How complete the news is, from the index of feeds: on the real server."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from index import mapping, write
from index.client import connect
from index.searching.feed_search import MOST_SILENT, Completeness, completeness
from index.writing.document_kinds import KINDS
from pipeline.messages import FeedState
from pipeline.settings import Settings

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FEED = FeedState(url="https://a.example/rss", host="a.example", name="A", last_poll_at=NOW)


def written(options: Settings, *states: FeedState) -> Completeness:
    """What is told of these feeds."""
    mapping.install(options.elasticsearch)
    [kind] = [each for each in KINDS if each.message is FeedState]
    numbered = [replace(state, url=f"https://a.example/{number}") for number, state in enumerate(states)]
    write.stage(options.elasticsearch, kind=kind).handle(numbered)
    with connect(options.elasticsearch) as client:
        client.indices.refresh(index=f"{options.elasticsearch.prefix}-*")
    return completeness(options.elasticsearch)


def test_before_there_is_an_index_nothing_is_told(options: Settings) -> None:
    assert completeness(options.elasticsearch) == Completeness()


def test_the_active_feeds_are_summed_up_and_the_silent_ones_named(options: Settings) -> None:
    well = replace(FEED, day_expected=10.0, day_seen=12.0)
    silent = replace(FEED, name="B", day_expected=20.0, day_seen=0.5, silent_since=NOW - timedelta(hours=9))
    small = replace(silent, name="C", day_expected=2.0, day_seen=0.0)
    unlisted = replace(silent, name="D", active=False)
    found = written(options, well, small, silent, unlisted)
    assert (found.expected, found.seen, found.silent_feeds) == (32.0, 12.5, 2)
    assert [(each.name, each.silent_since) for each in found.silent] == [
        ("B", NOW - timedelta(hours=9)),
        ("C", NOW - timedelta(hours=9)),
    ]


def test_feeds_that_nobody_polls_are_counted_with_the_last_poll_that_there_was(options: Settings) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    polled = replace(FEED, last_poll_at=now, next_poll_at=now + timedelta(minutes=5))
    unpolled = replace(FEED, last_poll_at=now - timedelta(hours=5), next_poll_at=now - timedelta(hours=4))
    found = written(options, polled, unpolled, replace(unpolled, active=False))
    assert (found.overdue, found.last_poll_at) == (1, now)


def test_of_very_many_silent_feeds_all_are_counted(options: Settings) -> None:
    found = written(options, *(MOST_SILENT + 3) * [replace(FEED, silent_since=NOW)])
    assert (found.silent_feeds, len(found.silent)) == (MOST_SILENT + 3, MOST_SILENT)

"""The sitemaps of an index: every one comes round, the newest first, and old addresses without a date are no news."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from ingest.feeds.entry import ChildSitemap, Entry, ParsedFeed
from ingest.feeds.feed_list import Feed
from ingest.frontier import child_sitemaps, known_entries, poll_history
from ingest.frontier.child_sitemaps import MOST_READ
from pipeline.messages import FeedState

NOW = datetime(2026, 11, 30, 12, 7, tzinfo=UTC)
FRESH = poll_history.with_definition(None, Feed(url="https://news.example/index.xml", name="News"))


def children(count: int, modified: datetime | None = None, step: timedelta = timedelta()) -> list[ChildSitemap]:
    return [
        ChildSitemap(f"https://news.example/{number}.xml", modified + number * step if modified else None)
        for number in range(count)
    ]


def polled(
    state: FeedState, listed: list[ChildSitemap], now: datetime, failing: str = ""
) -> tuple[FeedState, list[str]]:
    """The state after a poll, and the numbers of the sitemaps that were asked for."""
    asked = [each.url for each in child_sitemaps.due_sitemaps(state, listed)[:MOST_READ]]
    failed = [url for url in asked if failing and url.endswith(f"/{failing}.xml")]
    state = replace(state, sitemaps=child_sitemaps.after_reading(state, listed, asked, failed, now))
    return state, [url.rpartition("/")[2].removesuffix(".xml") for url in asked]


@pytest.mark.parametrize("count", [3, 8])
def test_sitemaps_without_a_date_are_read_in_each_poll(count: int) -> None:
    state = FRESH
    for poll in range(5):
        state, asked = polled(state, children(count), NOW + timedelta(minutes=poll))
        assert len(asked) == count
    assert child_sitemaps.must_return(children(count), NOW)


@pytest.mark.parametrize("step", [timedelta(hours=1), -timedelta(hours=1), timedelta()])
def test_every_sitemap_comes_round_and_the_newest_first(step: timedelta) -> None:
    listed = children(12, NOW - timedelta(days=2), step)
    state, first = polled(FRESH, listed, NOW)
    newest = sorted(listed, key=lambda each: each.modified or NOW, reverse=True)[0]
    assert first[0] == newest.url.rpartition("/")[2].removesuffix(".xml")
    state, second = polled(state, listed, NOW + timedelta(minutes=5))
    assert sorted(first + second, key=int) == [str(number) for number in range(12)]
    assert polled(state, listed, NOW + timedelta(minutes=10))[1] == []
    assert not child_sitemaps.must_return(listed, NOW)


@pytest.mark.parametrize("dated", [True, False])
def test_every_sitemap_comes_round_while_all_of_them_change_all_the_time(dated: bool) -> None:
    state, seen = FRESH, set[str]()
    for poll in range(10):
        now = NOW + timedelta(minutes=poll)
        state, asked = polled(state, children(30, now if dated else None, timedelta(seconds=1)), now)
        assert len(asked) == MOST_READ
        seen |= set(asked)
    assert len(seen) == 30


def test_a_sitemap_that_changes_is_read_again_and_one_that_failed_too() -> None:
    listed = children(4, NOW - timedelta(days=9))
    state, _ = polled(FRESH, listed, NOW, failing="2")
    state, asked = polled(state, listed, NOW + timedelta(minutes=5))
    assert asked == ["2"]
    older = [
        replace(listed[0], modified=NOW - timedelta(days=8)),
        *listed[1:],
    ]  # a clock may be wrong: another is newer
    assert polled(state, older, NOW + timedelta(minutes=9))[1] == ["0"]


def test_sitemaps_that_fail_do_not_keep_the_others_from_their_turn() -> None:
    listed, state, seen = children(20), FRESH, set[str]()
    for poll in range(5):
        asked = [each.url for each in child_sitemaps.due_sitemaps(state, listed)[:MOST_READ]]
        seen |= set(asked)
        after = child_sitemaps.after_reading(state, listed, asked, asked, NOW + timedelta(minutes=poll))
        state = replace(state, sitemaps=after)
    assert len(seen) == 20


def test_a_lastmod_of_a_day_alone_holds_for_that_day() -> None:
    today = children(1, NOW.replace(hour=0, minute=0))
    state, _ = polled(FRESH, today, NOW)
    assert child_sitemaps.must_return(today, NOW)
    state, asked = polled(state, today, NOW + timedelta(hours=3))
    assert asked == ["0"]
    state, _ = polled(state, today, NOW + timedelta(days=2))
    assert polled(state, today, NOW + timedelta(days=2, minutes=5))[1] == []
    assert not child_sitemaps.must_return(today, NOW + timedelta(days=2))


def test_of_very_many_the_newest_are_followed() -> None:
    listed = child_sitemaps.listed_sitemaps(children(1_500, NOW - timedelta(days=1500), timedelta(days=1)))
    assert (len(listed), listed[0].url) == (child_sitemaps.MOST_LISTED, "https://news.example/1499.xml")


def undated(*numbers: int) -> ParsedFeed:
    return ParsedFeed(
        kind="sitemap",
        entries=tuple(
            Entry(identity=f"https://news.example/a/{each}", url=f"https://news.example/a/{each}", address_only=True)
            for each in numbers
        ),
    )


def test_addresses_without_a_date_are_news_only_where_the_sitemap_is_known_or_new() -> None:
    listed = children(12)
    index = ParsedFeed(kind="sitemap_index")

    def news(state: FeedState, child: ChildSitemap, found: ParsedFeed) -> tuple[FeedState, int]:
        parsed = child_sitemaps.merge(state, index, [(child, found)])
        after, counts = known_entries.after_feed_read(state, parsed.entries, NOW, 8_000)
        for each in after.pending:
            after = known_entries.settle(after, each, None, "", NOW)
        return replace(after, last_success_at=NOW), counts.new

    state, new = news(FRESH, listed[0], undated(*range(100)))
    assert new == 0  # the first poll
    state, _ = polled(state, listed, NOW)
    state, new = news(state, listed[9], undated(*range(200, 300)))
    assert new == 0  # its first turn: what lay there
    state, new = news(state, listed[9], undated(*range(200, 303)))
    assert new == 3
    state, new = news(state, ChildSitemap("https://news.example/today.xml"), undated(400, 401))
    assert new == 2  # a sitemap that was not there before
    state, new = news(state, listed[1], undated(500))
    assert new == 1  # the first in one that was read when it was empty
    state, new = news(state, listed[1], undated(*range(600, 700)))
    assert new == 0  # as many as an archive has

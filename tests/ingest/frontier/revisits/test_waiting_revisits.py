"""When published pages are asked for again: bounded in number, bytes and time, whatever comes of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.feeds.entry import Entry
from ingest.frontier import known_entries
from ingest.frontier.feed_states import FeedStates, FeedSummary, unpack_state
from ingest.frontier.feed_states import pack_state as packed
from ingest.frontier.published_articles import Version
from ingest.frontier.revisits import waiting_revisits
from ingest.frontier.revisits.waiting_revisits import MOST_REVISIT_BYTES, MOST_REVISITS, page_version
from pipeline.feed_state import PendingEntry, Revisit
from pipeline.messages import FeedState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TIMES = (DAY, 7 * DAY)
FEED = FeedState(url="https://news.example/rss", host="news.example", name="News", last_success_at=NOW)
PAGE = page_version("Bridge opens", "The bridge opens.", {"etag": '"1"', "last-modified": "yesterday"})
VERSION = Version("c", 1, NOW)


def pending(number: int = 0, text: str = "") -> tuple[FeedState, PendingEntry]:
    entry = Entry(identity=str(number), url=f"https://news.example/{number}", title="Bridge opens", content=text)
    state, _ = known_entries.after_feed_read(FEED, [entry], NOW, 100)
    return state, state.pending[0]


def published(state: FeedState, waiting: PendingEntry) -> FeedState:
    settled = known_entries.settle(state, waiting, VERSION, "a" * 32, NOW)
    return waiting_revisits.after_publishing(settled, waiting, PAGE, NOW, TIMES, NOW)


def test_a_page_is_asked_for_again_after_a_day_and_a_week_and_then_no_more() -> None:
    state = published(*pending())
    asked = []
    for hour in range(24 * 20):
        now = NOW + timedelta(hours=hour)
        for revisit in waiting_revisits.due_revisits(state, now):
            asked.append(now - NOW)
            state = waiting_revisits.after_revisit(state, revisit, VERSION, None, TIMES, now)
    assert asked == [DAY, 7 * DAY]
    assert state.revisits == ()


def test_a_revisit_that_was_missed_is_made_once() -> None:
    state = published(*pending())
    late = NOW + 30 * DAY
    [revisit] = waiting_revisits.due_revisits(state, late)
    assert waiting_revisits.after_revisit(state, revisit, VERSION, None, TIMES, late).revisits == ()


def test_the_entry_and_the_page_are_as_they_were() -> None:
    state, waiting = pending()
    [revisit] = published(state, waiting).revisits
    again = waiting_revisits.as_pending(revisit, NOW + DAY)
    assert (again.entry, again.url, again.feed_entry) == (waiting.entry, waiting.url, waiting.feed_entry)
    assert again.found_at == NOW + DAY
    assert (revisit.digest, revisit.chars, revisit.etag, revisit.last_modified) == (PAGE.digest, 17, '"1"', "yesterday")
    assert unpack_state(packed(published(state, waiting))) == published(state, waiting)


def test_a_revision_is_remembered_with_its_page() -> None:
    state = published(*pending())
    [revisit] = state.revisits
    edited = page_version("Bridge opens", "The bridge opens late.", {"etag": "x" * 300})
    after = waiting_revisits.after_revisit(state, revisit, Version("d", 2, NOW), edited, TIMES, NOW + DAY)
    assert [(each.content, each.revision) for each in after.seen] == [("d", 2)]
    assert [(each.digest, each.etag, each.due_at) for each in after.revisits] == [(edited.digest, "", NOW + 7 * DAY)]


def test_an_entry_that_waits_for_its_page_is_not_asked_for_twice() -> None:
    state, waiting = pending()
    both = replace(published(state, waiting), pending=(waiting,))
    assert waiting_revisits.due_revisits(both, NOW + DAY) == []


def test_a_revisit_is_put_off_but_not_without_end() -> None:
    state = published(*pending())
    [revisit] = state.revisits
    later = waiting_revisits.put_off(state, revisit, NOW + 2 * DAY, TIMES)
    assert [each.due_at for each in later.revisits] == [NOW + 2 * DAY]
    assert waiting_revisits.put_off(state, revisit, NOW + 10 * DAY, TIMES).revisits == ()


def test_what_was_published_anew_meanwhile_is_not_undone() -> None:
    state, waiting = pending()
    [before] = published(state, waiting).revisits
    anew = waiting_revisits.after_publishing(
        published(state, waiting), waiting, replace_digest(), NOW, TIMES, NOW + timedelta(hours=1)
    )
    assert waiting_revisits.give_up(anew, before).revisits == anew.revisits


def replace_digest() -> waiting_revisits.PageVersion:
    return page_version("Bridge opens", "Another text.", {})


def test_of_too_many_those_that_are_due_last_are_left_out() -> None:
    state = FEED
    for number in range(MOST_REVISITS + 20):
        _, waiting = pending(number)
        soon = NOW - timedelta(minutes=number)
        state = waiting_revisits.after_publishing(state, waiting, PAGE, soon, TIMES, NOW)
    due = [each.due_at for each in state.revisits]
    assert len(due) == MOST_REVISITS
    assert due[0] == NOW - timedelta(minutes=MOST_REVISITS + 19) + DAY
    assert due == sorted(due)


@given(st.lists(st.integers(0, 8_000), max_size=80))
def test_their_bytes_are_bounded(lengths: list[int]) -> None:
    state = FEED
    for number, length in enumerate(lengths):
        _, waiting = pending(number, "x" * length)
        state = waiting_revisits.after_publishing(state, waiting, PAGE, NOW, TIMES, NOW)
        assert sum(len(each.feed_entry) for each in state.revisits) <= MOST_REVISIT_BYTES


@given(st.lists(st.floats(0.0, 1_000.0), max_size=5), st.floats(0.0, 1_000.0))
def test_the_next_time_lies_ahead_and_is_the_first_that_does(hours: list[float], since: float) -> None:
    times, now = [timedelta(hours=each) for each in hours], NOW + timedelta(hours=since)
    found = waiting_revisits.next_revisit(NOW, times, now)
    ahead = [NOW + each for each in times if NOW + each > now]
    assert (found is None) == (not ahead)
    assert found is None or (found in ahead and all(found <= each for each in ahead))


def test_the_poller_knows_how_many_wait_in_all_and_when_the_first_is_due() -> None:
    state, waiting = pending()
    known = FeedStates()
    known.put(replace(published(state, waiting), pending=(), next_poll_at=NOW + 2 * DAY))
    known.put(replace(state, url="https://other.example/rss"))
    assert known.revisits == 1
    assert known.summaries[state.url].due == NOW + DAY
    known.put(replace(state, revisits=()))
    assert known.revisits == 0
    known.put(published(state, waiting))
    known.drop([state.url, "https://unknown.example/"])
    assert known.revisits == 0
    assert FeedSummary.of(state).revisits == 0


def test_a_revisit_of_an_entry_takes_less_than_a_kilobyte_of_its_feeds_state() -> None:
    entry = Entry(identity="urn:1", url="https://news.example/" + "a" * 70, title="t" * 70, summary="s" * 250)
    state, _ = known_entries.after_feed_read(FEED, [entry], NOW, 100)
    [revisit] = published(state, state.pending[0]).revisits
    assert isinstance(revisit, Revisit)
    assert len(packed(published(state, state.pending[0]))) < 1_000

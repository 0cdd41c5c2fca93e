"""A feed that is read without what is known of it becomes what it would have become read as a whole."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.feeds.parse import parse_feed
from ingest.frontier import known_entries, known_items, waiting_entries
from ingest.frontier.known_items import KnownItems
from ingest.frontier.published_articles import Version
from pipeline.messages import FeedState

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
URL = "https://news.example/rss"


def rss(entries: list[tuple[int, str]]) -> bytes:
    items = "".join(
        f"<item><guid>{number}</guid><link>https://news.example/{number}</link><title>{title}</title></item>"
        for number, title in entries
    )
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


def read(state: FeedState, known_marks: KnownItems | None, body: bytes) -> FeedState:
    """One poll, and all pages of its new entries."""
    known = known_marks.known(URL, known_entries.known_keys(state)) if known_marks else {}
    parsed = parse_feed(body, URL, {}, known_digests=frozenset(known))
    if known_items.is_ambiguous(parsed, known):
        parsed, known = parse_feed(body, URL, {}), {}
    if known_marks:
        known_marks.note(URL, parsed, known)
    state, _ = known_entries.after_feed_read(
        state, parsed.entries, NOW, 6, known_items.unchanged_entries(parsed, known)
    )
    for pending in state.pending[:3]:  # the others wait for their page
        state = known_entries.settle(state, pending, Version("c", 1, NOW), "a" * 32, NOW)
    return replace(state, last_success_at=NOW)


@pytest.mark.slow
@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("AB")), max_size=8), max_size=6))
def test_the_same_states_follow(polls: list[list[tuple[int, str]]]) -> None:
    empty = FeedState(url=URL, host="news.example", name="News")
    known, whole, part = KnownItems(), empty, empty
    for entries in polls:
        whole, part = read(whole, None, rss(entries)), read(part, known, rss(entries))
        assert entries_of(part) == entries_of(whole)


def entries_of(state: FeedState) -> tuple[set[tuple[str, str]], list[str]]:
    return {(each.entry, each.digest) for each in state.seen}, sorted(each.entry for each in state.pending)


def test_what_waits_for_room_is_read_again() -> None:
    known, state = KnownItems(), FeedState(url=URL, host="news.example", name="News")
    many = rss([(number, "A") for number in range(waiting_entries.MOST_PENDING + 5)])
    parsed = parse_feed(many, URL, {})
    known.note(URL, parsed, {})
    state, found = known_entries.after_feed_read(state, parsed.entries, NOW, 1000)
    assert found.left == 5
    assert len(known.known(URL, known_entries.known_keys(state))) == waiting_entries.MOST_PENDING


def test_a_feed_that_is_anothers_is_forgotten() -> None:
    known = KnownItems()
    parsed = parse_feed(rss([(1, "A")]), URL, {})
    known.note(URL, parsed, {})
    key = known_entries.entry_key(parsed.entries[0])
    assert list(known.known(URL, [key]).values()) == [key]
    known.drop([URL])
    assert known.known(URL, [key]) == {}

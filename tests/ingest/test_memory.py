"""What a feed's state becomes: nothing is forgotten before it is done, and everything is bounded."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest import memory
from ingest.feeds import Feed
from ingest.memory import Found, Polled, Version
from ingest.parse import Entry, ParsedFeed
from pipeline.messages import FeedError, FeedState, encode

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FEED = Feed(url="https://news.example/rss", name="News", group="A", language="en")
ANSWER = Polled(NOW, LATER, '"tag"', "Mon, 04 May 2026 12:00:00 GMT", "hash")


def entry(number: int, title: str = "T", content: str = "") -> Entry:
    return Entry(identity=f"id{number}", url=f"https://news.example/{number}", title=title, content=content)


def shown(*entries: Entry) -> ParsedFeed:
    return ParsedFeed(entries=entries, version="rss20")


def polled(state: FeedState, *entries: Entry, remember: int = 1000) -> tuple[FeedState, Found]:
    return memory.after_poll(state, shown(*entries), ANSWER, remember)


def all_settled(state: FeedState) -> FeedState:
    for pending in state.pending:
        state = memory.settled(state, pending.entry, Version("c", 1, NOW), "a" + pending.entry, NOW)
    return state


FRESH = memory.defined(None, FEED)


def test_new_entries_are_pending_until_they_are_settled_and_then_seen() -> None:
    state, found = polled(FRESH, entry(1), entry(2))
    assert found == Found(new=2)
    assert ([each.url[-1] for each in state.pending], state.seen) == (["1", "2"], ())
    assert memory.unpacked(state.pending[0]).entry == entry(1)
    again, found = polled(state, entry(1), entry(2))
    assert (found, len(again.pending)) == (Found(), 2)
    done = all_settled(again)
    assert (done.pending, [each.revision for each in done.seen]) == ((), [1, 1])
    quiet, found = polled(done, entry(1), entry(2))
    assert (found, quiet.pending, quiet.seen) == (Found(), (), done.seen)


def test_an_entry_that_says_something_else_is_pending_again_and_keeps_its_past() -> None:
    state = all_settled(polled(FRESH, entry(1))[0])
    changed, found = polled(state, entry(1, title="Another"))
    assert (found, len(changed.pending), changed.seen) == (Found(changed=1), 1, state.seen)
    later = memory.settled(changed, changed.pending[0].entry, None, "", LATER)
    assert (later.seen[0].first_seen_at, later.seen[0].article) == (NOW, "")


def test_an_entry_that_changes_while_it_waits_is_published_as_it_is_now() -> None:
    state = memory.put_off(polled(FRESH, entry(1))[0], memory.entry_key(entry(1)), LATER)
    state, found = polled(state, entry(1, title="Newer"))
    [pending] = state.pending
    assert (found, memory.unpacked(pending).entry.title) == (Found(), "Newer")
    assert (pending.attempts, pending.due_at) == (1, LATER)


def test_a_page_that_was_put_off_is_due_later() -> None:
    state, _ = polled(FRESH, entry(1), entry(2))
    state = memory.put_off(state, state.pending[0].entry, LATER)
    assert [each.url[-1] for each in memory.due_pages(state, NOW)] == ["2"]
    assert len(memory.due_pages(state, LATER)) == len(memory.due_pages(state, None)) == 2


def test_entries_without_a_page_are_dealt_with_at_once() -> None:
    home = Entry(identity="h", url="https://news.example/", title="Front page")
    state, found = polled(FRESH, home, Entry(identity="n", title="No address"))
    assert (found, state.pending, [each.article for each in state.seen]) == (Found(), (), [""])


def test_what_is_left_over_is_asked_for_again_by_a_whole_answer() -> None:
    many = [entry(number) for number in range(memory.MOST_PENDING + 7)]
    state, found = polled(FRESH, *many)
    assert (found.new, found.left) == (memory.MOST_PENDING, 7)
    assert (state.etag, state.last_modified, state.body_hash) == (None, None, None)
    state, found = polled(all_settled(state), *many)
    assert (found.new, found.left, state.etag) == (7, 0, '"tag"')


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 40))
def test_the_memory_is_bounded_and_holds_at_least_what_the_feed_shows(before: int, now: int, remember: int) -> None:
    state = all_settled(polled(FRESH, *(entry(number) for number in range(before)), remember=remember)[0])
    shown_now = [entry(number) for number in range(before - now // 2, before - now // 2 + now) if number >= 0]
    state, _ = polled(state, *shown_now, remember=remember)
    kept = {each.entry for each in state.seen}
    keys = {memory.entry_key(each) for each in shown_now}
    assert {each.entry for each in state.pending} | kept >= keys
    assert len(kept) <= max(remember, len(keys))
    assert len(state.seen) == len(kept)


def test_the_largest_state_is_one_message() -> None:
    entries = [entry(number, content="é" * 9_000) for number in range(memory.MOST_ENTRIES + 100)]
    seen = memory.settled(
        polled(FRESH, entry(0))[0], memory.entry_key(entry(0)), Version("c" * 16, 1, NOW), "a" * 32, NOW
    )
    many = replace(seen, seen=tuple(replace(seen.seen[0], entry=memory.entry_key(e)) for e in entries))
    state, _ = polled(many, *entries)
    assert len(state.seen) == memory.MOST_ENTRIES
    assert len(encode(state)) < 4_194_304


def test_errors_count_and_a_good_answer_ends_them() -> None:
    error = FeedError(kind="dns", detail="no such host", at=NOW)
    state = memory.after_error(memory.after_error(FRESH, error, LATER), error, LATER)
    assert (state.failures, state.polls, state.error, state.next_poll_at) == (2, 2, error, LATER)
    good = memory.after_unchanged(state, NOW, LATER)
    assert (good.failures, good.error, good.last_success_at) == (0, None, NOW)


def test_what_is_wrong_with_a_feed_is_recorded_until_it_is_right() -> None:
    broken = ParsedFeed(entries=(entry(1),), error="SAXParseException: oh")
    state, found = memory.after_poll(FRESH, broken, ANSWER, 10)
    assert (found.new, state.failures) == (1, 0)
    unchanged = memory.after_unchanged(state, NOW, LATER)
    assert unchanged.error is not None
    assert unchanged.error.kind == "parse"
    assert polled(unchanged, entry(1))[0].error is None


def test_a_definition_is_the_operators_and_the_past_is_the_feeds() -> None:
    state = memory.retired(all_settled(polled(FRESH, entry(1))[0]))
    assert not state.active
    again = memory.defined(state, Feed(url=FEED.url, name="Renamed"))
    assert (again.active, again.name, again.language, again.seen) == (True, "Renamed", None, state.seen)


def test_what_is_published_is_known_by_its_newest_revision() -> None:
    state = all_settled(polled(FRESH, entry(1))[0])
    published = memory.Published()
    published.learn(replace(each, revision=revision) for each in state.seen for revision in (2, 3, 1))
    version = published.get(state.seen[0].article)
    assert version is not None
    assert version.revision == 3
    published.forget(state.seen[0].article)
    assert state.seen[0].article not in published

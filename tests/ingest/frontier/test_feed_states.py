"""States are kept packed while Kafka has them, and come out as they went in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from msgspec.structs import replace

from ingest.frontier import feed_states
from ingest.frontier.feed_states import FeedStates, PackedStates
from pipeline.feed_state import FeedError, FeedEvent, Move, PendingEntry, SeenEntry
from pipeline.messages import FeedState

NOW = datetime(2026, 5, 4, 12, 30, 15, 123456, tzinfo=UTC)
SEEN = SeenEntry(entry="0" * 16, digest="1" * 16, article="2" * 32, content="3" * 24, revision=2, first_seen_at=NOW)
STATE = FeedState(
    url="https://a.example/rss",
    host="a.example",
    name="Zeitung für Ägypten",
    move=Move(to="https://b.example/", since=NOW),
    next_poll_at=NOW + timedelta(hours=1),
    failures=1,
    error=FeedError(kind="http", detail="HTTP status 503", at=NOW),
    events=(FeedEvent(at=NOW, outcome="changed", new=3),),
    skip_hours=(1, 2),
    seen=(SEEN,),
    pending=(
        PendingEntry(
            entry="4" * 16, url="https://a.example/1", due_at=NOW, found_at=NOW, published_as=SEEN, feed_entry=b"{}"
        ),
    ),
)


def taken(*states: FeedState) -> FeedStates:
    packed, found = PackedStates(), FeedStates()
    for state in states:
        packed[state.url] = state
    assert list(found.take(packed)) == list(states)
    return found


def test_a_state_comes_out_as_it_went_in_and_its_summary_tells_of_it() -> None:
    states = taken(STATE)
    assert states[STATE.url] == STATE
    summary = states.summaries[STATE.url]
    assert (summary.active, summary.failing, summary.pending) == (True, True, 1)
    assert (summary.next_poll_at, summary.due) == (STATE.next_poll_at, NOW)


def test_a_change_is_ours_until_it_is_acknowledged() -> None:
    states = taken(STATE)
    assert states.is_acknowledged(STATE.url)
    first, second = replace(STATE, polls=1), replace(STATE, polls=2)
    states.put(first)
    states.put(second)
    states.acknowledged(first)  # it was sent before the second was made
    assert not states.is_acknowledged(STATE.url)
    assert states.unacknowledged([STATE.url, "https://nobody.example"]) == [second]
    states.acknowledged(second)
    states.drop_unpacked()
    assert states.is_acknowledged(STATE.url)
    assert states[STATE.url] == second


def test_what_is_ours_no_longer_is_not_remembered() -> None:
    states = taken(STATE)
    changed = replace(STATE, polls=1)
    states.put(changed)
    states.drop([STATE.url])
    states.acknowledged(changed)
    assert states.get(STATE.url) is None
    assert not states.summaries


def test_no_two_threads_share_a_compressor() -> None:
    """zstandard's objects are not thread-safe: shared by two threads they end the process."""
    with ThreadPoolExecutor(2) as threads:
        barrier = Barrier(2)

        def codecs() -> tuple[object, object]:
            barrier.wait(10)
            assert feed_states.unpack_state(feed_states.pack_state(STATE)) == STATE
            return feed_states._CODEC.compressor, feed_states._CODEC.decompressor

        first, second = [each.result(30) for each in (threads.submit(codecs), threads.submit(codecs))]
    assert first[0] is not second[0]
    assert first[1] is not second[1]

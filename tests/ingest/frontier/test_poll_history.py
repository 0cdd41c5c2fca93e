"""What polls tell of a feed: its health, its pace, its moves, whether it can be believed."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from ingest.feeds.feed_list import Feed
from ingest.frontier import feed_events, poll_history
from ingest.frontier.feed_silence import SilenceRules
from ingest.frontier.poll_history import AnswerCounts, PollTiming
from ingest.frontier.schedule import Plan
from pipeline.feed_state import FeedError, FeedEvent
from pipeline.messages import FeedState

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FEED = Feed(url="https://news.example/rss", name="News", group="A", language="en")
PLAN = Plan(first=900, least=300, most=7200, retry_first=60, retry_most=86400)
ELSEWHERE = "https://news.example/new/rss"
FRESH = poll_history.with_definition(None, FEED)


def at(now: datetime) -> PollTiming:
    return PollTiming(PLAN, now, 0.0, SilenceRules(0.999, 1.5, 7200))


def failed(state: FeedState, status: int | None = None, kind: str = "http", now: datetime = NOW) -> FeedState:
    return poll_history.after_error(state, at(now), FeedError(kind=kind, detail="", at=now), status, None)


def brought(new: int, shown: int = 20, gap: bool = False, hint: float = 0) -> AnswerCounts:
    return AnswerCounts(shown, new, gap, hint)


def wait(state: FeedState) -> float:
    assert state.next_poll_at is not None
    assert state.last_poll_at is not None
    return (state.next_poll_at - state.last_poll_at).total_seconds()


def test_errors_count_and_a_good_answer_ends_them() -> None:
    state = failed(failed(FRESH, 503), 403)
    assert (state.failures, state.trouble, state.polls, wait(state)) == (2, 1.5, 2, 240)
    good = poll_history.after_unchanged(state, at(NOW), 0, conditional=True)
    assert (good.failures, good.trouble, good.error, good.last_success_at) == (0, 0.0, None, NOW)


def test_what_is_wrong_with_a_feed_stays_recorded_while_it_is_unchanged() -> None:
    wrong = replace(FRESH, error=FeedError(kind="parse", detail="not well-formed", at=NOW))
    assert poll_history.after_unchanged(wrong, at(NOW), 0, conditional=True).error == wrong.error


def test_a_busy_feed_is_polled_more_often_and_a_quiet_one_less() -> None:
    state, now = poll_history.after_changed(FRESH, at(NOW), brought(20), conditional=False), NOW
    assert wait(state) == PLAN.first
    for _ in range(60):
        now += timedelta(seconds=wait(state))
        state = poll_history.after_changed(state, at(now), brought(3), conditional=True)
    assert wait(state) == PLAN.least
    for _ in range(600):
        now += timedelta(seconds=wait(state))
        state = poll_history.after_unchanged(state, at(now), 0, conditional=True)
    assert wait(state) == PLAN.most


def test_a_gap_is_counted_and_shortens_the_interval() -> None:
    state = replace(poll_history.after_changed(FRESH, at(NOW - DAY), brought(20), conditional=False), interval=7200)
    state = poll_history.after_changed(state, at(NOW), brought(20, gap=True), conditional=True)
    assert state.gaps == 1
    assert wait(state) <= 1800


def test_what_the_server_and_the_feed_ask_for_is_kept() -> None:
    state = replace(FRESH, hint_seconds=3600.0)
    assert wait(poll_history.after_unchanged(state, at(NOW), 0, conditional=True)) == 3600
    assert wait(poll_history.after_unchanged(state, at(NOW), 5000, conditional=True)) == 5000
    assert wait(poll_history.after_unchanged(state, at(NOW), 10**6, conditional=True)) == PLAN.most
    nights = replace(FRESH, skip_hours=tuple(range(12, 20)))
    assert poll_history.after_unchanged(nights, at(NOW), 0, conditional=True).next_poll_at == NOW + timedelta(hours=8)


def test_gone_is_retired_and_asked_again_when_it_is_listed_again() -> None:
    gone = failed(FRESH, 410)
    assert (gone.active, gone.gone_at) == (False, NOW)
    assert not poll_history.with_definition(gone, FEED).active
    assert poll_history.with_definition(poll_history.after_unlisting(gone), FEED).active


def test_a_redirect_moves_a_feed_when_it_has_held_for_days() -> None:
    hops = ((301, "https://news.example/tmp"), (308, ELSEWHERE))
    first = poll_history.after_redirects(FRESH, hops, NOW, 3 * DAY)
    assert poll_history.feed_address(first) == FEED.url
    assert poll_history.feed_address(poll_history.after_redirects(first, hops, NOW + 2 * DAY, 3 * DAY)) == FEED.url
    moved = poll_history.after_redirects(first, hops, NOW + 3 * DAY, 3 * DAY)
    assert (poll_history.feed_address(moved), moved.events[-1].outcome) == (ELSEWHERE, "moved")


def test_a_redirect_that_did_not_hold_or_is_temporary_moves_nothing() -> None:
    permanent, temporary = ((301, ELSEWHERE),), ((301, ELSEWHERE), (302, "https://cdn.example/rss"))
    held = poll_history.after_redirects(FRESH, permanent, NOW, 3 * DAY)
    for answer in (temporary, ()):
        interrupted = poll_history.after_redirects(held, answer, NOW + DAY, 3 * DAY)
        later = poll_history.after_redirects(interrupted, permanent, NOW + 3 * DAY, 3 * DAY)
        assert poll_history.feed_address(later) == FEED.url


def test_a_feed_that_is_not_where_it_moved_to_is_asked_at_its_old_place() -> None:
    moved = replace(FRESH, location=ELSEWHERE)
    for status in (404, 410):
        back = failed(moved, status)
        assert (poll_history.feed_address(back), back.active) == (FEED.url, True)
    assert poll_history.feed_address(failed(moved, 503)) == ELSEWHERE


def test_one_poll_in_so_many_is_unconditional() -> None:
    state, asked = replace(FRESH, etag='"1"'), []
    for _ in range(9):
        conditional = poll_history.is_conditional(state, every=4)
        asked.append(conditional)
        state = poll_history.after_unchanged(state, at(NOW), 0, conditional)
    assert asked == [True, True, True, False, True, True, True, False, True]
    assert not poll_history.is_conditional(poll_history.after_false_304(state, NOW), every=4)


def test_the_last_events_are_kept() -> None:
    state = FRESH
    for number in range(50):
        state = feed_events.with_event(state, FeedEvent(at=NOW, outcome=str(number), detail="x" * 1000))
    assert [event.outcome for event in state.events] == [str(number) for number in range(20, 50)]
    assert len(state.events[0].detail) == feed_events.DETAIL_CHARS

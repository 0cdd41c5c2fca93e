"""What one poll of a feed comes to, by the server's answer: every way out, without a server."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from ingest import poll_decision
from ingest.feeds.entry import Entry, ParsedFeed
from ingest.feeds.feed_list import Feed
from ingest.feeds.parse import parse_feed
from ingest.frontier import known_entries, poll_history, schedule, waiting_entries
from ingest.frontier.feed_silence import SilenceRules
from ingest.frontier.poll_history import PollTiming
from ingest.frontier.published_articles import Version
from ingest.poll_decision import Decision, Poll, Rules
from ingest.web.fetch import Fetched, FetchError, NotModified
from pipeline.feed_state import ReadSitemap
from pipeline.messages import FeedState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
URL = "https://news.example/rss"
FRESH = poll_history.with_definition(None, Feed(url=URL, name="News"))
RULES = Rules(100, timedelta(days=7))
PLAN = schedule.Plan(600.0, 60.0, 86_400.0, 60.0, 86_400.0)


def entry(number: int, published: datetime | None = None) -> Entry:
    return Entry(identity=str(number), url=f"https://news.example/{number}", title="T", published=published)


def answer(body: bytes = b"<rss/>", **headers: str) -> Fetched:
    return Fetched(url=URL, status=200, headers={"etag": '"1"', **headers}, body=body, hops=())


def decide(state: FeedState, poll: Poll, now: datetime = NOW) -> Decision:
    return poll_decision.decide(state, poll, RULES, PollTiming(PLAN, now, 0.0, SilenceRules(0.999, 1.5, 7200)))


def read(state: FeedState, *entries: Entry, conditional: bool = False, body: bytes = b"<rss/>") -> Decision:
    return decide(state, Poll(answer(body), conditional, ParsedFeed(kind="feed", entries=entries)))


def all_settled(state: FeedState) -> FeedState:
    for each in state.pending:
        state = known_entries.settle(state, each, Version("c", 1, NOW), "a" + each.entry, NOW)
    return state


def test_new_entries_must_be_remembered_before_their_pages_are_asked_for() -> None:
    first = read(FRESH, entry(1), entry(2))
    assert (first.outcome.status, first.outcome.found.new, first.outcome.must_be_remembered) == ("changed", 2, True)
    assert (first.state.etag, first.state.polls, len(first.state.pending)) == ('"1"', 1, 2)
    again = read(all_settled(first.state), entry(1), entry(2), body=b"<rss> </rss>")
    assert (again.outcome.found.new, again.outcome.must_be_remembered) == (0, False)


def test_a_body_that_is_known_and_a_304_are_unchanged() -> None:
    state = read(FRESH, entry(1)).state
    assert not poll_decision.has_new_body(state, answer())
    assert poll_decision.has_new_body(state, answer(b"<rss>2</rss>"))
    for same in (answer(), NotModified(url=URL, headers={}, hops=())):
        decision = decide(state, Poll(same, conditional=True))
        assert (decision.outcome.status, decision.state.polls, decision.state.pending) == (
            "unchanged",
            2,
            state.pending,
        )
    assert poll_decision.with_outcome(state, decision.outcome, NOW) is state


def test_validators_that_change_alone_are_kept() -> None:
    state = read(FRESH, entry(1)).state
    for same in (answer(etag='"2"'), NotModified(url=URL, headers={"etag": '"2"'}, hops=())):
        assert decide(state, Poll(same, conditional=True)).state.etag == '"2"'
    assert decide(state, Poll(NotModified(url=URL, headers={}, hops=()), conditional=True)).state.etag == '"1"'
    headers = {"last-modified": "Mon, 30 Nov 2026 12:00:00 GMT"}
    dated = Fetched(url=URL, status=200, headers=headers, body=b"<rss/>", hops=())
    assert decide(state, Poll(dated, conditional=True)).state.last_modified == "Mon, 30 Nov 2026 12:00:00 GMT"
    without = Fetched(url=URL, status=200, headers={}, body=b"<rss/>", hops=())
    assert decide(state, Poll(without, conditional=True)).state.etag is None
    left = read(FRESH, *(entry(number) for number in range(waiting_entries.MOST_PENDING + 1))).state
    assert decide(left, Poll(answer(etag='"2"'), conditional=False)).state.etag is None


def test_a_cut_is_said_counted_and_shown() -> None:
    parsed = ParsedFeed(kind="sitemap", entries=(entry(1),), cut=7)
    decision = decide(FRESH, Poll(answer(), False, parsed))
    assert (decision.outcome.found.cut, decision.state.cut) == (7, 7)
    assert decision.outcome.detail == "7 too many, the oldest, were left out"
    event = poll_decision.with_outcome(decision.state, decision.outcome, NOW).events[-1]
    assert event.detail == decision.outcome.detail
    assert read(decision.state, entry(1), body=b"2").state.cut == 0


@pytest.mark.slow
def test_of_a_large_sitemap_that_lists_its_oldest_first_todays_addresses_are_asked_for_and_the_cut_is_said() -> None:
    def url(number: int) -> str:
        at = NOW - timedelta(minutes=50 * number)
        return f"<url><loc>https://news.example/{number}</loc><lastmod>{at.isoformat()}</lastmod></url>"

    body = f"<urlset>{''.join(url(number) for number in reversed(range(9_002)))}</urlset>".encode()
    decision = decide(FRESH, Poll(answer(body), False, parse_feed(body, URL, {})))
    asked = [each.url.rpartition("/")[2] for each in decision.state.pending]
    assert asked[:28] == [str(number) for number in range(28)]  # of today, the newest first
    assert decision.state.cut == 9_002 - known_entries.MOST_ENTRIES
    assert decision.outcome.detail == f"{decision.state.cut} too many, the oldest, were left out"


def test_an_index_is_no_gap_and_is_read_as_a_whole_while_its_sitemaps_may_change() -> None:
    state = all_settled(read(FRESH, entry(1)).state)
    parsed = ParsedFeed(kind="sitemap_index", entries=(entry(8),), incomplete=True)
    decision = decide(state, Poll(answer(b"2"), False, parsed, sitemaps=(ReadSitemap(sitemap="s", read_at=NOW),)))
    assert (decision.fill_gap, decision.state.etag, decision.state.body_hash) == (False, None, None)
    assert decision.state.sitemaps == (ReadSitemap(sitemap="s", read_at=NOW),)
    broken = replace(parsed, entries=(), error="sitemap x: 404")
    after = decide(state, Poll(answer(b"2"), False, broken, sitemaps=decision.state.sitemaps))
    assert (after.outcome.status, after.outcome.detail, after.state.failures) == ("changed", "sitemap x: 404", 0)


def test_errors_forget_nothing_and_410_retires_the_feed() -> None:
    state = read(FRESH, entry(1)).state
    away = decide(state, Poll(FetchError("timeout", "no answer"), conditional=True))
    assert (away.outcome.status, away.state.failures, away.state.pending) == ("timeout", 1, state.pending)
    gone = decide(state, Poll(FetchError("http", "410 Gone", 410), conditional=True))
    assert (gone.outcome.status, gone.state.active, gone.outcome.must_be_remembered) == ("gone", False, True)
    paused = decide(state, Poll(FetchError("paused", "not asked", retry_after="90"), conditional=True))
    assert (paused.state.failures, paused.state.next_poll_at) == (0, NOW + timedelta(seconds=90))


def test_a_body_that_is_no_feed_is_an_error_and_one_that_is_half_a_feed_is_read() -> None:
    broken = decide(FRESH, Poll(answer(), False, ParsedFeed(error="an HTML page, not a feed")))
    assert (broken.outcome.status, broken.state.failures) == ("parse", 1)
    half = decide(FRESH, Poll(answer(), False, ParsedFeed(kind="feed", entries=(entry(1),), error="cut off")))
    assert (half.outcome.status, half.outcome.detail, half.state.failures) == ("changed", "cut off", 0)
    assert half.state.error is not None


def test_the_validators_are_checked_when_an_unconditional_poll_brings_something_new() -> None:
    state = all_settled(read(FRESH, entry(1)).state)
    assert read(state, entry(1), entry(2), body=b"2").check_validators
    assert not read(state, entry(1), body=b"2").check_validators
    assert not read(state, entry(1), entry(2), body=b"2", conditional=True).check_validators
    distrusted = poll_history.after_false_304(state, NOW)
    assert not read(distrusted, entry(1), entry(2), body=b"2").check_validators


def test_a_gap_is_filled_with_what_the_news_sitemap_has_of_the_time_between() -> None:
    state = replace(all_settled(read(FRESH, entry(1), entry(2)).state), interval=600.0)
    decision = read(state, entry(8), entry(9), body=b"2")
    assert decision.fill_gap
    assert decision.state.gaps == 1
    listed = [entry(5, NOW - timedelta(minutes=5)), entry(6, NOW - timedelta(days=2)), entry(7)]
    missed = poll_decision.missed_since(state, listed, NOW)
    assert missed == listed[:1]
    filled, outcome = poll_decision.after_gap(decision.state, decision.outcome, missed, RULES, NOW)
    assert (outcome.status, outcome.detail) == ("gap", "1 more found in the news sitemap")
    assert [each.url[-1] for each in filled.pending] == ["8", "9", "5"]
    assert poll_decision.with_outcome(filled, outcome, NOW).events[-1].outcome == "gap"


def test_what_did_not_fit_makes_the_next_answer_a_whole_one() -> None:
    many = [entry(number) for number in range(waiting_entries.MOST_PENDING + 1)]
    decision = read(FRESH, *many)
    assert decision.outcome.found.left == 1
    assert (decision.state.etag, decision.state.body_hash) == (None, None)

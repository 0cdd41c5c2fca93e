"""What is noted of a visit to a page: enough to tell an article's way, and never more than a state has room for."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from ingest.feeds.entry import Entry
from ingest.frontier import known_entries, visit_record
from ingest.frontier.known_entries import RetryLater, Settled
from ingest.frontier.published_articles import Version
from ingest.frontier.visit_record import PageVisit
from ingest.urls import article_id
from pipeline.messages import Article, FeedState, encode

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
URL = "https://news.example/1"
ARTICLE = Article(
    id=article_id(URL), revision=1, url=URL, source="news.example", source_name="News",
    feed_url="https://news.example/rss", title="T", text="Words.", text_from="page", first_seen_at=NOW, fetched_at=NOW,
)  # fmt: skip


def waiting(*urls: str) -> FeedState:
    entries = [Entry(identity=url, url=url, title="T") for url in urls]
    state = FeedState(url="https://news.example/rss", host="news.example", name="News")
    return known_entries.after_feed_read(state, entries, NOW, 1000)[0]


def settled(state: FeedState, visit: PageVisit, outcome: str = "new", article: str = ARTICLE.id) -> FeedState:
    then = Settled(article, Version("c", 1, NOW) if article else None)
    return visit_record.after_visit(state, state.pending[0], then, visit, outcome, NOW)


def test_an_article_has_its_entrys_address_and_its_pages_beside_its_own() -> None:
    visit = PageVisit("200", "http://www.news.example/1?utm_source=x")
    visited = visit_record.with_visit(ARTICLE, "https://news.example/go/1", visit)
    assert visited.other_urls == ("https://news.example/go/1", "http://www.news.example/1")
    assert visited.page_answer == "200"
    assert visit_record.with_visit(ARTICLE, URL, PageVisit("200", URL)).other_urls == ()


def test_the_address_of_a_page_that_was_not_believed_is_none_of_the_articles() -> None:
    told = replace(ARTICLE, text_from="feed")
    assert visit_record.with_visit(told, URL, PageVisit("200", "https://news.example/")).other_urls == ()


def test_what_is_usual_is_not_noted() -> None:
    [seen] = settled(waiting(URL), PageVisit("200", URL)).seen
    assert (seen.address, seen.answer, seen.outcome) == ("", "", "")


def test_what_is_unusual_is_noted_on_the_entry() -> None:
    [seen] = settled(waiting(f"{URL}?from=feed"), PageVisit("robots"), "robots, new from feed").seen
    assert seen.address == visit_record.address_digits(f"{URL}?from=feed") != ""
    assert (seen.answer, seen.outcome, seen.article) == ("robots", "robots, new from feed", ARTICLE.id)
    [nothing] = settled(waiting(URL), PageVisit("404"), "http", "").seen
    assert ARTICLE.id.startswith(nothing.address)
    assert (nothing.article, nothing.answer, nothing.outcome) == ("", "404", "http")


def test_an_attempt_that_failed_leaves_its_error_on_the_waiting_entry() -> None:
    state = waiting(URL, "https://news.example/2")
    then = RetryLater(NOW + timedelta(hours=1))
    after = visit_record.after_visit(
        state, state.pending[0], then, PageVisit("503", detail="status 503" * 50), "http, later", NOW
    )
    first, second = after.pending
    assert first.error is not None
    assert (first.error.kind, len(first.error.detail), first.attempts) == ("503", visit_record.DETAIL_CHARS, 1)
    assert second.error is None


def test_an_entry_that_waits_no_more_is_left_alone() -> None:
    state = waiting(URL)
    done = settled(state, PageVisit("200", URL))
    again = visit_record.after_visit(done, state.pending[0], Settled(), PageVisit("404"), "http", NOW)
    assert again is done


@pytest.mark.slow
def test_the_notes_of_a_feed_are_bounded() -> None:
    many = visit_record.MOST_NOTED + 20
    state = replace(waiting(*(f"{URL}?id={number}" for number in range(500))), seen=())
    for number in range(many):
        if not state.pending:
            more = waiting(*(f"{URL}?id={number + each}" for each in range(500)))
            state = replace(state, pending=more.pending)
        state = settled(state, PageVisit("404"), "http, new from feed")
    noted = [bool(each.address and each.answer and each.outcome) for each in state.seen]
    assert noted == [False] * (many - visit_record.MOST_NOTED) + [True] * visit_record.MOST_NOTED
    plain = replace(state, seen=tuple(replace(each, address="", answer="", outcome="") for each in state.seen))
    assert len(encode(state)) - len(encode(plain)) < 100 * visit_record.MOST_NOTED

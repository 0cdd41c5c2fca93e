"""What becomes of an entry, by what came of its page: every way out, without a server."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from ingest import entry_decision
from ingest.article import Origin, version_of
from ingest.entry_decision import Case, Decision, Rules, UnreadablePage
from ingest.feeds.entry import Entry
from ingest.feeds.feed_list import Feed
from ingest.frontier import known_entries, poll_history, waiting_entries
from ingest.frontier.known_entries import RetryLater, Settled, WaitForHost
from ingest.frontier.published_articles import PublishedArticles, Version
from ingest.page.page import Page
from ingest.urls import article_id
from ingest.web.fetch import FetchError
from pipeline.failures import Backoff, Poison
from pipeline.messages import FeedState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
URL = "https://news.example/bridge"
RULES = Rules(3, Backoff(60.0, 3600.0), 10_000)
ENTRY = Entry(identity="1", url=URL, title="Bridge opens", content="The bridge of Arden opens on Monday.")
BARE = replace(ENTRY, content="")
PAGE = Page(
    url=URL,
    title="Bridge opens",
    headlines=("Bridge opens",),
    text="The bridge of Arden opens on Monday, the mayor said.",
)
TIMEOUT = FetchError("timeout", "no answer in 30 s")
GONE = FetchError("http", "404 Not Found", 404)


def case(entry: Entry = ENTRY, published: PublishedArticles | None = None, attempts: int = 0) -> Case:
    fresh = poll_history.with_definition(None, Feed(url="https://news.example/rss", name="News"))
    state, _ = known_entries.after_feed_read(fresh, [entry], NOW, 100)
    pending = replace(state.pending[0], attempts=attempts)
    state = replace(state, pending=(pending,))
    origin = Origin(state.url, state.name)
    return Case(pending, entry, state, origin, (published or PublishedArticles()).get, NOW)


def knows(url: str) -> PublishedArticles:
    published = PublishedArticles()
    published.put(article_id(url), Version("c", 1, NOW))
    return published


def after(decided: Case, decision: Decision) -> FeedState:
    assert decided.state is not None
    return known_entries.after_visit(decided.state, decided.pending, decision.then, NOW)


def test_an_article_that_another_feed_has_brought_needs_no_page() -> None:
    known = case(published=knows(URL))
    decision = entry_decision.without_fetching(known, RULES)
    assert decision is not None
    assert (decision.status, decision.article) == ("known", None)
    assert (after(known, decision).pending, after(known, decision).seen[0].article) == ((), article_id(URL))
    assert entry_decision.without_fetching(case(), RULES) is None


def test_an_item_without_a_page_is_its_feeds_text_and_a_change_is_a_revision() -> None:
    item = Entry(identity="guid-7", title="Ferry", content="The ferry is late.")
    decided = case(item)
    first = entry_decision.without_fetching(decided, RULES)
    assert first is not None
    assert first.article is not None
    assert (first.status, first.article.text, first.article.text_from) == ("new", "The ferry is late.", "feed")
    assert (first.article.url[:13], first.article.source) == ("urn:newsloom:", "news.example")
    published = PublishedArticles()
    published.put(first.article.id, version_of(first.article))
    again = entry_decision.without_fetching(case(replace(item, content="The ferry has come."), published), RULES)
    assert again is not None
    assert again.article is not None
    assert (again.article.id, again.article.revision, again.article.changed) == (first.article.id, 2, ("text",))
    same = entry_decision.without_fetching(case(item, published), RULES)
    assert same is not None
    assert same.status == "unchanged"


def shown_at(url: str, page: Page, title: str = ENTRY.title) -> tuple[Decision, Decision]:
    """What becomes of ENTRY at its first address, and then of the same guid at another one with this page."""
    first = entry_decision.after_fetching(case(), replace(PAGE, published=NOW), RULES)
    assert first.article is not None
    published = PublishedArticles()
    published.put(first.article.id, version_of(first.article))
    again = case(replace(ENTRY, url=url, title=title), published)
    assert again.state is not None
    seen = waiting_entries.seen_entry(again.pending, first.article.id, version_of(first.article))
    decided = Case(again.pending, again.entry, replace(again.state, seen=(seen,)), again.origin, published.get, NOW)
    return first, entry_decision.after_fetching(decided, page, RULES)


@pytest.mark.parametrize("there", ["https://news.example/the-bridge", "https://news.example/redirected/bridge"])
def test_a_corrected_address_of_the_same_guid_is_a_revision(there: str) -> None:
    corrected = replace(PAGE, url=there, text=PAGE.text + "\nIt is red.", published=NOW)
    first, second = shown_at("https://news.example/the-bridge", corrected)
    assert first.article is not None
    assert second.article is not None
    assert (second.article.id, second.article.revision, second.article.url) == (first.article.id, 2, there)
    assert second.article.changed == ("text",)


def test_a_guid_that_is_used_for_something_else_is_another_article() -> None:
    other = replace(
        PAGE,
        url="https://news.example/top",
        title="Ferry sinks",
        headlines=("Ferry sinks",),
        text="Nobody was hurt.",
        published=None,
    )
    first, second = shown_at("https://news.example/top", other, title="Ferry sinks")
    assert first.article is not None
    assert second.article is not None
    assert (second.article.id, second.article.revision) == (article_id("https://news.example/top"), 1)


def test_a_page_becomes_an_article_and_its_feed_learns_from_it() -> None:
    decision = entry_decision.after_fetching(case(), PAGE, RULES)
    assert decision.article is not None
    assert (decision.status, decision.article.text, decision.article.revision) == ("new", PAGE.text, 1)
    assert decision.then == Settled(article_id(URL), version_of(decision.article))
    assert decision.if_too_large is not None
    assert decision.if_too_large.then == entry_decision.NOTHING_PUBLISHED
    assert decision.statistics is not None
    assert decision.statistics.pages == 1


def test_a_page_that_says_nothing_new_is_not_sent_again() -> None:
    first = entry_decision.after_fetching(case(), PAGE, RULES)
    assert first.article is not None
    published = PublishedArticles()
    published.put(first.article.id, version_of(first.article))
    known = case(published=published)
    assert known.state is not None
    seen = waiting_entries.seen_entry(known.pending, first.article.id, version_of(first.article))
    shown_before = Case(
        known.pending, ENTRY, replace(known.state, seen=(seen,)), known.origin, published.get, NOW + timedelta(hours=1)
    )
    decision = entry_decision.after_fetching(shown_before, PAGE, RULES)
    assert (decision.status, decision.article) == ("unchanged", None)
    other = entry_decision.after_fetching(shown_before, replace(PAGE, text=PAGE.text + "\nIt is red."), RULES)
    assert other.article is not None
    assert (other.status, other.article.revision, other.article.changed) == ("revised", 2, ("text",))


def test_a_page_that_can_not_be_had_now_is_told_by_its_feed_and_tried_again() -> None:
    decision = entry_decision.after_fetching(case(), TIMEOUT, RULES)
    assert decision.status == "timeout, later, told from feed"
    assert decision.article is not None
    assert decision.article.text_from == "feed"
    assert isinstance(decision.then, RetryLater)
    assert decision.then.published_as is not None
    assert decision.then.due_at == NOW + timedelta(seconds=60)
    refused = decision.if_too_large
    assert refused is not None
    assert (refused.status, refused.then) == ("timeout, later", RetryLater(decision.then.due_at, None))
    bare = entry_decision.after_fetching(case(BARE), TIMEOUT, RULES)
    assert (bare.status, bare.article) == ("timeout, later", None)


def test_what_the_server_asks_for_is_obeyed_up_to_two_days() -> None:
    for header, wanted in (("3600", timedelta(hours=1)), ("999999", entry_decision.LONGEST_RETRY_AFTER)):
        busy = FetchError("http", "503", 503, retry_after=header)
        then = entry_decision.after_fetching(case(BARE), busy, RULES).then
        assert then == RetryLater(NOW + wanted, None)
    paused = FetchError("paused", "not asked", retry_after="120")
    assert entry_decision.after_fetching(case(), paused, RULES).then == WaitForHost(NOW + timedelta(minutes=2))


@pytest.mark.parametrize(("error", "attempts"), [(GONE, 0), (TIMEOUT, 2), (FetchError("too_large", "9 MB"), 0)])
def test_a_page_that_will_not_come_is_told_by_its_feed_or_becomes_a_dead_letter(
    error: FetchError, attempts: int
) -> None:
    told = entry_decision.after_fetching(case(attempts=attempts), error, RULES)
    assert (told.status, told.dead_letter) == (f"{error.kind}, new from feed", None)
    bare = entry_decision.after_fetching(case(BARE, attempts=attempts), error, RULES)
    assert bare.dead_letter is not None
    assert (bare.status, bare.dead_letter.poison.reason) == (error.kind, "unreachable_page")
    assert bare.then == entry_decision.NOTHING_PUBLISHED


def test_an_unreadable_page_is_a_dead_letter_with_its_bytes_and_told_by_its_feed() -> None:
    page = UnreadablePage(Poison("unreadable_page", "no text in the page"), b"<html>")
    decision = entry_decision.after_fetching(case(), page, RULES)
    assert decision.dead_letter is not None
    assert (decision.dead_letter.body, decision.status) == (b"<html>", "unreadable_page, new from feed")
    assert decision.statistics is not None
    assert decision.statistics.empty > 0


def test_a_front_page_in_an_articles_place_is_no_article() -> None:
    home = replace(PAGE, url="https://news.example/")
    decision = entry_decision.after_fetching(case(), home, RULES)
    assert decision.article is not None
    assert (decision.status, decision.article.url) == ("no_article_page, new from feed", URL)
    assert decision.statistics is None


def test_a_page_about_something_else_is_told_by_the_feed_or_becomes_a_dead_letter() -> None:
    wall = replace(
        PAGE,
        url="https://consent.example/wall",
        title="Before you continue",
        headlines=("Before you continue",),
        text="We value privacy.",
    )
    decision = entry_decision.after_fetching(case(), wall, RULES)
    assert decision.article is not None
    assert (decision.status, decision.dead_letter) == ("other_page, new from feed", None)
    assert (decision.article.url, decision.article.text_from) == (URL, "feed")
    without_text = entry_decision.after_fetching(case(BARE), wall, RULES)
    assert without_text.dead_letter is not None
    assert without_text.dead_letter.poison.reason == "other_page"
    assert "https://consent.example/wall" in str(without_text.dead_letter.poison)


def test_an_address_that_another_article_has_claimed_is_not_believed() -> None:
    template = "https://news.example/template"
    first = entry_decision.after_fetching(case(), replace(PAGE, canonical_url=template, published=NOW), RULES)
    assert first.article is not None
    assert first.article.url == template
    published = PublishedArticles()
    published.put(first.article.id, version_of(first.article))
    ferry = Page(
        url="https://news.example/ferry",
        title="Ferry sinks",
        headlines=("Ferry sinks",),
        text="Nobody drowned.",
        canonical_url=template,
    )
    entry = Entry(identity="2", url=ferry.url, title=ferry.title)
    second = entry_decision.after_fetching(case(entry, published), ferry, RULES)
    assert second.article is not None
    assert (second.status, second.article.url, second.article.revision) == ("new", ferry.url, 1)
    assert second.article.belonging_reasons[-1] == "canonical_of_another"
    at_once = entry_decision.after_fetching(case(entry, published), replace(ferry, published=NOW), RULES)
    assert at_once.article is not None  # a time in common makes no two texts one
    assert at_once.article.url == ferry.url
    same = replace(PAGE, url="https://news.example/bridge-2", canonical_url=template, published=NOW)
    again = entry_decision.after_fetching(case(replace(ENTRY, url=same.url), published), same, RULES)
    assert (again.status, again.article) == ("known", None)


def test_the_address_of_another_entry_that_waits_for_its_page_is_not_believed() -> None:
    ferry = Entry(identity="2", url="https://news.example/ferry", title="Ferry sinks in the harbour")
    for title, wanted in ((ferry.title, URL), (PAGE.title, ferry.url)):
        waiting = case()
        assert waiting.state is not None
        state, _ = known_entries.after_feed_read(waiting.state, [ENTRY, replace(ferry, title=title)], NOW, 100)
        mistaken = replace(PAGE, canonical_url=ferry.url)
        decision = entry_decision.after_fetching(dataclasses.replace(waiting, state=state), mistaken, RULES)
        assert decision.article is not None
        assert decision.article.url == wanted


def test_what_was_refused_says_so_and_what_belongs_says_how_sure_that_is() -> None:
    wall = Page(
        url="https://consent.example/wall",
        title="Before you continue",
        headlines=("Before you continue",),
        text="We value privacy.",
    )
    refused = entry_decision.after_fetching(case(), wall, RULES).article
    assert refused is not None
    assert (refused.belonging_reasons[:2], refused.belonging is not None) == (("other_page", "redirected"), True)
    belongs = entry_decision.after_fetching(case(), PAGE, RULES).article
    assert belongs is not None
    assert belongs.belonging is not None
    assert refused.belonging is not None
    assert refused.belonging < 0.1
    assert belongs.belonging > 0.99
    assert "headline_same" in belongs.belonging_reasons
    unreachable = entry_decision.after_fetching(case(), GONE, RULES).article
    assert unreachable is not None
    assert (unreachable.belonging, unreachable.belonging_reasons) == (None, ())


def test_a_bug_is_tried_again_and_ends_as_a_dead_letter() -> None:
    error = ValueError("what?")
    again = entry_decision.after_bug(case(), error, RULES)
    assert isinstance(again.then, RetryLater)
    last = entry_decision.after_bug(case(attempts=2), error, RULES)
    assert last.dead_letter is not None
    assert (last.dead_letter.poison.reason, last.then) == ("bug", entry_decision.NOTHING_PUBLISHED)


def test_an_entry_whose_feed_another_poller_has_now_learns_nothing() -> None:
    known = case()
    lost = Case(known.pending, ENTRY, None, known.origin, known.published, NOW)
    assert entry_decision.without_fetching(lost, RULES) is None
    assert entry_decision.after_fetching(lost, PAGE, RULES).statistics is None

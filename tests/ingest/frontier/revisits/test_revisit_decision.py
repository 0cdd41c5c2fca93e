"""What becomes of an article whose page was asked for again: every way out, without a server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest import entry_decision, revisit_decision
from ingest.article import Origin, version_of
from ingest.boilerplate import site_boilerplate
from ingest.entry_decision import Case, Decision, Rules, UnreadablePage
from ingest.feeds.entry import Entry
from ingest.frontier import known_entries
from ingest.frontier.known_entries import Settled, WaitForHost
from ingest.frontier.published_articles import PublishedArticles, Version
from ingest.frontier.revisits import waiting_revisits
from ingest.page.page import Page
from ingest.web.fetch import FetchError, NotModified
from pipeline.failures import Backoff, Poison
from pipeline.feed_state import PageStatistics, Revisit
from pipeline.messages import FeedState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TIMES = (timedelta(days=1), timedelta(days=7))
URL = "https://news.example/bridge"
RULES = Rules(3, Backoff(60.0, 3600.0), 10_000)
ENTRY = Entry(identity="1", url=URL, title="Bridge opens")
PAGE = Page(
    url=URL,
    title="Bridge opens",
    headlines=("Bridge opens",),
    text="The bridge of Arden opens on Monday, the mayor said.",
    published=NOW,
)
EDITED = replace(PAGE, text=PAGE.text.replace("Monday", "Friday"))
FEED = FeedState(url="https://news.example/rss", host="news.example", name="News", last_success_at=NOW)


def published(read: Page = PAGE, statistics: PageStatistics | None = None) -> tuple[Case, Revisit]:
    """An article of a page, and the case of it a day later."""
    state, _ = known_entries.after_feed_read(FEED, [ENTRY], NOW, 100)
    [pending], known = state.pending, PublishedArticles()
    origin = Origin(state.url, state.name)
    first = entry_decision.after_fetching(Case(pending, ENTRY, state, origin, known.get, NOW), read, RULES)
    assert first.article is not None
    state = known_entries.after_visit(state, pending, first.then, NOW)
    page = waiting_revisits.page_version(read.title, read.text, {})
    state = waiting_revisits.after_publishing(state, pending, page, NOW, TIMES, NOW)
    known.learn(state)
    [revisit] = state.revisits
    state = replace(state, page_statistics=statistics or state.page_statistics)
    return Case(waiting_revisits.as_pending(revisit, LATER), ENTRY, state, origin, known.get, LATER), revisit


def decided(result: Page | UnreadablePage | FetchError | NotModified) -> tuple[Decision, FeedState]:
    case, revisit = published()
    decision = revisit_decision.decide(case, revisit, result, RULES)
    assert case.state is not None
    after = revisit_decision.after_revisit(case.state, revisit, decision, None, TIMES, LATER)
    return decision, after


def test_an_edit_is_the_next_revision_of_the_same_article() -> None:
    decision, after = decided(EDITED)
    assert decision.article is not None
    assert (decision.status, decision.article.revision, decision.article.changed) == ("revised", 2, ("text",))
    assert (after.seen[0].article, after.seen[0].revision) == (decision.article.id, 2)
    assert after.seen[0].content == version_of(decision.article).content
    assert [each.due_at for each in after.revisits] == [NOW + timedelta(days=7)]


KEPT = {
    "not_modified": (NotModified(URL, {}), "unchanged"),
    "same": (PAGE, "unchanged"),
    "later_date": (replace(PAGE, published=NOW + timedelta(hours=3)), "unchanged"),
    "error": (FetchError("timeout", "no answer"), "timeout, kept"),
    "robots": (FetchError("robots", "disallowed"), "robots, kept"),
    "unreadable": (UnreadablePage(Poison("unreadable_page", "nothing"), b"x"), "unreadable_page, kept"),
    "shorter": (replace(PAGE, text="The bridge of Arden"), "shorter, kept"),
    "empty": (replace(PAGE, text=""), "shorter, kept"),
    "teaser": (replace(PAGE, text=PAGE.text[:40], kind="teaser"), "walled, kept"),
    "walled": (replace(PAGE, text=PAGE.text[:40], free=False), "walled, kept"),
}


@pytest.mark.parametrize(("result", "status"), KEPT.values(), ids=KEPT)
def test_whatever_else_comes_keeps_the_article(
    result: Page | UnreadablePage | FetchError | NotModified, status: str
) -> None:
    decision, after = decided(result)
    assert (decision.status, decision.article, decision.dead_letter, decision.statistics) == (status, None, None, None)
    assert (after.seen[0].article[:1] != "", after.seen[0].revision) == (True, 1)
    assert [each.due_at for each in after.revisits] == [NOW + timedelta(days=7)]


def test_another_page_at_its_address_keeps_the_article() -> None:
    other = replace(
        PAGE, title="Recipes of the week", headlines=("Recipes of the week",), text="Peel four apples. " * 20
    )
    decision, after = decided(other)
    assert (decision.article, decision.dead_letter) == (None, None)
    assert decision.status.endswith(", kept")
    assert after.seen[0].revision == 1


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_page_that_is_gone_keeps_its_article_and_is_not_asked_for_again(status: int) -> None:
    decision, after = decided(FetchError("http", "gone", status))
    assert (decision.status, decision.article) == ("gone, kept", None)
    assert (after.revisits, after.seen[0].revision) == ((), 1)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (FetchError("paused", "busy", retry_after="1200"), 1200),
        (FetchError("paused", "busy"), 600),
        (FetchError("http", "busy", 503, retry_after="3600"), 3600),
        (FetchError("http", "busy", 429, retry_after="99999999"), 2 * 86_400),
    ],
)
def test_a_host_that_wants_to_be_left_alone_is(error: FetchError, seconds: float) -> None:
    decision, after = decided(error)
    assert decision.then == WaitForHost(LATER + timedelta(seconds=seconds))
    assert [each.due_at for each in after.revisits] == [LATER + timedelta(seconds=seconds)]


def test_lines_that_came_to_return_on_the_feeds_pages_are_no_edit() -> None:
    """The page is as it was, and is read otherwise: the statistics know more than at first."""
    statistics, page = PageStatistics(), replace(PAGE, text=f"{PAGE.text}\nFollow us for more.")
    for number in range(40):
        other = f"{'x' * number} is news.\nFollow us for more."
        statistics = site_boilerplate.update_after_page(statistics, other, other)
    case, revisit = published(page, statistics)
    assert entry_decision.without_boilerplate(page, case.state).text == PAGE.text
    assert revisit_decision.decide(case, revisit, page, RULES).status == "unchanged"


def test_a_revision_that_another_feed_has_brought_is_the_one_before() -> None:
    case, revisit = published()
    before = case.before
    assert before is not None
    newer = Version("other", 5, NOW)
    told = Case(case.pending, case.entry, case.state, case.origin, {before.article: newer}.get, LATER)
    decision = revisit_decision.decide(told, revisit, EDITED, RULES)
    assert decision.article is not None
    assert decision.article.revision == 6


def test_an_article_that_is_known_no_more_stays_as_it_is() -> None:
    case, revisit = published()
    assert case.state is not None
    forgotten = Case(case.pending, ENTRY, replace(case.state, seen=()), case.origin, case.published, LATER)
    decision = revisit_decision.decide(forgotten, revisit, EDITED, RULES)
    assert (decision.article, decision.then) == (None, Settled())


@given(st.text(max_size=200), st.text(max_size=40), st.sampled_from([True, False, None]))
def test_no_page_makes_another_article_or_a_dead_letter(text: str, title: str, free: bool | None) -> None:
    decision, after = decided(replace(PAGE, text=text, title=title, free=free))
    assert decision.dead_letter is None
    assert decision.article is None or (decision.article.revision, decision.article.id) == (2, after.seen[0].article)
    assert len(text) >= len(PAGE.text) / 2 or decision.article is None

"""A page counts once for what its feed learns of its pages, however often it is read and by whatever entry."""

from datetime import timedelta

from msgspec.structs import replace

from ingest import entry_decision
from ingest.article import version_of
from ingest.entry_decision import Case, Decision, UnreadablePage
from ingest.frontier import known_entries
from ingest.frontier.published_articles import PublishedArticles
from pipeline.failures import Poison
from tests.ingest.test_entry_decision import ENTRY, NOW, PAGE, RULES, after, case


def read_again(read: Case, decision: Decision, published: PublishedArticles) -> Case:
    """The case of the same entry after a decision, when its feed shows it in another form."""
    state = after(read, decision)
    state = replace(state, page_statistics=decision.statistics or state.page_statistics)
    entry = replace(
        ENTRY, summary=f"{len(state.seen)} {NOW}", updated=(state.last_poll_at or NOW) + timedelta(minutes=1)
    )
    state, _ = known_entries.after_feed_read(replace(state, last_success_at=NOW), [entry], NOW, 100)
    pending = known_entries.due_pages(state, None)[0] if state.pending else read.pending
    return Case(pending, entry, state, read.origin, published.get, NOW)


def test_the_own_lines_of_an_article_that_is_revised_again_and_again_are_no_boilerplate() -> None:
    """Found by a soak: a page that is read fifty times has its lines on fifty pages, all of them its own."""
    published, lines = PublishedArticles(), ["The storm has reached Velm.", "Ferries stay in the harbour."]
    now = case(published=published)
    for number in range(12):
        lines.append(f"At {number} o'clock the {'very ' * number}wind came from the west.")
        decision = entry_decision.after_fetching(now, replace(PAGE, text="\n".join(lines)), RULES)
        assert decision.article is not None
        assert decision.article.text == "\n".join(lines)
        published.put(decision.article.id, version_of(decision.article))
        now = read_again(now, decision, published)
    assert now.state is not None
    assert now.state.page_statistics.pages == 1


def test_a_page_that_stays_unreadable_counts_once() -> None:
    published, unreadable = PublishedArticles(), UnreadablePage(Poison("unreadable_page", "no text"), b"")
    first = entry_decision.after_fetching(now := case(published=published), unreadable, RULES)
    assert first.statistics is not None
    again = entry_decision.after_fetching(read_again(now, first, published), unreadable, RULES)
    assert again.statistics is None


def test_a_page_that_many_entries_lead_to_is_counted_once() -> None:
    published = PublishedArticles()
    first = entry_decision.after_fetching(case(published=published), PAGE, RULES)
    assert first.article is not None
    published.put(first.article.id, version_of(first.article))
    other = entry_decision.after_fetching(case(replace(ENTRY, identity="2"), published), PAGE, RULES)
    assert (other.status, other.statistics) == ("known", None)

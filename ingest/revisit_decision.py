"""Decides what becomes of a published article whose page was asked for again: a revision, or it stays as it is. Pure.

In: the Case of its entry, the revisit, and what came. Out: a Decision. Whatever came instead of the article (nothing, a
wall, another page, half of a text), the article stays: a page that is gone is no correction. No dead letter is written
and nothing is learnt of the site's returning lines: this page has counted already (docs/decisions/0034).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest import belonging
from ingest.article import revised, under, version_of
from ingest.entry_decision import (
    FINAL_STATUS,
    LONGEST_RETRY_AFTER,
    NOTHING_PUBLISHED,
    Case,
    Decision,
    Rules,
    UnreadablePage,
    article_of_page,
    same_article,
    without_boilerplate,
)
from ingest.feeds.entry import Entry
from ingest.frontier.known_entries import Settled, WaitForHost
from ingest.frontier.published_articles import Version
from ingest.frontier.revisits import waiting_revisits
from ingest.frontier.revisits.waiting_revisits import PageVersion, page_version
from ingest.page.page import Page
from ingest.web import response_headers
from ingest.web.fetch import FetchError, NotModified
from pipeline.feed_state import Revisit, SeenEntry
from pipeline.messages import FeedState

# a text that has lost more than this share is a wall, a teaser or a broken page before it is an edit
MOST_LOST = 0.5
# a host that does not say when it wants to be asked is left alone so long
PAUSE = timedelta(minutes=10)


def known_version(case: Case) -> Version | None:
    """The newest version of the entry's article, from this feed or another one; None where it is known no more."""
    before = case.before
    if before is None or not before.article:
        return None
    ours = Version(before.content, before.revision, before.first_seen_at)
    other = case.published(before.article)
    return other if other is not None and other.revision > ours.revision else ours


def decide(
    case: Case, revisit: Revisit, result: Page | UnreadablePage | FetchError | NotModified, rules: Rules
) -> Decision:
    """`then` of the decision: Settled with the article's version, or without (it is not asked again); WaitForHost."""
    before, known = case.before, known_version(case)
    if before is None or known is None:
        return Decision("forgotten, kept", NOTHING_PUBLISHED)
    kept = Settled(before.article, known)
    if isinstance(result, NotModified):
        return Decision("unchanged", kept)
    if isinstance(result, FetchError):
        return _unreachable(case, result, kept)
    if isinstance(result, UnreadablePage):
        return Decision(f"{result.poison.reason}, kept", kept)
    why = _why_kept(case, revisit, result)
    return Decision(why, kept) if why else _readable(case, result, before, known, rules)


def after_revisit(
    state: FeedState,
    revisit: Revisit,
    decision: Decision,
    page: PageVersion | None,
    times: Sequence[timedelta],
    now: datetime,
) -> FeedState:
    """The state after a revisit was decided; `page` as it was read, `times` as in waiting_revisits.next_revisit."""
    then = decision.then
    if isinstance(then, Settled) and then.version is not None:
        accepted = page if decision.status in ("unchanged", "revised") else None
        return waiting_revisits.after_revisit(state, revisit, then.version, accepted, times, now)
    if isinstance(then, WaitForHost):
        return waiting_revisits.put_off(state, revisit, then.due_at, times)
    return waiting_revisits.give_up(state, revisit)


def _unreachable(case: Case, error: FetchError, kept: Settled) -> Decision:
    wanted = response_headers.parse_retry_after(error.retry_after, case.now)
    if wanted is not None or error.kind == "paused":
        due = max(wanted or case.now, case.now + PAUSE)
        return Decision(f"{error.kind}, later", WaitForHost(min(due, case.now + LONGEST_RETRY_AFTER)))
    if error.status in FINAL_STATUS:
        return Decision("gone, kept", NOTHING_PUBLISHED)
    return Decision(f"{error.kind}, kept", kept)


def _why_kept(case: Case, revisit: Revisit, page: Page) -> str:
    """Why the article stays as it is; "" where the page says something else than before."""
    refused = belonging.judge(page, case.entry).refused
    if refused:
        return f"{refused}, kept"
    if page_version(page.title, page.text, {}).digest == revisit.digest:
        return "unchanged"
    if not page.text or len(page.text) < revisit.chars * (1 - MOST_LOST):
        return "shorter, kept"
    if (page.free is False or page.kind == "teaser") and len(page.text) < revisit.chars:
        return "walled, kept"
    return "other_title, kept" if _tells_something_else(page, case.entry) else ""


def _tells_something_else(page: Page, entry: Entry) -> bool:
    """Whether headlines and text of a page have next to no word of the title that its feed told.

    At first such a page is believed for its address and times; against an article that is there this is not enough.
    """
    return belonging.shared_words(entry.title, *page.headlines, page.text) < belonging.SOME_WORDS


def _readable(case: Case, page: Page, before: SeenEntry, known: Version, rules: Rules) -> Decision:
    read = article_of_page(case, without_boilerplate(page, case.state), before, rules)
    article = same_article(case, under(before.article, read, case.entry), before)
    if article.id != before.article:
        return Decision("other_address, kept", Settled(before.article, known))
    revision = revised(article, known)
    # a date alone is no edit: pages tell it in many ways
    if revision is None or revision.changed == ("date",):
        return Decision("unchanged", Settled(before.article, known))
    too_large = Decision("too_large, kept", Settled(before.article, known))
    return Decision("revised", Settled(article.id, version_of(revision)), article=revision, if_too_large=too_large)

"""Decides what becomes of an entry: publish its page, publish its feed's text, try again later, or nothing. Pure.

In: a Case: the waiting entry, what its feed and this poller know of it, the present time; and what came of its page:
the page as it was read, UnreadablePage, or the FetchError that came instead. Out: a Decision that says everything that
is to be done: the article to send, the dead letter, what the feed's state remembers, the status for the log.
ingest/pages acts on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec.structs import replace as replace_fields

from ingest import belonging
from ingest.article import (
    Origin,
    article_from_feed,
    article_from_page,
    revised,
    same_parts,
    settle_late_guess,
    under,
    version_of,
)
from ingest.boilerplate import layout_drift, site_boilerplate
from ingest.feeds.entry import Entry
from ingest.frontier import waiting_entries
from ingest.frontier.known_entries import RetryLater, Settled, WaitForHost
from ingest.frontier.published_articles import Version
from ingest.page.page import Page
from ingest.urls import article_id, canonical_url, is_shortener
from ingest.web import response_headers
from ingest.web.fetch import FetchError
from pipeline.failures import Backoff, Poison
from pipeline.feed_state import PageStatistics, PendingEntry, SeenEntry
from pipeline.messages import Article, FeedState

# kinds of FetchError and HTTP statuses that a second request would meet again
FINAL_KINDS = frozenset({"too_large", "redirect", "refused", "encoding", "media"})
FINAL_STATUS = frozenset({404, 410, 451})
# a server's Retry-After is obeyed up to this
LONGEST_RETRY_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's settings: attempts for a page, seconds between them, characters of a text."""

    page_attempts: int
    backoff: Backoff
    max_text_chars: int


@dataclass(frozen=True, slots=True)
class Case:
    """What is known when an entry is decided. `published`: the newest published version by article id.

    `state` is its feed's state; None when the feed is another poller's meanwhile.
    """

    pending: PendingEntry
    entry: Entry
    state: FeedState | None
    origin: Origin
    published: Callable[[str], Version | None]
    now: datetime

    @property
    def before(self) -> SeenEntry | None:
        """The entry as it was dealt with in an earlier poll."""
        seen = self.state.seen if self.state else ()
        return next((each for each in seen if each.entry == self.pending.entry), None)


@dataclass(frozen=True, slots=True)
class DeadPage:
    """A dead letter to write: the reason, and the page's bytes where there are any."""

    poison: Poison
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class UnreadablePage:
    """A page that was fetched and in which no article could be read."""

    poison: Poison
    body: bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that is to be done for an entry, in this order.

    `statistics`: what the feed's pages are like after this one, and in `drift` a sentence when they have just become
    different; `dead_letter` is written, `article` is sent (its revision is set), and `then` is what the feed's state
    remembers. `if_too_large`: what holds instead when the article turns out to be too large for Kafka.
    """

    status: str
    then: Settled | RetryLater | WaitForHost
    article: Article | None = None
    if_too_large: "Decision | None" = None
    dead_letter: DeadPage | None = None
    statistics: PageStatistics | None = None
    drift: str = ""


NOTHING_PUBLISHED = Settled()


def without_fetching(case: Case, rules: Rules) -> Decision | None:
    """Decides an entry without a page, or one that another feed has published; None when its page is needed."""
    if canonical_url(case.entry.url) is None:
        told = article_from_feed(case.entry, case.origin, case.now, rules.max_text_chars)
        return publish(case, told) if told else Decision("no_page", NOTHING_PUBLISHED)
    article = article_id(canonical_url(case.entry.url) or case.entry.url)
    version = case.published(article)
    if version is None or case.pending.published_as is not None or case.state is None or case.before is not None:
        return None
    return Decision("known", Settled(article, version))


def after_fetching(case: Case, result: Page | UnreadablePage | FetchError, rules: Rules) -> Decision:
    """Decides an entry by what came of its page."""
    if isinstance(result, FetchError):
        return _unreachable(case, result, rules)
    if isinstance(result, UnreadablePage):
        told = _from_feed(case, result.poison.reason, rules, reasons=(result.poison.reason,))
        decision = replace(told, dead_letter=DeadPage(result.poison, result.body))
        is_first = case.state is not None and case.before is None
        return _learn(case, decision, layout_drift.update_after_empty_page) if is_first else decision
    return _readable(case, result, rules)


def after_bug(case: Case, error: Exception, rules: Rules) -> Decision:
    """Decides an entry that met a bug of ours: tried again like a page that can't be had, given up at the end."""
    if case.pending.attempts + 1 < rules.page_attempts:
        return Decision("bug, later", _retry(case, rules, case.pending.published_as))
    poison = Poison("bug", f"{type(error).__name__}: {error}")
    return Decision("bug", NOTHING_PUBLISHED, dead_letter=DeadPage(poison))


# --- a page that was read ---


def _readable(case: Case, page: Page, rules: Rules) -> Decision:
    judged = belonging.judge(page, case.entry)
    if judged.refused:
        other = judged.refused == "other_page"
        letter = Poison(judged.refused, f"{page.url} is a page about something else: {page.title}") if other else None
        told = _from_feed(case, judged.refused, rules, letter, (judged.refused, *judged.evidence))
        return (
            replace(told, article=replace_fields(told.article, belonging=judged.confidence)) if told.article else told
        )
    cleaned = without_boilerplate(page, case.state)
    earlier = case.pending.published_as or case.before
    article = article_of_page(case, cleaned, earlier, rules)
    version = case.published(article.id)
    if earlier is None and version is not None:
        decision = Decision("known", Settled(article.id, version))  # another feed has brought it meanwhile
    else:
        article = under(earlier.article if earlier else "", article, case.entry)
        decision = publish(case, same_article(case, article, earlier))
    # an article's own lines stand on its page however often that is read: only the first time they count
    is_first = case.before is None and (version is None or case.pending.published_as is not None)
    if case.state is None or not is_first:
        return decision
    return _learn(case, decision, lambda before: site_boilerplate.update_after_page(before, page.text, cleaned.text))


def article_of_page(case: Case, page: Page, earlier: SeenEntry | None, rules: Rules) -> Article:
    """The article of a page, under the address that it claims; where that is another article's, where it was found."""
    article = article_from_page(page, case.entry, case.origin, case.now, rules.max_text_chars)
    ours = earlier is not None and earlier.article == article.id
    if ours or not (_is_anothers(case, article) or _is_another_entrys(case, article, page)):
        return settle_late_guess(article, page, case.published(article.id))
    page = replace_fields(page, canonical_url=None)
    found = article_from_page(page, case.entry, case.origin, case.now, rules.max_text_chars)
    return replace_fields(found, belonging_reasons=(*found.belonging_reasons, "canonical_of_another"))


def _is_anothers(case: Case, article: Article) -> bool:
    """Whether an article of another title and text was published under this one's address."""
    known = case.published(article.id)
    same = same_parts(known.content, article) if known else None
    return same is not None and not same & {"title", "text"}


def _is_another_entrys(case: Case, article: Article, page: Page) -> bool:
    """Whether the address that a page claims is that of an entry with another title, which waits for its own page."""
    if case.state is None or article.url == belonging.fetched_address(page):
        return False
    others = (each for each in case.state.pending if each.entry != case.pending.entry)
    theirs = (waiting_entries.unpack_entry(each).entry for each in others if canonical_url(each.url) == article.url)
    return any(belonging.has_other_title(page, each) for each in theirs)


def same_article(case: Case, article: Article, earlier: SeenEntry | None) -> Article:
    """The article under the id that its entry has had, where it tells the same at another address: that was corrected.

    Not where that address is a known article's, and not where a feed has used a guid for something else.
    """
    if earlier is None or not earlier.article or case.published(article.id) is not None:
        return article
    return replace_fields(article, id=earlier.article) if same_parts(earlier.content, article) else article


def without_boilerplate(page: Page, state: FeedState | None) -> Page:
    """The page without the lines that return on many pages of its feed."""
    if state is None:
        return page
    returning = site_boilerplate.find_recurring_lines(state.page_statistics)
    return replace_fields(page, text=site_boilerplate.remove_lines(page.text, returning))


def _learn(case: Case, decision: Decision, learn: Callable[[PageStatistics], PageStatistics]) -> Decision:
    before = case.state.page_statistics if case.state else PageStatistics()
    after, drift = layout_drift.track_drift(before, learn(before), case.now)
    return replace(decision, statistics=after, drift=drift)


def publish(case: Case, article: Article, least: int = 1) -> Decision:
    """Sends the article where it says something new, as revision `least` at least."""
    known = case.published(article.id)
    revision = revised(article, known, least)
    if revision is None:
        return Decision("unchanged", Settled(article.id, known))
    return Decision(
        "new" if known is None else "revised",
        Settled(article.id, version_of(revision)),
        article=revision,
        if_too_large=Decision("too_large", NOTHING_PUBLISHED),
    )


# --- without a page ---


def _unreachable(case: Case, error: FetchError, rules: Rules) -> Decision:
    """The news is published at once as its feed tells it; the page is tried again, unless that is in vain."""
    wanted = response_headers.parse_retry_after(error.retry_after, case.now)
    if error.kind == "paused":  # nothing was asked: this was no attempt, and says nothing of the page
        return Decision("paused", WaitForHost(wanted or case.now))
    forbidden = error.kind == "robots" and error.retry_after is None
    final = forbidden or error.kind in FINAL_KINDS or error.status in FINAL_STATUS
    if final or case.pending.attempts + 1 >= rules.page_attempts:
        return _from_feed(case, error.kind, rules, Poison("unreachable_page", error.detail))
    return _later(case, f"{error.kind}, later", rules, wanted)


def _later(case: Case, status: str, rules: Rules, wanted: datetime | None) -> Decision:
    """The page is tried again; its article is published from the feed's text meanwhile, where that is possible."""
    again = Decision(status, _retry(case, rules, case.pending.published_as, wanted))
    if case.pending.published_as is not None or case.before is not None or is_shortener(case.entry.url):
        return again
    article = article_from_feed(case.entry, case.origin, case.now, rules.max_text_chars)
    if article is None or case.published(article.id) is not None:
        return again
    told = waiting_entries.seen_entry(case.pending, article.id, version_of(article))
    then = _retry(case, rules, told, wanted)
    return Decision(f"{status}, told from feed", then, article=article, if_too_large=again)


def _retry(case: Case, rules: Rules, published_as: SeenEntry | None, wanted: datetime | None = None) -> RetryLater:
    """`wanted`: when the server wants to be asked again."""
    due = case.now + timedelta(seconds=rules.backoff.delay(case.pending.attempts + 1, 1.0))
    return RetryLater(max(due, min(wanted, case.now + LONGEST_RETRY_AFTER)) if wanted else due, published_as)


def _from_feed(
    case: Case, reason: str, rules: Rules, letter: Poison | None = None, reasons: tuple[str, ...] = ()
) -> Decision:
    """The article as the feed tells it. One that was published before stays as it is: pages tell more.

    `letter`: the dead letter for an entry of which not even the feed tells enough. `reasons`: why its page was refused.
    """
    before = case.before
    if before is not None and before.article:
        version = Version(before.content, before.revision, before.first_seen_at)
        return Decision(f"{reason}, kept", Settled(before.article, version))
    article = article_from_feed(case.entry, case.origin, case.now, rules.max_text_chars)
    if article is None or is_shortener(article.url):
        return Decision(reason, NOTHING_PUBLISHED, dead_letter=DeadPage(letter) if letter else None)
    decision = publish(case, replace_fields(article, belonging_reasons=reasons))
    refused = decision.if_too_large
    return replace(
        decision,
        status=f"{reason}, {decision.status} from feed",
        if_too_large=replace(refused, status=f"{reason}, {refused.status} from feed") if refused else None,
    )

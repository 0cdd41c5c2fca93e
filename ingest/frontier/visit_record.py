"""What is noted of a visit to an entry's page, for `newsloom trace`: the answer, its address, what was decided. Pure.

In: what came when the page was asked for, and the decision. Out: the article with its other addresses and the answer;
the feed's state with the same on its entry. Nothing in here decides anything. It is bounded: notes stay on the last
entries of a feed only, for its state is one message.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from ingest.frontier import known_entries
from ingest.frontier.known_entries import RetryLater, Settled, WaitForHost
from ingest.urls import article_id, canonical_url
from pipeline.feed_state import FeedError, PendingEntry, SeenEntry
from pipeline.messages import Article, FeedState

ADDRESS_DIGITS = 16  # of the id that an article at an entry's address has
MOST_NOTED = 1_000  # entries of a feed that keep their notes, 80 bytes each
DETAIL_CHARS = 120  # of an error
USUAL_ANSWER = "200"
# what most entries come to: not noted
USUAL_OUTCOMES = frozenset({"new", "revised", "unchanged"})
Next = Settled | RetryLater | WaitForHost


@dataclass(frozen=True, slots=True)
class PageVisit:
    """What came when an entry's page was asked for.

    `answer`: an HTTP status in digits, or the kind of a FetchError without one; "" where nothing was asked. `found_at`
    is the address at which the page was found, `detail` what a FetchError says.
    """

    answer: str = ""
    found_at: str = ""
    detail: str = ""


def with_visit(article: Article, entry_url: str, visit: PageVisit) -> Article:
    """The article with the answer and its other addresses: its entry's, and that of the page that it is from."""
    page = visit.found_at if article.text_from == "page" else ""
    others = dict.fromkeys(filter(None, (canonical_url(entry_url), canonical_url(page))))
    others.pop(article.url, None)
    return replace(article, page_answer=visit.answer, other_urls=tuple(others))


def after_visit(
    state: FeedState, pending: PendingEntry, then: Next, visit: PageVisit, outcome: str, now: datetime
) -> FeedState:
    """The state after an entry was visited and decided, with what came of it noted on the entry.

    `outcome` is the status of the decision (ingest/entry_decision).
    """
    after = known_entries.after_visit(state, pending, then, now)
    if not isinstance(then, Settled):
        error = FeedError(kind=visit.answer or outcome, detail=visit.detail[:DETAIL_CHARS], at=now)
        waiting = (replace(each, error=error) if each.entry == pending.entry else each for each in after.pending)
        return replace(after, pending=tuple(waiting))
    if after is state:  # it waited no more
        return state
    noted = _noted(after.seen[-1], pending, visit, outcome)
    return replace(after, seen=(*_without_old_notes(after.seen[:-1]), noted))


def address_digits(url: str) -> str:
    """What a seen entry remembers of its address; "" for what is no web address."""
    canonical = canonical_url(url)
    return article_id(canonical)[:ADDRESS_DIGITS] if canonical else ""


def _noted(seen: SeenEntry, pending: PendingEntry, visit: PageVisit, outcome: str) -> SeenEntry:
    address = address_digits(pending.url)
    return replace(
        seen,
        address="" if seen.article.startswith(address) else address,
        answer="" if visit.answer == USUAL_ANSWER else visit.answer,
        outcome="" if outcome in USUAL_OUTCOMES else outcome,
    )


def _without_old_notes(seen: tuple[SeenEntry, ...]) -> tuple[SeenEntry, ...]:
    """The entries before the last one; those that are too many lose their notes."""
    if len(seen) < MOST_NOTED:
        return seen
    old, kept = seen[: 1 - MOST_NOTED], seen[1 - MOST_NOTED :]
    return (*(_plain(each) if each.address or each.answer or each.outcome else each for each in old), *kept)


def _plain(seen: SeenEntry) -> SeenEntry:
    return replace(seen, address="", answer="", outcome="")

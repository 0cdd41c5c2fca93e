"""Decides what becomes of an agency's item: publish it, wait for its embargo, or say that it was withdrawn. Pure.

In: a Case of ingest/entry_decision whose entry has a Delivery. Out: a Decision; no page is asked for, because the item
has its whole text. ingest/pages acts on it.
"""

from dataclasses import replace

from ingest.article import article_from_feed
from ingest.deliveries.withdrawal import withdrawal
from ingest.entry_decision import NOTHING_PUBLISHED, Case, Decision, Rules, publish
from ingest.feeds.entry import Delivery
from ingest.frontier.known_entries import Settled, WaitForHost


def decide(case: Case, delivery: Delivery, rules: Rules) -> Decision:
    """Decides an item by its status, its embargo and what is known to be published of it."""
    if delivery.status != "usable":
        return _withdrawn(case, delivery, rules)
    if delivery.embargoed is not None and delivery.embargoed > case.now:
        return Decision("embargoed", WaitForHost(delivery.embargoed))
    article = article_from_feed(case.entry, case.origin, case.now, rules.max_text_chars)
    if article is None:
        return Decision("no_text", NOTHING_PUBLISHED)
    known = case.published(article.id)
    is_known = known is not None and delivery.version is not None and delivery.version <= known.revision
    if known is not None and case.before is None and is_known:
        return Decision("known", Settled(article.id, known))  # another feed has brought it, or it was forgotten
    return publish(case, article, _least_revision(delivery))


def _withdrawn(case: Case, delivery: Delivery, rules: Rules) -> Decision:
    """Says that an article was withdrawn.

    Also where nothing is known to be published, but an earlier version may have been: an agency may withdraw what is
    no longer remembered, and the revision of a later version replaces it in the index all the same.
    """
    article = withdrawal(case.entry, case.origin, case.now, rules.max_text_chars)
    if article is None:
        return Decision("no_text", NOTHING_PUBLISHED)
    known = case.published(article.id)
    had_article = known is not None or (case.before is not None and bool(case.before.article))
    if not had_article and _least_revision(delivery) == 1:
        return Decision(f"{delivery.status}, never published", NOTHING_PUBLISHED)
    decision = publish(case, article, _least_revision(delivery))
    return replace(decision, status=delivery.status) if decision.article else decision


def _least_revision(delivery: Delivery) -> int:
    """The revision that an article of this version has at least; 1 where versions have no number."""
    return max(delivery.version or 1, 1)

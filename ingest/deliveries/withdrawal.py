"""Withdrawal: the article that takes the place of one that its agency has taken back. Pure.

In: an agency's item that is canceled or withheld. Out: an Article of the kind "withdrawn", in which nothing is left of
the one before but the agency's own note.
"""

from datetime import datetime

from msgspec.structs import replace

from ingest.article import Origin, article_from_feed
from ingest.feeds.entry import Entry
from pipeline.messages import Article


def withdrawal(entry: Entry, origin: Origin, now: datetime, max_text_chars: int) -> Article | None:
    """What takes the place of an article that its agency has withdrawn: nothing of the article but that it was.

    The text names the item, so that no two withdrawals are copies of each other, and has the agency's own note.
    """
    delivery = entry.delivery
    withheld = delivery is not None and delivery.status == "withheld"
    told = "withheld until further notice" if withheld else "withdrawn"
    version = f", version {delivery.version}" if delivery and delivery.version is not None else ""
    notice = f"{origin.name or 'Its agency'} has {'withheld' if withheld else 'withdrawn'} this article"
    note = f"\n{delivery.note}" if delivery and delivery.note else ""
    emptied = replace(
        entry,
        title=f"Article {told} by {origin.name or 'its agency'}",
        summary="",
        content=f"{notice} ({entry.identity}{version}).{note}",
        authors=(),
        tags=(),
        image=None,
    )
    article = article_from_feed(emptied, origin, now, max_text_chars)
    return replace(article, kind="withdrawn") if article else None

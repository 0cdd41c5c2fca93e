"""Feed health: how a feed is, in a few words, as `newsloom feeds status` says it. Pure."""

from collections.abc import Iterator
from datetime import datetime

from index.searching.feed_search import FeedRow
from pipeline.feed_state import describe_reading, is_overdue
from web.parts.search_link import write_time


def describe_health(feed: FeedRow, now: datetime) -> str:
    """What is to be said of a feed; "fine" when there is nothing. Where nobody polls it is not known."""
    if feed.gone_at is not None:
        return f"gone (410) since {write_time(feed.gone_at)}"
    if not feed.active:
        return "not on the list, or paused"
    if feed.polls == 0:
        return "not polled yet"
    return "; ".join(_remarks(feed, now)) or "fine"


def _remarks(feed: FeedRow, now: datetime) -> Iterator[str]:
    if feed.next_poll_at is not None and is_overdue(feed.next_poll_at, now):
        yield f"should have been polled at {write_time(feed.next_poll_at)}: does a poller run?"
    yield from describe_reading(feed)
    if feed.gaps:
        yield f"{feed.gaps} gaps"
    if feed.drifting_since is not None:
        yield f"its pages are unlike its usual ones since {write_time(feed.drifting_since)}"
    if feed.silent_since is not None:
        yield f"silent since {write_time(feed.silent_since)}"

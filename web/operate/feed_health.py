"""Feed health: how a feed is, in a few words, as `newsloom feeds status` says it. Pure."""

from collections.abc import Iterator

from index.searching.feed_search import FeedRow
from web.parts.search_link import write_time


def describe_health(feed: FeedRow) -> str:
    """What is to be said of a feed; "fine" when there is nothing."""
    if feed.gone_at is not None:
        return f"gone (410) since {write_time(feed.gone_at)}"
    if not feed.active:
        return "not on the list, or paused"
    if feed.polls == 0:
        return "not polled yet"
    return "; ".join(_remarks(feed)) or "fine"


def _remarks(feed: FeedRow) -> Iterator[str]:
    if feed.failures and feed.error is not None:
        yield f"{feed.failures} failures, the last: {feed.error.kind}: {feed.error.detail}"
    elif feed.error is not None:
        yield f"broken, read as far as it goes: {feed.error.detail}"
    if feed.location:
        yield f"moved to {feed.location}"
    if feed.distrusted:
        yield "its 304 is not believed"
    if feed.cut:
        yield f"{feed.cut} too many, the oldest, left out"
    if feed.gaps:
        yield f"{feed.gaps} gaps"
    if feed.drifting_since is not None:
        yield f"its pages are unlike its usual ones since {write_time(feed.drifting_since)}"
    if feed.silent_since is not None:
        yield f"silent since {write_time(feed.silent_since)}"

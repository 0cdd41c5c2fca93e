"""Feed document: builds the Elasticsearch document of a feed's state, one for each feed. Pure.

In: a FeedState and the present time. Out: a Document; its version is the time of the feed's last poll in milliseconds,
which only grows.
"""

import hashlib
import math
from datetime import datetime

import msgspec

from index.writing.document import EPOCH, Document, check_web_addresses, shared_fields, version_from_time
from pipeline.feed_state import FeedError
from pipeline.messages import FOLDER_PREFIX, FeedState


class FeedBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a feed document: those of config/elasticsearch/index_templates/feeds.json."""

    url: str
    version: int
    host: str
    name: str
    group: str = ""
    language: str | None = None
    active: bool
    location: str | None = None
    gone_at: datetime | None = None
    distrusted: bool
    interval: float
    shown: int
    cut: int = 0  # entries that were too many, and left out
    next_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_article_at: datetime | None = None
    failures: int
    failing_since: datetime | None = None  # its last good poll, or its first one; none while it is fine
    trouble: float
    gaps: int
    silent_since: datetime | None = None  # its last new entry, once it is sure that more should have come
    day_expected: float = 0.0  # new entries that usually come in about the last day
    day_seen: float = 0.0  # and those that came
    day_missing: float = 0.0  # how many fewer
    last_gap_at: datetime | None = None  # of those that its last events tell of
    error: FeedError | None = None
    last_outcome: str | None = None  # outcome of the last poll
    last_new: int = 0  # entries that were new in the last poll
    drifting_since: datetime | None = None  # since then its pages are unlike its usual ones, as with a new layout
    usual_length: int = 0  # usual length of a page's text, in characters
    usual_empty: float = 0.0  # usual share of pages without a text, 0 to 1
    polls: int
    articles: int
    indexed_at: datetime


def build_feed_document(message: FeedState, prefix: str, now: datetime) -> Document[FeedBody]:
    """Builds the document of a feed, for the one index that has all feeds. Raises Poison.

    Its id is a hash of the feed's address, which may be longer than Elasticsearch allows for an id.
    """
    is_folder = message.url.startswith(FOLDER_PREFIX)
    check_web_addresses(url=None if is_folder else message.url, location=message.location)
    version = version_from_time(message.last_poll_at or EPOCH)
    last = message.events[-1] if message.events else None
    statistics = message.page_statistics
    body = FeedBody(
        **shared_fields(message, FeedBody),
        version=version,
        day_missing=max(0.0, message.day_expected - message.day_seen),
        last_outcome=last.outcome if last else None,
        last_new=last.new if last else 0,
        failing_since=_failing_since(message),
        last_gap_at=max((each.at for each in message.events if each.outcome == "gap"), default=None),
        drifting_since=statistics.drifting_since,
        usual_length=round(math.expm1(statistics.length)),
        usual_empty=statistics.empty,
        indexed_at=now,
    )
    return Document(f"{prefix}-feeds-list", hashlib.sha256(message.url.encode()).hexdigest()[:32], version, body)


def _failing_since(message: FeedState) -> datetime | None:
    """Since when no poll was good; of a feed that never had a good one, since the first that is remembered."""
    if not message.failures:
        return None
    return message.last_success_at or min((each.at for each in message.events), default=message.last_poll_at)

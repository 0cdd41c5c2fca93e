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
    trouble: float
    gaps: int
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
        last_outcome=last.outcome if last else None,
        last_new=last.new if last else 0,
        drifting_since=statistics.drifting_since,
        usual_length=round(math.expm1(statistics.length)),
        usual_empty=statistics.empty,
        indexed_at=now,
    )
    return Document(f"{prefix}-feeds-list", hashlib.sha256(message.url.encode()).hexdigest()[:32], version, body)

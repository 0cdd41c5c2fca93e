"""Feed state -> its document in Elasticsearch, one for each feed. Pure.

Its version is the millisecond of the feed's last poll, which only grows.
"""

import hashlib
import math
from datetime import datetime

import msgspec

from index.writing.document import EPOCH, Document, shared_fields, version_from_time
from pipeline.feed_state import FeedError
from pipeline.messages import FeedState


class FeedBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of config/elasticsearch/index_templates/feeds.json."""

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
    last_outcome: str | None = None  # of its last poll
    last_new: int = 0  # entries that were new then
    drifting_since: datetime | None = None  # its pages are other than usual: a new layout
    usual_length: int = 0  # characters of its pages' texts
    usual_empty: float = 0.0  # share of its pages without a text
    polls: int
    articles: int
    indexed_at: datetime


def build_feed_document(message: FeedState, prefix: str, now: datetime) -> Document[FeedBody]:
    """All feeds are in one index; an id is a digest of the address, which may be longer than an id can be."""
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

"""Stories, feeds and dead letters as documents: what Kibana shows beside the articles. Pure.

In: a message and the present time. Out: a Document. Versions are milliseconds of what only grows in such a message, and
the same version is written again: within a key messages come in order, and a replay ends where it began.
"""

import hashlib
import math
from datetime import UTC, datetime
from typing import Any

import msgspec

from index.writing.document import Document, monthly, usable
from pipeline.feed_state import FeedError
from pipeline.messages import DeadLetter, FeedState, Story

EPOCH = datetime.fromtimestamp(0, UTC)


class StoryBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of config/elasticsearch/index_templates/stories.json."""

    id: str
    version: int
    language: str
    headline: str
    size: int
    sources: tuple[str, ...]
    outlets: int  # how many sources
    first_seen_at: datetime
    last_seen_at: datetime
    hours: float  # between the two
    entities: tuple[str, ...] = ()
    merged_into: str | None = None
    indexed_at: datetime


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


class DeadBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of config/elasticsearch/index_templates/dead.json."""

    id: str
    version: int
    stage: str
    reason: str
    detail: str
    failed_at: datetime
    attempt: int
    subject: str = ""
    traceback: str = ""
    topic: str = ""
    partition: int
    offset: int
    original_size: int
    indexed_at: datetime


def story(message: Story, prefix: str, now: datetime) -> Document[StoryBody]:
    """In the index of the month of its first article. Raises Poison."""
    usable(message.id)
    version = milliseconds(message.last_seen_at)
    body = StoryBody(
        **_shared(message, StoryBody),
        version=version,
        outlets=len(message.sources),
        hours=(message.last_seen_at - message.first_seen_at).total_seconds() / 3600,
        indexed_at=now,
    )
    return Document(monthly(f"{prefix}-stories", message.first_seen_at), message.id, version, body)


def feed(message: FeedState, prefix: str, now: datetime) -> Document[FeedBody]:
    """All feeds are in one index; an id is a digest of the address, which may be longer than an id can be."""
    version = milliseconds(message.last_poll_at or EPOCH)
    last = message.events[-1] if message.events else None
    habits = message.habits
    body = FeedBody(
        **_shared(message, FeedBody),
        version=version,
        last_outcome=last.outcome if last else None,
        last_new=last.new if last else 0,
        drifting_since=habits.drifting_since,
        usual_length=round(math.expm1(habits.length)),
        usual_empty=habits.empty,
        indexed_at=now,
    )
    return Document(f"{prefix}-feeds-list", hashlib.sha256(message.url.encode()).hexdigest()[:32], version, body)


def dead(message: DeadLetter, prefix: str, now: datetime) -> Document[DeadBody]:
    """In the index of the month in which it failed. Raises Poison."""
    usable(message.id)
    version = milliseconds(message.failed_at)
    body = DeadBody(**_shared(message, DeadBody), version=version, indexed_at=now)
    return Document(monthly(f"{prefix}-dead", message.failed_at), message.id, version, body)


def milliseconds(at: datetime) -> int:
    """As an external version, which must not be negative."""
    return max(1, int(at.timestamp() * 1000))


def _shared(message: msgspec.Struct, body: type[msgspec.Struct]) -> dict[str, Any]:
    both = set(message.__struct_fields__) & set(body.__struct_fields__)
    return {name: getattr(message, name) for name in both}

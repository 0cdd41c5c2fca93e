"""Story document: builds the Elasticsearch document of a story, one for each story. Pure.

In: a Story and the present time. Out: a Document; its version is the time of the story's last article in milliseconds,
which only grows.
"""

from datetime import datetime

import msgspec

from index.writing.document import Document, check_id, monthly_index, shared_fields, version_from_time
from pipeline.messages import Story


class StoryBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a story document: those of config/elasticsearch/index_templates/stories.json."""

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


def build_story_document(message: Story, prefix: str, now: datetime) -> Document[StoryBody]:
    """Builds the document of a story, for the index of the present month if it is in none yet. Raises Poison.

    Not of the month of its first article: a new feed with old entries would make an index for each of their months.
    """
    check_id(message.id)
    version = version_from_time(message.last_seen_at)
    body = StoryBody(
        **shared_fields(message, StoryBody),
        version=version,
        outlets=len(message.sources),
        hours=(message.last_seen_at - message.first_seen_at).total_seconds() / 3600,
        indexed_at=now,
    )
    return Document(monthly_index(f"{prefix}-stories", now), message.id, version, body)

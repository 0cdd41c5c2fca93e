"""Dead letter -> its document in Elasticsearch, one for each letter. Pure.

Its version is the millisecond in which the message failed.
"""

from datetime import datetime

import msgspec

from index.writing.document import Document, milliseconds, monthly, shared_fields, usable
from pipeline.messages import DeadLetter


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


def dead(message: DeadLetter, prefix: str, now: datetime) -> Document[DeadBody]:
    """In the index of the month in which it failed. Raises Poison."""
    usable(message.id)
    version = milliseconds(message.failed_at)
    body = DeadBody(**shared_fields(message, DeadBody), version=version, indexed_at=now)
    return Document(monthly(f"{prefix}-dead", message.failed_at), message.id, version, body)

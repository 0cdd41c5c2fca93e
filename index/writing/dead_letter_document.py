"""Dead letter -> its document in Elasticsearch, one for each letter. Pure.

Its version is the millisecond in which the message failed.
"""

from datetime import datetime

import msgspec

from index.writing.document import Document, check_id, monthly_index, shared_fields, version_from_time
from pipeline.messages import DeadLetter


class DeadLetterBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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


def build_dead_letter_document(message: DeadLetter, prefix: str, now: datetime) -> Document[DeadLetterBody]:
    """In the index of the month in which it failed. Raises Poison."""
    check_id(message.id)
    version = version_from_time(message.failed_at)
    body = DeadLetterBody(**shared_fields(message, DeadLetterBody), version=version, indexed_at=now)
    return Document(monthly_index(f"{prefix}-dead", message.failed_at), message.id, version, body)

"""Dead letter document: builds the Elasticsearch document of a dead letter, one for each. Pure.

In: a DeadLetter and the present time. Out: a Document; its version is the time at which the message failed, in
milliseconds.
"""

from datetime import datetime

import msgspec

from index.writing.document import Document, check_id, monthly_index, shared_fields, version_from_time
from pipeline.messages import DeadLetter


class DeadLetterBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a dead letter document: those of config/elasticsearch/index_templates/dead.json."""

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
    """Builds the document of a dead letter, for the index of the month in which the message failed. Raises Poison."""
    check_id(message.id)
    version = version_from_time(message.failed_at)
    body = DeadLetterBody(**shared_fields(message, DeadLetterBody), version=version, indexed_at=now)
    return Document(monthly_index(f"{prefix}-dead", message.failed_at), message.id, version, body)

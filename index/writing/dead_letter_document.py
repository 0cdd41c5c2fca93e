"""Dead letter document: builds the Elasticsearch document of a dead letter, one for each. Pure.

In: a DeadLetter and the present time. Out: a Document; its version is the time at which the message failed, in
milliseconds.
"""

from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from index.writing.document import Document, check_id, monthly_index, shared_fields, version_from_time
from pipeline.messages import DeadLetter

MOST_SOURCE = 1_000  # characters of a source


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
    source: str = ""  # host of the page or article that it is about, without "www."; "" where that is not known
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
    shared = shared_fields(message, DeadLetterBody)
    body = DeadLetterBody(**shared, source=find_source(message), version=version, indexed_at=now)
    return Document(monthly_index(f"{prefix}-dead", message.failed_at), message.id, version, body)


class _Sourced(msgspec.Struct):
    """What is read of the original: an article of any stage has it."""

    source: str = ""


def find_source(message: DeadLetter) -> str:
    """The source that a dead letter is about: by its original message, else by the address that is its subject."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if found := msgspec.json.decode(message.original, type=_Sourced).source:
            return found[:MOST_SOURCE]
    with suppress(ValueError):
        return (urlsplit(message.subject).hostname or "").removeprefix("www.")[:MOST_SOURCE]
    return ""

"""Document: an Elasticsearch document with its address, and what all kinds share: ids, index names, versions. Pure.

In: ids, times and messages. Out: a `Document` (index, id, external version, body). `check_id` raises Poison.
"""

from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from pipeline.failures import Poison

WEB_SCHEMES = ("http://", "https://")
MAX_ID_BYTES = 512  # Elasticsearch refuses the whole bulk request for a longer one
B = TypeVar("B", bound=msgspec.Struct)


class Document(msgspec.Struct, Generic[B], frozen=True):
    """A document and its address. `version` is external: the highest one stays, in whatever order they come.

    `index` is the index for a document that is in none yet, without the number that a rebuild appends to the name.
    """

    index: str
    id: str
    version: int
    body: B


def check_id(id_: str) -> None:
    """Raises Poison for an id for which Elasticsearch would refuse the whole bulk request."""
    if not 1 <= len(id_.encode()) <= MAX_ID_BYTES:
        raise Poison("rejected_document", f"an id must have 1 to {MAX_ID_BYTES} bytes: {id_[:80]!r}")


def check_web_addresses(**fields: str | None) -> None:
    """Raises Poison when one of these fields, which Kibana shows as links, is something else than a web address.

    Those that ingest writes always are; anything else was written by somebody else, and is not to be clicked on.
    """
    for name, value in fields.items():
        if value and not value.startswith(WEB_SCHEMES):
            raise Poison("rejected_document", f"{name} is no http or https address: {value[:80]!r}")


def monthly_index(name: str, at: datetime) -> str:
    """Name of the index of a month in UTC: `news-articles-2026.11`. Raises Poison for a time that is none in UTC."""
    try:
        return f"{name}-{at.astimezone(UTC):%Y.%m}"
    except OverflowError as error:
        raise Poison("rejected_document", f"no month: {at.isoformat()}") from error


EPOCH = datetime.fromtimestamp(0, UTC)


def version_from_time(at: datetime) -> int:
    """An external version from a time: milliseconds since 1970, at least 1, since a version must not be negative."""
    return max(1, int(at.timestamp() * 1000))


def shared_fields(message: msgspec.Struct, body: type[msgspec.Struct]) -> dict[str, Any]:
    """The values of the fields that a message and the body of its document both have, by name."""
    both = set(message.__struct_fields__) & set(body.__struct_fields__)
    return {name: getattr(message, name) for name in both}

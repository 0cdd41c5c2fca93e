"""One bulk request: documents in, Elasticsearch's verdict on each of them out.

In: documents with their indices. Out: for each "written", "stale" (a newer version is there), Poison (it can never be
indexed) or Again (not now; perhaps in another index). Nothing is tried again here: index/write does that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import msgspec
from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from index.client import describe_error
from index.writing.document import Document
from pipeline.failures import Poison


@dataclass(frozen=True, slots=True)
class RetryLater:
    """The item may be taken later; `detail` says why not now. `elsewhere`: perhaps by another index."""

    detail: str
    elsewhere: bool = False


Outcome = Literal["written", "stale"] | Poison


VersionType = Literal["external_gte", "external"]  # whether a document takes the place of one of the same version


def send_bulk(
    client: Elasticsearch,
    documents: Sequence[Document[Any]],
    max_bytes: int,
    version_type: VersionType = "external_gte",
) -> list[dict[str, Any]]:
    """The server's answer for each document, sent in requests of at most `most_bytes`. Raises elasticsearch errors."""
    items = streaming_bulk(
        client,
        documents,  # type: ignore[arg-type]  # expanded by our own function
        expand_action_callback=partial(_to_action, version_type=version_type),
        max_chunk_bytes=max_bytes,
        raise_on_error=False,
    )
    return [item["index"] for _, item in items]


def split_into_waves(documents: Mapping[int, Document[Any]]) -> list[dict[int, Document[Any]]]:
    """The same documents, in order, in parts in which every id is there once.

    In one request an item that has to be sent again would overtake a later one of the same article and version.
    """
    parts: list[dict[int, Document[Any]]] = []
    seen: dict[str, int] = {}
    for n, each in documents.items():
        number = seen[each.id] = seen.get(each.id, -1) + 1
        if number == len(parts):
            parts.append({})
        parts[number][n] = each
    return parts


def _to_action(each: Document[Any], version_type: VersionType) -> tuple[dict[str, Any], bytes]:
    action = {"_index": each.index, "_id": each.id, "version": each.version, "version_type": version_type}
    return {"index": action}, msgspec.json.encode(each.body)


def may_be_elsewhere(answer: Outcome | RetryLater) -> bool:
    """Whether the document should be offered to another index: its own is closed for writing, or gone."""
    return isinstance(answer, RetryLater) and answer.elsewhere


def outcome_of_item(item: dict[str, Any]) -> Outcome | RetryLater:
    """What Elasticsearch says of one document. Only 400 is about the document; a closed index has that status too."""
    status, error = item["status"], item.get("error")
    if status < 300:
        return "written"
    if status == 409:
        return "stale"
    told = describe_error(error) if isinstance(error, dict) else str(error)
    if status == 400 and "index_closed_exception" not in told:
        return Poison("rejected_document", told)
    # 403: closed for writing, as by a full disk or by a rebuild; 404: gone
    return RetryLater(f"status {status}: {told}", elsewhere=status in (403, 404))

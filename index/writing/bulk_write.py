"""Bulk write: sends documents in bulk requests, and classifies Elasticsearch's answer for each document.

In: documents with their indices. Out: for each "written", "stale" (a newer version exists), Poison (it can never be
indexed) or RetryLater (not now, or in another index). Nothing is repeated here: index/write does that.
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
    """The document was refused for now; `detail` says why.

    `elsewhere`: its index is gone or closed for writing, so that another index may take it.
    """

    detail: str
    elsewhere: bool = False


Outcome = Literal["written", "stale"] | Poison
# whether a document of the same version is overwritten (external_gte) or stays (external)
VersionType = Literal["external_gte", "external"]


def send_bulk(
    client: Elasticsearch,
    documents: Sequence[Document[Any]],
    max_bytes: int,
    version_type: VersionType = "external_gte",
) -> list[dict[str, Any]]:
    """Sends documents in requests of at most `max_bytes` bytes; returns the server's answer for each, in order.

    Raises elasticsearch's errors when a whole request fails.
    """
    items = streaming_bulk(
        client,
        documents,  # type: ignore[arg-type]  # expanded by our own function
        expand_action_callback=partial(_to_action, version_type=version_type),
        max_chunk_bytes=max_bytes,
        raise_on_error=False,
    )
    return [item["index"] for _, item in items]


def positions_by_id(documents: Mapping[int, Document[Any]]) -> list[list[int]]:
    """The positions of the documents of each id in a batch, from the one that yields to all others to the one that
    stays: by version, and of equal versions the later one stays.

    Only one of an id may be in a request: one that has to be sent again would overtake a later one.
    """
    found: dict[str, list[int]] = {}
    for n, each in documents.items():
        found.setdefault(each.id, []).append(n)
    return [sorted(positions, key=lambda n: documents[n].version) for positions in found.values()]


def _to_action(each: Document[Any], version_type: VersionType) -> tuple[dict[str, Any], bytes]:
    action = {"_index": each.index, "_id": each.id, "version": each.version, "version_type": version_type}
    return {"index": action}, msgspec.json.encode(each.body)


def may_be_elsewhere(answer: Outcome | RetryLater) -> bool:
    """Whether another index may take the document, because its own is gone or closed for writing."""
    return isinstance(answer, RetryLater) and answer.elsewhere


def outcome_of_item(item: dict[str, Any]) -> Outcome | RetryLater:
    """Classifies Elasticsearch's answer for one document of a bulk request.

    Only status 400 blames the document, except that a closed index has this status too.
    """
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

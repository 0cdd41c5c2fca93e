"""Earlier documents: completes documents with what is indexed of those that they replace (the edits of an article).

In: documents with the indices that they are written to. Out: the same, completed. What is indexed is asked for by index
and id, so that what was written a moment ago is found, searchable or not; of first revisions nothing is asked.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from elasticsearch import Elasticsearch

from index.client import call_server
from index.writing.document import Document
from index.writing.document_kinds import DocumentKind
from pipeline.failures import Unavailable

K = TypeVar("K")
# an index that went away a moment ago, and has nothing, or that takes no document: the writer sees it, and what to do
LEFT_TO_THE_WRITER = frozenset({"index_not_found_exception", "index_closed_exception"})


def complete_documents(
    client: Elasticsearch, kind: DocumentKind, documents: Mapping[K, Document[Any]]
) -> dict[K, Document[Any]]:
    """The documents, under the same keys, each completed by its kind. Raises Unavailable."""
    chosen = {key: each for key, each in documents.items() if kind.replaces is not None and kind.replaces(each.body)}
    sources = find_sources(client, chosen.values(), kind.earlier_fields)
    completed = {
        key: msgspec.structs.replace(each, body=kind.complete(each.body, sources.get(each.id)))
        for key, each in chosen.items()
    }
    return {**documents, **completed}


def find_sources(
    client: Elasticsearch, documents: Collection[Document[Any]], fields: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The fields of the documents that are there, by id. Raises Unavailable."""
    if not documents:
        return {}
    asked = [{"_index": each.index, "_id": each.id, "_source": list(fields)} for each in documents]
    answer = call_server(lambda: client.mget(docs=asked))
    found = {}
    for each in answer["docs"]:
        error = each.get("error")
        if error and error.get("type") not in LEFT_TO_THE_WRITER:
            raise Unavailable("elasticsearch", f"document {each['_id']} can't be read: {error.get('reason')}")
        if each.get("found"):
            found[each["_id"]] = each["_source"]
    return found

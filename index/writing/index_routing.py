"""Index routing: decides which index each document is written to.

In: documents with the index that their date asks for. Out: the same documents with the index that they are written to.
A document stays in the index to which it was first written. A new one goes to the index of its month, or to that
index's successor if it was rebuilt under another name (index/upkeep/rebuild); a missing index is created.
"""

from typing import Any

import msgspec
from elasticsearch import ApiError, AuthorizationException, Elasticsearch

from index.client import call_server, error_reason
from index.writing.document import Document
from index.writing.document_kinds import DocumentKind
from pipeline.failures import Unavailable


class IndexRouting:
    """The routing of one kind of documents; caches the index of the last `size` documents."""

    def __init__(self, client: Elasticsearch, kind: DocumentKind, prefix: str, size: int) -> None:
        self._client, self._kind = client, kind
        self._alias, self._prefix = kind.alias(prefix), prefix
        self._cache = RoutingCache(size)
        self._current_indices: dict[str, str] = {}  # index name that a document asks for -> index that stands for it

    def refresh(self) -> None:
        """Refreshes the indices, so that lookups find what other processes wrote. Raises Unavailable."""
        if self._kind.can_change_month:
            call_server(lambda: self._client.indices.refresh(index=self._alias, ignore_unavailable=True))

    def assign_indices(self, documents: dict[int, Document[Any]]) -> dict[int, Document[Any]]:
        """Returns each document with the index that it is in or, if it is new, belongs to; that index exists then.

        Raises Unavailable.
        """
        if self._kind.can_change_month:
            self._find_unknown({each.id for each in documents.values() if self._cache.get(each.id) is None})
        return {
            n: msgspec.structs.replace(each, index=self._cache.get(each.id) or self._index_for(each.index))
            for n, each in documents.items()
        }

    def record_written(self, document: Document[Any]) -> None:
        """Remembers that a document was written to its index."""
        if self._kind.can_change_month:
            self._cache.put(document.id, document.index)

    def forget_index(self, index: str) -> None:
        """Forgets an index that may be deleted or replaced, and what was in it. Raises Unavailable."""
        self._current_indices = {name: real for name, real in self._current_indices.items() if real != index}
        self._cache.forget_index(index)
        self.refresh()  # recent documents are no longer in the cache, so lookups must find them

    def _find_unknown(self, ids: set[str]) -> None:
        for id_, index in find_indices(self._client, self._alias, ids).items():
            self._cache.put(id_, index)

    def _index_for(self, name: str) -> str:
        if name not in self._current_indices:
            self._current_indices[name] = current_index(self._client, self._alias, name) or self._create_index(name)
        return self._current_indices[name]

    def _create_index(self, name: str) -> str:
        """Creates an index and puts it behind the alias.

        Not left to the server's automatic creation: that is often forbidden (as by the embedded server), creates an
        index without our mapping if the templates are missing, and blames the documents if the cluster can take no more
        indices.
        """
        template = f"{self._prefix}-{self._kind.name}"
        if not call_server(lambda: _template_exists(self._client, template)):
            raise Unavailable("elasticsearch", f"index template {template} is not there: run `newsloom setup`")
        try:
            call_server(lambda: self._client.indices.create(index=name))
        except ApiError as error:
            if error.error != "resource_already_exists_exception":  # another worker was faster
                raise Unavailable("elasticsearch", f"index {name} can't be created: {error_reason(error)}") from error
        call_server(lambda: self._client.indices.put_alias(index=name, name=self._alias))
        return name


def _template_exists(client: Elasticsearch, template: str) -> bool:
    """Whether the template is installed; also True for a user who is not allowed to look.

    `newsloom setup`, which created that user, installs the templates first.
    """
    try:
        return bool(client.indices.exists_index_template(name=template))
    except AuthorizationException:
        return True


def find_indices(client: Elasticsearch, alias: str, ids: set[str]) -> dict[str, str]:
    """Looks up in which index documents are: id -> index, for those that are searchable.

    Raises Unavailable, also when some shards don't answer.
    """
    if not ids:
        return {}
    answer = call_server(
        lambda: client.search(
            index=alias,
            query={"ids": {"values": sorted(ids)}},
            source=False,
            size=len(ids),
            track_total_hits=False,
            ignore_unavailable=True,
            allow_partial_search_results=False,
        )
    )
    return {hit["_id"]: hit["_index"] for hit in answer["hits"]["hits"]}


def current_index(client: Elasticsearch, alias: str, name: str) -> str | None:
    """The index of this name, or the successor that a rebuild made of it, if it is behind the alias. Raises
    Unavailable.
    """
    found = call_server(
        lambda: client.indices.get_alias(
            index=[name, f"{name}-*"], allow_no_indices=True, ignore_unavailable=True, expand_wildcards="open"
        )
    )
    return max((index for index, about in found.items() if alias in about["aliases"]), default=None)


class RoutingCache:
    """Id -> index of the documents that were written or looked up last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._index_of: dict[str, str] = {}

    def get(self, id_: str) -> str | None:
        """The index of a document, or None if it is not in the cache."""
        return self._index_of.get(id_)

    def put(self, id_: str, index: str) -> None:
        """Adds a document, and drops the one that was added longest ago if the cache is full."""
        self._index_of.pop(id_, None)
        self._index_of[id_] = index
        if len(self._index_of) > self._size:
            del self._index_of[next(iter(self._index_of))]

    def forget_index(self, index: str) -> None:
        """Drops all documents of an index."""
        self._index_of = {id_: each for id_, each in self._index_of.items() if each != index}

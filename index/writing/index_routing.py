"""In which index each document is: in: documents as they were made; out: the same with the index that they are in.

A document stays where it was first put. One that is nowhere goes to the index that its name says, or to that index's
successor, when it was rebuilt under another name (index/upkeep/rebuild).
"""

from typing import Any

import msgspec
from elasticsearch import ApiError, AuthorizationException, Elasticsearch

from index.client import call_server, error_reason
from index.writing.document import Document
from index.writing.document_kinds import DocumentKind
from pipeline.failures import Unavailable


class IndexRouting:
    """The indices of one kind, as this process knows them; remembers the last `size` documents' indices."""

    def __init__(self, client: Elasticsearch, kind: DocumentKind, prefix: str, size: int) -> None:
        self._client, self._kind = client, kind
        self._alias, self._prefix = kind.alias(prefix), prefix
        self._cache = RoutingCache(size)
        self._current_indices: dict[str, str] = {}  # name of an index as documents say it -> the index

    def refresh(self) -> None:
        """Makes searchable what another process wrote. Raises Unavailable."""
        if self._kind.can_change_month:
            call_server(lambda: self._client.indices.refresh(index=self._alias, ignore_unavailable=True))

    def assign_indices(self, documents: dict[int, Document[Any]]) -> dict[int, Document[Any]]:
        """Each document in the index where it is, or where it is to be, which is there then. Raises Unavailable."""
        if self._kind.can_change_month:
            self._find_unknown({each.id for each in documents.values() if self._cache.get(each.id) is None})
        return {
            n: msgspec.structs.replace(each, index=self._cache.get(each.id) or self._index_for(each.index))
            for n, each in documents.items()
        }

    def record_written(self, document: Document[Any]) -> None:
        """It was written where it says."""
        if self._kind.can_change_month:
            self._cache.put(document.id, document.index)

    def forget_index(self, index: str) -> None:
        """It may be gone, or have a successor. Raises Unavailable."""
        self._current_indices = {name: real for name, real in self._current_indices.items() if real != index}
        self._cache.forget_index(index)
        self.refresh()  # what was written a moment ago must be found, now that it is not remembered

    def _find_unknown(self, ids: set[str]) -> None:
        for id_, index in find_indices(self._client, self._alias, ids).items():
            self._cache.put(id_, index)

    def _index_for(self, name: str) -> str:
        if name not in self._current_indices:
            self._current_indices[name] = current_index(self._client, self._alias, name) or self._create_index(name)
        return self._current_indices[name]

    def _create_index(self, name: str) -> str:
        """Ourselves, and not by the server's automatic creation: that is often forbidden (the embedded server forbids
        it), would make an index without our mapping where the templates are missing, and would blame the documents for
        a cluster that can take no more indices."""
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
    """True too for a user who may not look: `newsloom setup`, which made that user, puts the templates first."""
    try:
        return bool(client.indices.exists_index_template(name=template))
    except AuthorizationException:
        return True


def find_indices(client: Elasticsearch, alias: str, ids: set[str]) -> dict[str, str]:
    """Id -> index, for those that are searchable. Raises Unavailable, also when a part of the indices is away."""
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
    """The index of this name or its successor: the one that is searched. Raises Unavailable."""
    found = call_server(
        lambda: client.indices.get_alias(
            index=[name, f"{name}-*"], allow_no_indices=True, ignore_unavailable=True, expand_wildcards="open"
        )
    )
    return max((index for index, about in found.items() if alias in about["aliases"]), default=None)


class RoutingCache:
    """Id -> index of the documents written or found last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._index_of: dict[str, str] = {}

    def get(self, id_: str) -> str | None:
        """The index in which the document is known to be."""
        return self._index_of.get(id_)

    def put(self, id_: str, index: str) -> None:
        """Remembers, and forgets what was put longest ago."""
        self._index_of.pop(id_, None)
        self._index_of[id_] = index
        if len(self._index_of) > self._size:
            del self._index_of[next(iter(self._index_of))]

    def forget_index(self, index: str) -> None:
        """All of an index."""
        self._index_of = {id_: each for id_, each in self._index_of.items() if each != index}

"""In which index each document is: in: documents as they were made; out: the same with the index that they are in.

A document stays where it was first put. One that is nowhere goes to the index that its name says, or to that index's
successor, when it was rebuilt under another name (index/upkeep/rebuild).
"""

from typing import Any

import msgspec
from elasticsearch import ApiError, AuthorizationException, Elasticsearch

from index.client import available, reason
from index.writing.document import Document
from index.writing.document_kinds import Kind
from pipeline.failures import Unavailable


class IndexRouting:
    """The indices of one kind, as this process knows them; remembers the last `size` documents' indices."""

    def __init__(self, client: Elasticsearch, kind: Kind, prefix: str, size: int) -> None:
        self._client, self._kind = client, kind
        self._alias, self._prefix = kind.alias(prefix), prefix
        self._remembered = Remembered(size)
        self._present: dict[str, str] = {}  # name of an index as documents say it -> the index

    def refresh(self) -> None:
        """Makes searchable what another process wrote. Raises Unavailable."""
        if self._kind.moves:
            available(lambda: self._client.indices.refresh(index=self._alias, ignore_unavailable=True))

    def placed(self, documents: dict[int, Document[Any]]) -> dict[int, Document[Any]]:
        """Each document in the index where it is, or where it is to be, which is there then. Raises Unavailable."""
        if self._kind.moves:
            self._look_up({each.id for each in documents.values() if self._remembered.get(each.id) is None})
        return {
            n: msgspec.structs.replace(each, index=self._remembered.get(each.id) or self._index(each.index))
            for n, each in documents.items()
        }

    def put(self, document: Document[Any]) -> None:
        """It was written where it says."""
        if self._kind.moves:
            self._remembered.put(document.id, document.index)

    def forget(self, index: str) -> None:
        """It may be gone, or have a successor. Raises Unavailable."""
        self._present = {name: real for name, real in self._present.items() if real != index}
        self._remembered.forget(index)
        self.refresh()  # what was written a moment ago must be found, now that it is not remembered

    def _look_up(self, ids: set[str]) -> None:
        for id_, index in find(self._client, self._alias, ids).items():
            self._remembered.put(id_, index)

    def _index(self, name: str) -> str:
        if name not in self._present:
            self._present[name] = current(self._client, self._alias, name) or self._created(name)
        return self._present[name]

    def _created(self, name: str) -> str:
        """Ourselves, and not by the server's automatic creation: that is often forbidden (the embedded server forbids
        it), would make an index without our mapping where the templates are missing, and would blame the documents for
        a cluster that can take no more indices."""
        template = f"{self._prefix}-{self._kind.name}"
        if not available(lambda: _is_there(self._client, template)):
            raise Unavailable("elasticsearch", f"index template {template} is not there: run `newsloom setup`")
        try:
            available(lambda: self._client.indices.create(index=name))
        except ApiError as error:
            if error.error != "resource_already_exists_exception":  # another worker was faster
                raise Unavailable("elasticsearch", f"index {name} can't be created: {reason(error)}") from error
        available(lambda: self._client.indices.put_alias(index=name, name=self._alias))
        return name


def _is_there(client: Elasticsearch, template: str) -> bool:
    """True too for a user who may not look: `newsloom setup`, which made that user, puts the templates first."""
    try:
        return bool(client.indices.exists_index_template(name=template))
    except AuthorizationException:
        return True


def find(client: Elasticsearch, alias: str, ids: set[str]) -> dict[str, str]:
    """Id -> index, for those that are searchable. Raises Unavailable, also when a part of the indices is away."""
    if not ids:
        return {}
    answer = available(
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


def current(client: Elasticsearch, alias: str, name: str) -> str | None:
    """The index of this name or its successor: the one that is searched. Raises Unavailable."""
    found = available(
        lambda: client.indices.get_alias(
            index=[name, f"{name}-*"], allow_no_indices=True, ignore_unavailable=True, expand_wildcards="open"
        )
    )
    return max((index for index, about in found.items() if alias in about["aliases"]), default=None)


class Remembered:
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

    def forget(self, index: str) -> None:
        """All of an index."""
        self._index_of = {id_: each for id_, each in self._index_of.items() if each != index}

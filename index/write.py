"""The indexing stage, THE PATH: a batch of enriched articles -> one bulk request -> what became of each document.

In: Enriched messages. Out: documents in Elasticsearch, acknowledged; nothing is published. An article is one document
for ever: in the index of the month in which it was first seen, under its id, at the highest version that ever came.

    written                   Handled
    409, a newer one is there Handled (stale)
    400, can't be indexed     Poison `rejected_document`, in Elasticsearch's words; the rest of the batch is written
    429, 503 and the like     sent again after a while; after `item_retries` times Unavailable
    no answer, no rights      Unavailable: the worker holds the batch, and writing it again has no effect
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import streaming_bulk

from index.client import available, connect, explained, reason
from index.document import Document, document
from index.mapping import articles_template
from pipeline import observe, settings
from pipeline.failures import Backoff, Poison, Unavailable
from pipeline.messages import ENRICHED, Enriched
from pipeline.stage import Handled, Result, Stage

NAME = "index"
# an article that this process wrote and that is not searchable yet must be in here; 20,000 are about 3 MB
REMEMBERED = 20_000
# short: the worker does not poll Kafka meanwhile. When this is not enough it holds the batch, and polls
ITEM_BACKOFF = Backoff(first=0.1, most=2.0)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Where time and chance come from: the real ones, or a test's."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Again:
    """The item may be taken later; `detail` says why not now."""

    detail: str


Settled = Literal["written", "stale"] | Poison


def stage(options: settings.Elasticsearch, rhythm: Rhythm | None = None) -> Stage[Enriched]:
    """The stage that the worker runs. Raises WrongSetting."""
    writer = Writer(connect(options), options, rhythm or Rhythm())
    return Stage(NAME, ENRICHED, Enriched, writer.handle, lambda _partitions: writer.take_over())


class Writer:
    """Writes batches. Remembers which indices are there, and where it wrote what."""

    def __init__(self, client: Elasticsearch, options: settings.Elasticsearch, rhythm: Rhythm) -> None:
        self._client = client
        self._options = options
        self._rhythm = rhythm
        self._homes = Homes(REMEMBERED)
        self._indices: set[str] = set()

    def take_over(self) -> None:
        """Makes searchable what another worker wrote of the partitions that are ours now. Raises Unavailable."""
        available(lambda: self._client.indices.refresh(index=self._options.prefix, ignore_unavailable=True))

    def handle(self, messages: Sequence[Enriched]) -> Sequence[Result]:
        """One result for each, in order. Raises Unavailable; Poison when Elasticsearch refuses the whole request."""
        now = self._rhythm.now()
        made = [_made(message, self._options.prefix, now) for message in messages]
        places = self._placed({n: each for n, each in enumerate(made) if isinstance(each, Document)})
        settled: dict[int, Settled] = {n: each for n, each in enumerate(made) if isinstance(each, Poison)}
        for wave in waves(places):
            settled |= self._written(wave)
        self._report(messages, settled)
        return [each if isinstance(each := settled[n], Poison) else Handled() for n in range(len(messages))]

    # --- where ---

    def _placed(self, documents: Mapping[int, Document]) -> dict[int, Document]:
        """Each document in the index where its article already is, if it is anywhere."""
        unknown = {each.id for each in documents.values() if self._homes.get(each.id) is None}
        found = self._search(unknown) if unknown else {}
        for id_, index in found.items():
            self._homes.put(id_, index)
        # what was found nowhere is placed by its first message of the batch
        chosen: dict[str, str] = {}
        for each in documents.values():
            chosen.setdefault(each.id, self._homes.get(each.id) or each.index)
        return {n: msgspec.structs.replace(each, index=chosen[each.id]) for n, each in documents.items()}

    def _search(self, ids: Iterable[str]) -> dict[str, str]:
        """Id -> index, for those that are searchable. Raises Unavailable, also when a part of the indices is away."""
        wanted = sorted(ids)
        answer = available(
            lambda: self._client.search(
                index=self._options.prefix,
                query={"ids": {"values": wanted}},
                source=False,
                size=len(wanted),
                track_total_hits=False,
                ignore_unavailable=True,
                allow_partial_search_results=False,
            )
        )
        return {hit["_id"]: hit["_index"] for hit in answer["hits"]["hits"]}

    def _ensure(self, index: str) -> None:
        """Creates an index that this process has not seen. Raises Unavailable.

        Ourselves, and not by the server's automatic creation: that is often forbidden (the embedded server forbids it),
        would make an index without our mapping where the templates are missing, and would blame the documents for a
        cluster that can take no more indices.
        """
        if index in self._indices:
            return
        name = articles_template(self._options.prefix)
        if not available(lambda: self._client.indices.exists_index_template(name=name)):
            raise Unavailable("elasticsearch", f"index template {name} is not there: run `newsloom setup`")
        try:
            available(lambda: self._client.indices.create(index=index))
        except ApiError as error:
            if error.error != "resource_already_exists_exception":  # another worker was faster
                raise Unavailable("elasticsearch", f"index {index} can't be created: {reason(error)}") from error
        self._indices.add(index)

    # --- write ---

    def _written(self, wave: dict[int, Document]) -> dict[int, Settled]:
        """What became of documents with different ids. Raises Unavailable, Poison."""
        settled: dict[int, Settled] = {}
        for attempt in range(1, self._options.item_retries + 2):
            answers = dict(zip(wave, self._send(list(wave.values())), strict=True))
            settled |= {n: each for n, each in answers.items() if not isinstance(each, Again)}
            refused = {n: each for n, each in answers.items() if isinstance(each, Again)}
            if not refused:
                break
            if attempt > self._options.item_retries:
                detail = next(iter(refused.values())).detail
                raise Unavailable("elasticsearch", f"{len(refused)} documents not taken {attempt} times: {detail}")
            wave = {n: wave[n] for n in refused}
            observe.ITEM_RETRIES.inc(len(wave))
            self._rhythm.sleep(ITEM_BACKOFF.delay(attempt, self._rhythm.jitter()))
        return settled

    def _send(self, documents: Sequence[Document]) -> list[Settled | Again]:
        for index in {each.index for each in documents}:
            self._ensure(index)
        answers = [_judged(item) for item in self._bulk(documents)]
        if len(answers) != len(documents):
            raise Unavailable(
                "elasticsearch", f"{len(answers)} answers to a bulk request of {len(documents)} documents"
            )
        for each, answer in zip(documents, answers, strict=True):
            if isinstance(answer, Again):
                self._indices.discard(each.index)  # it may be gone
            elif not isinstance(answer, Poison):
                self._homes.put(each.id, each.index)
        return answers

    def _bulk(self, documents: Sequence[Document]) -> list[dict[str, Any]]:
        """Elasticsearch's answer for each document, in order. Raises Unavailable, Poison."""
        try:
            return available(
                lambda: [
                    item["index"]
                    for _, item in streaming_bulk(
                        self._client,
                        documents,  # type: ignore[arg-type]  # expanded by our own function
                        expand_action_callback=_expanded,  # type: ignore[arg-type]
                        max_chunk_bytes=self._options.bulk_bytes,
                        raise_on_error=False,
                    )
                ]
            )
        except ApiError as error:
            # one of them made the server refuse all: the worker hands them to us again, one by one
            raise Poison("rejected_document", f"status {error.status_code}: {reason(error)}") from error

    def _report(self, messages: Sequence[Enriched], settled: Mapping[int, Settled]) -> None:
        now = self._rhythm.now()
        for n, message in enumerate(messages):
            outcome = settled[n]
            observe.DOCUMENTS.labels("rejected" if isinstance(outcome, Poison) else outcome).inc()
            if outcome == "written":
                observe.FRESHNESS_SECONDS.observe(max(0.0, (now - message.fetched_at).total_seconds()))


class Homes:
    """Id -> index of the articles written or found last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._index_of: dict[str, str] = {}

    def get(self, id_: str) -> str | None:
        """The index in which the article is known to be."""
        return self._index_of.get(id_)

    def put(self, id_: str, index: str) -> None:
        """Remembers, and forgets what was put longest ago."""
        self._index_of.pop(id_, None)
        self._index_of[id_] = index
        if len(self._index_of) > self._size:
            del self._index_of[next(iter(self._index_of))]


def waves(documents: Mapping[int, Document]) -> list[dict[int, Document]]:
    """The same documents, in order, in parts in which every id is there once.

    In one request an item that has to be sent again would overtake a later one of the same article and version.
    """
    parts: list[dict[int, Document]] = []
    seen: dict[str, int] = {}
    for n, each in documents.items():
        number = seen[each.id] = seen.get(each.id, -1) + 1
        if number == len(parts):
            parts.append({})
        parts[number][n] = each
    return parts


def _made(message: Enriched, prefix: str, now: datetime) -> Document | Poison:
    try:
        return document(message, prefix, now)
    except Poison as poison:
        return poison


def _expanded(each: Document) -> tuple[dict[str, Any], bytes]:
    action = {"_index": each.index, "_id": each.id, "version": each.version, "version_type": "external_gte"}
    return {"index": action}, msgspec.json.encode(each.body)


def _judged(item: dict[str, Any]) -> Settled | Again:
    """What Elasticsearch says of one document. Only 400 is about the document; a closed index has that status too."""
    status, error = item["status"], item.get("error")
    if status < 300:
        return "written"
    if status == 409:
        return "stale"
    told = explained(error) if isinstance(error, dict) else str(error)
    if status == 400 and "index_closed_exception" not in told:
        return Poison("rejected_document", told)
    return Again(f"status {status}: {told}")

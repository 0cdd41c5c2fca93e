"""The path of the index stages: writes batches of messages to Elasticsearch as documents.

In: messages of one kind (see index/writing/document_kinds). Out: documents in Elasticsearch, and one Result for each
message; nothing is published. A document keeps its id for ever, and only the highest version of it stays.

    Elasticsearch's answer        result
    written                       StageOutput (empty)
    409, a newer version exists   StageOutput (empty), counted as stale; also where the newer one is in the same batch
    400, can't be indexed         Poison `rejected_document` with Elasticsearch's reason; the others are written
    429, 503 and the like         the document is sent again; after `item_retries` repetitions Unavailable
    no answer, no rights          Unavailable: the worker keeps the batch and tries again, which is idempotent
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from index.client import call_server, connect, error_reason
from index.writing.bulk_write import Outcome, RetryLater, may_be_elsewhere, outcome_of_item, positions_by_id, send_bulk
from index.writing.document import Document
from index.writing.document_kinds import ARTICLES, KINDS, DocumentKind
from index.writing.earlier_documents import complete_documents
from index.writing.index_routing import IndexRouting
from pipeline import observability, settings
from pipeline.failures import Backoff, Poison, Unavailable
from pipeline.kafka.stage import Result, Stage, StageOutput
from pipeline.messages import Article, DeadLetter, Message

# must hold every document that this process wrote and that is not searchable yet; 20,000 entries are about 3 MB
ROUTING_CACHE_SIZE = 20_000
# short, because the worker does not poll Kafka meanwhile; after Unavailable it keeps the batch and polls
ITEM_BACKOFF = Backoff(first=0.1, most=2.0)

_log = observability.get_logger("index")


@dataclass(frozen=True, slots=True)
class Timing:
    """Clock, sleep and random jitter (0 to 1) of the writer; tests replace them."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


def stage(options: settings.Elasticsearch, timing: Timing | None = None, kind: DocumentKind = ARTICLES) -> Stage[Any]:
    """Builds the Kafka stage that writes one kind of documents. Raises WrongSetting."""
    writer = Writer(connect(options), options, timing or Timing(), kind)
    return Stage(
        kind.stage,
        kind.topic,
        kind.message,
        writer.handle,
        lambda _partitions: writer.take_over_partitions(),
        kind.batch_seconds,
    )


def stages(options: settings.Elasticsearch) -> list[Stage[Any]]:
    """Builds the stages of all kinds, which `newsloom index` runs. Raises WrongSetting."""
    return [stage(options, kind=kind) for kind in KINDS]


class Writer:
    """Writes batches of messages of one kind."""

    def __init__(
        self, client: Elasticsearch, options: settings.Elasticsearch, timing: Timing, kind: DocumentKind
    ) -> None:
        self._client = client
        self._options = options
        self._timing = timing
        self._kind = kind
        self._routing = IndexRouting(client, kind, options.prefix, ROUTING_CACHE_SIZE)

    def take_over_partitions(self) -> None:
        """Refreshes the indices, so that lookups find what the previous owner of our partitions wrote.

        Raises Unavailable.
        """
        self._routing.refresh()

    def handle(self, messages: Sequence[Message]) -> Sequence[Result]:
        """Writes one batch; returns one result for each message, in order.

        Raises Unavailable; Poison when Elasticsearch refuses the whole bulk request.
        """
        now = self._timing.now()
        documents = [self._build_document(message, now) for message in messages]
        outcomes: dict[int, Outcome] = {n: each for n, each in enumerate(documents) if isinstance(each, Poison)}
        outcomes |= self._write_newest({n: each for n, each in enumerate(documents) if not isinstance(each, Poison)})
        self._count_outcomes(messages, outcomes)
        return [self._result(messages[n], outcomes[n]) for n in range(len(messages))]

    def _build_document(self, message: Message, now: datetime) -> Document[Any] | Poison:
        try:
            return self._kind.build(message, self._options.prefix, now)
        except Poison as poison:
            return poison

    def _write_newest(self, documents: dict[int, Document[Any]]) -> dict[int, Outcome]:
        """Writes of each id the newest document; an older one only if that can never be indexed, else it is stale.

        Raises Unavailable, Poison.
        """
        outcomes: dict[int, Outcome] = {}
        left = positions_by_id(documents)
        while left:
            newest = [positions.pop() for positions in left]
            outcomes |= self._write_wave({n: documents[n] for n in newest})
            refused = [isinstance(outcomes[n], Poison) for n in newest]
            left = [
                positions for positions, was_refused in zip(left, refused, strict=True) if positions and was_refused
            ]
        return {n: outcomes.get(n, "stale") for n in documents}

    def _write_wave(self, wave: dict[int, Document[Any]]) -> dict[int, Outcome]:
        """Writes documents with distinct ids, repeating those that are refused for now; their outcomes by position.

        Raises Unavailable, Poison.
        """
        outcomes: dict[int, Outcome] = {}
        for attempt in range(1, self._options.item_retries + 2):
            answers = dict(zip(wave, self._send(self._completed(wave)), strict=True))
            outcomes |= {n: each for n, each in answers.items() if not isinstance(each, RetryLater)}
            refused = {n: each for n, each in answers.items() if isinstance(each, RetryLater)}
            if not refused:
                break
            if attempt > self._options.item_retries:
                detail = next(iter(refused.values())).detail
                raise Unavailable("elasticsearch", f"{len(refused)} documents not taken {attempt} times: {detail}")
            wave = {n: wave[n] for n in refused}
            observability.ITEM_RETRIES.inc(len(wave))
            self._timing.sleep(ITEM_BACKOFF.delay(attempt, self._timing.jitter()))
        return outcomes

    def _completed(self, wave: dict[int, Document[Any]]) -> dict[int, Document[Any]]:
        return complete_documents(self._client, self._kind, self._routing.assign_indices(wave))

    def _send(self, routed: Mapping[int, Document[Any]]) -> list[Outcome | RetryLater]:
        """Sends one bulk request and tells the routing what it says about indices. Raises Unavailable, Poison."""
        documents = list(routed.values())
        answers = [outcome_of_item(item) for item in self._send_bulk(documents)]
        if len(answers) != len(documents):
            raise Unavailable(
                "elasticsearch", f"{len(answers)} answers to a bulk request of {len(documents)} documents"
            )
        for each, answer in zip(documents, answers, strict=True):
            if not isinstance(answer, RetryLater | Poison):
                self._routing.record_written(each)
        for index in {each.index for each, answer in zip(documents, answers, strict=True) if may_be_elsewhere(answer)}:
            self._routing.forget_index(index)
        return answers

    def _send_bulk(self, documents: Sequence[Document[Any]]) -> list[dict[str, Any]]:
        """Returns Elasticsearch's answer for each document, in order. Raises Unavailable, Poison."""
        try:
            return call_server(lambda: send_bulk(self._client, documents, self._options.bulk_bytes))
        except ApiError as error:
            # one of them made the server refuse all: the worker hands them to us again, one by one
            raise Poison("rejected_document", f"status {error.status_code}: {error_reason(error)}") from error

    def _count_outcomes(self, messages: Sequence[Message], outcomes: Mapping[int, Outcome]) -> None:
        now = self._timing.now()
        for n, message in enumerate(messages):
            outcome = outcomes[n]
            label = "rejected" if isinstance(outcome, Poison) else outcome
            observability.DOCUMENTS.labels(self._kind.name, label).inc()
            if outcome == "written" and isinstance(message, Article):
                observability.FRESHNESS_SECONDS.observe(max(0.0, (now - message.fetched_at).total_seconds()))

    def _result(self, message: Message, outcome: Outcome) -> Result:
        """The stage's result for a message. A dead letter that can't be indexed is only logged."""
        if not isinstance(outcome, Poison):
            return StageOutput()
        if isinstance(message, DeadLetter):  # the letter of a letter of a letter would fill the topic
            _log.error("dead_letter_not_indexed", id=message.id, detail=outcome.detail)
            return StageOutput()
        return outcome

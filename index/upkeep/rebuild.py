"""Rebuild: builds an index anew beside the old one and switches the alias to it, while it is searched and written.

In: settings and a kind of documents. Out: the names of the new indices. Needed for a mapping, an analyzer or synonyms
that an existing index can't take. The steps:

    create      the new index, which nobody searches yet
    copy        every document at its version, as this program writes it, while the old index is searched and written
    from Kafka  (if wanted) documents built anew from the messages that are still on the topic
    close       the old index for writing: for some seconds, the index stages wait with what belongs there
    catch up    copy what was written since
    switch      the alias in one step; writers find the new index by it too

The old index stays, outside the alias, until it is pruned. A failure before the switch leaves the old index as it was.
A rebuild that was killed is undone by the next one.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from elasticsearch import ApiError, Elasticsearch

from index.client import call_server, connect, error_reason
from index.upkeep.retention import INDEX_NAME, next_index_name, unfinished_rebuilds
from index.writing.bulk_write import RetryLater, VersionType, outcome_of_item, send_bulk
from index.writing.document import Document
from index.writing.document_kinds import DocumentKind
from index.writing.earlier_documents import complete_documents
from index.writing.index_routing import find_indices
from pipeline import settings
from pipeline.failures import Backoff, Poison, Unavailable, WrongSetting
from pipeline.kafka import broker
from pipeline.messages import decode

BATCH_SIZE = 500  # documents in one request
# the clocks of the writers and ours may differ, and a batch takes time to be written
CLOCK_MARGIN = timedelta(minutes=10)
BACKOFF = Backoff(first=0.5, most=10.0)
ATTEMPTS = 8

Report = Callable[[str], None]  # takes a line about the progress


@dataclass(frozen=True, slots=True)
class RebuildJob:
    """The rebuild of one index: the server, the kind of its documents, the old and the new index."""

    client: Elasticsearch
    options: settings.Settings
    kind: DocumentKind
    old: str
    new: str

    @property
    def alias(self) -> str:
        """The alias that searches use."""
        return self.kind.alias(self.options.elasticsearch.prefix)


def rebuild_indices(options: settings.Settings, kind: DocumentKind, *, from_kafka: bool, report: Report) -> list[str]:
    """Rebuilds every index of a kind, one after the other. Returns the new names.

    `from_kafka`: also builds documents anew from the messages on the topic. `report` is called with lines about the
    progress. Raises Unavailable, WrongSetting.
    """
    prefix = options.elasticsearch.prefix
    made = []
    with connect(options.elasticsearch) as client:
        undo_unfinished(client, kind, prefix)
        for old in indices_behind_alias(client, kind.alias(prefix)):
            names = call_server(lambda: client.indices.get_alias(index=kind.pattern(prefix), expand_wildcards="all"))
            job = RebuildJob(client, options, kind, old, next_index_name(names, old))
            report(f"{old} is built anew as {job.new}")
            _rebuild_index(job, from_kafka, report)
            made.append(job.new)
    return made


def indices_behind_alias(client: Elasticsearch, alias: str) -> list[str]:
    """The indices behind an alias, sorted; [] if there is no such alias. Raises Unavailable."""
    if not call_server(lambda: client.indices.exists_alias(name=alias)):
        return []
    return sorted(call_server(lambda: client.indices.get_alias(name=alias)))


def undo_unfinished(client: Elasticsearch, kind: DocumentKind, prefix: str) -> None:
    """Cleans up after a killed rebuild: deletes its new index and opens the old one for writing again.

    Raises Unavailable.
    """
    names = set(call_server(lambda: client.indices.get_alias(index=kind.pattern(prefix), expand_wildcards="all")))
    for old in indices_behind_alias(client, kind.alias(prefix)):
        for new in unfinished_rebuilds(names, old):
            call_server(lambda new=new: client.indices.delete(index=new))  # type: ignore[misc]
        _open_for_writing(client, old)


def _rebuild_index(job: RebuildJob, from_kafka: bool, report: Report) -> None:
    client, old, new = job.client, job.old, job.new
    try:
        call_server(lambda: client.indices.create(index=new))
        begun = datetime.now(UTC) - CLOCK_MARGIN
        report(f"  {_copy_documents(job, None)} documents copied")
        if from_kafka:
            report(f"  {_write_from_kafka(job)} of them made anew from messages")
        since = datetime.now(UTC) - CLOCK_MARGIN
        _copy_documents(job, begun)
        call_server(lambda: client.indices.add_block(index=old, block="write"))
        report(f"  {_copy_documents(job, since)} of the last minutes again")
        _compare_counts(job)
        _switch_alias(job)
    except ApiError as error:
        _undo(job)
        raise WrongSetting(f"{new} can't be built: {error_reason(error)}") from error
    except BaseException:
        _undo(job)
        raise


def _copy_documents(job: RebuildJob, since: datetime | None) -> int:
    """Copies the documents indexed since a time, or all of them; returns their number.

    If a version identifies its message, a copy does not overwrite a document of the same version built anew from Kafka.
    """
    call_server(lambda: job.client.indices.refresh(index=job.old))
    found = (_copied_document(job, hit) for hit in _read_all(job.client, job.old, since))
    return _write_all(job, found, "external" if job.kind.version_identifies_message else "external_gte")


def _copied_document(job: RebuildJob, hit: Mapping[str, Any]) -> Document[Any]:
    return Document(job.new, hit["_id"], hit["_version"], job.kind.restore(hit["_source"]))


def _read_all(client: Elasticsearch, index: str, since: datetime | None) -> Iterator[Mapping[str, Any]]:
    """Reads every document indexed since a time, or all, from a snapshot of the index (point in time)."""
    query = {"range": {"indexed_at": {"gte": since.isoformat()}}} if since else {"match_all": {}}
    pit = call_server(lambda: client.open_point_in_time(index=index, keep_alive="5m"))["id"]
    body = {"query": query, "size": BATCH_SIZE, "version": True, "sort": ["_shard_doc"], "track_total_hits": False}
    try:
        while True:
            asked = {**body, "pit": {"id": pit, "keep_alive": "5m"}}
            hits = call_server(lambda asked=asked: client.search(body=asked))["hits"]["hits"]  # type: ignore[misc]
            yield from hits
            if not hits:
                return
            body["search_after"] = hits[-1]["sort"]
    finally:
        call_server(lambda: client.close_point_in_time(id=pit))


def _write_from_kafka(job: RebuildJob) -> int:
    """Builds documents from the messages still on the topic and writes them to the new index; returns their number."""
    batches = _batches(_documents_from_kafka(job), BATCH_SIZE)
    return sum(_write_all(job, _only_in_old_index(job, batch), "external_gte") for batch in batches)


def _documents_from_kafka(job: RebuildJob) -> Iterator[Document[Any]]:
    now, prefix, base = datetime.now(UTC), job.options.elasticsearch.prefix, INDEX_NAME.fullmatch(job.old)
    for record in broker.read_topic(job.options.kafka, job.kind.topic):
        try:
            made = job.kind.build(decode(record.value, job.kind.message), prefix, now) if record.value else None
        except Poison:
            continue  # its stage has made a dead letter of it
        if made and (job.kind.can_change_month or (base and made.index == base["base"])):
            yield made


def _only_in_old_index(job: RebuildJob, batch: list[Document[Any]]) -> Iterator[Document[Any]]:
    """Selects the documents that are in the old index, for the new one; the others are written by the index stages."""
    indices = find_indices(job.client, job.alias, {each.id for each in batch})
    there = [msgspec.structs.replace(each, index=job.old) for each in batch if indices.get(each.id) == job.old]
    # what only the old document knows, as an article's edits, goes on in the new one
    for each in complete_documents(job.client, job.kind, dict(enumerate(there))).values():
        yield msgspec.structs.replace(each, index=job.new)


def _write_all(job: RebuildJob, documents: Iterable[Document[Any]], version_type: VersionType) -> int:
    """Writes documents at their versions, repeating those refused for now; returns their number.

    Raises Unavailable; WrongSetting for a document that the new mapping does not take.
    """
    count = 0
    for batch in _batches(documents, BATCH_SIZE):
        count += len(batch)
        pending = batch
        for attempt in itertools.count(1):
            pending = _write_batch(job, pending, version_type)
            if not pending:
                break
            if attempt == ATTEMPTS:
                raise Unavailable("elasticsearch", f"{len(pending)} documents not taken {attempt} times by {job.new}")
            time.sleep(BACKOFF.delay(attempt, 1.0))
    return count


def _write_batch(job: RebuildJob, batch: list[Document[Any]], version_type: VersionType) -> list[Document[Any]]:
    """Writes one batch; returns the documents that have to be sent again."""
    answers = call_server(lambda: send_bulk(job.client, batch, job.options.elasticsearch.bulk_bytes, version_type))
    outcomes = [(each, outcome_of_item(answer)) for each, answer in zip(batch, answers, strict=True)]
    for each, outcome in outcomes:
        if isinstance(outcome, Poison):
            raise WrongSetting(f"{job.new} does not take document {each.id} of {job.old}: {outcome.detail}")
    return [each for each, outcome in outcomes if isinstance(outcome, RetryLater)]


def _batches(documents: Iterable[Document[Any]], size: int) -> Iterator[list[Document[Any]]]:
    waiting = iter(documents)
    while batch := list(itertools.islice(waiting, size)):
        yield batch


def _compare_counts(job: RebuildJob) -> None:
    call_server(lambda: job.client.indices.refresh(index=[job.old, job.new]))
    old, new = (call_server(lambda name=name: job.client.count(index=name))["count"] for name in (job.old, job.new))  # type: ignore[misc]
    if new != old:
        raise Unavailable("elasticsearch", f"{job.new} has {new} documents, {job.old} has {old}: not switched")


def _switch_alias(job: RebuildJob) -> None:
    actions: list[dict[str, Any]] = [
        {"remove": {"index": job.old, "alias": job.alias, "must_exist": True}},
        {"add": {"index": job.new, "alias": job.alias}},
    ]
    call_server(lambda: job.client.indices.update_aliases(actions=actions))


def _undo(job: RebuildJob) -> None:
    call_server(lambda: job.client.indices.delete(index=job.new, ignore_unavailable=True))
    _open_for_writing(job.client, job.old)


def _open_for_writing(client: Elasticsearch, index: str) -> None:
    call_server(lambda: client.indices.put_settings(index=index, settings={"index.blocks.write": None}))

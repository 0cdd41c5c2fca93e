"""An index built anew beside the old one, and put in its place: in: settings; out: the names of the new indices.

For a mapping, an analyzer or a list of synonyms that an index which is there can't take. Nothing is interrupted:

    create      the new index, which nobody searches yet
    copy        every document at its version, as this program writes it, while the old index is searched and written
    from Kafka  (if wanted) what still is on the topic, so that fields are made anew from the messages
    close       the old index for writing: what would be written waits, in the index stages, for some seconds
    catch up    with what was written since
    switch      the alias in one step, with which writers find the new index too

The old index stays, unsearched, until the next pruning. Whatever goes wrong before the switch leaves the old one as it
was. A rebuild that was killed is undone by the next one.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from index.client import available, connect, reason
from index.upkeep.retention import NAME, later, successor
from index.writing.bulk_write import Again, Equal, bulk, judged
from index.writing.document import Document
from index.writing.document_kinds import Kind
from index.writing.index_routing import find
from pipeline import settings
from pipeline.failures import Backoff, Poison, Unavailable, WrongSetting
from pipeline.kafka import broker
from pipeline.messages import decode

PAGE = 500  # documents of one request
# clocks of writers and ours may differ by so much, and a batch may take so long to be written
MARGIN = timedelta(minutes=10)
BACKOFF = Backoff(first=0.5, most=10.0)
ATTEMPTS = 8

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Work:
    """One rebuild: the server, the kind of the documents, and the two indices."""

    client: Elasticsearch
    options: settings.Settings
    kind: Kind
    old: str
    new: str

    @property
    def alias(self) -> str:
        """What is searched."""
        return self.kind.alias(self.options.elasticsearch.prefix)


def rebuild(options: settings.Settings, kind: Kind, *, from_kafka: bool, say: Say) -> list[str]:
    """Every index of a kind, one after the other. Returns the new names. Raises Unavailable, WrongSetting."""
    prefix = options.elasticsearch.prefix
    made = []
    with connect(options.elasticsearch) as client:
        undo_unfinished(client, kind, prefix)
        for old in searched(client, kind.alias(prefix)):
            names = available(lambda: client.indices.get_alias(index=kind.pattern(prefix), expand_wildcards="all"))
            work = Work(client, options, kind, old, successor(names, old))
            say(f"{old} is built anew as {work.new}")
            _rebuild(work, from_kafka, say)
            made.append(work.new)
    return made


def searched(client: Elasticsearch, alias: str) -> list[str]:
    """The indices behind an alias. Raises Unavailable."""
    if not available(lambda: client.indices.exists_alias(name=alias)):
        return []
    return sorted(available(lambda: client.indices.get_alias(name=alias)))


def undo_unfinished(client: Elasticsearch, kind: Kind, prefix: str) -> None:
    """Undoes what a killed rebuild has left: its new index, the old one closed for writing. Raises Unavailable."""
    names = set(available(lambda: client.indices.get_alias(index=kind.pattern(prefix), expand_wildcards="all")))
    for old in searched(client, kind.alias(prefix)):
        for new in later(names, old):
            available(lambda new=new: client.indices.delete(index=new))  # type: ignore[misc]
        _open_for_writing(client, old)


def _rebuild(work: Work, from_kafka: bool, say: Say) -> None:
    client, old, new = work.client, work.old, work.new
    try:
        available(lambda: client.indices.create(index=new))
        begun = datetime.now(UTC) - MARGIN
        say(f"  {_copied(work, None)} documents copied")
        if from_kafka:
            say(f"  {_from_kafka(work)} of them made anew from messages")
        since = datetime.now(UTC) - MARGIN
        _copied(work, begun)
        available(lambda: client.indices.add_block(index=old, block="write"))
        say(f"  {_copied(work, since)} of the last minutes again")
        _compare(work)
        _switch(work)
    except ApiError as error:
        _undo(work)
        raise WrongSetting(f"{new} can't be built: {reason(error)}") from error
    except BaseException:
        _undo(work)
        raise


def _copied(work: Work, since: datetime | None) -> int:
    """Copies what was indexed since then, or everything; how many.

    Where an equal version means an equal message, it does not take the place of what was made anew from Kafka.
    """
    available(lambda: work.client.indices.refresh(index=work.old))
    found = (_restored(work, hit) for hit in _hits(work.client, work.old, since))
    return _put(work, found, "external" if work.kind.exact else "external_gte")


def _restored(work: Work, hit: Mapping[str, Any]) -> Document[Any]:
    return Document(work.new, hit["_id"], hit["_version"], work.kind.restore(hit["_source"]))


def _hits(client: Elasticsearch, index: str, since: datetime | None) -> Iterator[Mapping[str, Any]]:
    """Every document, as it was when the first was asked for."""
    query = {"range": {"indexed_at": {"gte": since.isoformat()}}} if since else {"match_all": {}}
    pit = available(lambda: client.open_point_in_time(index=index, keep_alive="5m"))["id"]
    body = {"query": query, "size": PAGE, "version": True, "sort": ["_shard_doc"], "track_total_hits": False}
    try:
        while True:
            asked = {**body, "pit": {"id": pit, "keep_alive": "5m"}}
            hits = available(lambda asked=asked: client.search(body=asked))["hits"]["hits"]  # type: ignore[misc]
            yield from hits
            if not hits:
                return
            body["search_after"] = hits[-1]["sort"]
    finally:
        available(lambda: client.close_point_in_time(id=pit))


def _from_kafka(work: Work) -> int:
    """Documents made from the messages that are still on the topic, for the new index."""
    batches = _batches(_messages(work), PAGE)
    return sum(_put(work, _at_home(work, batch), "external_gte") for batch in batches)


def _messages(work: Work) -> Iterator[Document[Any]]:
    now, prefix, base = datetime.now(UTC), work.options.elasticsearch.prefix, NAME.fullmatch(work.old)
    for record in broker.read_topic(work.options.kafka, work.kind.topic):
        try:
            made = work.kind.make(decode(record.value, work.kind.message), prefix, now) if record.value else None
        except Poison:
            continue  # its stage has buried it
        if made and (work.kind.moves or (base and made.index == base["base"])):
            yield made


def _at_home(work: Work, batch: list[Document[Any]]) -> Iterator[Document[Any]]:
    """Those that are in the old index: what is on its way comes by itself, and then finds its place."""
    homes = find(work.client, work.alias, {each.id for each in batch})
    for each in batch:
        if homes.get(each.id) == work.old:
            yield Document(work.new, each.id, each.version, each.body)


def _put(work: Work, documents: Iterable[Document[Any]], equal: Equal) -> int:
    """Writes all, at their versions. Raises WrongSetting for one that the new mapping does not take."""
    count = 0
    for batch in _batches(documents, PAGE):
        count += len(batch)
        todo = batch
        for attempt in itertools.count(1):
            todo = _refused(work, todo, equal)
            if not todo:
                break
            if attempt == ATTEMPTS:
                raise Unavailable("elasticsearch", f"{len(todo)} documents not taken {attempt} times by {work.new}")
            time.sleep(BACKOFF.delay(attempt, 1.0))
    return count


def _refused(work: Work, batch: list[Document[Any]], equal: Equal) -> list[Document[Any]]:
    answers = available(lambda: bulk(work.client, batch, work.options.elasticsearch.bulk_bytes, equal))
    outcomes = [(each, judged(answer)) for each, answer in zip(batch, answers, strict=True)]
    for each, outcome in outcomes:
        if isinstance(outcome, Poison):
            raise WrongSetting(f"{work.new} does not take document {each.id} of {work.old}: {outcome.detail}")
    return [each for each, outcome in outcomes if isinstance(outcome, Again)]


def _batches(documents: Iterable[Document[Any]], size: int) -> Iterator[list[Document[Any]]]:
    waiting = iter(documents)
    while batch := list(itertools.islice(waiting, size)):
        yield batch


def _compare(work: Work) -> None:
    available(lambda: work.client.indices.refresh(index=[work.old, work.new]))
    old, new = (available(lambda name=name: work.client.count(index=name))["count"] for name in (work.old, work.new))  # type: ignore[misc]
    if new != old:
        raise Unavailable("elasticsearch", f"{work.new} has {new} documents, {work.old} has {old}: not switched")


def _switch(work: Work) -> None:
    actions: list[dict[str, Any]] = [
        {"remove": {"index": work.old, "alias": work.alias, "must_exist": True}},
        {"add": {"index": work.new, "alias": work.alias}},
    ]
    available(lambda: work.client.indices.update_aliases(actions=actions))


def _undo(work: Work) -> None:
    available(lambda: work.client.indices.delete(index=work.new, ignore_unavailable=True))
    _open_for_writing(work.client, work.old)


def _open_for_writing(client: Elasticsearch, index: str) -> None:
    available(lambda: client.indices.put_settings(index=index, settings={"index.blocks.write": None}))

"""Filling: many documents written to a fresh index quickly, as the stages write them.

In: articles, of any number. Out: their documents and those of their stories, searchable. The stage itself writes the
first of each index, which makes it; the others go in bulk requests, two at a time, to indices that are refreshed at the
end alone.
"""

import itertools
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from elasticsearch import Elasticsearch

from index import mapping, write
from index.client import connect
from index.writing.bulk_write import outcome_of_item, send_bulk
from index.writing.document import Document
from index.writing.document_kinds import KINDS, DocumentKind
from pipeline import settings
from pipeline.kafka.stage import Stage
from pipeline.messages import Enriched, Story

BATCH = 500
THREADS = 2  # bulk requests at the same time
TOLD_EVERY = 10_000  # articles
QUICK = {"refresh_interval": "-1", "translog.durability": "async"}  # of an index while it is filled


def fill(options: settings.Elasticsearch, articles: Iterable[Enriched]) -> list[Enriched]:
    """Writes the articles and a story for each story's id; returns every BATCHth of them."""
    mapping.install(options)
    stages: dict[str, Stage[Any]] = {kind.name: write.stage(options, kind=kind) for kind in KINDS[:2]}
    sample, written, began, coming = [], 0, time.monotonic(), iter(articles)
    with connect(options) as client, ThreadPoolExecutor(THREADS) as threads:
        filling = _Filling(client, options, threads)
        while batch := list(itertools.islice(coming, BATCH)):
            stories = list({each.story: story_of(each) for each in batch}.values())
            for kind, messages in ((KINDS[0], batch), (KINDS[1], stories)):
                filling.write(kind, stages[kind.name], messages)
            sample.append(batch[0])
            written += len(batch)
            if written % TOLD_EVERY == 0:
                print(f"{written:,} articles after {time.monotonic() - began:.0f} s", flush=True)
        filling.finish()
    return sample


def story_of(article: Enriched) -> Story:
    """A story that the article may have begun."""
    at = article.first_seen_at
    about = {"language": article.language, "headline": article.title, "sources": (article.source,)}
    return Story(id=article.story, size=4, first_seen_at=at, last_seen_at=at, **about)  # type: ignore[arg-type]


class _Filling:
    """What was sent and not yet answered, and the indices that are there."""

    def __init__(self, client: Elasticsearch, options: settings.Elasticsearch, threads: ThreadPoolExecutor) -> None:
        self._client, self._options, self._threads = client, options, threads
        self._indices: dict[str, str] = {}  # name -> refresh interval
        self._waiting: deque[Future[list[dict[str, Any]]]] = deque()

    def write(self, kind: DocumentKind, stage: Stage[Any], messages: Sequence[Any]) -> None:
        documents = [kind.build(each, self._options.prefix, datetime.now(UTC)) for each in messages]
        new = {each.index: message for each, message in zip(documents, messages, strict=True)}
        for index in new.keys() - self._indices.keys():
            stage.handle([new[index]])
            made = self._client.indices.get_settings(index=index)[index]["settings"]["index"]
            self._indices[index] = made["refresh_interval"]
            self._client.indices.put_settings(index=index, settings=QUICK)
        self._waiting.append(self._threads.submit(self._send, documents))
        while len(self._waiting) > THREADS:
            _check(self._waiting.popleft().result())

    def _send(self, documents: Sequence[Document[Any]]) -> list[dict[str, Any]]:
        return send_bulk(self._client, documents, self._options.bulk_bytes)

    def finish(self) -> None:
        """Waits for what was sent; then all is as it would be without haste."""
        for each in self._waiting:
            _check(each.result())
        for index, interval in self._indices.items():
            usual = {"refresh_interval": interval, "translog.durability": None}
            self._client.indices.put_settings(index=index, settings=usual)
            self._client.indices.refresh(index=index)


def _check(answers: Iterable[dict[str, Any]]) -> None:
    for each in answers:
        if (outcome := outcome_of_item(each)) not in ("written", "stale"):
            raise SystemExit(f"{each['_index']} refuses {each['_id']}: {outcome}")

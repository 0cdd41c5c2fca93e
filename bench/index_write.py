"""Indexing speed: `python -m bench.index_write --url URL [--corpus FOLDER] [--articles N]`.

Prints documents per second of our index stage and of a bare `streaming_bulk` loop over ready-made dictionaries, on the
same server, with the same templates, in the same run: rounds alternate, each into a fresh index, and the medians are
compared. The stage also looks up where articles are, builds the documents, and accounts for each one.
"""

import argparse
import gzip
import hashlib
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from index import mapping, write
from index.client import connect
from index.writing.article_document import build_article_document
from pipeline import settings
from pipeline.messages import Enriched

DEFAULT_CORPUS = settings.ROOT.parent / "shared" / "corpus"
BATCHES = (64, 500)  # what the worker takes at a time by default; what streaming_bulk does
ROUNDS = 5
FIRST_SEEN_AT = datetime(2026, 11, 1, tzinfo=UTC)


def articles(corpus: Path, limit: int) -> list[Enriched]:
    """Reads the first `limit` articles of the background corpus."""
    with gzip.open(corpus / "background" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [_article(json.loads(line)) for line in islice(lines, limit)]


def _article(line: dict[str, Any]) -> Enriched:
    id_ = hashlib.sha256(line["id"].encode()).hexdigest()[:32]
    return enriched_article(id_, line["title"], line["text"], line["language"])


def enriched_article(id_: str, title: str, text: str, language: str) -> Enriched:
    """An article as it comes to the index stage, with nothing but these and what every article has."""
    return Enriched(
        id=id_,
        revision=1,
        url=f"https://paper.example/{id_}",
        source="paper.example",
        source_name="The Paper",
        feed_url="https://paper.example/feed.xml",
        title=title,
        text=text,
        text_from="page",
        first_seen_at=FIRST_SEEN_AT,
        fetched_at=FIRST_SEEN_AT,
        annotator=1,
        language=language,
        language_confidence=0.9,
        language_source="text",
        content_hash=id_,
        enricher=1,
        story=id_,
    )


def batches(sample: Sequence[Enriched], size: int) -> Iterator[Sequence[Enriched]]:
    """Splits the sample into parts of `size`."""
    return (sample[start : start + size] for start in range(0, len(sample), size))


def index_with_stage(options: settings.Elasticsearch, sample: Sequence[Enriched], size: int) -> Callable[[], None]:
    """Prepares a run of our index stage over the whole sample."""
    stage = write.stage(options)

    def work() -> None:
        for batch in batches(sample, size):
            stage.handle(batch)

    return work


def index_with_streaming_bulk(
    options: settings.Elasticsearch, sample: Sequence[Enriched], size: int
) -> Callable[[], None]:
    """Prepares a run of the library alone, with documents that are already built."""
    made = [build_article_document(each, options.prefix, FIRST_SEEN_AT) for each in sample]
    actions = [{"_index": each.index, "_id": each.id, "_source": msgspec.to_builtins(each.body)} for each in made]
    client = Elasticsearch(options.url)

    def work() -> None:
        for ok, _ in streaming_bulk(client, actions, chunk_size=size):
            assert ok  # noqa: S101 - streaming_bulk raises otherwise

    return work


Writer = Callable[[settings.Elasticsearch, Sequence[Enriched], int], Callable[[], None]]


def documents_per_second(
    writer: Writer, options: settings.Elasticsearch, sample: Sequence[Enriched], size: int
) -> float:
    """Documents per second of one round into a new index; the time to create the index is not counted."""
    with connect(options) as client:
        index = build_article_document(sample[0], options.prefix, FIRST_SEEN_AT).index
        client.indices.create(index=index)
        work = writer(options, sample, size)
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        client.indices.refresh(index=index)
        there = client.count(index=index)["count"]
        client.indices.delete(index=index)
    if there != len(sample):
        raise SystemExit(f"{there} of {len(sample)} documents are there")
    return len(sample) / seconds


def measure(options: settings.Elasticsearch, sample: Sequence[Enriched], size: int) -> str:
    """Returns a line with the medians and their ratio. The first round is a warm-up and does not count."""
    found: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(ROUNDS + 1):
        writers: list[tuple[str, Writer]] = [("ours", index_with_stage), ("bare", index_with_streaming_bulk)]
        for name, writer in writers if number % 2 else reversed(writers):
            found[name].append(documents_per_second(writer, options, sample, size))
    mine, theirs = (statistics.median(found[name][1:]) for name in ("ours", "bare"))
    return f"batches of {size:3}: ours {mine:6.0f} /s, bare streaming_bulk {theirs:6.0f} /s, ratio {mine / theirs:.2f}"


def main() -> None:
    """Prints a line for each batch size."""
    parser = argparse.ArgumentParser(description="Speed of the indexing stage beside a bare streaming_bulk loop.")
    parser.add_argument("--url", required=True, help="an Elasticsearch, for example http://127.0.0.1:9200")
    parser.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--articles", type=int, default=6_000)
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        sys.exit(f"skipped: the corpus is not at {arguments.corpus}")
    sample = articles(arguments.corpus, arguments.articles)
    knobs = settings.load({}).elasticsearch
    options = msgspec.structs.replace(knobs, url=arguments.url, prefix=f"bench{uuid.uuid4().hex[:8]}")
    mapping.install(options)
    try:
        print(f"{len(sample)} articles, median of {ROUNDS} rounds")
        for size in BATCHES:
            print(measure(options, sample, size), flush=True)
    finally:
        _clean(options)


def _clean(options: settings.Elasticsearch) -> None:
    with connect(options) as client:
        for template in reversed(mapping.load_templates(options)):
            if template.kind == "index":
                client.indices.delete_index_template(name=template.name)
            else:
                client.cluster.delete_component_template(name=template.name)


if __name__ == "__main__":
    main()

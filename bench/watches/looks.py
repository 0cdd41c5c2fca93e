"""Cost of the watches: `python -m bench.watches.looks [--url URL] [--corpus FOLDER] [--watches N]`.

Prints the processor time, ours and Elasticsearch's, of a look of 1,000 watches at what 30 seconds bring, among 20,000
articles that are there; and which share of a core that is when a look follows each 30 seconds. New articles are 6 and
17 a second: the average of 500,000 a day, and three times that (docs/operations.md). Watches are made of the three
longest words of titles that are drawn by hash: two words, two as a phrase, one or another, a word without another; half
of them in one language. The corpus is repeated under other ids until there are enough. Without --url it starts a server
of its own. The aim: 4 % of a core.
"""

import argparse
import hashlib
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
from elasticsearch import Elasticsearch

from bench.index_write import DEFAULT_CORPUS, articles, batches
from bench.machine_speed import measure_speed
from embedded.stack import Stack
from index import mapping, write
from index.client import connect
from index.searching.query import Filters, SearchRequest
from index.searching.watch_search import WatchSearcher
from pipeline import settings
from pipeline.messages import Enriched

SECONDS = 30.0
AIM = 0.04  # of a core
ROUNDS = 5
RATES = (6, 17)  # new articles a second
WORD = re.compile(r"[^\W\d_]{4,}")
MOST_ARTICLES = 500  # of one request, as watches.articles_at_a_time says


@dataclass(frozen=True, slots=True)
class Cost:
    """One look: processor seconds, ours and the server's, seconds that passed, and pairs found."""

    ours: float
    server: float
    passed: float
    found: int


def repeated(sample: Sequence[Enriched], count: int) -> list[Enriched]:
    """So many articles: the sample again and again, under other ids."""
    turns = range(count // max(1, len(sample)) + 1)
    endless = (msgspec.structs.replace(each, id=_id(f"{each.id} {turn}")) for turn in turns for each in sample)
    return list(islice(endless, count))


def _id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def make_searches(sample: Sequence[Enriched], count: int) -> dict[str, SearchRequest]:
    """Searches made of titles' words, in four forms; the same for the same articles."""
    drawn = sorted(sample, key=lambda each: _id(each.id))
    worded = [(each, words) for each in drawn if len(words := WORD.findall(each.title)) >= 3]
    return {f"watch-{n}": _search(n, *worded[n % len(worded)]) for n in range(count)}


def _search(number: int, article: Enriched, words: Sequence[str]) -> SearchRequest:
    first, second, third = sorted(words, key=len)[-3:]
    forms = (f"{first} {second}", f'"{first} {second}"', f"{first} | {third}", f"{second} -{third}")
    filters = Filters(language=article.language) if number // len(forms) % 2 else Filters()
    return SearchRequest(query_text=forms[number % len(forms)], filters=filters)


def measure(client: Elasticsearch, options: settings.Elasticsearch, searches: dict[str, SearchRequest],
            ids: Sequence[str]) -> Cost:  # fmt: skip
    """Looks once at the articles with these ids."""
    with WatchSearcher(options) as searcher:
        before, began, clock = server_seconds(client), time.process_time(), time.perf_counter()
        found = 0
        for start in range(0, len(ids), MOST_ARTICLES):
            matches = searcher.find(searches, ids[start : start + MOST_ARTICLES])
            found += len(matches.found)
            if matches.refused:
                raise SystemExit(f"refused: {matches.refused}")
        passed, ours = time.perf_counter() - clock, time.process_time() - began
        return Cost(ours, server_seconds(client) - before, passed, found)


def server_seconds(client: Elasticsearch) -> float:
    """Processor seconds that all nodes have used since they were started."""
    nodes = client.nodes.stats(metric="process")["nodes"].values()
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes)) / 1000


@contextmanager
def server(url: str) -> Iterator[str]:
    """The address of the server that is named, or of one that is started for the block."""
    if url:
        yield url
        return
    folder = tempfile.TemporaryDirectory(prefix="newsloom-bench-")
    kafka = settings.ROOT / "config" / "kafka.properties"
    with folder, Stack(Path(folder.name), kafka, report_progress=print) as stack:
        yield stack.elasticsearch_url


def run(url: str, sample: Sequence[Enriched], watches: int) -> None:
    """Fills an index with the sample, looks at the newest of it, and prints a line for each rate."""
    prefix = f"bench{uuid.uuid4().hex[:8]}"
    options = msgspec.structs.replace(settings.load({}).elasticsearch, url=url, prefix=prefix)
    mapping.install(options)
    stage = write.stage(options)
    for batch in batches(sample, 500):
        stage.handle(batch)
    searches = make_searches(sample, watches)
    with connect(options) as client:
        try:
            for rate in RATES:
                newest = [each.id for each in sample[-round(rate * SECONDS) :]]
                costs = [measure(client, options, searches, newest) for _ in range(ROUNDS + 2)][2:]
                print(line(rate, watches, len(sample), costs), flush=True)
        finally:
            client.indices.delete(index=",".join(client.indices.get(index=f"{prefix}-*")))


def line(rate: int, watches: int, there: int, costs: Sequence[Cost]) -> str:
    """The medians of the looks, and the share of a core."""
    ours, server, passed = (
        statistics.median(each) for each in zip(*((c.ours, c.server, c.passed) for c in costs), strict=True)
    )
    share = (ours + server) / SECONDS
    return (
        f"{watches} watches, {rate} articles a second, {there} there: a look takes {passed:.2f} s; processor: ours "
        f"{ours:.2f} s, Elasticsearch {server:.2f} s, together {share:.1%} of a core (aim {AIM:.0%}); "
        f"{costs[0].found} pairs found"
    )


def main() -> None:
    """Prints a line for each rate."""
    parser = argparse.ArgumentParser(description="What a look of many watches costs.")
    parser.add_argument("--url", default="", help="an Elasticsearch; one is started where none is named")
    parser.add_argument("--corpus", type=Path, default=DEFAULT_CORPUS)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--watches", type=int, default=1_000)
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        sys.exit(f"skipped: the corpus is not at {arguments.corpus}")
    print(measure_speed())
    with server(arguments.url) as url:
        sample = articles(arguments.corpus, arguments.articles)
        run(url, repeated(sample, arguments.articles), arguments.watches)


if __name__ == "__main__":
    main()

"""Benchmark of story clustering, quality and price: `python -m bench.stories [--quality | --price]`, twenty minutes.

Quality: places streams of the corpus whose stories are known (bench/corpus/story_streams) and prints BCubed and
pairwise scores. The join model was trained on these stories; its scores on unseen ones are printed by
`python -m training.train_join_model`.

Price: fills the window of one language with synthetic fingerprints of news length, as after a restart, then places more
articles. Prints the time of the rebuild, memory, and milliseconds for each article (copies and stories together), in
processor time, so that other work on the machine does not count.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.copies import resident_bytes
from bench.corpus.articles import file_digest
from bench.corpus.cluster_scores import score_clusters
from bench.corpus.story_placement import ZERO_NETS, drop_meanings, place_streams, true_stories
from bench.corpus.story_streams import Item, build_streams
from bench.machine_speed import measure_loop_step, measure_speed
from enrich import gazetteer
from enrich.clustering import join_model, report_embedding, vectors
from enrich.clustering.clusters import Clusters
from enrich.copies.shingles import pack_codes
from enrich.stories import StoryAssigner
from pipeline import memory_tuning
from pipeline.entity import Entity
from pipeline.messages import Annotated, Fingerprint, decode, encode
from pipeline.settings import ROOT, Enrich, load

ARTICLES = 300_000
ASKED = 500  # articles that are placed and timed
STEPS = 20_000  # of a bare loop after each article: the pace of the machine changes from second to second
DAYS = 7
WORDS, NAMES = 200_000, 50_000  # of the invented language; the n-th is used as often as 1/n
DAYS_NAMED = [name.title() for name in gazetteer.weekdays("en")]
START = datetime(2026, 11, 1, tzinfo=UTC)


class SyntheticReport(NamedTuple):
    """The fingerprint and the text of an invented article."""

    fingerprint: Fingerprint
    text: str


def synthesize_reports(count: int, seed: int) -> Iterator[SyntheticReport]:
    """Invents reports of news length; every second one is about the same event as the one before."""
    chosen, unknown = np.random.default_rng(seed), Clusters(1.0, DAYS, nets=ZERO_NETS)
    event: list[str] = []
    for number in range(count):
        if number % 2 == 0:
            event = [f"w{each}" for each in _draw_zipf(chosen, WORDS, 30)]
        words = list(dict.fromkeys([*event, *(f"w{each}" for each in _draw_zipf(chosen, WORDS, 60))]))[:80]
        names = tuple(f"first{each % 97} n{each}" for each in _draw_zipf(chosen, NAMES, 8))
        seen = START + timedelta(days=DAYS * number / count)
        embedding = report_embedding.embed_report(dict.fromkeys(words, 1.69), DAYS_NAMED[number // 2 % 7], "en")
        report = vectors.build_report(dict.fromkeys(words, 1.69), names, seen.timestamp(), 0, event[:8], embedding)
        hashes = np.sort(chosen.integers(0, 1 << 61, 90, dtype=np.uint64) << np.uint64(3))
        fingerprint = Fingerprint(
            id=f"{seed:08x}{number:024x}",
            revision=1,
            language="en",
            source=f"site{number % 997}.example",
            title=" ".join(event[:8]),
            published_at=seen,
            first_seen_at=seen,
            content_hash=f"{seed:08x}{number:024x}",
            sketch=hashes.tobytes(),
            report=unknown.pack(report),
            entities=names,
            number_codes=pack_codes(("2026", str(number % 97))),
            title_codes=pack_codes(event[:8]),
            story=f"{seed:08x}{number // 2 * 2:024x}",
        )
        yield SyntheticReport(fingerprint, " ".join(words * 4))


def _draw_zipf(chosen: np.random.Generator, most: int, count: int) -> list[int]:
    drawn: list[int] = np.exp(chosen.random(count) * np.log(most)).astype(int).tolist()
    return drawn


def build_article(synthetic: SyntheticReport) -> Annotated:
    """An annotated article that has this fingerprint, seen at the end of the window."""
    fingerprint = synthetic.fingerprint
    entities = tuple(Entity(name=name, key=name, type="person", count=1) for name in fingerprint.entities)
    shared = ("id", "revision", "language", "source", "title", "content_hash", "sketch")
    last = START + timedelta(days=DAYS - 0.01)
    return Annotated(
        **{name: getattr(fingerprint, name) for name in shared},
        published_at=last,
        first_seen_at=last,
        url=f"https://{fingerprint.source}/{fingerprint.id}",
        source_name="Invented",
        feed_url="",
        text=synthetic.text,
        text_from="page",
        fetched_at=last,
        annotator=1,
        language_confidence=1.0,
        language_source="text",
        entities=entities,
    )


def measure_price(count: int, options: Enrich) -> None:
    """Prints time and memory of a window of `count` articles."""
    memory_tuning.tune_for_large_memory()
    print(measure_speed())
    values = [encode(each.fingerprint) for each in synthesize_reports(count, 1)]
    before, assigner, started = resident_bytes(), StoryAssigner(options), time.process_time()
    with memory_tuning.garbage_collection_paused():
        for value in values:
            assigner.remember(decode(value, Fingerprint))
    first = _time_placing(assigner, next(synthesize_reports(1, 3)))  # does the work that the rebuild put off
    seconds, megabytes = time.process_time() - started, (resident_bytes() - before) / 1e6
    times, steps = zip(
        *((_time_placing(assigner, each), measure_loop_step(STEPS)) for each in synthesize_reports(ASKED, 2)),
        strict=True,
    )
    at = statistics.quantiles(times, n=100)
    print(f"a window of {count} articles: rebuilt in {seconds:.0f} s of processor time, {megabytes:.0f} MB")
    print(f"  of which the first article after it takes {first / 1e3:.1f} s")
    figures = f"mean {statistics.fmean(times):.2f}, median {at[49]:.2f}, 99 % {at[98]:.2f}"
    print(f"  copies and stories, ms of processor time an article: {figures}")
    print(f"  meanwhile a step of a bare loop took {statistics.fmean(steps):.0f} ns (between them; {STEPS} steps each)")


def _time_placing(assigner: StoryAssigner, synthetic: SyntheticReport) -> float:
    each, started = build_article(synthetic), time.process_time()
    assigner.place(each)
    return (time.process_time() - started) * 1e3


def measure_quality(corpus: Path, options: Enrich) -> None:
    """Prints the scores of every stream, with and without word embeddings."""
    print("stories", {path.name: file_digest(path) for path in sorted((corpus / "stories").iterdir())})
    streams = build_streams(corpus, options.entity_words)
    _print_quality(streams, options.story_threshold)
    print("without the meanings of words, as in other languages than English")
    _print_quality(drop_meanings(streams), options.story_threshold)


def _print_quality(streams: Mapping[str, list[list[Item]]], threshold: float) -> None:
    for name, parts in streams.items():
        ours = place_streams(parts, threshold, join_model.load_nets())
        print(
            f"  {name:18} {len(ours):5} articles: {score_clusters(ours, true_stories(parts)).format_line()}", flush=True
        )


def main() -> None:
    """Prints all figures."""
    corpus = ROOT.parent / "shared" / "corpus"
    options = load({}).enrich
    if "--price" not in sys.argv:
        if corpus.is_dir():
            measure_quality(corpus, options)
        else:
            print(f"skipped: {corpus} is not there")
    if "--quality" not in sys.argv:
        measure_price(ARTICLES, options)


if __name__ == "__main__":
    main()

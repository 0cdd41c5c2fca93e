"""How well reports find their stories, at what price: `python -m bench.stories [--quality | --price]`, twenty minutes.

Quality: streams of the corpus whose stories are known (bench/corpus/story_streams: as they are, squeezed, mixed into
articles that are not labelled, about one topic, large stories), by BCubed and by pairs. The weights were learnt from
these stories: what they do on stories that they have not seen, `python -m training.train_join_model` prints.

Price: synthetic fingerprints of news length fill the window of one language, read back as after a restart; then more
are placed: milliseconds an article for copies and stories together. Processor time: other work makes it no longer.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.copies import resident
from bench.corpus.articles import digest
from bench.corpus.cluster_scores import scores
from bench.corpus.story_placement import UNUSED, placed_apart, stories_of, without_meanings
from bench.corpus.story_streams import Item, streams
from bench.machine_speed import measure_loop_step, measure_speed
from enrich import gazetteer
from enrich.clustering import join_model, report_embedding, vectors
from enrich.clustering.clusters import Clusters
from enrich.copies.shingles import codes
from enrich.stories import StoryAssigner
from pipeline import memory_tuning
from pipeline.messages import Annotated, Entity, Fingerprint, decode, encode
from pipeline.settings import ROOT, Enrich, load

ARTICLES = 300_000
ASKED = 500
STEPS = 20_000  # of a bare loop after each, for the pace of the machine changes from second to second
DAYS = 7
WORDS, NAMES = 200_000, 50_000  # of the invented language; the n-th is used as often as 1/n
DAYS_NAMED = [name.title() for name in gazetteer.weekdays("en")]
START = datetime(2026, 11, 1, tzinfo=UTC)


class Invented(NamedTuple):
    """A report, as what is remembered of it, and its text."""

    fingerprint: Fingerprint
    text: str


def invented(count: int, seed: int) -> Iterator[Invented]:
    """Invented reports: every other one is about what the one before is about."""
    chosen, unknown = np.random.default_rng(seed), Clusters(1.0, DAYS, nets=UNUSED)
    event: list[str] = []
    for number in range(count):
        if number % 2 == 0:
            event = [f"w{each}" for each in _zipf(chosen, WORDS, 30)]
        words = list(dict.fromkeys([*event, *(f"w{each}" for each in _zipf(chosen, WORDS, 60))]))[:80]
        names = tuple(f"first{each % 97} n{each}" for each in _zipf(chosen, NAMES, 8))
        seen = START + timedelta(days=DAYS * number / count)
        said = report_embedding.gist(dict.fromkeys(words, 1.69), DAYS_NAMED[number // 2 % 7], "en")
        report = vectors.report(dict.fromkeys(words, 1.69), names, seen.timestamp(), 0, event[:8], said)
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
            number_codes=codes(("2026", str(number % 97))),
            title_codes=codes(event[:8]),
            story=f"{seed:08x}{number // 2 * 2:024x}",
        )
        yield Invented(fingerprint, " ".join(words * 4))


def _zipf(chosen: np.random.Generator, most: int, count: int) -> list[int]:
    drawn: list[int] = np.exp(chosen.random(count) * np.log(most)).astype(int).tolist()
    return drawn


def article(made: Invented) -> Annotated:
    """An article that has this fingerprint."""
    fingerprint = made.fingerprint
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
        text=made.text,
        text_from="page",
        fetched_at=last,
        annotator=1,
        language_confidence=1.0,
        language_source="text",
        entities=entities,
    )


def measure(count: int, options: Enrich) -> None:
    """Time and memory of a window of so many articles."""
    memory_tuning.tune_for_large_memory()
    print(measure_speed())
    values = [encode(each.fingerprint) for each in invented(count, 1)]
    before, assigner, started = resident(), StoryAssigner(options), time.process_time()
    with memory_tuning.garbage_collection_paused():
        for value in values:
            assigner.remember(decode(value, Fingerprint))
    first = _placing(assigner, next(invented(1, 3)))  # what was put off is done
    seconds, megabytes = time.process_time() - started, (resident() - before) / 1e6
    times, steps = zip(
        *((_placing(assigner, each), measure_loop_step(STEPS)) for each in invented(ASKED, 2)), strict=True
    )
    at = statistics.quantiles(times, n=100)
    print(f"a window of {count} articles: rebuilt in {seconds:.0f} s of processor time, {megabytes:.0f} MB")
    print(f"  of which the first article after it takes {first / 1e3:.1f} s")
    figures = f"mean {statistics.fmean(times):.2f}, median {at[49]:.2f}, 99 % {at[98]:.2f}"
    print(f"  copies and stories, ms of processor time an article: {figures}")
    print(f"  meanwhile a step of a bare loop took {statistics.fmean(steps):.0f} ns (between them; {STEPS} steps each)")


def _placing(assigner: StoryAssigner, made: Invented) -> float:
    each, started = article(made), time.process_time()
    assigner.place(each)
    return (time.process_time() - started) * 1e3


def measure_quality(corpus: Path, options: Enrich) -> None:
    """Scores of every stream."""
    print("stories", {path.name: digest(path) for path in sorted((corpus / "stories").iterdir())})
    everything = streams(corpus, options.entity_words)
    _print_quality(everything, options.story_threshold)
    print("without the meanings of words, as in other languages than English")
    _print_quality(without_meanings(everything), options.story_threshold)


def _print_quality(everything: Mapping[str, list[list[Item]]], threshold: float) -> None:
    for name, parts in everything.items():
        ours = placed_apart(parts, threshold, join_model.learnt())
        print(f"  {name:18} {len(ours):5} articles: {scores(ours, stories_of(parts)).told()}", flush=True)


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
        measure(ARTICLES, options)


if __name__ == "__main__":
    main()

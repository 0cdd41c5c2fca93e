"""How well reports find their stories, and at what price: `python -m bench.stories [--quality]`, a quarter of an hour.

Quality: streams of the corpus whose stories are known (bench/streams: as they are, squeezed, mixed into articles that
are not labelled, about one topic, large stories), by BCubed and by pairs. The weights were learnt from these stories:
what they do on stories that they have not seen, `python -m bench.train_stories` prints.

Price: synthetic fingerprints of news length fill the window of one language, read back as after a restart; then more
are placed: milliseconds an article for copies and stories together. Processor time: other work makes it no longer.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np

from bench.articles import digest
from bench.copies import resident
from bench.scores import scores
from bench.streams import streams
from bench.train_stories import placed
from enrich.memory import Memory
from pipeline.messages import Annotated, Entity, Fingerprint, decode, encode
from pipeline.settings import ROOT, Enrich, load

ARTICLES = 300_000
ASKED = 500
DAYS = 7
WORDS, NAMES = 200_000, 50_000  # of the invented language; the n-th is used as often as 1/n
START = datetime(2026, 11, 1, tzinfo=UTC)


def fingerprints(count: int, seed: int) -> Iterator[Fingerprint]:
    """Invented reports: every other one is about what the one before is about."""
    chosen = np.random.default_rng(seed)
    event = [f"w{each}" for each in _zipf(chosen, WORDS, 30)]
    for number in range(count):
        if number % 2 == 0:
            event = [f"w{each}" for each in _zipf(chosen, WORDS, 30)]
        words = [*event, *(f"w{each}" for each in _zipf(chosen, WORDS, 60))]
        hashes = np.sort(chosen.integers(0, 1 << 61, 90, dtype=np.uint64) << np.uint64(3))
        seen = START + timedelta(days=DAYS * number / count)
        yield Fingerprint(
            id=f"{seed:08x}{number:024x}",
            revision=1,
            language="en",
            source=f"site{number % 997}.example",
            title=" ".join(event[:8]),
            published_at=seen,
            first_seen_at=seen,
            content_hash=f"{seed:08x}{number:024x}",
            sketch=hashes.tobytes(),
            terms=dict.fromkeys(words[:80], 1.69),
            entities=tuple(f"first{each % 97} n{each}" for each in _zipf(chosen, NAMES, 8)),
            numbers=("2026", str(number % 97)),
            story=f"{seed:08x}{number // 2 * 2:024x}",
        )


def _zipf(chosen: np.random.Generator, most: int, count: int) -> list[int]:
    drawn: list[int] = np.exp(chosen.random(count) * np.log(most)).astype(int).tolist()
    return drawn


def article(fingerprint: Fingerprint) -> Annotated:
    """An article that has this fingerprint."""
    entities = tuple(Entity(name=name, key=name, type="person", count=1) for name in fingerprint.entities)
    shared = (
        "id",
        "revision",
        "language",
        "source",
        "title",
        "published_at",
        "first_seen_at",
        "content_hash",
        "sketch",
    )
    return Annotated(
        **{name: getattr(fingerprint, name) for name in shared},
        url=f"https://{fingerprint.source}/{fingerprint.id}",
        source_name="Invented",
        feed_url="",
        text=" ".join([*fingerprint.terms] * 4),
        text_from="page",
        fetched_at=fingerprint.first_seen_at,
        annotator=1,
        language_confidence=1.0,
        language_source="text",
        entities=entities,
    )


def measure(count: int, options: Enrich) -> None:
    """Time and memory of a window of so many articles."""
    packed, before = [encode(each) for each in fingerprints(count, 1)], resident()
    memory, started = Memory("en", options), time.process_time()
    for value in packed:
        memory.remember(decode(value, Fingerprint))
    seconds, megabytes = time.process_time() - started, (resident() - before) / 1e6
    times = [_placing(memory, each) for each in fingerprints(ASKED, 2)]
    at = statistics.quantiles(times, n=100)
    print(f"a window of {count} articles: rebuilt in {seconds:.0f} s of processor time, {megabytes:.0f} MB")
    figures = f"mean {statistics.fmean(times):.2f}, median {at[49]:.2f}, 99 % {at[98]:.2f}"
    print(f"  copies and stories, ms of processor time an article: {figures}")


def _placing(memory: Memory, fingerprint: Fingerprint) -> float:
    last = START + timedelta(days=DAYS - 0.01)
    each = msgspec.structs.replace(article(fingerprint), first_seen_at=last, published_at=last)
    started = time.process_time()
    memory.remember(memory.decide(each)[1])
    return (time.process_time() - started) * 1e3


def measure_quality(corpus: Path, options: Enrich) -> None:
    """Scores of every stream."""
    print("stories", {path.name: digest(path) for path in sorted((corpus / "stories").iterdir())})
    for name, parts in streams(corpus, options.entity_words).items():
        true = {item.id: item.story for part in parts for item in part if item.story}
        found = [placed(part, options.story_threshold) for part in parts]
        ours = {id_: f"{at} {story}" for at, part in enumerate(found) for id_, story in part.items()}
        print(f"  {name:18} {len(ours):5} articles: {scores(ours, true).told()}", flush=True)


def main() -> None:
    """Prints all figures."""
    corpus = ROOT.parent / "shared" / "corpus"
    options = load({}).enrich
    if corpus.is_dir():
        measure_quality(corpus, options)
    else:
        print(f"skipped: {corpus} is not there")
    if "--quality" not in sys.argv:
        measure(ARTICLES, options)


if __name__ == "__main__":
    main()

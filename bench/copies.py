"""Benchmark of duplicate detection, quality and price: `python -m bench.copies [--quality]`.

Quality: makes copies of real articles in the ways that newsrooms do (KINDS) and prints the share whose original is
found. Beside it, the pairs of reports of one event that are called copies, most of them wrongly.

Price: fills the index with synthetic signatures of news length, day after day, and prints its memory (MB) and the time
of a lookup (ms).
"""

import random
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.corpus.articles import read_rows
from bench.machine_speed import measure_speed
from enrich.copies import shingles
from enrich.copies.duplicates import DuplicateIndex, Match, Signature, build_signature
from pipeline import memory_tuning
from pipeline.messages import Fingerprint
from pipeline.settings import ROOT

ORIGINALS = 2_000
FILLERS = 200  # articles that are not in the index: their words are put around copies and into them
WINDOW_DAYS = 7
A_DAY = 100_000  # articles
STEPS = (10_000, 50_000, 100_000, 300_000, 700_000)  # articles in the index when it is measured
LOOKUPS = 1_000
SEEN = datetime(2024, 8, 21, 12, tzinfo=UTC)

Words = list[str]
Row = Mapping[str, Any]


class Originals:
    """Real articles in a DuplicateIndex, of which copies are made and looked up. Each kind of copy has its own seed."""

    def __init__(self, articles: Sequence[Row], most: int) -> None:
        self.texts = {row["id"]: row for row in articles[FILLERS : FILLERS + most]}
        self._fillers = [word for row in articles[:FILLERS] for word in row["text"].split()]
        self._random = random.Random()
        self._index = DuplicateIndex(WINDOW_DAYS)
        for row in self.texts.values():
            self._index.add(_signature(row["id"], row["title"], row["text"].split(), 0.0), row["id"])

    def measure_recall(self, kind: str) -> float:
        """The share of the originals (0 to 1) that are found by a copy of this kind (a key of KINDS)."""
        self._random.seed(kind)
        make_copy = KINDS[kind]
        copies = {row["id"]: make_copy(self, row["text"].split()) for row in self.texts.values()}
        found = {id_: self._find_match(self.texts[id_]["title"], words) for id_, words in copies.items()}
        return statistics.fmean(match is not None and self._is_original(match, id_) for id_, match in found.items())

    def _find_match(self, title: str, words: Words) -> Match | None:
        return self._index.find(_signature("copy", title, words, 1.0))

    def _is_original(self, match: Match, id_: str) -> bool:
        """Whether the match names the original, or an article with the very same text."""
        of = match.copy.duplicate_of if match.copy else ""
        return of == id_ or (of != "" and self.texts[of]["text"] == self.texts[id_]["text"])

    def filler(self, count: int) -> Words:
        """`count` words in a row of an article that is not in the index."""
        at = self._random.randrange(len(self._fillers) - count)
        return self._fillers[at : at + count]

    def replace_words(self, words: Words, share: float) -> Words:
        """The words, of which about a `share` is replaced by others, anywhere."""
        return [self._random.choice(self._fillers) if self._random.random() < share else word for word in words]


KINDS: Mapping[str, Callable[[Originals, Words], Words]] = {
    "whole": lambda _, words: words,
    "edited lede": lambda o, words: o.filler(40) + words[40:],
    "one word in twenty changed": lambda o, words: o.replace_words(words, 0.05),
    "one word in ten changed": lambda o, words: o.replace_words(words, 0.1),
    "cut to half": lambda _, words: words[: len(words) // 2],
    "cut to its first 60 words": lambda _, words: words[:60],
    "with boilerplate around": lambda o, words: o.filler(60) + words + o.filler(80),
    "cut to 30 % with boilerplate": lambda o, words: words[: len(words) * 3 // 10] + o.filler(50),
    "set in a round-up": lambda o, words: o.filler(150) + words[:600] + o.filler(250),
}


class CopiesWithinStories(NamedTuple):
    """The number of pairs of reports of one event, and those that are called copies: both ids, the kind of copy,
    resemblance and containment.
    """

    pairs: int
    copies: tuple[tuple[str, str, str, float, float], ...]


def build_fingerprint(id_: str, title: str, words: Words, source: str = "") -> Fingerprint:
    """The fingerprint of a text, with only the fields by which copies are found."""
    text = " ".join(words)
    return Fingerprint(
        id=id_,
        revision=1,
        language="en",
        source=source,
        title=title,
        first_seen_at=SEEN,
        content_hash=shingles.compute_content_hash(title, text),
        sketch=shingles.build_sketch(title, text),
        numbers=shingles.extract_numbers(title, text),
        story="",
    )


def _signature(id_: str, title: str, words: Words, published: float) -> Signature:
    return build_signature(build_fingerprint(id_, title, words), published, 1)


def find_copies_within_stories(articles: Sequence[Row]) -> CopiesWithinStories:
    """Compares every two reports of each story, and returns those that are called copies."""
    stories: defaultdict[str, list[Row]] = defaultdict(list)
    for row in articles:
        stories[row["story"]].append(row)
    pairs = [pair for each in stories.values() for pair in combinations(each, 2)]
    return CopiesWithinStories(len(pairs), tuple(_find_copies(pairs)))


def _find_copies(pairs: Sequence[tuple[Row, Row]]) -> Iterator[tuple[str, str, str, float, float]]:
    for one, other in pairs:
        index = DuplicateIndex(WINDOW_DAYS)
        index.add(_signature(one["id"], one["title"], one["text"].split(), 0.0), one["id"])
        match = index.find(_signature(other["id"], other["title"], other["text"].split(), 1.0))
        if match and match.copy:
            yield one["id"], other["id"], *match.copy[1:]


# --- the price ---


def synthesize_signatures(count: int, seed: int) -> Iterator[Signature]:
    """Random signatures of news length (a median of 700 words: 90 hashes); one in twenty copies the one before."""
    chosen = np.random.default_rng(seed)
    sizes = np.clip(chosen.lognormal(4.5, 0.5, count), 12, 138).astype(int)
    hashes = b""
    for number, size in enumerate(sizes.tolist()):
        if number % 20 != 19:
            hashes = np.sort(chosen.integers(0, 1 << 61, size, dtype=np.uint64) << np.uint64(3)).tobytes()
        figures, title = (np.sort(chosen.integers(0, 1 << 16, n, dtype="<u2")).tobytes() for n in (10, 9))
        id_ = f"{seed:08x}{number:024x}"
        yield Signature(id_, id_, hashes, float(number), 0, figures, f"site{number % 997}.example", title)


def measure_index(steps: Sequence[int] = STEPS) -> Iterator[tuple[int, float, float, list[float]]]:
    """At each step: articles in the index, MB of memory that it takes, ms to add one, ms of each lookup."""
    before, index, added = resident_bytes(), DuplicateIndex(WINDOW_DAYS), 0
    for step in steps:
        started = time.perf_counter()
        for number, each in enumerate(synthesize_signatures(step - added, step)):
            day = (added + number) // A_DAY
            index.advance(day)
            index.add(each._replace(day=day), each.id)
        adding = (time.perf_counter() - started) / (step - added) * 1e3
        added = step
        yield added, (resident_bytes() - before) / 1e6, adding, _time_lookups(index, (added - 1) // A_DAY)


def _time_lookups(index: DuplicateIndex, day: int) -> list[float]:
    times = []
    for each in synthesize_signatures(LOOKUPS, day + 1_000):
        started = time.perf_counter()
        index.find(each._replace(day=day))
        times.append((time.perf_counter() - started) * 1e3)
    return times


def resident_bytes() -> int:
    """The memory that this process has now, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def print_quality(corpus: Path, most: int) -> None:
    """Prints the recall of each kind of copy, and the reports of one event that are called copies."""
    originals = Originals(read_rows(corpus / "background" / "articles.jsonl.gz"), most)
    print(f"copies of {len(originals.texts)} articles of background")
    for kind in KINDS:
        print(f"  {kind:30} {originals.measure_recall(kind):8.2%}")
    found = find_copies_within_stories(read_rows(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"of {found.pairs} pairs of reports of one event {len(found.copies)} are called copies")
    for one, other, *figures in found.copies:
        print(f"  {one} {other}: {figures}")


def print_price() -> None:
    """Prints memory and time of lookups, from few articles to a week of 100,000 a day."""
    memory_tuning.tune_for_large_memory()
    print(measure_speed())
    print("a window of 7 days, synthetic signatures of 90 hashes, 100,000 a day")
    for articles, megabytes, adding, times in measure_index():
        at = statistics.quantiles(times, n=100)
        lookup = f"lookup {at[49]:.2f} ms, 95 % {at[94]:.2f}, 99 % {at[98]:.2f}"
        print(f"  {articles:7} articles: {megabytes:6.0f} MB, {adding:.3f} ms to add one, {lookup}")


def main() -> None:
    """Prints all figures."""
    corpus = ROOT.parent / "shared" / "corpus"
    if corpus.is_dir():
        print_quality(corpus, ORIGINALS)
    else:
        print(f"skipped: {corpus} is not there")
    if "--quality" not in sys.argv:
        print_price()


if __name__ == "__main__":
    main()

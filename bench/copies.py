"""How well copies are found, and at what price: `python -m bench.copies [--quality]`.

Quality: copies of real articles, made in the ways that copies are made: the share whose original is found. Beside it
the reports of one event that are no copies of each other, and how many are taken for some.

Price: a window filled with synthetic signatures of news length, a day after the other: memory, and a lookup's time.
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

from bench.corpus.articles import rows
from bench.machine_speed import measure_speed
from enrich.copies import shingles
from enrich.copies.duplicates import Match, Signature, Window, signature
from pipeline import memory_tuning
from pipeline.messages import Fingerprint
from pipeline.settings import ROOT

ORIGINALS = 2_000
FILLERS = 200  # articles that are in no window: what stands around a copy, and the words put in
WINDOW_DAYS = 7
A_DAY = 100_000
STEPS = (10_000, 50_000, 100_000, 300_000, 700_000)
LOOKUPS = 1_000
SEEN = datetime(2024, 8, 21, 12, tzinfo=UTC)

Words = list[str]
Row = Mapping[str, Any]


class Originals:
    """Articles in a window, and what copies of them are made with. Each `kind` is made by a seed of its own."""

    def __init__(self, found: Sequence[Row], most: int) -> None:
        self.texts = {row["id"]: row for row in found[FILLERS : FILLERS + most]}
        self._fillers = [word for row in found[:FILLERS] for word in row["text"].split()]
        self._random = random.Random()
        self._window = Window(WINDOW_DAYS)
        for row in self.texts.values():
            self._window.add(signature(made(row["id"], row["title"], row["text"].split()), 0.0, 1), row["id"])

    def recall(self, kind: str) -> float:
        """The share of the originals whose copy of this kind is found to be one of them."""
        self._random.seed(kind)
        made_so = KINDS[kind]
        copies = {row["id"]: made_so(self, row["text"].split()) for row in self.texts.values()}
        found = {id_: self._match(self.texts[id_]["title"], words) for id_, words in copies.items()}
        return statistics.fmean(match is not None and self._names(match, id_) for id_, match in found.items())

    def _match(self, title: str, words: Words) -> Match | None:
        return self._window.find(signature(made("copy", title, words), 1.0, 1))

    def _names(self, match: Match, id_: str) -> bool:
        """Whether it is the original, or has the very text that the original has."""
        of = match.copy.duplicate_of if match.copy else ""
        return of == id_ or (of != "" and self.texts[of]["text"] == self.texts[id_]["text"])

    def some(self, count: int) -> Words:
        """Words in a row of another text."""
        at = self._random.randrange(len(self._fillers) - count)
        return self._fillers[at : at + count]

    def replaced(self, words: Words, share: float) -> Words:
        """The words, some of them replaced, anywhere."""
        return [self._random.choice(self._fillers) if self._random.random() < share else word for word in words]


KINDS: Mapping[str, Callable[[Originals, Words], Words]] = {
    "whole": lambda _, words: words,
    "edited lede": lambda o, words: o.some(40) + words[40:],
    "one word in twenty changed": lambda o, words: o.replaced(words, 0.05),
    "one word in ten changed": lambda o, words: o.replaced(words, 0.1),
    "cut to half": lambda _, words: words[: len(words) // 2],
    "cut to its first 60 words": lambda _, words: words[:60],
    "with boilerplate around": lambda o, words: o.some(60) + words + o.some(80),
    "cut to 30 % with boilerplate": lambda o, words: words[: len(words) * 3 // 10] + o.some(50),
    "set in a round-up": lambda o, words: o.some(150) + words[:600] + o.some(250),
}


class Called(NamedTuple):
    """Pairs of reports of one event, and those that are called copies with how alike they are."""

    pairs: int
    called: tuple[tuple[str, str, str, float, float], ...]


def made(id_: str, title: str, words: Words, source: str = "") -> Fingerprint:
    """The fingerprint of a text, as far as copies are found by it."""
    text = " ".join(words)
    return Fingerprint(
        id=id_,
        revision=1,
        language="en",
        source=source,
        title=title,
        first_seen_at=SEEN,
        content_hash=shingles.content_hash(title, text),
        sketch=shingles.sketch(title, text),
        numbers=shingles.numbers(title, text),
        story="",
    )


def pairs_of_one_story(found: Sequence[Row]) -> Called:
    """Every two reports of one story: how many are called copies."""
    stories: defaultdict[str, list[Row]] = defaultdict(list)
    for row in found:
        stories[row["story"]].append(row)
    pairs = [pair for each in stories.values() for pair in combinations(each, 2)]
    return Called(len(pairs), tuple(_called(pairs)))


def _called(pairs: Sequence[tuple[Row, Row]]) -> Iterator[tuple[str, str, str, float, float]]:
    for one, other in pairs:
        window = Window(WINDOW_DAYS)
        window.add(signature(made(one["id"], one["title"], one["text"].split()), 0.0, 1), one["id"])
        match = window.find(signature(made(other["id"], other["title"], other["text"].split()), 1.0, 1))
        if match and match.copy:
            yield one["id"], other["id"], *match.copy[1:]


# --- the price ---


def synthetic(count: int, seed: int) -> Iterator[Signature]:
    """Signatures of news length (a median of 700 words: 90 hashes), one in twenty a copy of the one before."""
    chosen = np.random.default_rng(seed)
    sizes = np.clip(chosen.lognormal(4.5, 0.5, count), 12, 138).astype(int)
    hashes = b""
    for number, size in enumerate(sizes.tolist()):
        if number % 20 != 19:
            hashes = np.sort(chosen.integers(0, 1 << 61, size, dtype=np.uint64) << np.uint64(3)).tobytes()
        figures, title = (np.sort(chosen.integers(0, 1 << 16, n, dtype="<u2")).tobytes() for n in (10, 9))
        id_ = f"{seed:08x}{number:024x}"
        yield Signature(id_, id_, hashes, float(number), 0, figures, f"site{number % 997}.example", title)


def fill(steps: Sequence[int] = STEPS) -> Iterator[tuple[int, float, float, list[float]]]:
    """At each step: articles in the window, MB of memory that it takes, ms to add one, ms of each lookup."""
    before, window, added = resident(), Window(WINDOW_DAYS), 0
    for step in steps:
        started = time.perf_counter()
        for number, each in enumerate(synthetic(step - added, step)):
            day = (added + number) // A_DAY
            window.advance(day)
            window.add(each._replace(day=day), each.id)
        adding = (time.perf_counter() - started) / (step - added) * 1e3
        added = step
        yield added, (resident() - before) / 1e6, adding, _lookups(window, (added - 1) // A_DAY)


def _lookups(window: Window, day: int) -> list[float]:
    times = []
    for each in synthetic(LOOKUPS, day + 1_000):
        started = time.perf_counter()
        window.find(each._replace(day=day))
        times.append((time.perf_counter() - started) * 1e3)
    return times


def resident() -> int:
    """Bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def print_quality(corpus: Path, most: int) -> None:
    """Recall of each kind, and false copies."""
    originals = Originals(rows(corpus / "background" / "articles.jsonl.gz"), most)
    print(f"copies of {len(originals.texts)} articles of background")
    for kind in KINDS:
        print(f"  {kind:30} {originals.recall(kind):8.2%}")
    found = pairs_of_one_story(rows(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"of {found.pairs} pairs of reports of one event {len(found.called)} are called copies")
    for one, other, *figures in found.called:
        print(f"  {one} {other}: {figures}")


def print_price() -> None:
    """Memory and lookups, from few articles to a week of 100,000 a day."""
    memory_tuning.tune_for_large_memory()
    print(measure_speed())
    print("a window of 7 days, synthetic signatures of 90 hashes, 100,000 a day")
    for articles, megabytes, adding, times in fill():
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

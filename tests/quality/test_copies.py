"""Copies of real articles, made in the ways that copies are made: how many are found, pinned as floors.

And how many reports of one event, which are no copies, are taken for some.
"""

import random
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from enrich import fingerprint
from enrich.clusters import weigh
from enrich.duplicates import Match, Window, signature
from pipeline.messages import Fingerprint
from tests.enrich.samples import AUGUST, read

pytestmark = pytest.mark.quality

ORIGINALS = 250
# what stands around a copy comes from articles that are not in the window
FILLERS = 100


def made(id_: str, title: str, words: list[str]) -> Fingerprint:
    text = " ".join(words)
    return Fingerprint(
        id=id_,
        revision=1,
        language="en",
        source="a.example",
        title=title,
        first_seen_at=AUGUST,
        content_hash=fingerprint.content_hash(title, text),
        sketch=fingerprint.sketch(title, text),
        terms=weigh(title, text, "en"),
        story="",
    )


class Copies:
    """Originals in a window, and copies of them."""

    def __init__(self, corpus: Path) -> None:
        rows = read(corpus / "stories" / "allsides.jsonl.gz", ORIGINALS + FILLERS)
        self.originals = {row["id"]: row["text"].split() for row in rows[FILLERS:]}
        self.fillers = [word for row in rows[:FILLERS] for word in row["text"].split()]
        self.random = random.Random(7)
        self.window = Window(7)
        for id_, words in self.originals.items():
            self.window.add(signature(made(id_, "Title", words), 0.0, 1), id_)

    def some(self, count: int) -> list[str]:
        at = self.random.randrange(len(self.fillers) - count)
        return self.fillers[at : at + count]

    def found(self, change: Callable[[list[str]], list[str]]) -> float:
        """The share of the changed originals whose original is found."""
        matches = {id_: self._match(change(words)) for id_, words in self.originals.items()}
        right = [id_ for id_, match in matches.items() if match and match.copy.duplicate_of == id_]
        return len(right) / len(matches)

    def _match(self, words: list[str]) -> Match | None:
        return self.window.find(signature(made("copy", "Another title", words), 1.0, 1))

    def replaced(self, words: list[str], share: float) -> list[str]:
        return [self.random.choice(self.fillers) if self.random.random() < share else word for word in words]


@pytest.fixture(scope="module")
def copies(corpus: Path) -> Copies:
    return Copies(corpus)


KINDS: dict[str, tuple[float, Callable[[Copies, list[str]], list[str]]]] = {
    "whole": (1.0, lambda _, words: words),
    "edited lede": (0.99, lambda copies, words: copies.some(40) + words[40:]),
    "one word in twenty replaced": (0.99, lambda copies, words: copies.replaced(words, 0.05)),
    "one word in ten replaced": (0.95, lambda copies, words: copies.replaced(words, 0.1)),
    "cut to half": (0.99, lambda _, words: words[: len(words) // 2]),
    "cut to its first 60 words": (0.96, lambda _, words: words[:60]),
    "with boilerplate around": (0.99, lambda copies, words: copies.some(60) + words + copies.some(80)),
    "cut to 30 % with boilerplate": (0.92, lambda c, words: c.some(40) + words[: len(words) * 3 // 10] + c.some(40)),
    "set in a round-up": (0.95, lambda copies, words: copies.some(150) + words[:600] + copies.some(250)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_found(copies: Copies, kind: str) -> None:
    floor, change = KINDS[kind]
    copies.random.seed(kind)  # the same copies, whatever the order of the tests
    share = copies.found(lambda words: change(copies, words))
    print(f"{kind}: {share:.3f}")
    assert share >= floor


def test_reports_of_one_event_are_no_copies(corpus: Path) -> None:
    """Of 768 pairs 4 are found: two are copies (one exact), two quote one text (a letter, an interview) at length."""
    rows = read(corpus / "stories" / "allsides.jsonl.gz")
    marks = {row["id"]: signature(made(row["id"], row["title"], row["text"].split()), 0.0, 1) for row in rows}
    stories: dict[str, list[str]] = {}
    for row in rows:
        stories.setdefault(row["story"], []).append(row["id"])

    def pairs() -> Iterator[bool]:
        for ids in stories.values():
            for one, other in combinations(ids, 2):
                window = Window(7)
                window.add(marks[one], one)
                yield window.find(marks[other]) is not None

    found = list(pairs())
    print(f"copies found among {len(found)} pairs of one story: {sum(found)}")
    assert sum(found) <= 5

"""Learns which blocks of a page belong to its article: `python -m training.train_block_classifier READABILITY
[--write]`.

READABILITY is a clone of mozilla/readability (ab4027a of 2025): the pages of its tests are learnt from too. Prints the
figures on the pages that it learnt from and on pages of sites that it has not seen (5 folds by site); with --write,
learns from all pages and writes ingest/boilerplate/block_classifier.json. A block is right when most of its 4-grams are
in the true text; what it weighs is its share of the page, because the score is a mean over pages. Of pages/trafilatura,
pages of all kinds, only snippets are known: there trafilatura is followed, with little weight, so that what is no news
page loses nothing that is needed. Readability's truth is of another mind about headings and captions, and weighs little
too.
"""

import argparse
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from bench.page_extraction import WORDS, Sample, harmonic, precision_recall, samples, shingles
from ingest.boilerplate.block_classifier import RULED_OUT, WEIGHTS, above, chance, second_chance
from ingest.boilerplate.block_features import Known, Marked, marked
from ingest.boilerplate.blocks import Block
from ingest.boilerplate.feature_columns import Column, Columns
from ingest.boilerplate.neighbour_features import looked_again
from ingest.markup import plain_text
from ingest.page.extract import looked_at, stated_address
from pipeline.failures import Poison
from pipeline.settings import ROOT

FOLDS = 5
INNER_FOLDS = 4
PENALTY = 3.0  # L2; 1 to 10 make no difference on pages that were not seen
THRESHOLD = 0.5  # 0.45 to 0.6 make no difference on pages that were not seen
FLOOR = 0.02  # what a block weighs beside its share of the page
SCALE = 20.0
SETS, SNIPPETS, OTHER = ("aeb", "fundus"), "trafilatura", "readability"
# what a page weighs; 0.1 to 0.4 for the others: aeb gains what fundus loses
SHARES = {"aeb": 1.0, "fundus": 1.0, SNIPPETS: 0.15, OTHER: 0.15}
FEWEST_WORDS = 40  # of a truth that is a text


Matrix = np.ndarray[Any, np.dtype[np.float32]]
Weights = dict[str, float]
FIRST = "chance"  # the mark of the second look that is the first one's answer


@dataclass(frozen=True)
class Lesson:
    """A page, its marks, and which of its blocks are right."""

    name: str
    sample: Sample
    site: str
    texts: list[str]
    page: Marked
    right: Column

    @property
    def weights(self) -> Column:
        """What each block weighs."""
        right = float((self.page.sizes * self.right).sum())
        return (self.page.sizes / max(1.0, right) * SCALE + FLOOR) * SHARES[self.name]


def lessons(corpus: Path, readability: Path | None = None) -> list[Lesson]:
    """All pages that have blocks."""
    found = [(name, sample) for name in (*SETS, SNIPPETS) for sample in samples(corpus / "pages" / name)]
    found += [(OTHER, sample) for sample in (others(readability) if readability else ())]
    looked = ((name, sample, _looked_at(sample)) for name, sample in found)
    return [_lesson(name, sample, *seen) for name, sample, seen in looked if seen and seen[0]]


def _looked_at(sample: Sample) -> tuple[list[Block], Known] | None:
    try:
        return looked_at(sample.body, sample.url, {})
    except Poison:
        return None


def _lesson(name: str, sample: Sample, blocks: list[Block], known: Known) -> Lesson:
    texts, page = [block.text for block in blocks], marked(blocks, known)
    right = followed(texts, page, sample.text) if name == SNIPPETS else labels(texts, sample.text)
    return Lesson(name, sample, site(sample.url), texts, page, right)


def others(readability: Path) -> Iterator[Sample]:
    """The pages of readability's own tests, with what it is expected to make of them."""
    folders = sorted((readability / "test" / "test-pages").iterdir())
    if not folders:
        raise SystemExit(f"{readability} is no clone of mozilla/readability: there is nothing in test/test-pages")
    for folder in folders:
        body = (folder / "source.html").read_bytes()
        text = plain_text((folder / "expected.html").read_text(encoding="utf-8"))
        url = stated_address(body) or f"https://{folder.name.rstrip('-0123456789')}.example/"
        if len(WORDS.findall(text)) >= FEWEST_WORDS:
            yield Sample(url=url, body=body, title=None, date=None, text=text)


def site(url: str) -> str:
    """What tells one publisher from another: the host without what is before and behind its name."""
    parts = (urlsplit(url).hostname or url).removeprefix("www.").split(".")
    return max(parts[:-1], key=len)


def labels(texts: Iterable[str], truth: str) -> Column:
    """1 for every text that belongs."""
    wanted = shingles(truth)
    lines = {" ".join(WORDS.findall(line)) for line in truth.split("\n")}

    def right(text: str) -> bool:
        words = WORDS.findall(text)
        if len(words) < 4:
            return bool(words) and " ".join(words) in lines
        own = shingles(text)
        return sum((own & wanted).values()) > sum(own.values()) / 2

    return np.array([float(right(text)) for text in texts])


def followed(texts: list[str], page: Marked, snippets: str) -> Column:
    """1 for every text that trafilatura has, or that has a snippet."""
    wanted = [" ".join(snippet.split()) for snippet in snippets.split("\n") if len(snippet) > 3]
    named = np.array([any(snippet in text for snippet in wanted) for text in texts])
    return np.asarray(named | (page.columns["text"] > 0.5), dtype=np.float64)


def matrix(columns: Columns) -> Matrix:
    """Columns side by side."""
    return np.stack([np.asarray(each, dtype=np.float32) for each in columns.values()], axis=1)


def fitted(marks: Matrix, right: Column, weights: Column, start: Column) -> Column:
    """Weighted logistic regression with L2, by Newton's method; the first column is the bias and is free."""
    found = start.copy()
    penalty = np.full(marks.shape[1], PENALTY)
    penalty[0] = 1e-3
    for _ in range(12):
        odds = np.clip(marks @ found.astype(np.float32), -20, 20)
        chance_ = 1 / (1 + np.exp(-odds))
        slope = marks.T @ (weights * (chance_ - right)).astype(np.float32) + penalty * found
        curve = marks.T @ (marks * (weights * chance_ * (1 - chance_)).astype(np.float32)[:, None])
        step = np.linalg.solve(curve.astype(np.float64) + np.diag(penalty), slope)
        found -= step
        if np.abs(step).max() < 0.01:
            break
    return found


def _fit(some: list[Lesson], columns: list[Columns], start: Weights | None = None) -> Weights:
    """The weights of a look. What the first look, whose chances are a mark of the second, rules out, is left out."""
    right, weights = (np.concatenate(each) for each in ([one.right for one in some], [one.weights for one in some]))
    marks = np.concatenate([matrix(each) for each in columns])
    if FIRST in columns[0]:
        open_ = marks[:, list(columns[0]).index(FIRST)] > RULED_OUT
        marks, right, weights = marks[open_], right[open_], weights[open_]
    found = fitted(marks, right, weights, np.array(list(start.values())) if start else np.zeros(marks.shape[1]))
    return {name: round(float(weight), 4) for name, weight in zip(columns[0], found, strict=True)}


def fold(name: str, count: int, seed: str) -> int:
    """Of a site."""
    return int(hashlib.sha256(f"{seed}{name}".encode()).hexdigest(), 16) % count


def learnt(some: list[Lesson]) -> dict[str, Weights]:
    """Both looks. The second learns from chances that the first gave to sites that it had not seen."""
    chances: dict[int, Column] = {}
    first = _fit(some, [each.page.columns for each in some])
    for number in range(INNER_FOLDS):
        others = [each for each in some if fold(each.site, INNER_FOLDS, "inner") != number]
        weights = _fit(others, [each.page.columns for each in others], first)
        unseen = (each for each in some if fold(each.site, INNER_FOLDS, "inner") == number)
        chances |= {id(each): chance(each.page.columns, weights) for each in unseen}
    second = [{**each.page.columns, **looked_again(each.page, chances[id(each)])} for each in some]
    return {"first": first, "second": _fit(some, second)}


def judged(lesson: Lesson, weights: dict[str, Weights]) -> Column:
    """The chances of a page's blocks under these weights."""
    return second_chance(lesson.page, chance(lesson.page.columns, weights["first"]), weights["second"])


def score(some: list[tuple[Lesson, Column]]) -> str:
    """Precision, recall and F1 of each set."""
    found = []
    for name in SETS:
        pairs = [
            precision_recall("\n".join(text for text, _ in above(one.texts, chances, THRESHOLD)), one.sample.text)
            for one, chances in some
            if one.name == name
        ]
        precision, recall = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
        found.append(f"{name} P {precision:.4f} R {recall:.4f} F1 {harmonic(precision, recall):.4f}")
    return "  ".join(found)


def main() -> None:
    """Prints the figures; writes the weights when asked."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="Learns which blocks of a page belong to its article.")
    parser.add_argument("readability", type=Path, help="a clone of mozilla/readability")
    parser.add_argument("--write", action="store_true", help="write ingest/boilerplate/block_classifier.json")
    asked = parser.parse_args()
    known = lessons(ROOT.parent / "shared" / "corpus", asked.readability)
    held: list[tuple[Lesson, Column]] = []
    for number in range(FOLDS):
        weights = learnt([each for each in known if fold(each.site, FOLDS, "outer") != number])
        held += [(each, judged(each, weights)) for each in known if fold(each.site, FOLDS, "outer") == number]
    print(
        f"{len(known)} pages, {len(known[0].page.columns)} marks; without what repeats and what stands in for no blocks"
    )
    print("held out:", score(held))
    weights = learnt(known)
    print("learnt from:", score([(each, judged(each, weights)) for each in known]))
    if asked.write:
        WEIGHTS.write_text(json.dumps({"threshold": THRESHOLD, **weights}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

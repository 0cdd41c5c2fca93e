"""Learns which blocks of a page belong to its article: `python -m bench.train_blocks [--write]`.

Prints the figures on the pages that it learnt from and on pages of sites that it has not seen (5 folds by site);
with --write, learns from all pages and writes ingest/choice.json. A block is right when most of its 4-grams are in the
true text; what it weighs is its share of the page, because the score is a mean over pages. Of pages/trafilatura, pages
of all kinds, only snippets are known: there trafilatura is followed, with little weight, so that what is no news page
loses nothing that is needed.
"""

import hashlib
import json
import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from bench.extract import WORDS, Sample, harmonic, precision_recall, samples, shingles
from ingest.choice import WEIGHTS, above, chance
from ingest.extract import looked_at
from ingest.neighbours import looked_again
from ingest.signs import Column, Columns, Marked, marked
from pipeline.settings import ROOT

FOLDS = 5
INNER_FOLDS = 4
PENALTY = 3.0  # L2; 1 to 10 make no difference on pages that were not seen
THRESHOLD = 0.5  # 0.45 to 0.6 make no difference on pages that were not seen
FLOOR = 0.02  # what a block weighs beside its share of the page
SCALE = 20.0
FOLLOWED = 0.15  # of pages whose truth is trafilatura; 0.1 to 0.3: aeb gains what fundus loses
SETS, SNIPPETS = ("aeb", "fundus"), "trafilatura"


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
        weights = self.page.sizes / max(1.0, right) * SCALE + FLOOR
        return weights * FOLLOWED if self.name == SNIPPETS else weights


def lessons(corpus: Path) -> list[Lesson]:
    """All pages that have blocks."""
    found: list[Lesson] = []
    for name in (*SETS, SNIPPETS):
        for sample in samples(corpus / "pages" / name):
            blocks, known = looked_at(sample.body, sample.url, {})
            if blocks:
                texts, page = [block.text for block in blocks], marked(blocks, known)
                right = followed(texts, page, sample.text) if name == SNIPPETS else labels(texts, sample.text)
                found.append(Lesson(name, sample, site(sample.url), texts, page, right))
    return found


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


def matrix(columns: Columns) -> Column:
    """Columns side by side."""
    return np.stack([np.asarray(each, dtype=np.float64) for each in columns.values()], axis=1)


def fitted(marks: Column, right: Column, weights: Column) -> Column:
    """Weighted logistic regression with L2, by Newton's method; the first column is the bias and is free."""
    found = np.zeros(marks.shape[1])
    penalty = np.full(marks.shape[1], PENALTY)
    penalty[0] = 1e-3
    for _ in range(12):
        odds = np.clip(marks @ found, -20, 20)
        chance_ = 1 / (1 + np.exp(-odds))
        slope = marks.T @ (weights * (chance_ - right)) + penalty * found
        curve = (marks * (weights * chance_ * (1 - chance_))[:, None]).T @ marks + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 0.01:
            break
    return found


def _fit(some: list[Lesson], columns: list[Columns]) -> dict[str, float]:
    right, weights = (np.concatenate(each) for each in ([one.right for one in some], [one.weights for one in some]))
    found = fitted(np.concatenate([matrix(each) for each in columns]), right, weights)
    return {name: round(float(weight), 4) for name, weight in zip(columns[0], found, strict=True)}


def fold(name: str, count: int, seed: str) -> int:
    """Of a site."""
    return int(hashlib.sha256(f"{seed}{name}".encode()).hexdigest(), 16) % count


def learnt(some: list[Lesson]) -> dict[str, dict[str, float]]:
    """Both looks. The second learns from chances that the first gave to sites that it had not seen."""
    chances: dict[int, Column] = {}
    for number in range(INNER_FOLDS):
        others = [each for each in some if fold(each.site, INNER_FOLDS, "inner") != number]
        weights = _fit(others, [each.page.columns for each in others])
        chances |= {id(each): chance(each.page.columns, weights) for each in some if each not in others}
    second = [{**each.page.columns, **looked_again(each.page, chances[id(each)])} for each in some]
    return {"first": _fit(some, [each.page.columns for each in some]), "second": _fit(some, second)}


def judged(lesson: Lesson, weights: dict[str, dict[str, float]]) -> Column:
    """The chances of a page's blocks under these weights."""
    first = chance(lesson.page.columns, weights["first"])
    return chance({**lesson.page.columns, **looked_again(lesson.page, first)}, weights["second"])


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
    known = lessons(ROOT.parent / "shared" / "corpus")
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
    if "--write" in sys.argv:
        WEIGHTS.write_text(json.dumps({"threshold": THRESHOLD, **weights}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

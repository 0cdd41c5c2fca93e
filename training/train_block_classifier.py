"""Training of the block classifier: `python -m training.train_block_classifier READABILITY [--write]`.

In: labelled pages: pages/aeb, pages/fundus and pages/trafilatura of the corpus, and the test pages of READABILITY, a
clone of mozilla/readability (ab4027a of 2025). Out: printed precision, recall and F1 on the pages that were learnt
from, and on pages of sites that were not (5 folds by site); with --write, ingest/boilerplate/block_classifier.json,
learnt from all pages.

A block belongs to the article when most of its word 4-grams are in the true text. It weighs as much as its share of the
page's text, because the score is a mean over pages. Of pages/trafilatura, pages of all kinds, only snippets of the true
text are known: there the label is whether trafilatura has the block, with little weight, so that pages other than news
lose nothing that is needed. Readability's truth treats headings and captions differently, and weighs little too.
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

from bench.corpus.text_scores import WORDS, ReadText, f1_score, format_worst, precision_recall, shingles
from bench.page_extraction import Sample, load_samples
from ingest.boilerplate.block_classifier import (
    RULED_OUT_BELOW,
    WEIGHTS,
    predict_logistic,
    predict_second_pass,
    select_texts,
)
from ingest.boilerplate.block_features import ArticleHints, BlockFeatures, compute_block_features
from ingest.boilerplate.blocks import Block
from ingest.boilerplate.feature_columns import Column, FeatureColumns
from ingest.boilerplate.neighbour_features import compute_neighbour_features
from ingest.markup import plain_text
from ingest.page.extract import find_stated_url, read_blocks_and_hints
from pipeline.failures import Poison
from pipeline.settings import ROOT

FOLDS = 5
INNER_FOLDS = 4
PENALTY = 3.0  # L2; 1 to 10 make no difference on pages that were not seen
THRESHOLD = 0.5  # 0.45 to 0.6 make no difference on pages that were not seen
LEAST_WEIGHT = 0.02  # of a block, to which its share of the page's words is added
SCALE = 20.0  # of that share
SETS, SNIPPETS, READABILITY = ("aeb", "fundus"), "trafilatura", "readability"
# what a page weighs; 0.1 to 0.4 for the others: aeb gains what fundus loses
SET_WEIGHTS = {"aeb": 1.0, "fundus": 1.0, SNIPPETS: 0.15, READABILITY: 0.15}
FEWEST_WORDS = 40  # in the true text of a page that is learnt from


Matrix = np.ndarray[Any, np.dtype[np.float32]]
Weights = dict[str, float]
PROBABILITY_FEATURE = "chance"  # the feature of the second pass that is the probability of the first


@dataclass(frozen=True)
class TrainingPage:
    """A page, the features of its blocks, and which of the blocks belong to the article."""

    set_name: str
    sample: Sample
    site: str
    texts: list[str]  # of the blocks
    features: BlockFeatures
    labels: Column  # 1 for a block that belongs to the article, else 0
    trafilatura_text: str

    @property
    def weights(self) -> Column:
        """What each block weighs in training."""
        article_words = float((self.features.sizes * self.labels).sum())
        return (self.features.sizes / max(1.0, article_words) * SCALE + LEAST_WEIGHT) * SET_WEIGHTS[self.set_name]


def load_training_pages(corpus: Path, readability: Path | None = None) -> list[TrainingPage]:
    """All labelled pages that have blocks."""
    found = [(name, sample) for name in (*SETS, SNIPPETS) for sample in load_samples(corpus / "pages" / name)]
    found += [(READABILITY, sample) for sample in (load_readability_samples(readability) if readability else ())]
    inputs = ((name, sample, _read_sample(sample)) for name, sample in found)
    return [_training_page(name, sample, *read) for name, sample, read in inputs if read and read[0]]


def _read_sample(sample: Sample) -> tuple[list[Block], ArticleHints] | None:
    try:
        return read_blocks_and_hints(sample.body, sample.url, {})
    except Poison:
        return None


def _training_page(set_name: str, sample: Sample, blocks: list[Block], hints: ArticleHints) -> TrainingPage:
    texts, features = [block.text for block in blocks], compute_block_features(blocks, hints)
    if set_name == SNIPPETS:
        labels = label_by_snippets(texts, features, sample.text)
    else:
        labels = label_blocks(texts, sample.text)
    return TrainingPage(set_name, sample, site_name(sample.url), texts, features, labels, hints.trafilatura_text)


def load_readability_samples(readability: Path) -> Iterator[Sample]:
    """The pages of readability's own tests, with the text that it is expected to extract from them."""
    folders = sorted((readability / "test" / "test-pages").iterdir())
    if not folders:
        raise SystemExit(f"{readability} is no clone of mozilla/readability: there is nothing in test/test-pages")
    for folder in folders:
        body = (folder / "source.html").read_bytes()
        text = plain_text((folder / "expected.html").read_text(encoding="utf-8"))
        url = find_stated_url(body) or f"https://{folder.name.rstrip('-0123456789')}.example/"
        if len(WORDS.findall(text)) >= FEWEST_WORDS:
            yield Sample(url=url, body=body, title=None, date=None, text=text)


def site_name(url: str) -> str:
    """The name by which publishers are told apart: the longest label of the host, without its top-level domain."""
    parts = (urlsplit(url).hostname or url).removeprefix("www.").split(".")
    return max(parts[:-1], key=len)


def label_blocks(texts: Iterable[str], truth: str) -> Column:
    """1 for every text that belongs to the article with this true text, else 0."""
    expected = shingles(truth)
    lines = {" ".join(WORDS.findall(line)) for line in truth.split("\n")}

    def belongs(text: str) -> bool:
        words = WORDS.findall(text)
        if len(words) < 4:
            return bool(words) and " ".join(words) in lines
        own = shingles(text)
        return sum((own & expected).values()) > sum(own.values()) / 2

    return np.array([float(belongs(text)) for text in texts])


def label_by_snippets(texts: list[str], features: BlockFeatures, snippets: str) -> Column:
    """1 for every text that trafilatura extracts, or that contains one of these snippets (one a line), else 0."""
    expected = [" ".join(snippet.split()) for snippet in snippets.split("\n") if len(snippet) > 3]
    contains = np.array([any(snippet in text for snippet in expected) for text in texts])
    return np.asarray(contains | (features.columns["text"] > 0.5), dtype=np.float64)


def stack_columns(columns: FeatureColumns) -> Matrix:
    """The columns side by side: one row for each block, one column for each feature."""
    return np.stack([np.asarray(each, dtype=np.float32) for each in columns.values()], axis=1)


def fit_logistic(features: Matrix, labels: Column, weights: Column, start: Column) -> Column:
    """The weights of a logistic regression with L2 penalty, by Newton's method from `start`.

    The first column is the bias, and is hardly penalised.
    """
    found = start.copy()
    penalty = np.full(features.shape[1], PENALTY)
    penalty[0] = 1e-3
    for _ in range(12):
        odds = np.clip(features @ found.astype(np.float32), -20, 20)
        predicted = 1 / (1 + np.exp(-odds))
        slope = features.T @ (weights * (predicted - labels)).astype(np.float32) + penalty * found
        curve = features.T @ (features * (weights * predicted * (1 - predicted)).astype(np.float32)[:, None])
        step = np.linalg.solve(curve.astype(np.float64) + np.diag(penalty), slope)
        found -= step
        if np.abs(step).max() < 0.01:
            break
    return found


def _fit_pass(pages: list[TrainingPage], columns: list[FeatureColumns], start: Weights | None = None) -> Weights:
    """The weights of one pass; the second pass does not learn from blocks that the first has ruled out."""
    labels, weights = (np.concatenate(each) for each in ([one.labels for one in pages], [one.weights for one in pages]))
    features = np.concatenate([stack_columns(each) for each in columns])
    if PROBABILITY_FEATURE in columns[0]:
        open_ = features[:, list(columns[0]).index(PROBABILITY_FEATURE)] > RULED_OUT_BELOW
        features, labels, weights = features[open_], labels[open_], weights[open_]
    beginning = np.array(list(start.values())) if start else np.zeros(features.shape[1])
    found = fit_logistic(features, labels, weights, beginning)
    return {name: round(float(weight), 4) for name, weight in zip(columns[0], found, strict=True)}


def assign_fold(site: str, count: int, seed: str) -> int:
    """The number of the fold (0 to count - 1) that a site belongs to."""
    return int(hashlib.sha256(f"{seed}{site}".encode()).hexdigest(), 16) % count


def train_both_passes(pages: list[TrainingPage]) -> dict[str, Weights]:
    """The weights of both passes; the second learns from probabilities of the first on sites that it had not seen."""
    probabilities: dict[int, Column] = {}
    first = _fit_pass(pages, [each.features.columns for each in pages])
    for number in range(INNER_FOLDS):
        seen = [each for each in pages if assign_fold(each.site, INNER_FOLDS, "inner") != number]
        weights = _fit_pass(seen, [each.features.columns for each in seen], first)
        unseen = (each for each in pages if assign_fold(each.site, INNER_FOLDS, "inner") == number)
        probabilities |= {id(each): predict_logistic(each.features.columns, weights) for each in unseen}
    second = [
        {**each.features.columns, **compute_neighbour_features(each.features, probabilities[id(each)])}
        for each in pages
    ]
    return {"first": first, "second": _fit_pass(pages, second)}


def predict_page(page: TrainingPage, weights: dict[str, Weights]) -> Column:
    """The probabilities of a page's blocks with these weights, after both passes."""
    first_pass = predict_logistic(page.features.columns, weights["first"])
    return predict_second_pass(page.features, first_pass, weights["second"])


def read_texts(predicted: list[tuple[TrainingPage, Column]], set_name: str) -> list[ReadText]:
    """The texts of a set's pages by the probabilities of their blocks, beside trafilatura's."""
    return [
        ReadText(
            page.sample.url,
            "\n".join(text for text, _ in select_texts(page.texts, probabilities, THRESHOLD)),
            page.sample.text,
            page.trafilatura_text,
        )
        for page, probabilities in predicted
        if page.set_name == set_name
    ]


def format_scores(predicted: list[tuple[TrainingPage, Column]]) -> str:
    """Precision, recall and F1 of each set, from pages with the probabilities of their blocks."""
    found = []
    for name in SETS:
        pairs = [precision_recall(each.text, each.truth) for each in read_texts(predicted, name)]
        precision, recall = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
        found.append(f"{name} P {precision:.4f} R {recall:.4f} F1 {f1_score(precision, recall):.4f}")
    return "  ".join(found)


def main() -> None:
    """Prints the figures; writes the weights when asked."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="Learns which blocks of a page belong to its article.")
    parser.add_argument("readability", type=Path, help="a clone of mozilla/readability")
    parser.add_argument("--write", action="store_true", help="write ingest/boilerplate/block_classifier.json")
    arguments = parser.parse_args()
    pages = load_training_pages(ROOT.parent / "shared" / "corpus", arguments.readability)
    held_out: list[tuple[TrainingPage, Column]] = []
    for number in range(FOLDS):
        weights = train_both_passes([each for each in pages if assign_fold(each.site, FOLDS, "outer") != number])
        tested = [each for each in pages if assign_fold(each.site, FOLDS, "outer") == number]
        held_out += [(each, predict_page(each, weights)) for each in tested]
    print(
        f"{len(pages)} pages, {len(pages[0].features.columns)} marks; "
        "without what repeats and what stands in for no blocks"
    )
    print("held out:", format_scores(held_out))
    for name in SETS:
        print(f"{name}, held out:\n{format_worst(read_texts(held_out, name))}")
    weights = train_both_passes(pages)
    print("learnt from:", format_scores([(each, predict_page(each, weights)) for each in pages]))
    if arguments.write:
        WEIGHTS.write_text(json.dumps({"threshold": THRESHOLD, **weights}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

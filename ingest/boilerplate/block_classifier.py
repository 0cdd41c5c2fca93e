"""Block classifier: decides which text blocks of a page belong to its article. Pure.

In: the blocks of a page, and hints of what its article says (block_features). Out: the texts that belong to the
article, each with its probability.

Two logistic regressions, one after the other: the first pass looks at each block alone and rules most of them out; the
second pass also looks at the probabilities that the first gave to neighbouring blocks (neighbour_features). The weights
lie beside this file, by the names of the features; `python -m training.train_block_classifier` learns them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ingest.boilerplate.block_features import ArticleHints, BlockFeatures, compute_block_features
from ingest.boilerplate.blocks import Block
from ingest.boilerplate.feature_columns import Column, FeatureColumns
from ingest.boilerplate.neighbour_features import compute_neighbour_features

WEIGHTS = Path(__file__).parent / "block_classifier.json"
LOG_ODDS_LIMIT = 20.0
RULED_OUT_BELOW = 0.004  # probability of the first pass; the second pass learns to tell the blocks above it apart
FEWEST_WORDS_UNIQUE = 5  # a text of so many words is kept once; shorter ones ("No.") may occur twice in an article


def select_article_texts(blocks: list[Block], hints: ArticleHints) -> list[tuple[str, float]]:
    """The texts that belong to the article, in the order of the page, with their probabilities (0 to 1)."""
    if not blocks:
        return []
    _, threshold = _weights()
    probabilities = predict_probabilities(compute_block_features(blocks, hints))
    return select_texts([block.text for block in blocks], probabilities, threshold)


def select_texts(texts: list[str], probabilities: Column, threshold: float) -> list[tuple[str, float]]:
    """The texts with a probability above the threshold; of equal texts only the first, unless they are very short."""
    seen: set[str] = set()
    selected: list[tuple[str, float]] = []
    for text, probability in zip(texts, probabilities, strict=True):
        if probability > threshold and text not in seen:
            selected.append((text, float(probability)))
            if len(text.split()) >= FEWEST_WORDS_UNIQUE:
                seen.add(text)
    return selected


def predict_probabilities(features: BlockFeatures) -> Column:
    """For every block of a page, the probability that it belongs to the article, after both passes."""
    weights, _ = _weights()
    return predict_second_pass(features, predict_logistic(features.columns, weights["first"]), weights["second"])


def predict_second_pass(features: BlockFeatures, first_pass: Column, weights: Mapping[str, float]) -> Column:
    """The probabilities of the second pass, given those of the first; 0 for what the first pass has ruled out."""
    columns = {**features.columns, **compute_neighbour_features(features, first_pass)}
    return np.asarray(predict_logistic(columns, weights) * (first_pass > RULED_OUT_BELOW))


def predict_logistic(columns: FeatureColumns, weights: Mapping[str, float]) -> Column:
    """The probabilities of a logistic regression; a feature that has no weight does not count."""
    log_odds = sum(columns[name] * weight for name, weight in weights.items())
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT))))


@cache
def _weights() -> tuple[dict[str, dict[str, float]], float]:
    """The learnt weights of both passes, and the threshold."""
    read: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {"first": read["first"], "second": read["second"]}, read["threshold"]

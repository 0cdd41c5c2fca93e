"""Blocks -> the article's text: a small trained model decides of every block whether it belongs. Pure.

In: blocks and what else is known of the article. Out: for every block the chance that it belongs, from two logistic
regressions: the first looks at each block alone and rules most of them out, the second looks at the chances of the
others' neighbours as well. The weights lie beside this file, by the names of the marks; `python -m
training.train_block_classifier` learns them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ingest.boilerplate.block_features import Known, Marked, marked
from ingest.boilerplate.blocks import Block
from ingest.boilerplate.feature_columns import Column, Columns
from ingest.boilerplate.neighbour_features import looked_again

WEIGHTS = Path(__file__).parent / "block_classifier.json"
FARTHEST = 20.0  # of log-odds
RULED_OUT = 0.004  # a chance in the first look; the second learns to tell apart what is above
# a text of so many words may be said twice in an article
REPEATABLE = 5


def kept(found: list[Block], known: Known) -> list[tuple[str, float]]:
    """The texts that belong, each once, with their chances."""
    if not found:
        return []
    _, threshold = _weights()
    return above([block.text for block in found], chances(marked(found, known)), threshold)


def above(texts: list[str], chances: Column, threshold: float) -> list[tuple[str, float]]:
    """The texts whose chance is above, each once."""
    said: set[str] = set()
    kept: list[tuple[str, float]] = []
    for text, chance in zip(texts, chances, strict=True):
        if chance > threshold and text not in said:
            kept.append((text, float(chance)))
            if len(text.split()) >= REPEATABLE:
                said.add(text)
    return kept


def chances(page: Marked) -> Column:
    """That a block belongs, for every block of a page."""
    weights, _ = _weights()
    return second_chance(page, chance(page.columns, weights["first"]), weights["second"])


def second_chance(page: Marked, first: Column, weights: Mapping[str, float]) -> Column:
    """That of the second look, after the chances that the first gave."""
    return np.asarray(chance({**page.columns, **looked_again(page, first)}, weights) * (first > RULED_OUT))


def chance(columns: Columns, weights: Mapping[str, float]) -> Column:
    """Of the logistic regression with these weights; a mark without a weight weighs nothing."""
    odds = sum(columns[name] * weight for name, weight in weights.items())
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -FARTHEST, FARTHEST))))


@cache
def _weights() -> tuple[dict[str, dict[str, float]], float]:
    read: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {"first": read["first"], "second": read["second"]}, read["threshold"]

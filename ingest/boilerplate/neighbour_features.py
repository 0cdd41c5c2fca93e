"""Neighbour features: what the classifier's first pass found of the blocks around a block. Pure.

In: the features of a page's blocks, and the probability that the first pass gave to each of them. Out: more feature
columns for the second pass, from the probabilities of blocks before and behind, in the same element, and of the same
kin (block_features).
"""

import math

import numpy as np

from ingest.boilerplate.block_features import BlockFeatures, first_and_last
from ingest.boilerplate.feature_columns import LONG_WORDS, SHORT_WORDS, Column, FeatureColumns


def log_odds(probabilities: Column) -> Column:
    """The log-odds of probabilities, bounded, divided by 4 so that they are about as large as the other features."""
    bounded = np.clip(probabilities, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(bounded / (1 - bounded)) / 4)


def compute_neighbour_features(features: BlockFeatures, probabilities: Column) -> FeatureColumns:
    """The features of the second pass, from each block's own probability and from those of the blocks around it."""
    count, sizes = len(probabilities), features.sizes
    article_words = probabilities * sizes
    padded = np.concatenate([np.zeros(3), probabilities, np.zeros(3)])
    adjacent = {
        f"{name} {by}": padded[3 + sign * by :][:count]
        for by in (1, 2, 3)
        for name, sign in (("before", -1), ("after", 1))
    }
    at, short = np.arange(count), sizes < SHORT_WORDS
    first, last = first_and_last((probabilities > 0.5) & (sizes > LONG_WORDS))
    long = np.cumsum(article_words * (sizes > LONG_WORDS))
    so_far = long / (long[-1] + 1e-9)
    lower, upper = (np.minimum, np.maximum)
    one, other = adjacent["before 1"], adjacent["after 1"]
    return {
        "chance": probabilities, "odds": log_odds(probabilities), **adjacent,
        **_windows(article_words, sizes), "so far": so_far,
        "nothing so far": so_far <= 0, "all so far": so_far > 0.999,
        "before the first": at < first, "after the last": at > last, "between": (at > first) & (at < last),
        "before the first by": np.log1p(np.maximum(0, first - at)),
        "after the last by": np.log1p(np.maximum(0, at - last)),
        **_group_shares(features, article_words), "both beside": lower(one, other), "one beside": upper(one, other),
        "short, both beside": short * lower(one, other), "short, one beside": short * upper(one, other),
        "short, odds": short * log_odds(probabilities), "short, after": short * other, "short, before": short * one,
        "length": np.full(count, math.log1p(float(article_words.sum())) / 6),
    }  # fmt: skip


def _windows(article_words: Column, sizes: Column) -> FeatureColumns:
    """The share of words that are probably the article's, in the 4 and in the 10 blocks before and after."""
    count, at = len(article_words), np.arange(len(article_words))
    good, all_ = (np.concatenate([[0.0], np.cumsum(each)]) for each in (article_words, sizes))
    found: FeatureColumns = {}
    for reach in (4, 10):
        start, end = np.maximum(0, at - reach), np.minimum(count, at + reach + 1)
        before = (good[at] - good[start]) / (all_[at] - all_[start] + 5)
        after = (good[end] - good[at + 1]) / (all_[end] - all_[at + 1] + 5)
        found |= {f"{reach} before": before, f"{reach} after": after, f"{reach} around": np.minimum(before, after)}
    return found


def _group_shares(features: BlockFeatures, article_words: Column) -> FeatureColumns:
    """The same share among the other blocks in the same element, in the element around it, and of the same kin."""
    found: FeatureColumns = {}
    for name, group in zip(("element", "parent", "kin"), features.group_ids, strict=True):
        good = np.bincount(group, article_words)[group] - article_words
        all_ = np.bincount(group, features.sizes)[group] - features.sizes
        found |= {f"right in {name}": good / (all_ + 5), f"right of {name}": good / (article_words.sum() + 1)}
    return found

"""The second look at a page's blocks: the chances of the blocks beside, around and of one kind. Pure.

In: the marks of a page and the chance that the first look gave to each of its blocks. Out: more columns.
"""

import math

import numpy as np

from ingest.boilerplate.block_features import Marked, span
from ingest.boilerplate.feature_columns import LONG, SHORT, Column, Columns


def log_odds(chance: Column) -> Column:
    """Of a chance; bounded."""
    kept = np.clip(chance, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(kept / (1 - kept)) / 4)


def looked_again(page: Marked, chance: Column) -> Columns:
    """What the first look's chances say of the blocks beside, around and of the same kind."""
    count, sizes = len(chance), page.sizes
    right = chance * sizes
    padded = np.concatenate([np.zeros(3), chance, np.zeros(3)])
    beside = {
        f"{name} {by}": padded[3 + sign * by :][:count]
        for by in (1, 2, 3)
        for name, sign in (("before", -1), ("after", 1))
    }
    at, short = np.arange(count), sizes < SHORT
    first, last = span((chance > 0.5) & (sizes > LONG))
    long = np.cumsum(right * (sizes > LONG))
    so_far = long / (long[-1] + 1e-9)
    lower, upper = (np.minimum, np.maximum)
    one, other = beside["before 1"], beside["after 1"]
    return {
        "chance": chance, "odds": log_odds(chance), **beside,
        **_windows(right, sizes), "so far": so_far, "nothing so far": so_far <= 0, "all so far": so_far > 0.999,
        "before the first": at < first, "after the last": at > last, "between": (at > first) & (at < last),
        "before the first by": np.log1p(np.maximum(0, first - at)),
        "after the last by": np.log1p(np.maximum(0, at - last)),
        **_shares(page, right), "both beside": lower(one, other), "one beside": upper(one, other),
        "short, both beside": short * lower(one, other), "short, one beside": short * upper(one, other),
        "short, odds": short * log_odds(chance), "short, after": short * other, "short, before": short * one,
        "length": np.full(count, math.log1p(float(right.sum())) / 6),
    }  # fmt: skip


def _windows(right: Column, sizes: Column) -> Columns:
    """The share of right words in the 4 and the 10 blocks before and after."""
    count, at = len(right), np.arange(len(right))
    good, all_ = (np.concatenate([[0.0], np.cumsum(each)]) for each in (right, sizes))
    found: Columns = {}
    for reach in (4, 10):
        start, end = np.maximum(0, at - reach), np.minimum(count, at + reach + 1)
        before = (good[at] - good[start]) / (all_[at] - all_[start] + 5)
        after = (good[end] - good[at + 1]) / (all_[end] - all_[at + 1] + 5)
        found |= {f"{reach} before": before, f"{reach} after": after, f"{reach} around": np.minimum(before, after)}
    return found


def _shares(page: Marked, right: Column) -> Columns:
    """The share of right words among the others in the same element, in the one around, and of the same kind."""
    found: Columns = {}
    for name, place in zip(("element", "parent", "kin"), page.places, strict=True):
        good, all_ = np.bincount(place, right)[place] - right, np.bincount(place, page.sizes)[place] - page.sizes
        found |= {f"right in {name}": good / (all_ + 5), f"right of {name}": good / (right.sum() + 1)}
    return found

"""Adjacent features: what stands directly before and behind a text block, and combinations of features. Pure.

In: the words of a page's blocks, and the feature columns computed so far. Out: more feature columns.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ingest.boilerplate.feature_columns import LONG_WORDS, SENTENCE_WORDS, SHORT_WORDS, Column, FeatureColumns


def compute_shared_beginnings(words: Sequence[Sequence[str]]) -> FeatureColumns:
    """Whether one or more other blocks begin with the same two words, as lists of labelled links do."""
    heads = [tuple(word.casefold() for word in each[:2]) if len(each) >= 4 else () for each in words]
    counts = Counter(heads)
    same = np.array([counts[head] - 1 if head else 0 for head in heads])
    return {"begins as another": same >= 1, "begins as others": same >= 2}


def compute_adjacent_features(columns: FeatureColumns, kin_ids: Sequence[int], sizes: Column) -> FeatureColumns:
    """What stands directly before and behind each block, and features that mean something only in combination.

    `kin_ids` numbers the kin of each block (block_features), `sizes` are in words.
    """
    short, wholly = sizes < LONG_WORDS, columns["linked wholly"] > 0
    credit = (sizes < SENTENCE_WORDS) & (columns["begins with picture"] + columns["short, says picture"] > 0)
    tiny_credit = credit & (sizes < SHORT_WORDS)
    on = (sizes < SENTENCE_WORDS) & (columns["says read on"] > 0)
    colon, item = columns["ends with a colon"] > 0, columns["tag li"] > 0
    kind = np.array(kin_ids)
    first = np.concatenate([[True], kind[1:] != kind[:-1]])
    run = np.bincount(np.cumsum(first) - 1)[np.cumsum(first) - 1]
    pictured = columns["pictured"] > 0
    return {
        "before a credit": _shift(tiny_credit, -1), "behind a credit": _shift(tiny_credit, 1),
        "behind read on": _shift(on, 1), "behind a colon": _shift(colon, 1),
        "item behind a colon": item & _shift(colon, 1), "before a picture": _shift(pictured, -1),
        "run of its kind": np.log1p(run), "alone of its kind": run == 1, "first of its kind": first,
        "pictured, short": pictured & (sizes < SENTENCE_WORDS),
        "pictured, no sentence": pictured & ~(columns["ends as a sentence"] > 0),
        "pictured, a credit": pictured & (_shift(tiny_credit, -1) | tiny_credit),
        "linked wholly, in text": wholly & (columns["in text"] > 0), "linked wholly, short": wholly & short,
        "linked wholly, p": wholly & (columns["tag p"] > 0), "linked wholly, item": wholly & item,
        "linked wholly, no lower case": wholly & (columns["no lower case"] > 0),
        "linked wholly, begins as another": wholly & (columns["begins as another"] > 0),
        "item, in text": item & (columns["in text"] > 0), "item, sentence": item & (columns["ends as a sentence"] > 0),
        "item, short": item & short,
    }  # fmt: skip


def _shift(column: Column, by: int) -> Column:
    """The column moved to the next block (1) or to the block before (-1)."""
    moved = np.roll(column, by)
    moved[0 if by > 0 else -1] = False
    return moved

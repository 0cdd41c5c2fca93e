"""What stands directly before and behind a text, and what of its marks means something only together. Pure.

In: the words of a page's texts, or marks of theirs. Out: more marks, as columns.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ingest.boilerplate.feature_columns import LONG, SENTENCE, SHORT, Column, Columns


def beginnings(words: Sequence[Sequence[str]]) -> Columns:
    """Whether others begin with the same words: labels of links stand before each of them."""
    heads = [tuple(word.casefold() for word in each[:2]) if len(each) >= 4 else () for each in words]
    counts = Counter(heads)
    same = np.array([counts[head] - 1 if head else 0 for head in heads])
    return {"begins as another": same >= 1, "begins as others": same >= 2}


def beside(columns: Columns, kinds: Sequence[int], sizes: Column) -> Columns:
    """What stands directly before and behind a text, and marks that mean something only together."""
    short, wholly = sizes < LONG, columns["linked wholly"] > 0
    credit = (sizes < SENTENCE) & (columns["begins with picture"] + columns["short, says picture"] > 0)
    tiny_credit = credit & (sizes < SHORT)
    on = (sizes < SENTENCE) & (columns["says read on"] > 0)
    colon, item = columns["ends with a colon"] > 0, columns["tag li"] > 0
    kind = np.array(kinds)
    first = np.concatenate([[True], kind[1:] != kind[:-1]])
    run = np.bincount(np.cumsum(first) - 1)[np.cumsum(first) - 1]
    pictured = columns["pictured"] > 0
    return {
        "before a credit": _shifted(tiny_credit, -1), "behind a credit": _shifted(tiny_credit, 1),
        "behind read on": _shifted(on, 1), "behind a colon": _shifted(colon, 1),
        "item behind a colon": item & _shifted(colon, 1), "before a picture": _shifted(pictured, -1),
        "run of its kind": np.log1p(run), "alone of its kind": run == 1, "first of its kind": first,
        "pictured, short": pictured & (sizes < SENTENCE),
        "pictured, no sentence": pictured & ~(columns["ends as a sentence"] > 0),
        "pictured, a credit": pictured & (_shifted(tiny_credit, -1) | tiny_credit),
        "linked wholly, in text": wholly & (columns["in text"] > 0), "linked wholly, short": wholly & short,
        "linked wholly, p": wholly & (columns["tag p"] > 0), "linked wholly, item": wholly & item,
        "linked wholly, no lower case": wholly & (columns["no lower case"] > 0),
        "linked wholly, begins as another": wholly & (columns["begins as another"] > 0),
        "item, in text": item & (columns["in text"] > 0), "item, sentence": item & (columns["ends as a sentence"] > 0),
        "item, short": item & short,
    }  # fmt: skip


def _shifted(which: Column, by: int) -> Column:
    """What is true of the text before (1) or behind (-1)."""
    moved = np.roll(which, by)
    moved[0 if by > 0 else -1] = False
    return moved

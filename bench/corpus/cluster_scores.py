"""Cluster scores: compares our stories with the true ones, by BCubed and pairwise precision, recall and F1.

In: article -> story, ours and true. Out: Scores, each between 0 and 1.

BCubed (Bagga & Baldwin 1998): for each article, the share of its story that is of its true story (precision), and the
share of its true story that is in its story (recall). Pairwise: the pairs of articles that are in one story.
"""

import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple


class Scores(NamedTuple):
    """Precision, recall and F1 by BCubed and by pairs (0 to 1); the number of stories, ours and true."""

    precision: float
    recall: float
    f1: float
    pair_precision: float
    pair_recall: float
    pair_f1: float
    stories: float
    true: float

    def format_line(self) -> str:
        """All scores in one line of text."""
        return (
            f"BCubed P {self.precision:.4f} R {self.recall:.4f} F1 {self.f1:.4f}   pairs P {self.pair_precision:.4f} "
            f"R {self.pair_recall:.4f} F1 {self.pair_f1:.4f}   {self.stories:.0f} stories, {self.true:.0f} true"
        )


def score_clusters(stories: Mapping[str, str], true: Mapping[str, str], of: Collection[str] | None = None) -> Scores:
    """Scores our `stories` (article -> story) on the articles whose `true` story is known.

    BCubed is the mean over the articles `of` (by default all), but each is compared with all articles, so that every
    wrong neighbour counts. Pairwise scores and numbers of stories are of all articles.
    """
    asked = true if of is None else of
    ours, theirs = Counter(stories[each] for each in true), Counter(true.values())
    both = Counter((stories[each], true[each]) for each in true)
    precision = statistics.fmean(both[stories[each], true[each]] / ours[stories[each]] for each in asked)
    recall = statistics.fmean(both[stories[each], true[each]] / theirs[true[each]] for each in asked)
    right = _pairs(both.values())
    pair_precision, pair_recall = right / max(1, _pairs(ours.values())), right / max(1, _pairs(theirs.values()))
    return Scores(
        precision,
        recall,
        _f1(precision, recall),
        pair_precision,
        pair_recall,
        _f1(pair_precision, pair_recall),
        len(ours),
        len(theirs),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

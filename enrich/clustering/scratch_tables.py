"""Scratch tables: a report, written out by bucket, while it is compared with stories.

One set for all languages of a process: it is 13 MB, is all zero between two comparisons, and reports are compared one
after the other, in one thread.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.clustering.vectors import BUCKET_COUNT, Buckets, Weights


class ScratchTables(NamedTuple):
    """By bucket, zero where the report has none: weight times idf squared of words and names, idf squared of title
    words, idf of words and names; and whether the report has the bucket.
    """

    weights: Weights
    title: Weights
    idfs: Weights
    in_report: npt.NDArray[np.bool_]

    def clear(self, buckets: Buckets) -> None:
        """Sets these buckets to zero."""
        for table in self:
            table[buckets] = 0


@cache
def scratch_tables() -> ScratchTables:
    """The tables of this process. Whoever writes to them clears what was written."""
    weights, title, idfs = (np.zeros(BUCKET_COUNT, np.float32) for _ in range(3))
    return ScratchTables(weights, title, idfs, np.zeros(BUCKET_COUNT, np.bool_))

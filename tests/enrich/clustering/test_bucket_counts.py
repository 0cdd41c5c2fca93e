"""Bucket counts: the same to the bit, whether few buckets were met or many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.clustering.bucket_counts import BucketCounts

BUCKETS = 64
some_buckets = st.lists(st.integers(0, BUCKETS - 1), max_size=30).map(lambda each: np.array(each, np.int32))


@pytest.mark.slow
@given(st.lists(st.tuples(some_buckets, st.floats(0, 1, width=32))), st.integers(0, BUCKETS))
def test_the_counts_are_those_of_a_whole_table(steps: list[tuple[np.ndarray, float]], most_met: int) -> None:
    counts, table = BucketCounts(BUCKETS, most_met), np.zeros(BUCKETS, np.float32)
    for buckets, share in steps:
        counts.add(buckets)
        np.add.at(table, buckets, np.float32(1))
        counts.scale(share)
        table *= np.float32(share)
    every_bucket = np.arange(BUCKETS, dtype=np.int32)
    assert counts.get(every_bucket).tobytes() == table.tobytes()


def test_a_bucket_that_was_never_met_has_no_count() -> None:
    counts = BucketCounts(BUCKETS)
    assert counts.get(np.array([3], np.int32)).tolist() == [0]
    counts.add(np.array([3, 3, 5], np.int32))
    assert counts.get(np.array([3, 4, 5, 63], np.int32)).tolist() == [2, 0, 1, 0]

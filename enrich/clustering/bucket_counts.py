"""Bucket counts: a number for each bucket of a large table, small while few buckets have one.

In: buckets that occurred. Out: how often each did. A stream of a rare language has met a few thousand of a million
buckets: so the buckets met so far are kept in order, each with its count, and only when there are many of them a table
of all buckets takes their place. Both give the same counts to the bit: each occurrence is added on its own.
"""

import numpy as np
import numpy.typing as npt

Buckets = npt.NDArray[np.int32]
Counts = npt.NDArray[np.float32]

MOST_MET = 32_768  # buckets, about 300 reports; more of them are counted in the table of all


class BucketCounts:
    """The counts of `bucket_count` buckets, all zero at first."""

    def __init__(self, bucket_count: int, most_met: int = MOST_MET) -> None:
        self._bucket_count, self._most_met = bucket_count, most_met
        self._met: Buckets | None = np.empty(0, np.int32)  # in ascending order; None: `_counts` has all buckets
        self._counts = np.empty(0, np.float32)

    def add(self, buckets: Buckets) -> None:
        """Counts each of these buckets once for each time that it stands here."""
        if self._met is not None:
            self._meet(self._met, buckets)
        places = buckets if self._met is None else np.searchsorted(self._met, buckets)
        np.add.at(self._counts, places, np.float32(1))

    def _meet(self, met: Buckets, buckets: Buckets) -> None:
        """Makes room for buckets that were not met before."""
        now_met = np.union1d(met, buckets).astype(np.int32)
        is_many = len(now_met) > self._most_met
        counts = np.zeros(self._bucket_count if is_many else len(now_met), np.float32)
        counts[met if is_many else np.searchsorted(now_met, met)] = self._counts
        self._met, self._counts = None if is_many else now_met, counts

    def scale(self, share: float) -> None:
        """Multiplies all counts by `share`."""
        # `where` leaves those pages of the table unwritten that never were
        np.multiply(self._counts, np.float32(share), out=self._counts, where=self._counts > 0)

    def get(self, buckets: Buckets) -> Counts:
        """The count of each of these buckets."""
        if self._met is None:
            return self._counts[buckets]
        if not len(self._met):
            return np.zeros(len(buckets), np.float32)
        places = np.searchsorted(self._met, buckets).clip(max=len(self._met) - 1)
        found: Counts = np.where(self._met[places] == buckets, self._counts[places], np.float32(0))
        return found

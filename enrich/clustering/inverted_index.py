"""Buckets -> the stories that are found by each.

What is added waits until it is asked for, or is so much that it is better sorted in: then the stories of a bucket are
put at the end of its list together.
"""

from array import array
from collections.abc import Container, Iterable

import numpy as np
import numpy.typing as npt

from enrich.clustering.vectors import Buckets

MOST_WAITING = 50_000  # stories

Numbers = npt.NDArray[np.int64]


class Postings:
    """Numbers of stories by bucket."""

    def __init__(self) -> None:
        self._lists: dict[int, array[int]] = {}
        self._waiting: list[Buckets] = []
        self._numbers: list[int] = []

    def add(self, number: int, buckets: Buckets) -> None:
        """Lets a story be found by these buckets, by which it was not found before."""
        if not len(buckets):
            return
        self._waiting.append(buckets)
        self._numbers.append(number)
        if len(self._numbers) > MOST_WAITING:
            self._sort_in()

    def find(self, buckets: Buckets, most: int) -> tuple[Buckets, list[Numbers]]:
        """Those of the buckets by which a story is found, but no more than `most`, and the stories of each."""
        self._sort_in()
        lists = ((bucket, self._lists.get(bucket)) for bucket in buckets.tolist())
        found = [(bucket, numbers) for bucket, numbers in lists if numbers and len(numbers) <= most]
        return np.array([bucket for bucket, _ in found], np.int32), [np.frombuffer(n, np.int64) for _, n in found]

    def sweep(self, buckets: Iterable[Buckets], living: Container[int]) -> None:
        """Takes all but the living stories out of these buckets."""
        self._sort_in()
        for bucket in {each for some in buckets for each in some.tolist()}:
            kept = array("q", (number for number in self._lists[bucket] if number in living))
            if kept:
                self._lists[bucket] = kept
            else:
                del self._lists[bucket]

    def _sort_in(self) -> None:
        if not self._numbers:
            return
        buckets = np.concatenate(self._waiting)
        numbers = np.repeat(np.array(self._numbers, np.int64), [len(each) for each in self._waiting])
        order = np.argsort(buckets, kind="stable")
        buckets, numbers = buckets[order], numbers[order]
        starts = np.flatnonzero(np.diff(buckets, prepend=-1))
        ends, width = [*starts[1:].tolist(), len(buckets)], numbers.itemsize
        said = numbers.tobytes()
        for bucket, start, end in zip(buckets[starts].tolist(), starts.tolist(), ends, strict=True):
            self._lists.setdefault(bucket, array("q")).frombytes(said[start * width : end * width])
        self._waiting, self._numbers = [], []

"""Inverted index of the open stories: finds the stories that have a word or name.

In: the number of a story and the buckets (hashed words and names) by which it is to be found. Out: for the buckets of a
report, the stories that have them, ranked by the weight of what they share with it. Additions wait until the index is
searched or too many wait, and are then appended to the lists bucket by bucket.
"""

from array import array
from collections.abc import Container, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from enrich.clustering.vectors import Buckets, mark_group_starts

MAX_WAITING = 50_000  # additions
LIST_BITS = 8  # that hold the index of a list: a report has at most 30 keys, and so many lists are found

StoryNumbers = npt.NDArray[np.int64]


class InvertedIndex:
    """Bucket -> the numbers of the stories that are found by it (its posting list)."""

    def __init__(self) -> None:
        self._lists: dict[int, array[int]] = {}
        self._waiting: list[Buckets] = []
        self._waiting_numbers: list[int] = []

    def add(self, number: int, buckets: Buckets) -> None:
        """Lets a story be found by these buckets, by which it must not have been found before."""
        if not len(buckets):
            return
        self._waiting.append(buckets)
        self._waiting_numbers.append(number)
        if len(self._waiting_numbers) > MAX_WAITING:
            self._append_waiting()

    def find(self, buckets: Buckets, most: int) -> tuple[Buckets, list[StoryNumbers]]:
        """The buckets by which at least one and at most `most` stories are found, and the numbers of those stories."""
        self._append_waiting()
        lists = ((bucket, self._lists.get(bucket)) for bucket in buckets.tolist())
        found = [(bucket, numbers) for bucket, numbers in lists if numbers and len(numbers) <= most]
        return np.array([bucket for bucket, _ in found], np.int32), [np.frombuffer(n, np.int64) for _, n in found]

    def remove_closed(self, buckets: Iterable[Buckets], open_stories: Container[int]) -> None:
        """Removes all stories but the open ones from the lists of these buckets."""
        self._append_waiting()
        for bucket in {each for some in buckets for each in some.tolist()}:
            remaining = array("q", (number for number in self._lists[bucket] if number in open_stories))
            if remaining:
                self._lists[bucket] = remaining
            else:
                del self._lists[bucket]

    def _append_waiting(self) -> None:
        if not self._waiting_numbers:
            return
        buckets = np.concatenate(self._waiting)
        numbers = np.repeat(np.array(self._waiting_numbers, np.int64), [len(each) for each in self._waiting])
        order = np.argsort(buckets, kind="stable")
        buckets, numbers = buckets[order], numbers[order]
        starts = np.flatnonzero(np.diff(buckets, prepend=-1))
        ends, width = [*starts[1:].tolist(), len(buckets)], numbers.itemsize
        packed = numbers.tobytes()
        for bucket, start, end in zip(buckets[starts].tolist(), starts.tolist(), ends, strict=True):
            self._lists.setdefault(bucket, array("q")).frombytes(packed[start * width : end * width])
        self._waiting, self._waiting_numbers = [], []


def rank_stories(lists: Sequence[StoryNumbers], weights: npt.NDArray[np.float64], first: int) -> Iterator[int]:
    """The story numbers in posting lists, those with the largest sum of their lists' `weights` first, then by number.

    Only about the `first` ones are sorted, unless the caller asks for more.
    """
    which = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
    pairs = np.concatenate(lists) << LIST_BITS | which
    pairs.sort()  # a quarter of the time that np.unique takes with its inverse
    numbers, which = pairs >> LIST_BITS, pairs & ((1 << LIST_BITS) - 1)
    starts = np.flatnonzero(mark_group_starts(numbers))
    numbers, sums = numbers[starts], np.add.reduceat(weights[which], starts)
    likely = sums >= (np.partition(sums, -first)[-first] if len(sums) > first else 0.0)
    for part in (likely, ~likely):
        yield from numbers[part][np.argsort(-sums[part], kind="stable")].tolist()

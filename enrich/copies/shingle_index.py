"""The shingle hashes of one day's articles: hash -> the articles that have it.

In: hashes of an article, under its place among the articles of the day. Out: for other hashes, the places where they
occur. Eight bytes for each hash: its upper half, and the place, in sorted runs of which a larger one swallows the
smaller ones beside it, as log-structured merge trees do (O'Neil et al. 1996). What is added waits until it is asked
for: a window that is read back is sorted once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.copies.shingles import Hashes, from_bytes

TAIL = 4_096  # hashes that are looked through unsorted before they become a run
MOST_WAITING = 1 << 22  # hashes, while nothing is asked
WIDTH = 8  # bytes of a hash in a sketch
PER_SLOT = 3  # keys of a run that begin with the same bits, at most on average
REACH = 12  # so many are read to find one: by chance a slot has as many once in fourteen thousand times
LARGEST = np.uint32(0xFFFF_FFFF)

Keys = npt.NDArray[np.uint32]
Indices = npt.NDArray[np.int64]


class Hits(NamedTuple):
    """Which of the hashes that were asked for (by their index) occur at which places."""

    rows: Indices
    places: Indices


NOTHING = Hits(np.empty(0, np.int64), np.empty(0, np.int64))


class Wanted:
    """Hashes that are looked for, in ascending order, and in which slot of a run they are."""

    def __init__(self, hashes: Hashes) -> None:
        self.keys = _keys(hashes)
        self._slots: dict[int, Indices] = {}

    def slots(self, shift: int) -> Indices:
        """For runs of which a slot is what is left of a key after this shift."""
        if shift not in self._slots:
            self._slots[shift] = (self.keys >> np.uint32(shift)).astype(np.int64)
        return self._slots[shift]


class Segment:
    """The postings of one day. Up to `tail` hashes are looked through unsorted."""

    def __init__(self, tail: int = TAIL) -> None:
        self._most_unsorted = tail
        self._runs: list[_Run] = []
        self._tail: list[bytes] = []  # sketches
        self._tail_places: list[int] = []
        self._waiting = 0

    def add(self, place: int, sketch: bytes) -> None:
        """Puts the hashes of the article at `place` in."""
        whole = len(sketch) // WIDTH
        self._tail.append(sketch[: whole * WIDTH])
        self._tail_places.append(place)
        self._waiting += whole
        if self._waiting > MOST_WAITING:
            self._sort()

    def find(self, wanted: Wanted) -> Hits:
        """Where these hashes occur."""
        keys = wanted.keys
        if not len(keys):
            return NOTHING
        if self._waiting > self._most_unsorted:
            self._sort()
        found = [run.find(keys, wanted.slots(run.shift)) for run in self._runs]
        if self._waiting:
            waiting, places = self._unsorted()
            rows = np.minimum(np.searchsorted(keys, waiting), len(keys) - 1)
            hits = np.flatnonzero(keys[rows] == waiting)
            found.append(Hits(rows[hits], places[hits].astype(np.int64)))
        found = [hits for hits in found if len(hits.rows)]
        return Hits(*map(np.concatenate, zip(*found, strict=True))) if found else NOTHING

    def close(self) -> None:
        """Makes one run of all: nothing, or little, will be added."""
        self._sort()
        while len(self._runs) > 1:
            self._merge_last()

    def _unsorted(self) -> tuple[Keys, Keys]:
        sizes = [len(sketch) // WIDTH for sketch in self._tail]
        return _keys(from_bytes(b"".join(self._tail))), np.repeat(np.array(self._tail_places, np.uint32), sizes)

    def _sort(self) -> None:
        if self._waiting:
            self._runs.append(_Run.of(*self._unsorted()))
        self._tail, self._tail_places, self._waiting = [], [], 0
        while len(self._runs) > 1 and len(self._runs[-2].keys) < 2 * len(self._runs[-1].keys):
            self._merge_last()

    def _merge_last(self) -> None:
        last, before = self._runs.pop(), self._runs.pop()
        keys, places = np.concatenate([before.keys, last.keys]), np.concatenate([before.places, last.places])
        self._runs.append(_Run.of(keys, places))


class _Run(NamedTuple):
    """Keys in order with their places; `starts`: for the first bits of a key, where such keys begin.

    `windows`: at each key, REACH keys from there, which take no memory of their own; behind the last stand the largest.
    """

    keys: Keys
    windows: Keys
    places: Keys
    starts: Keys
    shift: int

    @classmethod
    def of(cls, keys: Keys, places: Keys) -> "_Run":
        pairs = keys.astype(np.uint64) << np.uint64(32) | places
        pairs.sort()  # a fifth of the time that argsort takes
        padded = np.append((pairs >> np.uint64(32)).astype(np.uint32), np.full(REACH, LARGEST))
        keys, places = padded[: len(pairs)], pairs.astype(np.uint32)
        bits = max(1, (len(keys) // PER_SLOT).bit_length())
        starts = np.zeros((1 << bits) + 1, np.uint32)
        np.cumsum(np.bincount(keys >> np.uint32(32 - bits), minlength=1 << bits), out=starts[1:])
        windows = np.lib.stride_tricks.sliding_window_view(padded, REACH)
        return cls(keys, windows, places, starts, 32 - bits)

    def find(self, keys: Keys, slots: Indices) -> Hits:
        """Where these keys occur: a few are read from the first of each key's slot, nearly always enough."""
        near = self.windows[self.starts.take(slots)]
        if np.count_nonzero(near[:, -1] <= keys):
            return self._find_in_long(keys, slots)
        equal = near == keys[:, None]
        if not np.count_nonzero(equal):  # as a rule: most news is new
            return NOTHING
        rows, offsets = equal.nonzero()
        return Hits(rows, self.places.take(self.starts.take(slots[rows]) + offsets).astype(np.int64))

    def _find_in_long(self, keys: Keys, slots: Indices) -> Hits:
        """Reads all keys of each key's slot: one may have what a site repeats on thousands of pages."""
        first = self.starts.take(slots).astype(np.int64)
        counts = self.starts.take(slots + 1) - first
        ends = np.cumsum(counts)
        at = np.arange(ends[-1]) + np.repeat(first - (ends - counts), counts)
        hits = np.flatnonzero(self.keys.take(at) == np.repeat(keys, counts))
        return Hits(np.searchsorted(ends, hits, side="right"), self.places.take(at[hits]).astype(np.int64))


def _keys(hashes: Hashes) -> Keys:
    """The upper half of each hash: two articles share one by chance once in 4 billion times."""
    return hashes.astype("<u8", copy=False).view("<u4")[1::2].copy()

"""Shingle index of one day: finds the articles in which given shingle hashes occur.

In: the sketch of each article, under the article's position among those of the day. Out: for the hashes of another
sketch, the positions of the articles that have them.

An entry takes eight bytes: the upper half of the hash (the key) and the position. Entries lie in sorted runs, of which
a larger one is merged with the smaller ones beside it, as in log-structured merge trees (O'Neil et al. 1996). Added
sketches wait unsorted until the index is searched, so a window that is read back at a start is sorted only once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.copies.shingles import Hashes, decode_sketch

MAX_UNSORTED = 4_096  # waiting hashes that a search looks through unsorted; more are sorted into a run first
MAX_WAITING = 1 << 22  # hashes that wait unsorted while nothing is searched
HASH_BYTES = 8  # of a hash in a sketch
KEYS_PER_SLOT = 3  # keys that begin with the same bits: at most so many on average
KEYS_READ = 12  # of each slot, to find a key: by chance a slot has as many once in fourteen thousand times
LARGEST_KEY = np.uint32(0xFFFF_FFFF)

Keys = npt.NDArray[np.uint32]
Indices = npt.NDArray[np.int64]


class Hits(NamedTuple):
    """Parallel arrays: the index of a hash in the query (`rows`), and the position of an article that has the hash."""

    rows: Indices
    positions: Indices


NO_HITS = Hits(np.empty(0, np.int64), np.empty(0, np.int64))


class HashQuery:
    """Hashes to search for, in ascending order; remembers in which slots of runs they are, for many indexes."""

    def __init__(self, hashes: Hashes) -> None:
        self.keys = _upper_halves(hashes)
        self._slots: dict[int, Indices] = {}

    def slots(self, shift: int) -> Indices:
        """The slot of each key in runs that have this shift: the key's upper bits."""
        if shift not in self._slots:
            self._slots[shift] = (self.keys >> np.uint32(shift)).astype(np.int64)
        return self._slots[shift]


class ShingleIndex:
    """The shingle hashes of one day's articles; up to `max_unsorted` waiting hashes are searched unsorted."""

    def __init__(self, max_unsorted: int = MAX_UNSORTED) -> None:
        self._max_unsorted = max_unsorted
        self._runs: list[_Run] = []
        self._waiting_sketches: list[bytes] = []
        self._waiting_positions: list[int] = []
        self._waiting = 0  # hashes

    def add(self, position: int, sketch: bytes) -> None:
        """Adds the hashes in the sketch of the article at `position`."""
        whole = len(sketch) // HASH_BYTES
        self._waiting_sketches.append(sketch[: whole * HASH_BYTES])
        self._waiting_positions.append(position)
        self._waiting += whole
        if self._waiting > MAX_WAITING:
            self._sort()

    def find(self, query: HashQuery) -> Hits:
        """The articles in which hashes of the query occur."""
        keys = query.keys
        if not len(keys):
            return NO_HITS
        if self._waiting > self._max_unsorted:
            self._sort()
        found = [run.find(keys, query.slots(run.shift)) for run in self._runs]
        if self._waiting:
            waiting, positions = self._unsorted()
            rows = np.minimum(np.searchsorted(keys, waiting), len(keys) - 1)
            hits = np.flatnonzero(keys[rows] == waiting)
            found.append(Hits(rows[hits], positions[hits].astype(np.int64)))
        found = [hits for hits in found if len(hits.rows)]
        return Hits(*map(np.concatenate, zip(*found, strict=True))) if found else NO_HITS

    def compact(self) -> None:
        """Merges everything into one run, for a day to which nothing, or little, will be added."""
        self._sort()
        while len(self._runs) > 1:
            self._merge_last()

    def _unsorted(self) -> tuple[Keys, Keys]:
        sizes = [len(sketch) // HASH_BYTES for sketch in self._waiting_sketches]
        positions = np.repeat(np.array(self._waiting_positions, np.uint32), sizes)
        return _upper_halves(decode_sketch(b"".join(self._waiting_sketches))), positions

    def _sort(self) -> None:
        if self._waiting:
            self._runs.append(_Run.of(*self._unsorted()))
        self._waiting_sketches, self._waiting_positions, self._waiting = [], [], 0
        while len(self._runs) > 1 and len(self._runs[-2].keys) < 2 * len(self._runs[-1].keys):
            self._merge_last()

    def _merge_last(self) -> None:
        last, before = self._runs.pop(), self._runs.pop()
        keys, positions = np.concatenate([before.keys, last.keys]), np.concatenate([before.positions, last.positions])
        self._runs.append(_Run.of(keys, positions))


class _Run(NamedTuple):
    """Keys in ascending order, with the positions of their articles.

    A slot is all keys that begin with the same bits; `starts` has the index of each slot's first key. `windows` has,
    for each key, KEYS_READ keys from there on: a view that takes no memory, padded with LARGEST_KEY at the end.
    """

    keys: Keys
    windows: Keys
    positions: Keys
    starts: Keys
    shift: int

    @classmethod
    def of(cls, keys: Keys, positions: Keys) -> "_Run":
        pairs = keys.astype(np.uint64) << np.uint64(32) | positions
        pairs.sort()  # a fifth of the time that argsort takes
        padded = np.append((pairs >> np.uint64(32)).astype(np.uint32), np.full(KEYS_READ, LARGEST_KEY))
        keys, positions = padded[: len(pairs)], pairs.astype(np.uint32)
        bits = max(1, (len(keys) // KEYS_PER_SLOT).bit_length())
        starts = np.zeros((1 << bits) + 1, np.uint32)
        np.cumsum(np.bincount(keys >> np.uint32(32 - bits), minlength=1 << bits), out=starts[1:])
        windows = np.lib.stride_tricks.sliding_window_view(padded, KEYS_READ)
        return cls(keys, windows, positions, starts, 32 - bits)

    def find(self, keys: Keys, slots: Indices) -> Hits:
        """The articles that have these keys: reads the first keys of each key's slot, which is nearly always enough."""
        read = self.windows[self.starts.take(slots)]
        if np.count_nonzero(read[:, -1] <= keys):
            return self._find_in_long_slots(keys, slots)
        equal = read == keys[:, None]
        if not np.count_nonzero(equal):  # as a rule: most news is new
            return NO_HITS
        rows, offsets = equal.nonzero()
        return Hits(rows, self.positions.take(self.starts.take(slots[rows]) + offsets).astype(np.int64))

    def _find_in_long_slots(self, keys: Keys, slots: Indices) -> Hits:
        """Reads all keys of each key's slot: a slot may have a shingle that a site repeats on thousands of pages."""
        first = self.starts.take(slots).astype(np.int64)
        counts = self.starts.take(slots + 1) - first
        ends = np.cumsum(counts)
        at = np.arange(ends[-1]) + np.repeat(first - (ends - counts), counts)
        hits = np.flatnonzero(self.keys.take(at) == np.repeat(keys, counts))
        return Hits(np.searchsorted(ends, hits, side="right"), self.positions.take(at[hits]).astype(np.int64))


def _upper_halves(hashes: Hashes) -> Keys:
    """The upper half of each hash: two different hashes have the same one once in 4 billion times."""
    return hashes.astype("<u8", copy=False).view("<u4")[1::2].copy()

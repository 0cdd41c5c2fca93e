"""Signatures in order of arrival -> whose copy each is, or nobody's.

Exact copies are found by their content hash; the others by the sampled shingles that two texts share, as a share of
both (resemblance) and of the smaller one (containment), so that a text cut to a third or set inside a round-up is found
too (docs/decisions/0006). A copy names the root: the original that is no copy itself.

`find` decides and changes nothing; `add` changes and decides nothing, so a window can be built again by adding alone.
Memory: about 12 bytes for each shingle hash, in segments of a day that are dropped whole.
"""

import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from enrich.fingerprint import Hashes, from_bytes, sampled
from pipeline.messages import DuplicateKind, Fingerprint

NEAR = 0.6  # resemblance
PARTIAL = 0.5  # containment
PARTIAL_SHORT = 0.7  # containment, where one of the two keeps every shingle because it is short
LEAST_SHARED = 3
LEAST_SHARED_SMALL = 2  # of a sketch of less than SMALL hashes
SMALL = 12
COMMON = 200  # articles of one day: a shingle of more is what sites repeat, not what is copied
TAIL = 50_000  # hashes that wait, unsorted, before they are merged into a segment
TEMPLATE_NUMBERS = 4  # numbers in both texts from which they must agree
TEMPLATE_AGREEMENT = 0.5


class Signature(NamedTuple):
    """What duplicates are found by. `day` is that of its arrival; `numbers` those of title and lead."""

    id: str
    content_hash: str
    sketch: bytes
    published: float  # seconds
    day: int
    numbers: frozenset[int] = frozenset()


class Copy(NamedTuple):
    """What is said of a copy: its original (a root), of what kind it is, and how alike the two are."""

    duplicate_of: str
    duplicate_kind: DuplicateKind
    resemblance: float
    containment: float


class Match(NamedTuple):
    """What was found, and the article in which it was recognised: the original or a copy of it."""

    recognised: str
    copy: Copy


class _Entry(msgspec.Struct):
    """An article of the window. `full` hashes of a short text, 0 for a longer one; `kept` of them are sampled."""

    id: str
    root: str
    content_hash: str
    published: float
    day: int
    place: int  # in its segment
    full: int
    kept: int
    numbers: "array[int]"


def signature(fingerprint: Fingerprint, published: float, day: int) -> Signature:
    """The signature of a remembered article."""
    numbers = frozenset(zlib.crc32(term.encode()) for term in fingerprint.terms if term[0].isdigit())
    return Signature(fingerprint.id, fingerprint.content_hash, fingerprint.sketch, published, day, numbers)


class Window:
    """The articles of one language that arrived in the last `days` days. Up to `tail` hashes of a day wait unsorted."""

    def __init__(self, days: int, tail: int = TAIL) -> None:
        self._days = days
        self._tail = tail
        self._entries: dict[str, _Entry] = {}
        self._by_content: dict[str, str] = {}  # the latest article with this content
        self._segments: dict[int, _Segment] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, signature: Signature) -> Match | None:
        """Whose copy this is. Never its own, and never that of a copy of itself. Changes nothing.

        Of several originals a nearly whole one goes before a partial one, then the earliest published.
        """
        return self._exact(signature) or self._alike(signature)

    def add(self, signature: Signature, root: str) -> None:
        """Puts an article in, in place of its earlier revision. `root` is its own id unless it is a copy."""
        earlier = self._entries.pop(signature.id, None)
        if earlier is not None:
            self._forget(earlier)
        hashes = from_bytes(signature.sketch)
        segment = self._segments.setdefault(signature.day, _Segment(self._tail))
        full, kept = _sizes(hashes)
        numbers = array("I", sorted(signature.numbers))
        entry = _Entry(
            signature.id, root, signature.content_hash, signature.published, signature.day, 0, full, kept, numbers
        )
        entry.place = segment.add(entry, hashes)
        self._entries[entry.id] = entry
        self._by_content[entry.content_hash] = entry.id

    def advance(self, day: int) -> None:
        """Drops the segments that are too old on `day`."""
        for old in [each for each in self._segments if each < day - self._days]:
            for entry in self._segments.pop(old).living():
                del self._entries[entry.id]
                self._forget_content(entry)

    def _forget(self, entry: _Entry) -> None:
        self._segments[entry.day].articles[entry.place] = None
        self._forget_content(entry)

    def _forget_content(self, entry: _Entry) -> None:
        if self._by_content.get(entry.content_hash) == entry.id:
            del self._by_content[entry.content_hash]

    def _exact(self, signature: Signature) -> Match | None:
        entry = self._entries.get(self._by_content.get(signature.content_hash, ""))
        if entry is None or entry.root == signature.id or abs(entry.day - signature.day) > self._days:
            return None
        return Match(entry.id, Copy(entry.root, "exact", 1.0, 1.0))

    def _alike(self, signature: Signature) -> Match | None:
        hashes = from_bytes(signature.sketch)
        best = min(self._matches(signature, hashes), default=None, key=lambda found: found[0])
        return best[1] if best else None

    def _matches(self, signature: Signature, hashes: Hashes) -> Iterator[tuple[tuple[bool, float, str], Match]]:
        full, kept = _sizes(hashes)
        for entry, shared in self._sharing(signature, hashes):
            both_full = bool(full and entry.full)
            mine, theirs = (full, entry.full) if both_full else (kept, entry.kept)
            kind = _kind(shared, mine, theirs, bool(full or entry.full))
            if kind and not _numbers_differ(kind, signature.numbers, frozenset(entry.numbers), both_full):
                kind = "exact" if entry.content_hash == signature.content_hash else kind
                figures = round(shared / (mine + theirs - shared), 4), round(shared / min(mine, theirs), 4)
                yield (kind == "partial", entry.published, entry.id), Match(entry.id, Copy(entry.root, kind, *figures))

    def _sharing(self, signature: Signature, hashes: Hashes) -> Iterator[tuple[_Entry, int]]:
        """The articles of the window, but for the article itself and its copies, with the hashes that they share."""
        for day, segment in self._segments.items():
            if abs(day - signature.day) > self._days:
                continue
            for place, shared in segment.sharing(hashes).items():
                entry = segment.articles[place]
                if entry is not None and signature.id not in (entry.id, entry.root):
                    yield entry, shared


class _Segment:
    """The shingle hashes of one day: sorted arrays, and a small unsorted tail."""

    def __init__(self, tail: int) -> None:
        self._most_waiting = tail
        self.articles: list[_Entry | None] = []
        self._hashes: Hashes = np.empty(0, dtype=np.uint64)
        self._owners: npt.NDArray[np.uint32] = np.empty(0, dtype=np.uint32)
        self._tail: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting = 0

    def add(self, entry: _Entry, hashes: Hashes) -> int:
        """The place that the article got."""
        place = len(self.articles)
        self.articles.append(entry)
        for value in hashes.tolist():
            self._tail[value].append(place)
        self._waiting += len(hashes)
        if self._waiting > max(self._most_waiting, len(self._hashes) // 8):
            self._merge()
        return place

    def living(self) -> Iterator[_Entry]:
        """The articles that were not replaced by a later revision."""
        return (entry for entry in self.articles if entry is not None)

    def sharing(self, hashes: Hashes) -> dict[int, int]:
        """For each place, how many of these hashes its article has, if they are enough; common hashes don't count."""
        first = np.searchsorted(self._hashes, hashes, "left")
        last = np.searchsorted(self._hashes, hashes, "right")
        rows = np.flatnonzero((last > first) & (last - first <= COMMON))
        sorted_owners = (self._owners[first[row] : last[row]].tolist() for row in rows)
        waiting = (self._tail.get(value, ()) for value in hashes.tolist())
        counts = Counter(chain.from_iterable(chain(sorted_owners, (w for w in waiting if len(w) <= COMMON))))
        return {place: count for place, count in counts.items() if count >= LEAST_SHARED_SMALL}

    def _merge(self) -> None:
        sizes = [len(owners) for owners in self._tail.values()]
        hashes = np.repeat(np.fromiter(self._tail, np.uint64, len(sizes)), sizes)
        owners = np.fromiter(chain.from_iterable(self._tail.values()), np.uint32, self._waiting)
        order = np.argsort(hashes, kind="stable")
        at = np.searchsorted(self._hashes, hashes[order], "right")
        self._hashes = np.insert(self._hashes, at, hashes[order])
        self._owners = np.insert(self._owners, at, owners[order])
        self._tail.clear()
        self._waiting = 0


def _sizes(hashes: Hashes) -> tuple[int, int]:
    """(number of hashes when the sketch keeps every shingle, else 0; number of those that are sampled)."""
    kept = len(sampled(hashes))
    return (len(hashes) if kept < len(hashes) else 0), kept


def _kind(shared: int, mine: int, theirs: int, short: bool) -> DuplicateKind | None:
    smaller = min(mine, theirs)
    if shared < (LEAST_SHARED_SMALL if smaller < SMALL else LEAST_SHARED):
        return None
    if shared >= NEAR * (mine + theirs - shared):
        return "near"
    return "partial" if shared >= (PARTIAL_SHORT if short else PARTIAL) * smaller else None


def _numbers_differ(kind: DuplicateKind, ours: frozenset[int], theirs: frozenset[int], short: bool) -> bool:
    """Whether two texts are one template filled with different figures: results, prices, weather.

    Of two short texts each must not have a number that the other lacks; longer ones that are nearly the same must agree
    in half of their numbers.
    """
    if short:
        return bool(ours - theirs and theirs - ours)
    if kind != "near" or min(len(ours), len(theirs)) < TEMPLATE_NUMBERS:
        return False
    return len(ours & theirs) < TEMPLATE_AGREEMENT * min(len(ours), len(theirs))

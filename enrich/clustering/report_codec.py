"""A report as vectors <-> the bytes that its fingerprint carries.

So that a start reads them back without hashing a word again: a window of 300,000 reports is to stand in a minute.
Layout, little-endian, four bytes each: how many words, names, words of the title, keys; then their buckets; then the
weights of the words, and the two lengths; behind them the gist (enrich/clustering/report_embedding), which reports of
before 2026-11-29 lack.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.clustering import report_embedding
from enrich.clustering.vectors import TABLE, Buckets, Joined, Report, Vector
from pipeline.failures import Poison

SIZES, LENGTHS = struct.Struct("<4i"), struct.Struct("<2f")
WIDTH = 4  # bytes of a bucket, and of a weight
ONES = np.ones(100, np.float32)  # one for all: most reports have less names


class Filed(NamedTuple):
    """What a start needs of a report: the buckets of its words and names, which are counted; by which its story is
    found; how long its words and names are as vectors, by the frequencies of when it came; and its gist: it is not
    asked again.
    """

    counted: Buckets
    keys: Buckets
    words_length: float
    names_length: float
    gist: bytes


def packed(report: Report, keys: Buckets, words_length: float, names_length: float) -> bytes:
    """What `filed` and `unpacked` read. Names and words of the title all weigh the same: their weights are left out."""
    buckets = report.words.buckets, report.names.buckets, report.title.buckets, keys
    whole = np.concatenate(buckets).astype("<i4").tobytes() + report.words.weights.astype("<f4").tobytes()
    return SIZES.pack(*map(len, buckets)) + whole + LENGTHS.pack(words_length, names_length) + report.gist


def filed(value: bytes) -> Filed:
    """What a start needs. Raises Poison."""
    words, names, title, keys = _sizes(value)
    buckets = _buckets(value, words + names + title + keys)
    at = SIZES.size + WIDTH * (len(buckets) + words)
    words_length, names_length = LENGTHS.unpack_from(value, at)
    said = value[at + LENGTHS.size :] or report_embedding.NOTHING
    return Filed(buckets[: words + names], buckets[words + names + title :], words_length, names_length, said)


def unpacked(value: bytes) -> tuple[Vector, Vector, Vector]:
    """Words, names and words of the title. Raises Poison."""
    words, names, title, keys = _sizes(value)
    buckets = _buckets(value, words + names + title)
    weights = np.frombuffer(value, "<f4", words, SIZES.size + WIDTH * (words + names + title + keys))
    named, titled = buckets[words : words + names], buckets[words + names :]
    return Vector(buckets[:words], weights), _alike(named), _alike(titled)


def met(values: Sequence[bytes], asked: npt.NDArray[np.bool_]) -> Joined:
    """Words of several reports, each of which `filed` has read, and names behind them as if they were of others: the
    entries of buckets that are asked for, in no order.

    All that is packed is looked up as if it were buckets, and then what is of words or names is taken: most is not met.
    """
    whole = np.frombuffer(b"".join(values), "<i4")
    starts = np.cumsum([0, *map(len, values)], dtype=np.int64)[:-1, None] // WIDTH
    ends = np.cumsum(whole.take(starts + np.arange(4)), axis=1, dtype=np.int64)  # of words, names, title, keys
    hits = np.flatnonzero(asked.take(whole & (TABLE - 1)))
    # of each report there are three spans: its words, its names, and all that lies before those of the next
    bounds = (starts + SIZES.size // WIDTH + np.column_stack([np.zeros(len(values), np.int64), ends[:, :2]])).ravel()
    span = np.searchsorted(bounds, hits, side="right") - 1
    owner, kind = np.divmod(span, 3)
    some = np.flatnonzero(kind < 2)
    hits, owner, is_name = hits.take(some), owner.take(some), kind.take(some)
    weights = whole.view("<f4").take(hits + ends[:, 3].take(owner) * (1 - is_name))
    weights[is_name == 1] = 1
    return Joined(whole.take(hits) & (TABLE - 1), weights, owner + is_name * len(values), 2 * len(values))


def _sizes(value: bytes) -> tuple[int, int, int, int]:
    """How many buckets of each kind there are. Raises Poison."""
    if len(value) >= SIZES.size:
        words, names, title, keys = sizes = SIZES.unpack_from(value)
        wanted = SIZES.size + WIDTH * (2 * words + names + title + keys) + LENGTHS.size
        if min(sizes) >= 0 and len(value) - wanted in (0, report_embedding.SIZE):
            return words, names, title, keys
    raise Poison("malformed_message", f"not a report's vectors: {len(value)} bytes")


def _buckets(value: bytes, count: int) -> Buckets:
    found: Buckets = np.frombuffer(value, "<i4", count, SIZES.size) & (TABLE - 1)
    return found


def _alike(buckets: Buckets) -> Vector:
    return Vector(buckets, ONES[: len(buckets)] if len(buckets) <= len(ONES) else np.ones(len(buckets), np.float32))

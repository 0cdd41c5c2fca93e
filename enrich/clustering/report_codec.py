"""Report codec: packs a report's vectors into the bytes that its fingerprint carries, and unpacks them.

So a start can read reports back without hashing a word again: a window of 300,000 must be rebuilt in a minute.

Layout, little-endian, four bytes each: the numbers of words, names, title words and keys; their buckets; the weights of
the words; the lengths of the word and name vectors. Behind them the embedding (enrich/clustering/report_embedding),
which reports from before 2026-11-29 do not have.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.clustering import report_embedding
from enrich.clustering.vectors import BUCKET_COUNT, Buckets, Report, Vector, VectorEntries
from pipeline.failures import Poison

SIZES, LENGTHS = struct.Struct("<4i"), struct.Struct("<2f")
BUCKET_BYTES = 4  # bytes of a bucket, and of a weight
ONES = np.ones(100, np.float32)  # shared by all vectors without weights: most have fewer entries


class ReportSummary(NamedTuple):
    """What is needed to add a packed report to a story: the buckets of its words and names (for the document
    frequencies), the keys by which its story is found, the lengths of its word and name vectors by the frequencies of
    when it came, and its embedding.
    """

    terms: Buckets
    keys: Buckets
    words_length: float
    names_length: float
    embedding: bytes


def pack_report(report: Report, keys: Buckets, words_length: float, names_length: float) -> bytes:
    """A report as bytes. Names and title words all have the weight 1, so their weights are left out."""
    buckets = report.words.buckets, report.names.buckets, report.title.buckets, keys
    whole = np.concatenate(buckets).astype("<i4").tobytes() + report.words.weights.astype("<f4").tobytes()
    return SIZES.pack(*map(len, buckets)) + whole + LENGTHS.pack(words_length, names_length) + report.embedding


def unpack_summary(value: bytes) -> ReportSummary:
    """The summary of a packed report. Raises Poison when the bytes are no report."""
    words, names, title, keys = _unpack_sizes(value)
    buckets = _unpack_buckets(value, words + names + title + keys)
    at = SIZES.size + BUCKET_BYTES * (len(buckets) + words)
    words_length, names_length = LENGTHS.unpack_from(value, at)
    embedding = value[at + LENGTHS.size :] or report_embedding.EMPTY_EMBEDDING
    terms, story_keys = buckets[: words + names], buckets[words + names + title :]
    return ReportSummary(terms, story_keys, words_length, names_length, embedding)


def unpack_vectors(value: bytes) -> tuple[Vector, Vector, Vector]:
    """The vectors of a packed report: words, names and title words. Raises Poison when the bytes are no report."""
    words, names, title, keys = _unpack_sizes(value)
    buckets = _unpack_buckets(value, words + names + title)
    weights = np.frombuffer(value, "<f4", words, SIZES.size + BUCKET_BYTES * (words + names + title + keys))
    named, titled = buckets[words : words + names], buckets[words + names :]
    return Vector(buckets[:words], weights), _unweighted(named), _unweighted(titled)


def select_entries(values: Sequence[bytes], wanted: npt.NDArray[np.bool_]) -> VectorEntries:
    """The entries of packed reports' words and names whose bucket is flagged in `wanted`, in no order.

    The n-th of N reports owns its words as vector n and its names as vector N + n. Each must have been read by
    `unpack_summary` before. Every packed number is looked up as if it were a bucket, and then those that belong to
    words or names are selected: that is fast because most buckets are not wanted.
    """
    whole = np.frombuffer(b"".join(values), "<i4")
    starts = np.cumsum([0, *map(len, values)], dtype=np.int64)[:-1, None] // BUCKET_BYTES
    ends = np.cumsum(whole.take(starts + np.arange(4)), axis=1, dtype=np.int64)  # of words, names, title, keys
    hits = np.flatnonzero(wanted.take(whole & (BUCKET_COUNT - 1)))
    # of each report there are three spans: its words, its names, and all that lies before those of the next
    bounds = (
        starts + SIZES.size // BUCKET_BYTES + np.column_stack([np.zeros(len(values), np.int64), ends[:, :2]])
    ).ravel()
    span = np.searchsorted(bounds, hits, side="right") - 1
    owner, kind = np.divmod(span, 3)
    selected = np.flatnonzero(kind < 2)
    hits, owner, is_name = hits.take(selected), owner.take(selected), kind.take(selected)
    weights = whole.view("<f4").take(hits + ends[:, 3].take(owner) * (1 - is_name))
    weights[is_name == 1] = 1
    return VectorEntries(whole.take(hits) & (BUCKET_COUNT - 1), weights, owner + is_name * len(values), 2 * len(values))


def _unpack_sizes(value: bytes) -> tuple[int, int, int, int]:
    """The numbers of words, names, title words and keys. Raises Poison when the length does not agree with them."""
    if len(value) >= SIZES.size:
        words, names, title, keys = sizes = SIZES.unpack_from(value)
        expected = SIZES.size + BUCKET_BYTES * (2 * words + names + title + keys) + LENGTHS.size
        if min(sizes) >= 0 and len(value) - expected in (0, report_embedding.EMBEDDING_BYTES):
            return words, names, title, keys
    raise Poison("malformed_message", f"not a report's vectors: {len(value)} bytes")


def _unpack_buckets(value: bytes, count: int) -> Buckets:
    buckets: Buckets = np.frombuffer(value, "<i4", count, SIZES.size) & (BUCKET_COUNT - 1)
    return buckets


def _unweighted(buckets: Buckets) -> Vector:
    return Vector(buckets, ONES[: len(buckets)] if len(buckets) <= len(ONES) else np.ones(len(buckets), np.float32))

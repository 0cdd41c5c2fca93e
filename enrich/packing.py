"""A report as vectors <-> the bytes that its fingerprint carries.

So that a start reads them back without hashing a word again: a window of 300,000 reports is to stand in a minute.
Layout, little-endian, four bytes each: how many words, names, words of the title, keys; then their buckets; then the
weights of the words, and the two lengths.
"""

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from enrich.vectors import TABLE, Buckets, Report, Vector
from pipeline.failures import Poison

HEADER = 4
LENGTHS = 2
ONES = np.ones(100, np.float32)  # one for all: most reports have less names


class Filed(NamedTuple):
    """By which buckets a report's story is found, and how long its words and names are as vectors.

    By the frequencies of when the report came: it is not asked again.
    """

    keys: Buckets
    words_length: float
    names_length: float


def packed(report: Report, filed: Filed) -> bytes:
    """What `unpacked` reads. Names and words of the title all weigh the same: their weights are left out."""
    buckets = report.words.buckets, report.names.buckets, report.title.buckets, filed.keys
    sizes = np.array([len(each) for each in buckets], "<i4")
    whole = np.concatenate([sizes, *buckets]).astype("<i4")
    lengths = np.array([filed.words_length, filed.names_length])
    return whole.tobytes() + np.concatenate([report.words.weights, lengths]).astype("<f4").tobytes()


def unpacked(value: bytes, time: float, day: int) -> tuple[Report, Filed]:
    """The report as it was packed; its arrays are views of the bytes. Raises Poison."""
    try:
        whole = np.frombuffer(value, "<i4")
        sizes = whole[:HEADER].tolist()
        words, names, title, keys = accumulate(sizes)
        buckets, weights = whole[HEADER : HEADER + keys] & (TABLE - 1), whole[HEADER + keys :].view("<f4")
        if min(sizes) < 0 or len(weights) != words + LENGTHS:
            raise ValueError(f"{len(value)} bytes")
    except ValueError as error:
        raise Poison("malformed_message", f"not a report's vectors: {error}") from error
    report = Report(
        Vector(buckets[:words], weights[:words]),
        _alike(buckets[words:names]),
        _alike(buckets[names:title]),
        time,
        day,
    )
    return report, Filed(buckets[title:keys], float(weights[words]), float(weights[words + 1]))


def _alike(buckets: Buckets) -> Vector:
    return Vector(buckets, ONES[: len(buckets)] if len(buckets) <= len(ONES) else np.ones(len(buckets), np.float32))

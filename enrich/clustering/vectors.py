"""Term vectors: turns the words and names of a report into sparse vectors, and weighs terms by how rare they are (idf).

In: title, text and entity keys of an article. Out: a Report of sparse vectors, and the inverse document frequency of
each term in the stream of reports.

Terms are hashed into buckets of a table of fixed size (feature hashing: Weinberger et al. 2009), so that no vocabulary
is needed for any language. Document frequencies are counted in the stream itself and decay with time, so that a word
which every report of a stream has weighs nothing, whatever the stream is about.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log
from operator import itemgetter
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from enrich.clustering.bucket_counts import BucketCounts
from enrich.clustering.report_embedding import EMPTY_EMBEDDING
from enrich.stop_words import stop_words
from enrich.unspaced_scripts import UNSPACED

Buckets = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Keys = TypeVar("Keys", npt.NDArray[np.int32], npt.NDArray[np.int64])

LEAD_WORDS = 300  # of a text, that are read
LEAD_CHARACTERS = 12 * LEAD_WORDS  # of a text, in which these words are looked for
MAX_TERMS = 80  # of a report
TITLE_WEIGHT = 4  # a word of the title counts as so many of the lead
BUCKET_COUNT = 1 << 20
HALF_LIFE_DAYS = 14.0  # of the document frequencies, ...
HALF_LIFE_REPORTS = 10_000  # ... but no sooner than after so many reports: a small stream would never know its words
# As if so many reports had been read in which no word was found. Few, so that words which every report of a stream has
# lose their weight soon; but not none, or the first reports would be compared by chance words.
PRIOR_REPORTS = 100.0
MIN_IDF = 0.05
MAX_WAITING = 5_000  # reports that wait to be counted while no frequency is asked for

WORD = re.compile(r"\w+(?:[-'’]\w+)*")
RUN = re.compile(r"[\w'’-]+")  # contains one or several words
JOINERS = re.compile(r"['’]s$|[-'’]")


class Vector(NamedTuple):
    """A sparse vector: buckets in ascending order, their weights."""

    buckets: Buckets
    weights: Weights


EMPTY = Vector(np.empty(0, np.int32), np.empty(0, np.float32))


class Report(NamedTuple):
    """An article as stories are compared with it: vectors of its words, names and title words, the time of publication
    (seconds), the day of arrival (days since 1970), and its embedding (enrich/clustering/report_embedding).
    """

    words: Vector
    names: Vector
    title: Vector
    time: float
    day: int
    embedding: bytes = EMPTY_EMBEDDING


def weigh_terms(title: str, text: str, language: str) -> dict[str, float]:
    """The MAX_TERMS most frequent words of title and lead, most frequent first, each with 1 + ln of its count.

    Stop words are left out. Equally frequent words stay in their order, for a lead begins with the news.
    """
    stops = stop_words(language)
    counts = Counter({word: TITLE_WEIGHT * n for word, n in Counter(_split_words(title, stops)).items()})
    counts.update(_split_words(text[:LEAD_CHARACTERS], stops)[:LEAD_WORDS])
    weightiest_first = sorted(counts.items(), key=itemgetter(1), reverse=True)  # sooner than `most_common` of so many
    return {word: _scale_count(count) for word, count in weightiest_first[:MAX_TERMS]}


@lru_cache(maxsize=1_000)
def _scale_count(count: int) -> float:
    return round(1.0 + log(count), 3)


def extract_title_terms(title: str, language: str) -> list[str]:
    """The words of a title without stop words, in their order."""
    return _split_words(title, stop_words(language))


def build_report(
    terms: Mapping[str, float],
    names: Iterable[str],
    time: float,
    day: int,
    title: Iterable[str] = (),
    embedding: bytes = EMPTY_EMBEDDING,
) -> Report:
    """A report as vectors: `terms` as from `weigh_terms`, `names` are entity keys, `title` as from
    `extract_title_terms`, `embedding` as from `report_embedding.embed_report`; `time` in seconds, `day` of arrival.
    """
    named = build_vector({f"@{name}": 1.0 for name in names})
    return Report(build_vector(terms), named, build_vector(dict.fromkeys(title, 1.0)), time, day, embedding)


def build_vector(weights: Mapping[str, float]) -> Vector:
    """The sparse vector of terms with their weights: each term is hashed to its bucket."""
    if not weights:
        return EMPTY
    buckets = np.array([hash_term(term) for term in weights], np.int32)
    order = buckets.argsort(kind="stable")
    found = Vector(buckets[order], np.array([*weights.values()], np.float32)[order])
    # two terms in one bucket are one
    return Vector(*_sum_by_key(*found)) if (found.buckets[1:] == found.buckets[:-1]).any() else found


@lru_cache(maxsize=200_000)
def hash_term(term: str) -> int:
    """The bucket of a term, 0 to BUCKET_COUNT - 1."""
    return zlib.crc32(term.encode(errors="surrogatepass")) % BUCKET_COUNT


def sum_vectors(vectors: Iterable[Vector]) -> Vector:
    """The sum of vectors, added in their order, so that a sum of sums is exactly the sum of all."""
    filled = [each for each in vectors if len(each.buckets)]
    if len(filled) < 2:
        return filled[0] if filled else EMPTY
    buckets, weights = zip(*filled, strict=True)
    return Vector(*_sum_by_key(np.concatenate(buckets), np.concatenate(weights)))


def _sum_by_key(keys: Keys, weights: Weights) -> tuple[Keys, Weights]:
    """Keys in ascending order, each once, with the sum of its weights, added in their order. Keys are below 2**31."""
    pairs = keys.astype(np.int64) << 32 | np.arange(len(keys))
    pairs.sort()  # a tenth of the time that argsort takes
    keys, order = (pairs >> 32).astype(keys.dtype), pairs & 0xFFFFFFFF
    first = mark_group_starts(keys)
    sums = np.zeros(int(np.count_nonzero(first)), np.float32)
    np.add.at(sums, np.cumsum(first) - 1, weights[order])
    return keys[first], sums


def mark_group_starts(ordered: Keys) -> npt.NDArray[np.bool_]:
    """Flags of the keys (in ascending order) that differ from the key before them."""
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


class VectorEntries(NamedTuple):
    """Entries of several vectors in one set of arrays; `owner` is the index of the vector to which each entry belongs,
    `vectors` the number of vectors.
    """

    buckets: Buckets
    weights: Weights
    owner: Indices
    vectors: int

    @classmethod
    def select(cls, vectors: Sequence[Vector], wanted: npt.NDArray[np.bool_]) -> "VectorEntries":
        """The entries of these vectors whose bucket is flagged in the table `wanted`."""
        buckets, weights = zip(*vectors, strict=True)
        owner = np.repeat(np.arange(len(vectors)), [len(each) for each in buckets])
        whole = np.concatenate(buckets)
        selected = np.flatnonzero(wanted[whole])
        return cls(whole[selected], np.concatenate(weights)[selected], owner[selected], len(vectors))

    def add_entries(self, more: "VectorEntries", owner: Indices) -> "VectorEntries":
        """These entries and those of `more`; `owner` has the vector of ours to which each vector of `more` belongs."""
        buckets, weights = np.concatenate([self.buckets, more.buckets]), np.concatenate([self.weights, more.weights])
        return VectorEntries(buckets, weights, np.concatenate([self.owner, owner[more.owner]]), self.vectors)

    def sum_by_bucket(self) -> "VectorEntries":
        """The entries with each bucket of a vector only once, with the sum of its weights."""
        whole: Indices = self.owner * BUCKET_COUNT + self.buckets
        keys, weights = _sum_by_key(whole, self.weights)
        return VectorEntries((keys % BUCKET_COUNT).astype(np.int32), weights, keys // BUCKET_COUNT, self.vectors)

    def sum_values(self, values: Weights) -> npt.NDArray[np.float64]:
        """For each vector, the sum of `values`, of which there is one for each entry."""
        return np.bincount(self.owner, values, self.vectors).astype(np.float64)

    def sum_largest(self, values: Weights, most: int) -> npt.NDArray[np.float64]:
        """For each vector, the sum of the `most` largest of its `values`, of which there is one for each entry.

        Values must be at least 0 and below 1000; the entries must be in the order of their vectors.
        """
        order = np.argsort(self.owner * 1e3 - values)
        starts = np.searchsorted(self.owner, np.arange(self.vectors))
        first = order[np.arange(len(order)) - starts[self.owner] < most]
        return np.bincount(self.owner[first], values[first], self.vectors).astype(np.float64)


class DocumentFrequencies:
    """In how many reports of a stream each bucket occurred, and its inverse document frequency (idf). Counts decay."""

    def __init__(self) -> None:
        self._counts = BucketCounts(BUCKET_COUNT)  # reports in which each bucket occurred, decayed
        self._waiting: list[Buckets] = []  # not yet counted in `_counts`
        self._reports = 0.0  # that are counted, decayed like the counts
        self._reports_since_decay = 0
        self.reports_seen = 0  # not decayed

    def count(self, buckets: Buckets) -> None:
        """Counts one more report, in which these buckets occur."""
        self._waiting.append(buckets)
        if len(self._waiting) > MAX_WAITING:
            self._catch_up()
        self._reports += 1
        self._reports_since_decay += 1
        self.reports_seen += 1

    def _catch_up(self) -> None:
        if self._waiting:
            self._counts.add(np.concatenate(self._waiting))
            self._waiting.clear()

    def decay(self, days: int) -> float:
        """Lets the counts decay by `days` (or less, if few reports came); returns the share (0 to 1) that is left."""
        self._catch_up()
        share: float = 0.5 ** min(days / HALF_LIFE_DAYS, self._reports_since_decay / HALF_LIFE_REPORTS)
        self._counts.scale(share)
        self._reports *= share
        self._reports_since_decay = 0
        return share

    def idf(self, buckets: Buckets, extra_reports: int = 0) -> Weights:
        """The inverse document frequency of each bucket: ln(reports / reports that have it), at least MIN_IDF.

        `extra_reports`: computed as if so many more reports had come, each with all of these buckets.
        """
        self._catch_up()
        counts = self._counts.get(buckets) + np.float32(0.5 + extra_reports)
        rarity = np.log(np.float32(PRIOR_REPORTS + self._reports + extra_reports) / counts)
        idf: Weights = np.maximum(np.float32(MIN_IDF), rarity)
        return idf

    def max_idf(self) -> float:
        """The inverse document frequency of a word that never occurred."""
        return log((PRIOR_REPORTS + self._reports) / 0.5)

    def keep_heaviest(self, vector: Vector, most: int) -> Vector:
        """The vector with only its `most` heaviest entries, by weight times idf."""
        if len(vector.buckets) <= most:
            return vector
        heaviest = np.sort(np.argsort(-vector.weights * self.idf(vector.buckets), kind="stable")[:most])
        return Vector(vector.buckets[heaviest], vector.weights[heaviest])


def norm(weights: Weights) -> float:
    """The Euclidean length of a vector that has these weights."""
    return math.sqrt(float(weights @ weights))


def select_heaviest(vector: Vector, weighed: Weights, most: int) -> Buckets:
    """The `most` buckets of a vector whose `weighed` weights are largest, heaviest first (all of them if fewer)."""
    if len(weighed) <= most:
        return vector.buckets
    return vector.buckets[np.argsort(-weighed, kind="stable")[:most]]


def _split_words(text: str, stops: frozenset[str]) -> list[str]:
    words: list[str] = []
    for run in RUN.findall(text.casefold()):
        if run.isalnum():  # nearly all are: this takes three quarters of the time that searching WORD at once takes
            words.append(run)
        else:
            words += [JOINERS.sub("", word) for word in WORD.findall(run)]
    if not text.isascii() and UNSPACED.search(text):
        words = [piece for word in words for piece in (_bigrams(word) if UNSPACED.search(word) else (word,))]
    return [word for word in words if len(word) > 1 and word not in stops]


def _bigrams(run: str) -> list[str]:
    """Pairs of adjacent characters, which take the place of words in scripts without spaces between words."""
    return [run[at : at + 2] for at in range(len(run) - 1)]

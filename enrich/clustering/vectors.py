"""Words and names of a report -> sparse vectors, and how much each word says in this stream.

Words are hashed into a table of fixed size, so that no list of words is needed for any language. Their document
frequencies are counted in the stream itself and fade, so that a word which every report of a stream has says nothing,
whatever the stream is about.
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

from enrich.clustering.report_embedding import NOTHING as NO_GIST
from enrich.language import stop_words
from enrich.unspaced_scripts import UNSPACED

Buckets = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Keys = TypeVar("Keys", npt.NDArray[np.int32], npt.NDArray[np.int64])

LEAD_WORDS = 300
LEAD_CHARACTERS = 12 * LEAD_WORDS
TERMS = 80  # of a report
TITLE_WEIGHT = 4  # a word of the title counts as so many of the lead
TABLE = 1 << 20  # buckets
HALF_LIFE_DAYS = 14.0  # of the document frequencies, ...
HALF_LIFE_REPORTS = 10_000  # ... but no sooner than after so many reports: a small stream would never know its words
# As if so many reports had been read in which no word was found. Few, so that words which every report of a stream has
# lose their weight soon; but not none, or the first reports would be compared by chance words.
PRIOR_REPORTS = 100.0
LEAST_IDF = 0.05
MOST_WAITING = 5_000  # reports that wait to be counted, until a frequency is asked for

WORD = re.compile(r"\w+(?:[-'’]\w+)*")
RUN = re.compile(r"[\w'’-]+")  # words lie in these
JOINTS = re.compile(r"['’]s$|[-'’]")


class Vector(NamedTuple):
    """A sparse vector: buckets in ascending order, their weights."""

    buckets: Buckets
    weights: Weights


NOTHING = Vector(np.empty(0, np.int32), np.empty(0, np.float32))


class Report(NamedTuple):
    """What is compared: words, names, the words of the title, when it was published (seconds), the day it arrived, and
    its gist.
    """

    words: Vector
    names: Vector
    title: Vector
    time: float
    day: int
    gist: bytes = NO_GIST


def weigh(title: str, text: str, language: str) -> dict[str, float]:
    """The words of title and lead that count, the heaviest first, with 1 + ln of how often each is there.

    Stop words are left out; of words that are there equally often the first are kept, for a lead begins with the news.
    """
    stops = stop_words(language)
    counts = Counter({word: TITLE_WEIGHT * n for word, n in Counter(_words(title, stops)).items()})
    counts.update(_words(text[:LEAD_CHARACTERS], stops)[:LEAD_WORDS])
    weightiest_first = sorted(counts.items(), key=itemgetter(1), reverse=True)  # sooner than `most_common` of so many
    return {word: _weight(count) for word, count in weightiest_first[:TERMS]}


@lru_cache(maxsize=1_000)
def _weight(count: int) -> float:
    return round(1.0 + log(count), 3)


def title_terms(title: str, language: str) -> list[str]:
    """The words of a title that count."""
    return _words(title, stop_words(language))


def report(
    terms: Mapping[str, float],
    names: Iterable[str],
    time: float,
    day: int,
    title: Iterable[str] = (),
    gist: bytes = NO_GIST,
) -> Report:
    """A report as vectors. `terms` as from `weigh`, `names` are keys of entities, `title` words of it."""
    named = vector({f"@{name}": 1.0 for name in names})
    return Report(vector(terms), named, vector(dict.fromkeys(title, 1.0)), time, day, gist)


def vector(weights: Mapping[str, float]) -> Vector:
    """Terms with their weights, hashed."""
    if not weights:
        return NOTHING
    buckets = np.array([bucket(term) for term in weights], np.int32)
    order = buckets.argsort(kind="stable")
    found = Vector(buckets[order], np.array([*weights.values()], np.float32)[order])
    # two terms in one bucket are one
    return Vector(*_united(*found)) if (found.buckets[1:] == found.buckets[:-1]).any() else found


@lru_cache(maxsize=200_000)
def bucket(term: str) -> int:
    """The bucket of a term."""
    return zlib.crc32(term.encode(errors="surrogatepass")) % TABLE


def total(vectors: Iterable[Vector]) -> Vector:
    """The sum of vectors, added one after the other: a sum of sums is the sum of all."""
    filled = [each for each in vectors if len(each.buckets)]
    if len(filled) < 2:
        return filled[0] if filled else NOTHING
    buckets, weights = zip(*filled, strict=True)
    return Vector(*_united(np.concatenate(buckets), np.concatenate(weights)))


def _united(keys: Keys, weights: Weights) -> tuple[Keys, Weights]:
    """Keys in ascending order, each once, with the sum of its weights, added in their order. Keys are below 2**31."""
    pairs = keys.astype(np.int64) << 32 | np.arange(len(keys))
    pairs.sort()  # a tenth of the time that argsort takes
    keys, order = (pairs >> 32).astype(keys.dtype), pairs & 0xFFFFFFFF
    first = starting(keys)
    sums = np.zeros(int(np.count_nonzero(first)), np.float32)
    np.add.at(sums, np.cumsum(first) - 1, weights[order])
    return keys[first], sums


def starting(ordered: Keys) -> npt.NDArray[np.bool_]:
    """Which of these, in ascending order, are not the same as the one before."""
    first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


class Joined(NamedTuple):
    """Entries of several vectors, one after the other; `owner` is which of them each is of."""

    buckets: Buckets
    weights: Weights
    owner: Indices
    vectors: int

    @classmethod
    def met(cls, vectors: Sequence[Vector], asked: npt.NDArray[np.bool_]) -> "Joined":
        """Of these vectors, the entries of buckets that are asked for."""
        buckets, weights = zip(*vectors, strict=True)
        owner = np.repeat(np.arange(len(vectors)), [len(each) for each in buckets])
        whole = np.concatenate(buckets)
        some = np.flatnonzero(asked[whole])
        return cls(whole[some], np.concatenate(weights)[some], owner[some], len(vectors))

    def with_more(self, more: "Joined", owner: Indices) -> "Joined":
        """What is in `more` too, for those of our vectors that `owner` says of each of its."""
        buckets, weights = np.concatenate([self.buckets, more.buckets]), np.concatenate([self.weights, more.weights])
        return Joined(buckets, weights, np.concatenate([self.owner, owner[more.owner]]), self.vectors)

    def united(self) -> "Joined":
        """Each bucket of a vector once, with the sum of its weights."""
        whole: Indices = self.owner * TABLE + self.buckets
        keys, weights = _united(whole, self.weights)
        return Joined((keys % TABLE).astype(np.int32), weights, keys // TABLE, self.vectors)

    def sums(self, values: Weights) -> npt.NDArray[np.float64]:
        """Of the values of the entries, the sum for each vector."""
        return np.bincount(self.owner, values, self.vectors).astype(np.float64)

    def largest(self, values: Weights, most: int) -> npt.NDArray[np.float64]:
        """Of the values of the entries, which are not negative and below 1000, the sum of the `most` largest of each.

        The entries are in the order of their vectors.
        """
        order = np.argsort(self.owner * 1e3 - values)
        starts = np.searchsorted(self.owner, np.arange(self.vectors))
        first = order[np.arange(len(order)) - starts[self.owner] < most]
        return np.bincount(self.owner[first], values[first], self.vectors).astype(np.float64)


class Frequencies:
    """In how many reports of the stream each bucket was found, and so how much it says."""

    def __init__(self) -> None:
        self._found = np.zeros(TABLE, dtype=np.float32)
        self._waiting: list[Buckets] = []  # not yet counted in `_found`
        self._reports = 0.0  # as many as the frequencies are of, faded like them
        self._since = 0  # reports that came since they faded
        self.read = 0

    def count(self, buckets: Buckets) -> None:
        """One more report, in which these were found."""
        self._waiting.append(buckets)
        if len(self._waiting) > MOST_WAITING:
            self._catch_up()
        self._reports += 1
        self._since += 1
        self.read += 1

    def _catch_up(self) -> None:
        if self._waiting:
            np.add.at(self._found, np.concatenate(self._waiting), np.float32(1))
            self._waiting.clear()

    def fade(self, days: int) -> float:
        """Forgets a part of what was counted, after so many days; returns the share that is left."""
        self._catch_up()
        share: float = 0.5 ** min(days / HALF_LIFE_DAYS, self._since / HALF_LIFE_REPORTS)
        # `where` leaves the pages of the table that were never written unwritten, so that a rare language costs little
        np.multiply(self._found, np.float32(share), out=self._found, where=self._found > 0)
        self._reports *= share
        self._since = 0
        return share

    def idf(self, buckets: Buckets, more: int = 0) -> Weights:
        """How much each bucket says: the logarithm of the share of reports that have it, turned round.

        `more`: as if so many more reports had come, and had them all.
        """
        self._catch_up()
        found = self._found[buckets] + np.float32(0.5 + more)
        rarity = np.log(np.float32(PRIOR_REPORTS + self._reports + more) / found)
        said: Weights = np.maximum(np.float32(LEAST_IDF), rarity)
        return said

    def most(self) -> float:
        """What a word says that was never found."""
        return log((PRIOR_REPORTS + self._reports) / 0.5)

    def cut(self, vector: Vector, most: int) -> Vector:
        """The `most` weightiest entries."""
        if len(vector.buckets) <= most:
            return vector
        kept = np.sort(np.argsort(-vector.weights * self.idf(vector.buckets), kind="stable")[:most])
        return Vector(vector.buckets[kept], vector.weights[kept])


def length(weights: Weights) -> float:
    """Of a vector of these weights."""
    return math.sqrt(float(weights @ weights))


def weightiest(vector: Vector, weighed: Weights, most: int) -> Buckets:
    """The `most` buckets that weigh most."""
    if len(weighed) <= most:
        return vector.buckets
    return vector.buckets[np.argsort(-weighed, kind="stable")[:most]]


def _words(text: str, stops: frozenset[str]) -> list[str]:
    words: list[str] = []
    for run in RUN.findall(text.casefold()):
        if run.isalnum():  # nearly all: it takes three quarters of the time that looking for WORD at once does
            words.append(run)
        else:
            words += [JOINTS.sub("", word) for word in WORD.findall(run)]
    if not text.isascii() and UNSPACED.search(text):
        words = [piece for word in words for piece in (_bigrams(word) if UNSPACED.search(word) else (word,))]
    return [word for word in words if len(word) > 1 and word not in stops]


def _bigrams(run: str) -> list[str]:
    """Pairs of characters: what stands for words in scripts that put no spaces between them."""
    return [run[at : at + 2] for at in range(len(run) - 1)]

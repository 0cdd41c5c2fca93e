"""Words and names of a report -> sparse vectors, and how much each word says in this stream.

Words are hashed into a table of fixed size, so that no list of words is needed for any language. Their document
frequencies are counted in the stream itself and fade, so that a word which every report of a stream has says nothing,
whatever the stream is about.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.entities import stop_words

Buckets = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]

LEAD_WORDS = 300
CHARACTERS_PER_WORD = 12
TERMS = 80  # of a report
TITLE_WEIGHT = 4  # a word of the title counts as so many of the lead
TABLE = 1 << 20  # buckets
HALF_LIFE_DAYS = 14.0  # of the document frequencies, ...
HALF_LIFE_REPORTS = 10_000  # ... but no sooner than after so many reports: a small stream would never know its words
# As if so many reports had been read in which no word was found. Few, so that words which every report of a stream has
# lose their weight soon; but not none, or the first reports would be compared by chance words.
PRIOR_REPORTS = 100.0
LEAST_IDF = 0.05

WORD = re.compile(r"\w+(?:[-'’]\w+)*")
JOINTS = re.compile(r"['’]s$|[-'’]")
IDEOGRAPHS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


class Vector(NamedTuple):
    """A sparse vector: buckets in ascending order, their weights."""

    buckets: Buckets
    weights: Weights


NOTHING = Vector(np.empty(0, np.int32), np.empty(0, np.float32))


class Report(NamedTuple):
    """What is compared: words, names, the words of the title, when it was published (seconds), the day it arrived."""

    words: Vector
    names: Vector
    title: Vector
    time: float
    day: int


def weigh(title: str, text: str, language: str) -> dict[str, float]:
    """The words of title and lead that count, the heaviest first, with 1 + ln of how often each is there.

    Stop words are left out; of words that are there equally often the first are kept, for a lead begins with the news.
    """
    stops = stop_words(language)
    counts = Counter({word: TITLE_WEIGHT * n for word, n in Counter(_words(title, stops)).items()})
    counts.update(_words(text[: LEAD_WORDS * CHARACTERS_PER_WORD], stops)[:LEAD_WORDS])
    return {word: round(1.0 + log(count), 3) for word, count in counts.most_common(TERMS)}


def title_terms(title: str, language: str) -> list[str]:
    """The words of a title that count."""
    return _words(title, stop_words(language))


def report(
    terms: Mapping[str, float], names: Iterable[str], time: float, day: int, title: Iterable[str] = ()
) -> Report:
    """A report as vectors. `terms` as from `weigh`, `names` are keys of entities, `title` words of it."""
    named = vector({f"@{name}": 1.0 for name in names})
    return Report(vector(terms), named, vector(dict.fromkeys(title, 1.0)), time, day)


def vector(weights: Mapping[str, float]) -> Vector:
    """Terms with their weights, hashed."""
    if not weights:
        return NOTHING
    buckets = np.array([bucket(term) for term in weights], np.int32)
    order = buckets.argsort(kind="stable")
    found = Vector(buckets[order], np.array([*weights.values()], np.float32)[order])
    # two terms in one bucket are one
    return total(found, NOTHING) if (found.buckets[1:] == found.buckets[:-1]).any() else found


@lru_cache(maxsize=200_000)
def bucket(term: str) -> int:
    """The bucket of a term."""
    return zlib.crc32(term.encode(errors="surrogatepass")) % TABLE


def total(one: Vector, other: Vector) -> Vector:
    """The sum of two vectors."""
    both = np.concatenate([one.buckets, other.buckets])
    order = both.argsort(kind="stable")
    both = both[order]
    first = np.flatnonzero(np.diff(both, prepend=-1))
    if not len(first):
        return NOTHING
    return Vector(both[first], np.add.reduceat(np.concatenate([one.weights, other.weights])[order], first))


class Frequencies:
    """In how many reports of the stream each bucket was found, and so how much it says."""

    def __init__(self) -> None:
        self._found = np.zeros(TABLE, dtype=np.float32)
        self._reports = 0.0  # as many as the frequencies are of, faded like them
        self._since = 0  # reports that came since they faded
        self.read = 0

    def count(self, report: Report) -> None:
        """One more report."""
        self._found[report.words.buckets] += 1
        self._found[report.names.buckets] += 1
        self._reports += 1
        self._since += 1
        self.read += 1

    def fade(self, days: int) -> None:
        """Forgets a part of what was counted, after so many days."""
        share = 0.5 ** min(days / HALF_LIFE_DAYS, self._since / HALF_LIFE_REPORTS)
        # `where` leaves the pages of the table that were never written unwritten, so that a rare language costs little
        np.multiply(self._found, np.float32(share), out=self._found, where=self._found > 0)
        self._reports *= share
        self._since = 0

    def idf(self, buckets: Buckets) -> Weights:
        """How much each bucket says: the logarithm of the share of reports that have it, turned round."""
        rarity = np.log(np.float32(PRIOR_REPORTS + self._reports) / (np.float32(0.5) + self._found[buckets]))
        said: Weights = np.maximum(np.float32(LEAST_IDF), rarity)
        return said

    def most(self) -> float:
        """What a word says that was never found."""
        return log((PRIOR_REPORTS + self._reports) / 0.5)

    def weighed(self, vector: Vector) -> Weights:
        """The vector's weights, each times what its bucket says."""
        said: Weights = vector.weights * self.idf(vector.buckets)
        return said

    def cut(self, vector: Vector, most: int) -> Vector:
        """The `most` weightiest entries."""
        if len(vector.buckets) <= most:
            return vector
        kept = np.sort(np.argsort(-self.weighed(vector), kind="stable")[:most])
        return Vector(vector.buckets[kept], vector.weights[kept])


def length(weights: Weights) -> float:
    """Of a vector of these weights."""
    return math.sqrt(float(weights @ weights))


def weightiest(vector: Vector, weighed: Weights, most: int) -> list[int]:
    """The `most` buckets that weigh most, in ascending order."""
    if len(weighed) > most:
        vector = Vector(vector.buckets[np.sort(np.argsort(-weighed, kind="stable")[:most])], weighed)
    found: list[int] = vector.buckets.tolist()
    return found


def _words(text: str, stops: frozenset[str]) -> list[str]:
    words = (JOINTS.sub("", word) for word in WORD.findall(text.casefold()))
    pieces = (piece for word in words for piece in (_bigrams(word) if IDEOGRAPHS.search(word) else (word,)))
    return [piece for piece in pieces if len(piece) > 1 and piece not in stops]


def _bigrams(run: str) -> list[str]:
    """Pairs of characters: what stands for words in scripts that put no spaces between them."""
    return [run[at : at + 2] for at in range(len(run) - 1)]

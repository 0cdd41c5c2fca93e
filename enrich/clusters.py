"""Reports in order of arrival -> the open story that each belongs to, or none.

One pass: a report is compared with the open stories that share its weightiest words and names, and joins the most
similar one if that is similar enough. Similarity is the mean cosine between the report and the story's own reports, as
tf-idf vectors (words of title and lead; names), and fades with the time between them (docs/decisions/0007).

`choose` decides and changes nothing; `add` changes and decides nothing, so a state can be built again by adding alone.
Words are hashed into a table of fixed size, stories are cut to their weightiest words and closed when nothing joins
them: memory is bounded by what the window holds, not by how long the process runs.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from enrich.entities import stop_words

Buckets = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]

# The numbers below were chosen on stories/allsides of the corpus, as it is and squeezed into an eighth of its days
LEAD_WORDS = 300
CHARACTERS_PER_WORD = 12
TERMS = 80  # of a report
STORY_TERMS = 120
STORY_NAMES = 50
TITLE_WEIGHT = 4  # a word of the title counts as so many of the lead
WORDS_SHARE = 0.8  # of the similarity; the names have the rest
SIGMA_DAYS = 2.0  # similarity fades with the time apart like a normal curve
TABLE = 1 << 20  # buckets of the document frequencies
HALF_LIFE_DAYS = 14.0  # of the document frequencies
# As if so many reports had been read in which no word was found. Few, so that words which every report of a stream has
# lose their weight soon; but not none, or the first reports would be compared by chance words.
PRIOR_REPORTS = 100.0
# While hardly a word's frequency is known, all similarities are too high: those of unrelated reports by 1.5 times (99th
# percentile) to 2.9 times (mean), measured before the first report against after a thousand. So more is asked for:
# 1 + CAUTION times the threshold at first, 1 + CAUTION / 2 times after CAUTIOUS_REPORTS.
CAUTION = 2.0
CAUTIOUS_REPORTS = 3.0
LEAST_IDF = 0.05
INDEXED_WORDS = 20  # of a report: by these its story is found
INDEXED_NAMES = 10
LONGEST_POSTINGS = 2_000  # stories; a word of more finds none
CANDIDATES = 40
DAY_SECONDS = 86_400.0

WORD = re.compile(r"\w+(?:[-'’]\w+)*")
JOINTS = re.compile(r"['’]s$|[-'’]")
IDEOGRAPHS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


class Vector(NamedTuple):
    """A sparse vector: buckets in ascending order, their weights."""

    buckets: Buckets
    weights: Weights


class Report(NamedTuple):
    """What is compared: words and names, when it was published (seconds), and the day that it arrived."""

    words: Vector
    names: Vector
    time: float
    day: int


@dataclass(slots=True)
class _Cluster:
    """An open story: the sum of its reports' vectors, and when they are from."""

    words: Vector
    names: Vector
    words_length: float  # sum of the reports' own lengths
    names_length: float
    oldest: float
    newest: float
    day: int  # of the latest arrival
    indexed: set[int] = field(default_factory=set)


def weigh(title: str, text: str, language: str) -> dict[str, float]:
    """The words of title and lead that count, the heaviest first, with 1 + ln of how often each is there.

    Stop words are left out; of words that are there equally often the first are kept, for a lead begins with the news.
    """
    stops = stop_words(language)
    counts = Counter({word: TITLE_WEIGHT * n for word, n in Counter(_words(title, stops)).items()})
    counts.update(_words(text[: LEAD_WORDS * CHARACTERS_PER_WORD], stops)[:LEAD_WORDS])
    return {word: round(1.0 + log(count), 3) for word, count in counts.most_common(TERMS)}


def report(terms: Mapping[str, float], names: Iterable[str], time: float, day: int) -> Report:
    """A report as vectors. `terms` as from `weigh`, `names` are keys of entities."""
    return Report(_vector(terms), _vector({f"@{name}": 1.0 for name in names}), time, day)


class Clusters:
    """The open stories of one language. A story that nothing joined for `window_days` is closed."""

    def __init__(self, threshold: float, window_days: int) -> None:
        self._threshold = threshold
        self._window = window_days
        self._open: dict[str, _Cluster] = {}
        self._postings: defaultdict[int, set[str]] = defaultdict(set)
        self._frequencies = np.zeros(TABLE, dtype=np.float32)
        self._reports = 0.0  # as many as the frequencies are of, faded like them
        self._read = 0
        self._day = 0

    def __contains__(self, story: str) -> bool:
        return story in self._open

    def __len__(self) -> int:
        return len(self._open)

    def choose(self, report: Report) -> str | None:
        """The open story that the report belongs to. Changes nothing."""
        scored = [(self._similarity(report, self._open[story]), story) for story in self._candidates(report)]
        best = max(scored, default=(0.0, ""))
        return best[1] if best[0] >= self._bar() else None

    def add(self, story: str, report: Report) -> None:
        """Puts a report into a story, which is opened when it is not open."""
        self._count(report)
        cluster = self._open.get(story)
        if cluster is None:
            cluster = _Cluster(_vector({}), _vector({}), 0.0, 0.0, report.time, report.time, report.day)
            self._open[story] = cluster
        self._widen(cluster, report)
        keys = self._keys(report)
        cluster.indexed.update(keys)
        for bucket in keys:
            self._postings[bucket].add(story)

    def touch(self, story: str, day: int) -> None:
        """Keeps a story open, if it is: a copy arrived, which says nothing new."""
        if story in self._open:
            self._open[story].day = max(self._open[story].day, day)

    def advance(self, day: int) -> list[str]:
        """Lets frequencies fade until `day` and closes the stories that are idle by then; returns those."""
        if day <= self._day:
            return []
        fade = 0.5 ** ((day - self._day) / HALF_LIFE_DAYS)
        # `where` leaves the pages of the table that were never written unwritten, so that a rare language costs little
        np.multiply(self._frequencies, fade, out=self._frequencies, where=self._frequencies > 0)
        self._reports *= fade
        self._day = day
        closed = [story for story, cluster in self._open.items() if cluster.day < day - self._window]
        for story in closed:
            self._close(story)
        return closed

    # --- similarity ---

    def _bar(self) -> float:
        return self._threshold * (1.0 + CAUTION * CAUTIOUS_REPORTS / (CAUTIOUS_REPORTS + self._read))

    def _similarity(self, report: Report, cluster: _Cluster) -> float:
        apart = max(0.0, cluster.oldest - report.time, report.time - cluster.newest) / DAY_SECONDS
        words = self._mean_cosine(report.words, cluster.words, cluster.words_length)
        names = self._mean_cosine(report.names, cluster.names, cluster.names_length)
        return (WORDS_SHARE * words + (1 - WORDS_SHARE) * names) * exp(-(apart**2) / (2 * SIGMA_DAYS**2))

    def _mean_cosine(self, one: Vector, total: Vector, lengths: float) -> float:
        """Of `one` with each vector in the sum: unlike the cosine with the sum, it doesn't grow with their number."""
        _, left, right = np.intersect1d(one.buckets, total.buckets, assume_unique=True, return_indices=True)
        shared = float((one.weights[left] * total.weights[right]) @ self._idf(one.buckets[left]) ** 2)
        return shared / (self._length(one) * lengths) if shared else 0.0

    def _length(self, vector: Vector) -> float:
        return float(np.linalg.norm(vector.weights * self._idf(vector.buckets)))

    def _idf(self, buckets: Buckets) -> Weights:
        found = self._frequencies[buckets].astype(np.float64)
        return np.maximum(LEAST_IDF, np.log((PRIOR_REPORTS + self._reports) / (0.5 + found)))

    # --- candidates ---

    def _candidates(self, report: Report) -> list[str]:
        """The open stories with the most weight of shared words and names."""
        keys = self._keys(report)
        found: Counter[str] = Counter()
        for bucket, weight in zip(keys, self._idf(np.array(keys, dtype=np.int64)).tolist(), strict=True):
            postings = self._postings.get(bucket, ())
            if len(postings) <= LONGEST_POSTINGS:
                for story in postings:
                    found[story] += weight * weight
        idle = report.day - self._window
        best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]
        return [story for story, _ in best if self._open[story].day >= idle]

    def _keys(self, report: Report) -> list[int]:
        words, names = self._cut(report.words, INDEXED_WORDS), self._cut(report.names, INDEXED_NAMES)
        return [*words.buckets.tolist(), *names.buckets.tolist()]

    def _cut(self, vector: Vector, most: int) -> Vector:
        """The `most` weightiest entries."""
        if len(vector.buckets) <= most:
            return vector
        kept = np.sort(np.argsort(-vector.weights * self._idf(vector.buckets), kind="stable")[:most])
        return Vector(vector.buckets[kept], vector.weights[kept])

    # --- changes ---

    def _count(self, report: Report) -> None:
        self._frequencies[report.words.buckets] += 1
        self._frequencies[report.names.buckets] += 1
        self._reports += 1
        self._read += 1

    def _widen(self, cluster: _Cluster, report: Report) -> None:
        cluster.words = self._cut(_sum(cluster.words, report.words), STORY_TERMS)
        cluster.names = self._cut(_sum(cluster.names, report.names), STORY_NAMES)
        cluster.words_length += self._length(report.words)
        cluster.names_length += self._length(report.names)
        cluster.oldest = min(cluster.oldest, report.time)
        cluster.newest = max(cluster.newest, report.time)
        cluster.day = max(cluster.day, report.day)

    def _close(self, story: str) -> None:
        for bucket in self._open.pop(story).indexed:
            postings = self._postings[bucket]
            postings.discard(story)
            if not postings:
                del self._postings[bucket]


def _words(text: str, stops: frozenset[str]) -> list[str]:
    words = (JOINTS.sub("", word) for word in WORD.findall(text.casefold()))
    pieces = (piece for word in words for piece in (_bigrams(word) if IDEOGRAPHS.search(word) else (word,)))
    return [piece for piece in pieces if len(piece) > 1 and piece not in stops]


def _bigrams(run: str) -> list[str]:
    """Pairs of characters: what stands for words in scripts that put no spaces between them."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _vector(weights: Mapping[str, float]) -> Vector:
    found: dict[int, float] = {}
    for term, weight in weights.items():
        bucket = zlib.crc32(term.encode(errors="surrogatepass")) % TABLE
        found[bucket] = found.get(bucket, 0.0) + weight
    buckets = sorted(found)
    return Vector(np.array(buckets, dtype=np.int64), np.array([found[each] for each in buckets], dtype=np.float64))


def _sum(one: Vector, other: Vector) -> Vector:
    buckets, place = np.unique(np.concatenate([one.buckets, other.buckets]), return_inverse=True)
    weights = np.bincount(place, np.concatenate([one.weights, other.weights]))
    return Vector(buckets, weights.astype(np.float64))

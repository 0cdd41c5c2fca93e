"""Reports in order of arrival -> the open story that each belongs to, or none; and stories that turn out to be one.

One pass: a report is compared with the open stories that share its weightiest words and names, and joins the one to
which it most surely belongs, if that is sure enough (enrich/joining, docs/decisions/0018).

`choose` decides and changes nothing; `add` and `merge` change and decide nothing, so a state can be built again by them
alone. Stories are cut to their weightiest words and closed when nothing joins them: memory is bounded by what the
window holds, not by how long the process runs.
"""

from array import array
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from enrich.joining import Features, Learnt, chances, features, learnt
from enrich.vectors import NOTHING, TABLE, Frequencies, Report, Vector, Weights, length, total, weightiest

STORY_TERMS = 120
STORY_NAMES = 50
STORY_TITLE = 40
INDEXED_WORDS = 20  # of a report: by these its story is found
INDEXED_NAMES = 10
LONGEST_POSTINGS = 2_000  # stories; a word of more finds none
CANDIDATES = 30
RAREST = 5
DAY_SECONDS = 86_400.0
# Two stories are one when a report belongs to both, and one of them, as if it were a report, to the other
MERGE = 0.9
CAUTIOUS_REPORTS = 12.0  # after so many a stream's words are known well enough to go half of the way to the threshold


class Choice(NamedTuple):
    """The story that a report belongs to, and those that turn out to be the same."""

    story: str
    merged: tuple[str, ...] = ()


@dataclass(slots=True)
class _Cluster:
    """An open story: the sums of its reports' vectors, and when they are from."""

    story: str
    words: Vector
    names: Vector
    title: Vector
    words_length: float  # sum of the reports' own lengths
    names_length: float
    oldest: float
    newest: float
    day: int  # of the latest arrival
    indexed: array  # type: ignore[type-arg]  # of "i": buckets


class Clusters:
    """The open stories of one language. A story that nothing joined for `window_days` is closed."""

    def __init__(self, threshold: float, window_days: int, known: Learnt | None = None) -> None:
        self._threshold = threshold
        self._known = known or learnt()
        self._window = window_days
        self._numbers: dict[str, int] = {}  # story -> its number, in order of opening
        self._open: dict[int, _Cluster] = {}
        self._postings: dict[int, array[int]] = {}  # bucket -> numbers of stories, closed ones too until `advance`
        self._opened = 0
        self._frequencies = Frequencies()
        self._day = 0
        # what a report says of a bucket, for the length of a comparison; zero otherwise
        self._says = [np.zeros(TABLE, dtype=np.float32) for _ in range(3)]

    def __contains__(self, story: str) -> bool:
        return story in self._numbers

    def __len__(self) -> int:
        return len(self._open)

    def choose(self, report: Report) -> Choice | None:
        """The open story that the report belongs to, and what is the same story. Changes nothing."""
        found = self.compared(report)
        if not found:
            return None
        stories, rows = found
        sure = chances(rows, self._known)
        order = np.argsort(-sure, kind="stable")[:2].tolist()
        if sure[order[0]] < self._bar():
            return None
        best = [self._open[self._numbers[stories[n]]] for n in order if sure[n] >= MERGE]
        if len(best) == 2 and self._same(*best):
            older, younger = sorted(best, key=lambda each: self._numbers[each.story])
            return Choice(older.story, (younger.story,))
        return Choice(stories[order[0]])

    def compared(self, report: Report) -> tuple[list[str], Features] | None:
        """The open stories that may be the report's, with the features of each. Changes nothing."""
        return self._compared(report, [self._open[number] for number in self._candidates(report)])

    def add(self, story: str, report: Report) -> None:
        """Puts a report into a story, which is opened when it is not open."""
        self._frequencies.count(report)
        if story not in self._numbers:
            self._open_story(story, report)
        number = self._numbers[story]
        cluster = self._open[number]
        cluster.words = self._summed(cluster.words, report.words, STORY_TERMS)
        cluster.names = self._summed(cluster.names, report.names, STORY_NAMES)
        cluster.title = self._summed(cluster.title, report.title, STORY_TITLE)
        words, names = self._frequencies.weighed(report.words), self._frequencies.weighed(report.names)
        cluster.words_length += length(words)
        cluster.names_length += length(names)
        cluster.oldest = min(cluster.oldest, report.time)
        cluster.newest = max(cluster.newest, report.time)
        cluster.day = max(cluster.day, report.day)
        self._index(number, _keys(report, words, names))

    def merge(self, story: str, other: str) -> bool:
        """Makes `other` a part of `story`; False when one of them is not open."""
        if story not in self._numbers or other not in self._numbers or story == other:
            return False
        number = self._numbers[story]
        into, gone = self._open[number], self._open.pop(self._numbers.pop(other))
        into.words = self._summed(into.words, gone.words, STORY_TERMS)
        into.names = self._summed(into.names, gone.names, STORY_NAMES)
        into.title = self._summed(into.title, gone.title, STORY_TITLE)
        into.words_length += gone.words_length
        into.names_length += gone.names_length
        into.oldest, into.newest = min(into.oldest, gone.oldest), max(into.newest, gone.newest)
        into.day = max(into.day, gone.day)
        # its own number stays in the postings until this story closes: it finds nothing
        self._index(number, gone.indexed.tolist())
        return True

    def touch(self, story: str, day: int) -> None:
        """Keeps a story open, if it is: a copy arrived, which says nothing new."""
        if story in self._numbers:
            cluster = self._open[self._numbers[story]]
            cluster.day = max(cluster.day, day)

    def advance(self, day: int) -> list[str]:
        """Lets frequencies fade until `day` and closes the stories that are idle by then; returns those."""
        if day <= self._day:
            return []
        self._frequencies.fade(day - self._day)
        self._day = day
        closed = [number for number, cluster in self._open.items() if cluster.day < day - self._window]
        gone = [self._open.pop(number) for number in closed]
        for cluster in gone:
            del self._numbers[cluster.story]
        self._sweep({key for cluster in gone for key in cluster.indexed})
        return [cluster.story for cluster in gone]

    def _bar(self) -> float:
        """How sure it must be: nearly certain at first, while hardly a word's frequency is known."""
        return 1 - (1 - self._threshold) * self._frequencies.read / (self._frequencies.read + CAUTIOUS_REPORTS)

    # --- comparing ---

    def _compared(self, report: Report, candidates: Sequence[_Cluster]) -> tuple[list[str], Features] | None:
        if not candidates:
            return None
        told = self._tell(report)
        try:
            rows = [self._similar(told, cluster) for cluster in candidates]
        finally:
            self._forget(report)
        apart = [max(0.0, each.oldest - report.time, report.time - each.newest) for each in candidates]
        found = features(np.array(rows), np.array(apart) / DAY_SECONDS, self._frequencies.read)
        return [each.story for each in candidates], found

    def _tell(self, report: Report) -> tuple[float, float, float]:
        """Writes what the report says into the tables; returns the lengths of its words, names and title."""
        weighed, title, idfs = self._says
        lengths = []
        for part in (report.words, report.names):
            idf = self._frequencies.idf(part.buckets)
            weighed[part.buckets] = part.weights * idf * idf
            idfs[part.buckets] = idf
            lengths.append(float(np.linalg.norm(part.weights * idf)))
        squares = self._frequencies.idf(report.title.buckets) ** 2
        title[report.title.buckets] = squares
        return lengths[0], lengths[1], float(squares.sum())

    def _forget(self, report: Report) -> None:
        for table in self._says:
            for part in (report.words, report.names, report.title):
                table[part.buckets] = 0.0

    def _similar(self, told: tuple[float, float, float], cluster: _Cluster) -> list[float]:
        """Mean cosine of the words and of the names with the story's reports, share of the title, rarity.

        The mean cosine, unlike the cosine with the sum, does not grow with the number of reports.
        """
        weighed, title, idfs = self._says
        buckets, names = cluster.words.buckets, cluster.names.buckets
        words = float(weighed[buckets] @ cluster.words.weights)
        named = float(weighed[names] @ cluster.names.weights)
        rarest = np.sort(idfs[buckets])[-RAREST:]
        return [
            words / (told[0] * cluster.words_length) if words else 0.0,
            named / (told[1] * cluster.names_length) if named else 0.0,
            float(title[buckets].sum()) / told[2] if told[2] else 0.0,
            float(rarest.sum()) / RAREST / self._frequencies.most(),
        ]

    def _same(self, one: _Cluster, other: _Cluster) -> bool:
        """Whether the smaller of two stories would belong to the larger, if it were a report."""
        small, large = sorted((one, other), key=lambda each: each.words_length)
        middle = (small.oldest + small.newest) / 2
        found = self._compared(Report(small.words, small.names, small.title, middle, small.day), [large])
        return found is not None and bool(chances(found[1], self._known)[0] >= MERGE)

    # --- candidates ---

    def _candidates(self, report: Report) -> list[int]:
        """The numbers of the open stories with the most weight of shared words and names."""
        words, names = self._frequencies.weighed(report.words), self._frequencies.weighed(report.names)
        keys = [key for key in _keys(report, words, names) if 0 < len(self._postings.get(key, ())) <= LONGEST_POSTINGS]
        if not keys:
            return []
        postings = [np.frombuffer(self._postings[key], dtype=np.int64) for key in keys]
        idf = self._frequencies.idf(np.array(keys, dtype=np.int32)).astype(np.float64)
        numbers, place = np.unique(np.concatenate(postings), return_inverse=True)
        weight = np.bincount(place, np.repeat(idf**2, [len(each) for each in postings]))
        best = numbers[np.argsort(-weight, kind="stable")].tolist()
        living = (number for number in best if number in self._open and self._near(self._open[number], report))
        return [number for number, _ in zip(living, range(CANDIDATES), strict=False)]

    def _near(self, cluster: _Cluster, report: Report) -> bool:
        """Whether the story is not idle when the report arrives, nor was when it was published, nor yet to begin."""
        most = self._window * DAY_SECONDS
        return (
            cluster.day >= report.day - self._window and cluster.oldest - most <= report.time <= cluster.newest + most
        )

    # --- changes ---

    def _open_story(self, story: str, report: Report) -> None:
        self._opened += 1
        self._numbers[story] = self._opened
        self._open[self._opened] = _Cluster(
            story, NOTHING, NOTHING, NOTHING, 0.0, 0.0, report.time, report.time, report.day, array("i")
        )

    def _summed(self, one: Vector, other: Vector, most: int) -> Vector:
        if not len(other.buckets):
            return one
        return self._frequencies.cut(total(one, other) if len(one.buckets) else other, most)

    def _index(self, number: int, keys: Sequence[int]) -> None:
        indexed, postings = self._open[number].indexed, self._postings
        known = set(indexed)
        for key in keys:
            if key not in known:
                indexed.append(key)
                if key in postings:
                    postings[key].append(number)
                else:
                    postings[key] = array("q", (number,))

    def _sweep(self, keys: Set[int]) -> None:
        """Takes the closed stories out of these postings."""
        for key in keys:
            living = array("q", (number for number in self._postings[key] if number in self._open))
            if living:
                self._postings[key] = living
            else:
                del self._postings[key]


def _keys(report: Report, words: Weights, names: Weights) -> list[int]:
    """By what the story of a report is found: its words and names that weigh most."""
    return [*weightiest(report.words, words, INDEXED_WORDS), *weightiest(report.names, names, INDEXED_NAMES)]

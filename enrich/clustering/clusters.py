"""Reports in order of arrival -> the open story that each belongs to, or none; and stories that turn out to be one.

One pass: a report is compared with the open stories that share its weightiest words and names, and joins the one to
which it most surely belongs, if that is sure enough (enrich/clustering/join_model, docs/decisions/0018).

`choose` decides and changes nothing; `add` and `merge` change and decide nothing, so a state can be built again by them
alone. Stories are cut to their weightiest words and closed when nothing joins them: memory is bounded by what the
window holds, not by how long the process runs.
"""

import sys
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

import numpy as np

from enrich.clustering import report_embedding
from enrich.clustering.inverted_index import Numbers, Postings
from enrich.clustering.join_model import Features, Nets, chances, features, learnt
from enrich.clustering.open_story import OpenStory, met
from enrich.clustering.report_codec import filed, packed
from enrich.clustering.vectors import TABLE, Buckets, Frequencies, Report, Weights, length, starting, weightiest

INDEXED_WORDS = 20  # of a report: by these its story is found
INDEXED_NAMES = 10
MOST_KEYS = 300  # of a story; one of so many reports is found by those it has
LONGEST_POSTINGS = 2_000  # stories; a word of more finds none
CANDIDATES = 30
LIKELY = 2 * CANDIDATES  # so many are sorted first: one that is closed, or of another time, is no candidate
LIST_BITS = 8  # for the number of a list, which are no more than a story has keys
RAREST = 5
DAY_SECONDS = 86_400.0
# Two stories are one when a report surely belongs to both, and one of them, as if it were a report, to the other
BRIDGE = 0.9
SAME = 0.7  # less: that a report belongs to both speaks for it already
CAUTIOUS_REPORTS = 8.0  # after so many a stream's words are known well enough to go half of the way to the threshold


class Choice(NamedTuple):
    """The story that a report belongs to, and those that turn out to be the same."""

    story: str
    merged: tuple[str, ...] = ()


class _Told(NamedTuple):
    """What a report says: its words and names, times what each says, and what its features are shares of."""

    words: Weights
    names: Weights
    wholes: tuple[float, ...]


class Clusters:
    """The open stories of one language. A story that nothing joined for `window_days` is closed, and at each day's end
    those that are idle longest, so that no more than `most_open` are left.
    """

    def __init__(
        self, threshold: float, window_days: int, most_open: int = sys.maxsize, nets: Nets | None = None
    ) -> None:
        self._threshold = threshold
        self._most_open = most_open
        self._nets = nets or learnt()
        self._window = window_days
        self._numbers: dict[str, int] = {}  # story -> its number, in order of opening
        self._open: dict[int, OpenStory] = {}
        self._postings = Postings()  # bucket -> numbers of stories, closed ones too until `advance`
        self._opened = 0
        self._frequencies = Frequencies()
        self._usual = report_embedding.Usual()
        self._day = 0
        # what a report says of a bucket, and whether it has it, for the length of a comparison; zero otherwise
        self._says = [np.zeros(TABLE, dtype=np.float32) for _ in range(3)]
        self._has = np.zeros(TABLE, dtype=bool)

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
        sure = chances(rows, self._nets)
        order = np.argsort(-sure, kind="stable")[:2].tolist()
        if sure[order[0]] < self._bar():
            return None
        best = [self._open[self._numbers[stories[n]]] for n in order if sure[n] >= BRIDGE]
        if len(best) == 2 and self._same(*best):
            older, younger = sorted(best, key=lambda each: self._numbers[each.story])
            return Choice(older.story, (younger.story,))
        return Choice(stories[order[0]])

    def compared(self, report: Report) -> tuple[list[str], Features] | None:
        """The open stories that may be the report's, with the features of each. Changes nothing."""
        return self._compared(report)

    def pack(self, report: Report) -> bytes:
        """A report that comes now, with what its story will be found by. Changes nothing."""
        idf = self._frequencies.idf(np.concatenate([report.words.buckets, report.names.buckets]), 1)
        count = len(report.words.buckets)
        words, names = report.words.weights * idf[:count], report.names.weights * idf[count:]
        return packed(report, _keys(report, words, names), length(words), length(names))

    def add(self, story: str, value: bytes, time: float, day: int) -> None:
        """Puts a report, as it was packed, into a story, which is opened when it is not open. Raises Poison."""
        report = filed(value)
        self._frequencies.count(report.counted)
        self._usual.count(report.gist)
        if story not in self._numbers:
            self._open_story(story, time, day)
        number = self._numbers[story]
        cluster = self._open[number]
        cluster.add(value, report, time, day)
        if cluster.is_to_be_cut:
            cluster.cut(self._frequencies)
        self._index(number, report.keys)

    def merge(self, story: str, other: str) -> bool:
        """Makes `other` a part of `story`; False when one of them is not open."""
        if story not in self._numbers or other not in self._numbers or story == other:
            return False
        number = self._numbers[story]
        into, gone = self._open[number], self._open.pop(self._numbers.pop(other))
        into.absorb(gone, self._frequencies)
        # its own number stays in the postings until this story closes: it finds nothing
        self._index(number, gone.indexed)
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
        self._usual.fade(self._frequencies.fade(day - self._day))
        self._day = day
        gone = [self._open.pop(number) for number in self._to_close(day)]
        for cluster in gone:
            del self._numbers[cluster.story]
        self._postings.sweep([cluster.indexed for cluster in gone], self._open)
        return [cluster.story for cluster in gone]

    def _to_close(self, day: int) -> list[int]:
        """The stories that are idle by `day`; of the others, where they are too many, those that are idle longest."""
        idle = [number for number, cluster in self._open.items() if cluster.day < day - self._window]
        more = len(self._open) - len(idle) - self._most_open
        if more <= 0:
            return idle
        return nsmallest(len(idle) + more, self._open, key=lambda number: (self._open[number].day, number))

    def _bar(self) -> float:
        """How sure it must be: nearly certain at first, while hardly a word's frequency is known."""
        return 1 - (1 - self._threshold) * self._frequencies.read / (self._frequencies.read + CAUTIOUS_REPORTS)

    # --- comparing ---

    def _compared(self, report: Report, only: Sequence[OpenStory] = ()) -> tuple[list[str], Features] | None:
        buckets = np.concatenate([each.buckets for each in report[:3]])
        told = self._tell(report, buckets)
        try:
            candidates = only or self._candidates(report, told)
            if not candidates:
                return None
            rows = self._similar(told, candidates)
        finally:
            for table in (*self._says, self._has):
                table[buckets] = 0
        apart = [max(0.0, each.oldest - report.time, report.time - each.newest) for each in candidates]
        gists = report_embedding.compared(report.gist, [each.gists for each in candidates], self._usual.mean())
        found = features(rows, np.array(apart) / DAY_SECONDS, self._frequencies.read, gists)
        return [each.story for each in candidates], found

    def _tell(self, report: Report, buckets: Buckets) -> _Told:
        """Writes what the report says into the tables; returns how much it is. `buckets` are all of it."""
        said, title, idfs = self._says
        words, both = len(report.words.buckets), len(report.words.buckets) + len(report.names.buckets)
        idf = self._frequencies.idf(buckets)
        weighed = np.concatenate([report.words.weights, report.names.weights]) * idf[:both]
        said[buckets[:both]] = weighed * idf[:both]
        idfs[buckets[:both]] = idf[:both]
        squares = idf * idf
        title[buckets[both:]] = squares[both:]
        self._has[buckets] = True
        told = weighed[:words], weighed[words:]
        sums = [float(each.sum()) for each in (squares[both:], squares[:words], squares[words:both])]
        return _Told(*told, (length(told[0]), length(told[1]), sums[0], self._frequencies.most(), *sums[1:]))

    def _similar(self, told: _Told, candidates: Sequence[OpenStory]) -> Features:
        """Mean cosine of the words and of the names with the story's reports, share of the title, rarity, shares of all
        words and names, for each.

        The mean cosine, unlike the cosine with the sum, does not grow with the number of reports.
        """
        said, title, idfs = self._says
        each, count = met(candidates, self._has), len(candidates)  # words of all, then names of all
        idf = idfs.take(each.buckets)
        alike, shared = each.sums(said.take(each.buckets) * each.weights), each.sums(idf * idf)
        wholes = np.repeat(np.array(told.wholes)[:, None], count, axis=1)
        wholes[:2] *= np.array([(story.words_length, story.names_length) for story in candidates]).T
        parts = np.empty((6, count))
        parts[:2], parts[4:] = alike.reshape(2, count), shared.reshape(2, count)
        parts[2] = each.sums(title.take(each.buckets))[:count]
        parts[3] = each.largest(idf, RAREST)[:count] / RAREST
        similar: Features = np.divide(parts, wholes, out=np.zeros((6, count)), where=wholes > 0).T
        return similar

    def _same(self, one: OpenStory, other: OpenStory) -> bool:
        """Whether the smaller of two stories would belong to the larger, if it were a report."""
        small, large = sorted((one, other), key=lambda each: each.words_length)
        small.sum_up()
        middle, said = (small.oldest + small.newest) / 2, report_embedding.as_one(small.gists)
        found = self._compared(Report(small.words, small.names, small.title, middle, small.day, said), [large])
        return found is not None and bool(chances(found[1], self._nets)[0] >= SAME)

    # --- candidates ---

    def _candidates(self, report: Report, told: _Told) -> list[OpenStory]:
        """The open stories with the most weight of shared words and names."""
        keys, postings = self._postings.find(_keys(report, told.words, told.names), LONGEST_POSTINGS)
        if not postings:
            return []
        weight = self._says[2].take(keys).astype(np.float64) ** 2
        found = (self._open.get(number) for number in _weightiest(postings, weight))
        return list(islice((each for each in found if each and self._near(each, report)), CANDIDATES))

    def _near(self, cluster: OpenStory, report: Report) -> bool:
        """Whether the story is not idle when the report arrives, nor was when it was published, nor yet to begin."""
        most = self._window * DAY_SECONDS
        return (
            cluster.day >= report.day - self._window and cluster.oldest - most <= report.time <= cluster.newest + most
        )

    # --- changes ---

    def _open_story(self, story: str, time: float, day: int) -> None:
        self._opened += 1
        self._numbers[story] = self._opened
        self._open[self._opened] = OpenStory(story, time, time, day)

    def _index(self, number: int, keys: Buckets) -> None:
        cluster = self._open[number]
        if len(cluster.indexed):
            known = set(cluster.indexed.tolist())
            new = [key for key in keys.tolist() if key not in known]
            keys = np.array(new[: max(0, MOST_KEYS - len(known))], np.int32)
            cluster.indexed = np.concatenate([cluster.indexed, keys])
        else:
            cluster.indexed = keys.copy()  # or all that was unpacked with them is kept
        self._postings.add(number, keys)


def _keys(report: Report, words: Weights, names: Weights) -> Buckets:
    """By what the story of a report is found: its words and names that weigh most."""
    parts = weightiest(report.words, words, INDEXED_WORDS), weightiest(report.names, names, INDEXED_NAMES)
    keys = np.sort(np.concatenate(parts))
    return keys[starting(keys)]


def _weightiest(postings: Sequence[Numbers], weights: Features) -> Iterator[int]:
    """The numbers in the lists, those with the largest sum of their lists' weights first; of equals the lowest number.

    All are sorted only when somebody asks for more than the first ones.
    """
    which = np.repeat(np.arange(len(postings)), [len(each) for each in postings])
    pairs = np.concatenate(postings) << LIST_BITS | which
    pairs.sort()  # a quarter of the time that np.unique takes with its inverse
    numbers, which = pairs >> LIST_BITS, pairs & ((1 << LIST_BITS) - 1)
    first = np.flatnonzero(starting(numbers))
    numbers, sums = numbers[first], np.add.reduceat(weights[which], first)
    likely = sums >= (np.partition(sums, -LIKELY)[-LIKELY] if len(sums) > LIKELY else 0.0)
    for part in (likely, ~likely):
        yield from numbers[part][np.argsort(-sums[part], kind="stable")].tolist()

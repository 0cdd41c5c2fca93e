"""Story clustering: decides which open story a report belongs to, and which stories turn out to be the same.

In: reports of one language, in order of arrival. Out: for each the story to join, or None for a new one; and stories to
merge.

Single-pass clustering: a report is compared with the open stories that share its heaviest words and names, and joins
the one to which it belongs with the highest probability, if that reaches the threshold (enrich/clustering/join_model,
docs/decisions/0018).

`choose` decides but changes nothing; `add` and `merge` change but decide nothing, so the state can be rebuilt by them
alone. Stories are cut to their heaviest words and closed when nothing joins them: memory is bounded by the window, not
by how long the process runs.
"""

import sys
from collections.abc import Sequence
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

import numpy as np

from enrich.clustering.inverted_index import InvertedIndex, rank_stories
from enrich.clustering.join_model import Features, Nets, build_features, load_nets, predict_probabilities
from enrich.clustering.open_story import OpenStory, select_entries
from enrich.clustering.report_codec import pack_report, unpack_summary
from enrich.clustering.report_embedding import AverageMeaning, combine_embeddings, compare_embeddings
from enrich.clustering.scratch_tables import scratch_tables
from enrich.clustering.vectors import (
    Buckets,
    DocumentFrequencies,
    Report,
    Weights,
    mark_group_starts,
    norm,
    select_heaviest,
)

INDEXED_WORDS = 20  # of a report: its heaviest, by which its story is found
INDEXED_NAMES = 10
MAX_KEYS = 300  # of a story, by which it is found
MAX_STORIES_PER_KEY = 2_000  # a word or name that more stories have is not searched
MAX_CANDIDATES = 30  # stories with which a report is compared
SORTED_FIRST = 2 * MAX_CANDIDATES  # stories that are sorted at first: closed ones among them are no candidates
RAREST_WORDS = 5  # of the feature "rare"
DAY_SECONDS = 86_400.0
# Two stories are merged when a report belongs to each of them with the first probability, and the smaller one, compared
# as if it were a report, belongs to the larger with the second (lower, since the report speaks for the merge already)
MERGE_REPORT_PROBABILITY = 0.9
MERGE_STORY_PROBABILITY = 0.7
CAUTIOUS_REPORTS = 8.0  # after so many reports of a stream the required probability is half of the way to the threshold


class StoryChoice(NamedTuple):
    """The story that a report belongs to, and the stories that are to be merged into it."""

    story: str
    merged: tuple[str, ...] = ()


class _ReportWeights(NamedTuple):
    """The idf-weighted words and names of a report, and the maxima by which its six WORD_FEATURES are divided."""

    words: Weights
    names: Weights
    maxima: tuple[float, ...]


class Clusters:
    """The open stories of one language.

    A report joins a story with a probability of at least `threshold`. A story that nothing joined for `window_days` is
    closed; at the end of each day, those that are idle longest too, so that no more than `most_open` stay open. `nets`
    are those of the join model, by default the trained ones.
    """

    def __init__(
        self, threshold: float, window_days: int, most_open: int = sys.maxsize, nets: Nets | None = None
    ) -> None:
        self._threshold = threshold
        self._most_open = most_open
        self._nets = nets or load_nets()
        self._window_days = window_days
        self._numbers: dict[str, int] = {}  # story -> its number, in order of opening
        self._open: dict[int, OpenStory] = {}
        self._index = InvertedIndex()  # bucket -> numbers of stories, closed ones too until `advance`
        self._opened = 0
        self._frequencies = DocumentFrequencies()
        self._average_meaning = AverageMeaning()
        self._day = 0
        self._tables = scratch_tables()

    def __contains__(self, story: str) -> bool:
        return story in self._numbers

    def __len__(self) -> int:
        return len(self._open)

    def choose(self, report: Report) -> StoryChoice | None:
        """The open story that the report belongs to, and what to merge into it; None for none. Changes nothing."""
        found = self.compare(report)
        if not found:
            return None
        stories, rows = found
        probabilities = predict_probabilities(rows, self._nets)
        order = np.argsort(-probabilities, kind="stable")[:2].tolist()
        if probabilities[order[0]] < self._required_probability():
            return None
        best = [self._open[self._numbers[stories[n]]] for n in order if probabilities[n] >= MERGE_REPORT_PROBABILITY]
        if len(best) == 2 and self._are_same_story(*best):
            older, younger = sorted(best, key=lambda each: self._numbers[each.story])
            return StoryChoice(older.story, (younger.story,))
        return StoryChoice(stories[order[0]])

    def compare(self, report: Report) -> tuple[list[str], Features] | None:
        """The open stories to which the report may belong, and a row of FEATURES for each; None for none. Changes
        nothing.
        """
        return self._compare_with(report)

    def pack(self, report: Report) -> bytes:
        """Packs a report that arrives now, with the keys by which its story will be found. Changes nothing."""
        idf = self._frequencies.idf(np.concatenate([report.words.buckets, report.names.buckets]), 1)
        count = len(report.words.buckets)
        words, names = report.words.weights * idf[:count], report.names.weights * idf[count:]
        return pack_report(report, _select_keys(report, words, names), norm(words), norm(names))

    def add(self, story: str, value: bytes, time: float, day: int) -> None:
        """Adds a packed report to a story, and opens the story if it is not open.

        `time` is that of publication (seconds), `day` that of arrival. Raises Poison when the bytes are no report.
        """
        report = unpack_summary(value)
        self._frequencies.count(report.terms)
        self._average_meaning.count(report.embedding)
        if story not in self._numbers:
            self._open_story(story, time, day)
        number = self._numbers[story]
        cluster = self._open[number]
        cluster.add(value, report, time, day)
        if cluster.needs_cut:
            cluster.keep_heaviest(self._frequencies)
        self._index_story(number, report.keys)

    def merge(self, story: str, other: str) -> bool:
        """Merges the story `other` into `story`. Returns False when one of them is not open."""
        if story not in self._numbers or other not in self._numbers or story == other:
            return False
        number = self._numbers[story]
        into, gone = self._open[number], self._open.pop(self._numbers.pop(other))
        into.absorb(gone, self._frequencies)
        # the number of the merged story stays in the index until this story closes; it is found, but not open
        self._index_story(number, gone.indexed)
        return True

    def touch(self, story: str, day: int) -> None:
        """Keeps an open story open, because a copy of one of its reports arrived on `day`."""
        if story in self._numbers:
            cluster = self._open[self._numbers[story]]
            cluster.day = max(cluster.day, day)

    def advance(self, day: int) -> list[str]:
        """Moves on to `day`: frequencies decay, idle stories are closed. Returns the closed stories."""
        if day <= self._day:
            return []
        self._average_meaning.decay(self._frequencies.decay(day - self._day))
        self._day = day
        gone = [self._open.pop(number) for number in self._to_close(day)]
        for cluster in gone:
            del self._numbers[cluster.story]
        self._index.remove_closed([cluster.indexed for cluster in gone], self._open)
        return [cluster.story for cluster in gone]

    def _to_close(self, day: int) -> list[int]:
        """The numbers of the stories that are idle on `day`, and if too many are left, of those idle longest."""
        idle = [number for number, cluster in self._open.items() if cluster.day < day - self._window_days]
        more = len(self._open) - len(idle) - self._most_open
        if more <= 0:
            return idle
        return nsmallest(len(idle) + more, self._open, key=lambda number: (self._open[number].day, number))

    def _required_probability(self) -> float:
        """The probability from which a report joins: near 1 at first, while hardly any document frequency is known."""
        reports = self._frequencies.reports_seen
        return 1 - (1 - self._threshold) * reports / (reports + CAUTIOUS_REPORTS)

    # --- comparing ---

    def _compare_with(self, report: Report, only: Sequence[OpenStory] = ()) -> tuple[list[str], Features] | None:
        buckets = np.concatenate([each.buckets for each in report[:3]])
        weighed_report = self._write_report(report, buckets)
        try:
            candidates = only or self._find_candidates(report, weighed_report)
            if not candidates:
                return None
            rows = self._measure_similarity(weighed_report, candidates)
        finally:
            self._tables.clear(buckets)
        seconds_apart = [max(0.0, each.oldest - report.time, report.time - each.newest) for each in candidates]
        days_apart, average = np.array(seconds_apart) / DAY_SECONDS, self._average_meaning.mean()
        embedding = compare_embeddings(report.embedding, [each.embeddings for each in candidates], average)
        features = build_features(rows, days_apart, self._frequencies.reports_seen, embedding)
        return [each.story for each in candidates], features

    def _write_report(self, report: Report, buckets: Buckets) -> _ReportWeights:
        """Writes the report into the tables, by bucket. `buckets` are those of its words, names and title words."""
        weights, title, idfs, in_report = self._tables
        words, both = len(report.words.buckets), len(report.words.buckets) + len(report.names.buckets)
        idf = self._frequencies.idf(buckets)
        weighed = np.concatenate([report.words.weights, report.names.weights]) * idf[:both]
        weights[buckets[:both]] = weighed * idf[:both]
        idfs[buckets[:both]] = idf[:both]
        squares = idf * idf
        title[buckets[both:]] = squares[both:]
        in_report[buckets] = True
        vectors = weighed[:words], weighed[words:]
        sums = [float(each.sum()) for each in (squares[both:], squares[:words], squares[words:both])]
        maxima = norm(vectors[0]), norm(vectors[1]), sums[0], self._frequencies.max_idf(), *sums[1:]
        return _ReportWeights(*vectors, maxima)

    def _measure_similarity(self, weighed_report: _ReportWeights, candidates: Sequence[OpenStory]) -> Features:
        """A row of the six WORD_FEATURES for each candidate.

        The mean cosine with the story's reports, unlike the cosine with their sum, does not grow with their number.
        """
        weights, title, idfs, in_report = self._tables
        each, count = select_entries(candidates, in_report), len(candidates)  # words of all, then names of all
        idf = idfs.take(each.buckets)
        products, shared = each.sum_values(weights.take(each.buckets) * each.weights), each.sum_values(idf * idf)
        maxima = np.repeat(np.array(weighed_report.maxima)[:, None], count, axis=1)
        maxima[:2] *= np.array([(story.words_length, story.names_length) for story in candidates]).T
        parts = np.empty((6, count))
        parts[:2], parts[4:] = products.reshape(2, count), shared.reshape(2, count)
        parts[2] = each.sum_values(title.take(each.buckets))[:count]
        parts[3] = each.sum_largest(idf, RAREST_WORDS)[:count] / RAREST_WORDS
        similarities: Features = np.divide(parts, maxima, out=np.zeros((6, count)), where=maxima > 0).T
        return similarities

    def _are_same_story(self, one: OpenStory, other: OpenStory) -> bool:
        """Whether the smaller of two stories belongs to the larger, when it is compared as if it were a report."""
        small, large = sorted((one, other), key=lambda each: each.words_length)
        small.add_waiting()
        middle, embedding = (small.oldest + small.newest) / 2, combine_embeddings(small.embeddings)
        found = self._compare_with(Report(small.words, small.names, small.title, middle, small.day, embedding), [large])
        return found is not None and bool(predict_probabilities(found[1], self._nets)[0] >= MERGE_STORY_PROBABILITY)

    # --- candidates ---

    def _find_candidates(self, report: Report, weighed_report: _ReportWeights) -> list[OpenStory]:
        """The open stories in the report's window that share most with it, by the summed weight of shared keys."""
        keys, postings = self._index.find(
            _select_keys(report, weighed_report.words, weighed_report.names), MAX_STORIES_PER_KEY
        )
        if not postings:
            return []
        weight = self._tables.idfs.take(keys).astype(np.float64) ** 2
        found = (self._open.get(number) for number in rank_stories(postings, weight, SORTED_FIRST))
        return list(islice((each for each in found if each and self._is_in_window(each, report)), MAX_CANDIDATES))

    def _is_in_window(self, cluster: OpenStory, report: Report) -> bool:
        """Whether the story is at most a window away from the report, by arrival and by publication."""
        most = self._window_days * DAY_SECONDS
        return (
            cluster.day >= report.day - self._window_days
            and cluster.oldest - most <= report.time <= cluster.newest + most
        )

    # --- changes ---

    def _open_story(self, story: str, time: float, day: int) -> None:
        self._opened += 1
        self._numbers[story] = self._opened
        self._open[self._opened] = OpenStory(story, time, time, day)

    def _index_story(self, number: int, keys: Buckets) -> None:
        cluster = self._open[number]
        if len(cluster.indexed):
            known = set(cluster.indexed.tolist())
            new = [key for key in keys.tolist() if key not in known]
            keys = np.array(new[: max(0, MAX_KEYS - len(known))], np.int32)
            cluster.indexed = np.concatenate([cluster.indexed, keys])
        else:
            cluster.indexed = keys.copy()  # a view would keep all that was unpacked with it in memory
        self._index.add(number, keys)


def _select_keys(report: Report, words: Weights, names: Weights) -> Buckets:
    """The buckets by which the story of a report is found: its heaviest words and names, ascending, each once."""
    parts = select_heaviest(report.words, words, INDEXED_WORDS), select_heaviest(report.names, names, INDEXED_NAMES)
    keys = np.sort(np.concatenate(parts))
    return keys[mark_group_starts(keys)]

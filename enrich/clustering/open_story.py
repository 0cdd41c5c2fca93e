"""Open story: what is kept of a story's reports to compare new reports with, the sums of their vectors.

In: packed reports, one after the other. Out: the entries of the sums for the buckets that a new report has.

The sums are cut to their heaviest entries after every few reports, by the document frequencies of that moment. Until
then reports stay packed and are not summed: most stories have only one or two, and hardly any of a window that is read
back at a start is ever compared. What a story is compared by is the same whether its reports are summed or not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from enrich.clustering import report_codec
from enrich.clustering.report_codec import ReportSummary, unpack_vectors
from enrich.clustering.vectors import EMPTY, Buckets, DocumentFrequencies, Vector, VectorEntries, sum_vectors

MAX_WORDS = 120  # entries of the sums after a cut
MAX_NAMES = 50
MAX_TITLE_WORDS = 40
MAX_EMBEDDINGS = 8  # those of the latest reports are kept
CUT_AFTER = 4  # reports: so the sums are bounded, but seldom made


@dataclass(slots=True)
class OpenStory:
    """The sums of a story's reports, and when these were published.

    `words`, `names` and `title` are complete after `add_waiting`.
    """

    story: str
    oldest: float  # time of publication, seconds
    newest: float
    day: int  # of the latest arrival
    words: Vector = EMPTY  # sum of all reports except the waiting ones
    names: Vector = EMPTY
    title: Vector = EMPTY
    waiting: list[bytes] = field(default_factory=list)  # packed reports: most are the only one of their story
    uncut_reports: int = 0  # that came since the sums were cut
    words_length: float = 0.0  # sum of the vector lengths of the reports
    names_length: float = 0.0
    indexed: Buckets = field(default_factory=lambda: EMPTY.buckets)  # by which the story is found
    embeddings: list[bytes] = field(default_factory=list)  # of the latest reports

    def add(self, value: bytes, report: ReportSummary, time: float, day: int) -> None:
        """Adds a report: packed, its summary, time of publication (seconds) and day of arrival."""
        self.waiting.append(value)
        self.embeddings = [*self.embeddings, report.embedding][-MAX_EMBEDDINGS:]
        self.uncut_reports += 1
        self.words_length += report.words_length
        self.names_length += report.names_length
        self.oldest, self.newest = min(self.oldest, time), max(self.newest, time)
        self.day = max(self.day, day)

    @property
    def needs_cut(self) -> bool:
        """Whether CUT_AFTER or more reports came since the sums were cut."""
        return self.uncut_reports >= CUT_AFTER

    def absorb(self, other: "OpenStory", frequencies: DocumentFrequencies) -> None:
        """Adds all reports of another story, and cuts the sums."""
        self.add_waiting()
        other.add_waiting()
        self._add_vectors([(other.words, other.names, other.title)])
        self.keep_heaviest(frequencies)
        self.embeddings = [*self.embeddings, *other.embeddings][-MAX_EMBEDDINGS:]
        self.words_length += other.words_length
        self.names_length += other.names_length
        self.oldest, self.newest = min(self.oldest, other.oldest), max(self.newest, other.newest)
        self.day = max(self.day, other.day)

    def add_waiting(self) -> None:
        """Adds the waiting reports to the sums, which are the same whenever this is done."""
        self._add_vectors(map(unpack_vectors, self.waiting))
        self.waiting.clear()

    def _add_vectors(self, more: Iterable[tuple[Vector, Vector, Vector]]) -> None:
        parts = zip((self.words, self.names, self.title), *more, strict=True)
        self.words, self.names, self.title = map(sum_vectors, parts)

    def keep_heaviest(self, frequencies: DocumentFrequencies) -> None:
        """Cuts the sums to their heaviest entries, by the document frequencies of now."""
        self.add_waiting()
        self.words = frequencies.keep_heaviest(self.words, MAX_WORDS)
        self.names = frequencies.keep_heaviest(self.names, MAX_NAMES)
        self.title = frequencies.keep_heaviest(self.title, MAX_TITLE_WORDS)
        self.uncut_reports = 0


def select_entries(stories: Sequence[OpenStory], wanted: npt.NDArray[np.bool_]) -> VectorEntries:
    """The entries of these stories' words and names whose bucket is flagged in `wanted`, each bucket of a story once.

    The n-th of N stories owns its words as vector n and its names as vector N + n.
    """
    summed = VectorEntries.select([*(each.words for each in stories), *(each.names for each in stories)], wanted)
    waiting = [(at, value) for at, each in enumerate(stories) for value in each.waiting]
    if not waiting:
        return summed
    owner, values = zip(*waiting, strict=True)
    at = np.array(owner)
    return summed.add_entries(
        report_codec.select_entries(values, wanted), np.concatenate([at, at + len(stories)])
    ).sum_by_bucket()

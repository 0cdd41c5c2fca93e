"""Reports of a story -> what other reports are compared with: the sums of their vectors, cut to what weighs most.

Reports stay packed until there are a few, or their story is merged: most stories have one or two, and of a window that
is read back at a start hardly any is asked for. What is said of a story is the same whether they are summed or not; a
cut, which comes after every few reports, looks at the frequencies of its moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from enrich.clustering import report_codec
from enrich.clustering.report_codec import Filed, unpacked
from enrich.clustering.vectors import NOTHING, Buckets, Frequencies, Joined, Vector, total

STORY_TERMS = 120
STORY_NAMES = 50
STORY_TITLE = 40
GISTS = 8  # of the latest reports
UNCUT = 4  # reports; a story is cut when it has so many more: its sums are bounded, and seldom made


@dataclass(slots=True)
class OpenStory:
    """The sums of a story's reports, and when they are from. `words`, `names` and `title` are right after `sum_up`."""

    story: str
    oldest: float
    newest: float
    day: int  # of the latest arrival
    words: Vector = NOTHING  # of all reports but those that wait
    names: Vector = NOTHING
    title: Vector = NOTHING
    waiting: list[bytes] = field(default_factory=list)  # packed: most are the only report of their story
    uncut: int = 0  # reports that came since the sums were cut
    words_length: float = 0.0  # sum of the reports' own lengths
    names_length: float = 0.0
    indexed: Buckets = field(default_factory=lambda: NOTHING.buckets)
    gists: list[bytes] = field(default_factory=list)

    def add(self, value: bytes, report: Filed, time: float, day: int) -> None:
        """One more report, packed, and what was read of it."""
        self.waiting.append(value)
        self.gists = [*self.gists, report.gist][-GISTS:]
        self.uncut += 1
        self.words_length += report.words_length
        self.names_length += report.names_length
        self.oldest, self.newest = min(self.oldest, time), max(self.newest, time)
        self.day = max(self.day, day)

    @property
    def is_to_be_cut(self) -> bool:
        """Whether so many reports came since it was."""
        return self.uncut >= UNCUT

    def absorb(self, other: "OpenStory", frequencies: Frequencies) -> None:
        """All reports of another story."""
        self.sum_up()
        other.sum_up()
        self._take([(other.words, other.names, other.title)])
        self.cut(frequencies)
        self.gists = [*self.gists, *other.gists][-GISTS:]
        self.words_length += other.words_length
        self.names_length += other.names_length
        self.oldest, self.newest = min(self.oldest, other.oldest), max(self.newest, other.newest)
        self.day = max(self.day, other.day)

    def sum_up(self) -> None:
        """Adds the reports that wait: the same sums whenever they are made."""
        self._take(map(unpacked, self.waiting))
        self.waiting.clear()

    def _take(self, more: Iterable[tuple[Vector, Vector, Vector]]) -> None:
        parts = zip((self.words, self.names, self.title), *more, strict=True)
        self.words, self.names, self.title = map(total, parts)

    def cut(self, frequencies: Frequencies) -> None:
        """Keeps what weighs most, by the frequencies of now."""
        self.sum_up()
        self.words = frequencies.cut(self.words, STORY_TERMS)
        self.names = frequencies.cut(self.names, STORY_NAMES)
        self.title = frequencies.cut(self.title, STORY_TITLE)
        self.uncut = 0


def met(stories: Sequence[OpenStory], asked: npt.NDArray[np.bool_]) -> Joined:
    """Words of these stories, and their names behind them as if they were of others: the entries of buckets that are
    asked for, each bucket of a story once.
    """
    summed = Joined.met([*(each.words for each in stories), *(each.names for each in stories)], asked)
    waiting = [(at, value) for at, each in enumerate(stories) for value in each.waiting]
    if not waiting:
        return summed
    owner, values = zip(*waiting, strict=True)
    at = np.array(owner)
    return summed.with_more(report_codec.met(values, asked), np.concatenate([at, at + len(stories)])).united()

"""Reports of a story -> what other reports are compared with: the sums of their vectors, cut to what weighs most.

A sum is made when it is asked for: most stories are never compared, and of a window that is read back at a start none
is until it stands. It is the same whenever it is made; only a cut, which comes after every few reports, looks at the
frequencies of its moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from enrich.packing import Filed, unpacked
from enrich.vectors import NOTHING, Buckets, Frequencies, Vector, totals

STORY_TERMS = 120
STORY_NAMES = 50
STORY_TITLE = 40
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

    def add(self, value: bytes, report: Filed, time: float, day: int) -> None:
        """One more report, packed, and what was read of it."""
        self.waiting.append(value)
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
        sum_up((self, other))
        pairs = (self.words, other.words), (self.names, other.names), (self.title, other.title)
        self.words, self.names, self.title = totals(pairs)
        self.cut(frequencies)
        self.words_length += other.words_length
        self.names_length += other.names_length
        self.oldest, self.newest = min(self.oldest, other.oldest), max(self.newest, other.newest)
        self.day = max(self.day, other.day)

    def cut(self, frequencies: Frequencies) -> None:
        """Keeps what weighs most, by the frequencies of now."""
        sum_up((self,))
        self.words = frequencies.cut(self.words, STORY_TERMS)
        self.names = frequencies.cut(self.names, STORY_NAMES)
        self.title = frequencies.cut(self.title, STORY_TITLE)
        self.uncut = 0


def sum_up(stories: Iterable[OpenStory]) -> None:
    """Adds the reports that wait: the same sums whenever they are made."""
    waiting = [each for each in stories if each.waiting]
    groups = [
        part
        for each in waiting
        for part in zip((each.words, each.names, each.title), *map(unpacked, each.waiting), strict=True)
    ]
    sums = totals(groups)
    for each, words, names, title in zip(waiting, sums[::3], sums[1::3], sums[2::3], strict=True):
        each.words, each.names, each.title = words, names, title
        each.waiting.clear()

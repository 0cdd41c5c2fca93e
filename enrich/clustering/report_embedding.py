"""A report -> its gist, 64 bytes: what it is about, and which days of the week it speaks of. Pure.

Words alone miss two things. One event is told in other words ("gunman's wife", "wife of the shooter"): so the words'
meanings are added up, in a space of few dimensions (word_embeddings.tsv, written by training/build_word_embeddings.py;
English only). And the next day of one affair is told in the same words: but reports of one event speak of the same day
("on Tuesday"). docs/decisions/0021 has what each brings.

Layout: MEANT whole numbers of 8 bits, which are zero when nothing is known; the first day that is spoken of (0 is
Monday, NO_DAY none); all days as bits.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from enrich import gazetteer
from enrich.entities.word_pieces import Floats, load_word_pieces
from enrich.unspaced_scripts import UNSPACED

FILE = Path(__file__).with_name("word_embeddings.tsv")
LANGUAGES = frozenset(("en",))  # of which the meanings of words are known
MEANT = 62  # dimensions
FIRST_DAY, ALL_DAYS = MEANT, MEANT + 1  # where these bytes stand
SIZE = 64
NO_DAY = 7
NOTHING = bytes(MEANT) + bytes((NO_DAY, 0))
UNIT = 254.0  # the length of a gist's meaning, in whole numbers: its largest part fits into 8 bits
LARGEST = 127
PRIOR_REPORTS = 30.0  # as if so many had been read whose meanings add up to nothing


def gist(terms: Mapping[str, float], text: str, language: str) -> bytes:
    """The gist of a report: its words with how much each counts, what days are looked for in, its language."""
    days = weekdays(text, language)
    spoken_of = sum({1 << day for day in days})
    return _meaning(terms, language) + bytes((days[0] if days else NO_DAY, spoken_of))


def weekdays(text: str, language: str) -> list[int]:
    """The days of the week that a text names, in their order; 0 is Monday."""
    pattern, numbers = _names_of_days(language)
    return [numbers[name] for name in pattern.findall(text.lower())] if numbers else []


def as_one(gists: Sequence[bytes]) -> bytes:
    """The gist of several reports as if they were one: the mean of their meanings, the day that most speak of first."""
    rows = _rows(gists)
    days = Counter(each[FIRST_DAY] for each in gists if each[FIRST_DAY] != NO_DAY)
    first = days.most_common(1)[0][0] if days else NO_DAY
    spoken_of = int(np.bitwise_or.reduce(rows[:, ALL_DAYS].view(np.uint8)))
    return _packed(rows[:, :MEANT].sum(axis=0, dtype=np.float32)) + bytes((first, spoken_of))


def compared(ours: bytes, theirs: Sequence[Collection[bytes]], usual: Floats) -> npt.NDArray[np.float64]:
    """For each story, given as the gists of its reports: which share of them speak of our first day, and which of other
    days only; and the mean cosine of our meaning with theirs, not a number where that is not known.

    `usual` is what the stream's reports mean on average: what all have in common is left out.
    """
    rows = _rows(chain.from_iterable(theirs))
    owner = np.repeat(np.arange(len(theirs)), [len(each) for each in theirs])
    told = np.frombuffer(ours, np.int8)
    alike = _apart(rows[:, :MEANT], usual) @ _apart(told[None, :MEANT], usual)[0]
    dated = (rows[:, ALL_DAYS] != 0) & (told[ALL_DAYS] != 0)
    same = dated & (rows[:, FIRST_DAY] == told[FIRST_DAY])
    other = dated & ((rows[:, ALL_DAYS] & told[ALL_DAYS]) == 0)
    meant = np.asarray(rows[:, :MEANT].any(axis=1) & told[:MEANT].any())
    columns = ((same, dated, 0.0), (other, dated, 0.0), (alike, meant, np.nan))
    return np.column_stack([_means(owner, each, of, none, len(theirs)) for each, of, none in columns])


class Usual:
    """What the reports of a stream mean on average. Fades as the frequencies of words do."""

    def __init__(self) -> None:
        # sums of the meanings, and how many there were: until they last faded; and since, in whole numbers, which are
        # the same in whatever order they are added
        self._faded, self._since = np.zeros(MEANT + 1), np.zeros(MEANT + 1, np.int64)
        self._waiting: list[bytes] = []

    def count(self, gist_: bytes) -> None:
        """One more report."""
        self._waiting.append(gist_)

    def fade(self, share: float) -> None:
        """Leaves so much of what was counted."""
        self._catch_up()
        self._faded = (self._faded + self._since) * share
        self._since[:] = 0

    def mean(self) -> Floats:
        """In units of a gist's length."""
        self._catch_up()
        whole = self._faded + self._since
        return np.asarray(whole[:MEANT] / ((PRIOR_REPORTS + whole[MEANT]) * UNIT), np.float32)

    def _catch_up(self) -> None:
        if self._waiting:
            rows = _rows(self._waiting)[:, :MEANT]
            self._since[:MEANT] += rows.sum(axis=0, dtype=np.int64)
            self._since[MEANT] += np.count_nonzero(rows.any(axis=1))
            self._waiting.clear()


def _rows(gists: Iterable[bytes]) -> npt.NDArray[np.int8]:
    return np.frombuffer(b"".join(gists), np.int8).reshape(-1, SIZE)


def _meaning(terms: Mapping[str, float], language: str) -> bytes:
    if language not in LANGUAGES or not terms:
        return bytes(MEANT)
    return _packed(np.array([*terms.values()], np.float32) @ load_word_pieces(FILE).vectors([*terms]))


def _packed(meaning: Floats) -> bytes:
    length = float(np.sqrt(meaning @ meaning))
    scaled = meaning * (UNIT / length) if length > 0 else meaning
    return np.clip(np.rint(scaled), -LARGEST, LARGEST).astype(np.int8).tobytes()


def _apart(rows: npt.NDArray[np.int8], usual: Floats) -> Floats:
    """Rows of length one, the usual taken off; of those that mean nothing, nothing."""
    found = rows.astype(np.float32) / np.float32(UNIT) - usual
    lengths = np.sqrt(np.einsum("ij,ij->i", found, found))
    known = rows.any(axis=1) & (lengths > 0)
    return np.asarray(found * np.divide(1, lengths, out=np.zeros_like(lengths), where=known)[:, None], np.float32)


def _means(
    owner: npt.NDArray[np.int64], values: npt.NDArray[Any], counted: npt.NDArray[np.bool_], none: float, count: int
) -> npt.NDArray[np.float64]:
    """Of the values that count, the mean for each owner, or `none` where none does."""
    sums, counts = np.bincount(owner, values * counted, count), np.bincount(owner, counted, count)
    found: npt.NDArray[np.float64] = np.divide(sums, counts, out=np.full(count, none), where=counts > 0)
    return found


@cache
def _names_of_days(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """A pattern of a language's names of days, and the number of each; empty where Unicode CLDR has none."""
    numbers = gazetteer.weekdays(language)
    either = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    spaced = not UNSPACED.search(either)
    return re.compile(rf"\b(?:{either})\b" if spaced else either), numbers

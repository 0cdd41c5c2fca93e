"""Report embedding: what a report is about and which weekdays it mentions, in 64 bytes, to compare it with stories.

In: the weighted words, text and language of a report. Out: its embedding as bytes; for the embeddings of a report and
of stories, how similar they are (three of the join model's features).

Shared words miss two things. Reports may tell one event in different words ("gunman's wife", "wife of the shooter"):
so the embedding has a meaning, the weighted sum of word embeddings (word_embeddings.tsv, written by
training/build_word_embeddings.py; English only). And reports of the next day of one affair use the same words, but
reports of one event mention the same weekday ("on Tuesday"). docs/decisions/0021 shows how much each brings.

Layout: the meaning, MEANING_DIMENSIONS signed 8-bit numbers, all zero when it is unknown; the first weekday that is
mentioned (0 is Monday, NO_DAY none); all weekdays that are mentioned, as bits (bit 0 is Monday).
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

EMBEDDINGS_FILE = Path(__file__).with_name("word_embeddings.tsv")
LANGUAGES = frozenset(("en",))  # that word embeddings exist for
MEANING_DIMENSIONS = 62
FIRST_DAY, ALL_DAYS = MEANING_DIMENSIONS, MEANING_DIMENSIONS + 1  # indexes of these bytes
EMBEDDING_BYTES = 64
NO_DAY = 7
EMPTY_EMBEDDING = bytes(MEANING_DIMENSIONS) + bytes((NO_DAY, 0))
MEANING_LENGTH = 254.0  # Euclidean length of a stored meaning: so its numbers fit into 8 bits, nearly always
LARGEST_NUMBER = 127
PRIOR_REPORTS = 30.0  # the average is taken as if so many more reports had come whose meanings add up to zero


def embed_report(terms: Mapping[str, float], text: str, language: str) -> bytes:
    """The embedding of a report: `terms` are its words with their weights, `text` is searched for weekdays, `language`
    is an ISO 639-1 code.
    """
    days = find_weekdays(text, language)
    day_bits = sum({1 << day for day in days})
    return _sum_meanings(terms, language) + bytes((days[0] if days else NO_DAY, day_bits))


def find_weekdays(text: str, language: str) -> list[int]:
    """The weekdays that a text mentions, in the order of mention; 0 is Monday. Empty in an unknown language."""
    pattern, numbers = _weekday_pattern(language)
    return [numbers[name] for name in pattern.findall(text.lower())] if numbers else []


def combine_embeddings(embeddings: Sequence[bytes]) -> bytes:
    """The embedding of several reports as if they were one: the mean of their meanings, the most frequent first
    weekday, and all weekdays that any of them mentions.
    """
    rows = _to_rows(embeddings)
    days = Counter(each[FIRST_DAY] for each in embeddings if each[FIRST_DAY] != NO_DAY)
    first = days.most_common(1)[0][0] if days else NO_DAY
    day_bits = int(np.bitwise_or.reduce(rows[:, ALL_DAYS].view(np.uint8)))
    return _quantize(rows[:, :MEANING_DIMENSIONS].sum(axis=0, dtype=np.float32)) + bytes((first, day_bits))


def compare_embeddings(ours: bytes, theirs: Sequence[Collection[bytes]], average: Floats) -> npt.NDArray[np.float64]:
    """Compares a report (`ours`) with stories (`theirs`), each given as the embeddings of its reports. Returns one row
    for each story: the join model's EMBEDDING_FEATURES.

    These are the share of the story's dated reports whose first weekday is the first of ours; the share of those that
    mention other weekdays only; and the mean cosine of the meanings, NaN where one is unknown. `average` is the average
    meaning of the stream's reports (`AverageMeaning.mean`), which is subtracted before.
    """
    rows = _to_rows(chain.from_iterable(theirs))
    owner = np.repeat(np.arange(len(theirs)), [len(each) for each in theirs])
    report = np.frombuffer(ours, np.int8)
    cosines = _center(rows[:, :MEANING_DIMENSIONS], average) @ _center(report[None, :MEANING_DIMENSIONS], average)[0]
    dated = (rows[:, ALL_DAYS] != 0) & (report[ALL_DAYS] != 0)
    same_day = dated & (rows[:, FIRST_DAY] == report[FIRST_DAY])
    other_day = dated & ((rows[:, ALL_DAYS] & report[ALL_DAYS]) == 0)
    known = np.asarray(rows[:, :MEANING_DIMENSIONS].any(axis=1) & report[:MEANING_DIMENSIONS].any())
    columns = ((same_day, dated, 0.0), (other_day, dated, 0.0), (cosines, known, np.nan))
    return np.column_stack([_mean_by_owner(owner, each, of, none, len(theirs)) for each, of, none in columns])


class AverageMeaning:
    """The average meaning of the reports of a stream; decays as the document frequencies do."""

    def __init__(self) -> None:
        # sums of the meanings, and behind them their number: until the last decay, and since (whole numbers, whose sum
        # does not depend on their order)
        self._decayed, self._since_decay = np.zeros(MEANING_DIMENSIONS + 1), np.zeros(MEANING_DIMENSIONS + 1, np.int64)
        self._waiting: list[bytes] = []

    def count(self, embedding: bytes) -> None:
        """Counts the embedding of one more report."""
        self._waiting.append(embedding)

    def decay(self, share: float) -> None:
        """Lets the sums decay to this share (0 to 1) of what they were."""
        self._catch_up()
        self._decayed = (self._decayed + self._since_decay) * share
        self._since_decay[:] = 0

    def mean(self) -> Floats:
        """The average meaning, as a vector; a single report's meaning has the length 1."""
        self._catch_up()
        sums = self._decayed + self._since_decay
        reports = PRIOR_REPORTS + sums[MEANING_DIMENSIONS]
        return np.asarray(sums[:MEANING_DIMENSIONS] / (reports * MEANING_LENGTH), np.float32)

    def _catch_up(self) -> None:
        if self._waiting:
            rows = _to_rows(self._waiting)[:, :MEANING_DIMENSIONS]
            self._since_decay[:MEANING_DIMENSIONS] += rows.sum(axis=0, dtype=np.int64)
            self._since_decay[MEANING_DIMENSIONS] += np.count_nonzero(rows.any(axis=1))
            self._waiting.clear()


def _to_rows(embeddings: Iterable[bytes]) -> npt.NDArray[np.int8]:
    return np.frombuffer(b"".join(embeddings), np.int8).reshape(-1, EMBEDDING_BYTES)


def _sum_meanings(terms: Mapping[str, float], language: str) -> bytes:
    if language not in LANGUAGES or not terms:
        return bytes(MEANING_DIMENSIONS)
    return _quantize(np.array([*terms.values()], np.float32) @ load_word_pieces(EMBEDDINGS_FILE).vectors([*terms]))


def _quantize(meaning: Floats) -> bytes:
    length = float(np.sqrt(meaning @ meaning))
    scaled = meaning * (MEANING_LENGTH / length) if length > 0 else meaning
    return np.clip(np.rint(scaled), -LARGEST_NUMBER, LARGEST_NUMBER).astype(np.int8).tobytes()


def _center(rows: npt.NDArray[np.int8], average: Floats) -> Floats:
    """The meanings minus the average, scaled to length 1; zero where the meaning is unknown."""
    centered = rows.astype(np.float32) / np.float32(MEANING_LENGTH) - average
    lengths = np.sqrt(np.einsum("ij,ij->i", centered, centered))
    known = rows.any(axis=1) & (lengths > 0)
    return np.asarray(centered * np.divide(1, lengths, out=np.zeros_like(lengths), where=known)[:, None], np.float32)


def _mean_by_owner(
    owner: npt.NDArray[np.int64], values: npt.NDArray[Any], counted: npt.NDArray[np.bool_], none: float, count: int
) -> npt.NDArray[np.float64]:
    """The mean for each owner of those values that are flagged in `counted`, or `none` where none is."""
    sums, counts = np.bincount(owner, values * counted, count), np.bincount(owner, counted, count)
    means: npt.NDArray[np.float64] = np.divide(sums, counts, out=np.full(count, none), where=counts > 0)
    return means


@cache
def _weekday_pattern(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """A pattern that matches a language's weekday names, and the number of each; empty where Unicode CLDR has none."""
    numbers = gazetteer.weekdays(language)
    either = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    spaced = not UNSPACED.search(either)
    return re.compile(rf"\b(?:{either})\b" if spaced else either), numbers

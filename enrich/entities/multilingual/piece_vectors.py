"""Piece vectors: gives each word of any language a vector that tells what kind of word it is.

In: the words of a text. Out: their vectors, and which of them go on with a piece. A word is cut into pieces of a
vocabulary of many languages, always the longest that fits, and its vector is the mean of theirs. Where a script has no
spaces a word is one character: there pieces are looked for in the whole run of characters, and each character has the
vector of the piece that it is part of.

The vectors are projections of a language model's word vectors onto what helps to recognise names; docs/decisions/0016
has where they come from. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from enrich.unspaced_scripts import UNSPACED

WORD_BEGINS = "▁"  # stands before a piece with which a word begins
LONGEST_WORD = 40  # characters of a word that are read
LONGEST_PIECE = 16  # characters
LONGEST_UNSPACED_PIECE = 8  # characters
REMEMBERED_WORDS = 50_000
Rows = NDArray[Any]


class PieceNumbers(NamedTuple):
    """The numbers of the pieces of each word, and whether the word only goes on with its piece."""

    numbers: list[tuple[int, ...]]
    goes_on: list[bool]


class PieceVocabulary:
    """Cuts words into pieces, each of which has a number."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._numbers = {piece: at for at, piece in enumerate(pieces)}
        self._of_word = lru_cache(REMEMBERED_WORDS)(lambda word: tuple(_cut_word(word, self._numbers)))

    def cut_words(self, words: Sequence[str]) -> PieceNumbers:
        """The pieces of each word of a text."""
        numbers, goes_on = [self._of_word(word) for word in words], [False] * len(words)
        for start, end in _unspaced_runs(words):
            at = start
            while at < end:
                stop, number = self._longest_piece(words, at, end)
                numbers[at:stop] = [(number,) if number >= 0 else ()] * (stop - at)
                goes_on[at + 1 : stop] = [True] * (stop - at - 1)
                at = stop
        return PieceNumbers(numbers, goes_on)

    def _longest_piece(self, words: Sequence[str], at: int, end: int) -> tuple[int, int]:
        """Where the longest piece ends that begins at a character, and its number; -1 where there is none."""
        for stop in range(min(end, at + LONGEST_UNSPACED_PIECE), at, -1):
            number = self._numbers.get("".join(words[at:stop]), -1)
            if number >= 0:
                return stop, number
        return at + 1, self._numbers.get(WORD_BEGINS + words[at], -1)


def _cut_word(word: str, numbers: Mapping[str, int]) -> Iterator[int]:
    """The longest pieces of a word, one after the other; characters that are no piece are left out."""
    rest = WORD_BEGINS + word[:LONGEST_WORD]
    while rest:
        length = next((n for n in range(min(len(rest), LONGEST_PIECE), 0, -1) if rest[:n] in numbers), 0)
        if length > 1 or (length and rest != WORD_BEGINS + word[:LONGEST_WORD]):
            yield numbers[rest[:length]]
        rest = rest[max(length, 1) :]


def _unspaced_runs(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of characters of a script without spaces."""
    start = -1
    for at, word in enumerate([*words, " "]):
        inside = len(word) == 1 and UNSPACED.match(word) is not None
        if inside and start < 0:
            start = at
        elif not inside and start >= 0:
            yield start, at
            start = -1


def mean_rows(table: Rows, numbers: Sequence[tuple[int, ...]]) -> Rows:
    """For each word the mean of its pieces' rows of a table; zeros for a word without pieces."""
    found = np.zeros((len(numbers), table.shape[1]), np.float32)
    sizes = np.array([len(each) for each in numbers], np.intp)
    used = np.flatnonzero(sizes)
    if len(used):
        flat = np.array([number for each in numbers for number in each], np.intp)
        begins = np.cumsum([0, *sizes[used][:-1]])
        found[used] = np.add.reduceat(table[flat].astype(np.float32), begins, axis=0) / sizes[used][:, None]
    return found

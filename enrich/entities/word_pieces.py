"""Words -> numbers that tell what kind of word each is: a city, a surname, a company, a verb. Pure.

A word is cut into the pieces of a word list, the longest first (WordPiece; Schuster & Nakajima 2012), in lower case
and without accents; its numbers are the mean of its pieces'. So a name that was never seen says something too. The
numbers are what is left of a language model's word vectors when all is gone that says nothing of names:
word_pieces.tsv, written by training/train_tagger.py; docs/decisions/0016 has where they come from.
"""

import base64
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("word_pieces.tsv")
INSIDE = "##"  # stands before a piece that goes on with a word
UNKNOWN = "[UNK]"
LONGEST = 40  # characters of a word that are read
SCALE = 32.0  # the file has whole numbers from -127 to 127: so many are 1.0
REMEMBERED = 50_000  # words
PART = re.compile(r"\w+|[^\w\s]")
Floats = NDArray[np.float32]


class Pieces:
    """The numbers of each piece."""

    def __init__(self, table: Mapping[str, Floats]) -> None:
        """`table` has UNKNOWN too."""
        self._table = table
        self._of_word = lru_cache(REMEMBERED)(self._mean)

    def vectors(self, words: Sequence[str]) -> Floats:
        """The numbers of each word: words, numbers of a piece."""
        found = [self._of_word(word.lower()) for word in words]
        return np.stack(found) if found else np.zeros((0, len(self._table[UNKNOWN])), np.float32)

    def _mean(self, word: str) -> Floats:
        whole = self._table.get(word)  # most words are
        if whole is not None:
            return whole
        found = [self._table[piece] for piece in cut(word, self._table)]
        return np.asarray(sum(found[1:], found[0]) / len(found), np.float32)


def cut(word: str, known: Mapping[str, object]) -> list[str]:
    """The longest known pieces of a word, one after the other; UNKNOWN for a part that has none."""
    plain = word.lower()[:LONGEST]
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    found = []
    for part in PART.findall(plain):
        at = 0
        while at < len(part):
            prefix = INSIDE if at else ""
            end = next((end for end in range(len(part), at, -1) if prefix + part[at:end] in known), 0)
            found.append(prefix + part[at:end] if end else UNKNOWN)
            at = end or len(part)
    return found or [UNKNOWN]


def written(about: str, table: Mapping[str, bytes]) -> str:
    """What `pieces` reads: comments, and a line for each piece with its numbers, 8 bits each."""
    return about + "".join(f"{piece}\t{base64.b64encode(code).decode()}\n" for piece, code in table.items())


@cache
def pieces(path: Path = FILE) -> Pieces:
    """Those of this file."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return Pieces(
        {piece: np.frombuffer(base64.b64decode(code), np.int8).astype(np.float32) / SCALE for piece, code in rows}
    )

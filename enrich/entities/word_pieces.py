"""Word pieces: gives each word a vector that tells what kind of word it is: a city, a surname, a company, a verb.

In: words. Out: their vectors, also for words that were never seen before: a word is cut into pieces of a vocabulary,
always the longest that fits (WordPiece; Schuster & Nakajima 2012), in lower case and without accents, and its vector is
the mean of its pieces' vectors.

The vectors are projections of a language model's word vectors onto what helps to recognise names. They are in
word_pieces.tsv, written by training/train_tagger.py; docs/decisions/0016 has where they come from. Other files of this
form are read too (enrich/clustering/report_embedding). Pure but for reading the file.
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
CONTINUATION = "##"  # stands before a piece that is not the first of its word
UNKNOWN = "[UNK]"  # the piece that stands for what the vocabulary does not have
LONGEST_WORD = 40  # characters of a word that are read
SCALE = 32.0  # the file has whole numbers from -127 to 127, of which so many are 1.0
REMEMBERED_WORDS = 50_000  # words
PART = re.compile(r"\w+|[^\w\s]")
Floats = NDArray[np.float32]


class WordPieceVectors:
    """The vectors of a vocabulary of word pieces."""

    def __init__(self, table: Mapping[str, Floats]) -> None:
        """`table` has the vector of each piece, UNKNOWN among them."""
        self._table = table
        self._of_word = lru_cache(REMEMBERED_WORDS)(self._word_vector)

    def vectors(self, words: Sequence[str]) -> Floats:
        """The vectors of these words: (words, numbers of a vector)."""
        found = [self._of_word(word.lower()) for word in words]
        return np.stack(found) if found else np.zeros((0, len(self._table[UNKNOWN])), np.float32)

    def _word_vector(self, word: str) -> Floats:
        whole = self._table.get(word)  # most words are
        if whole is not None:
            return whole
        found = [self._table[piece] for piece in split_word(word, self._table)]
        return np.asarray(sum(found[1:], found[0]) / len(found), np.float32)


def split_word(word: str, vocabulary: Mapping[str, object]) -> list[str]:
    """Cuts a word into the longest pieces of a vocabulary, one after the other; UNKNOWN for a rest that has none."""
    folded = word.lower()[:LONGEST_WORD]
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    found = []
    for part in PART.findall(folded):
        at = 0
        while at < len(part):
            prefix = CONTINUATION if at else ""
            end = next((end for end in range(len(part), at, -1) if prefix + part[at:end] in vocabulary), 0)
            found.append(prefix + part[at:end] if end else UNKNOWN)
            at = end or len(part)
    return found or [UNKNOWN]


def format_table(comments: str, table: Mapping[str, bytes]) -> str:
    """The text of a file for `load_word_pieces`: comments, then for each piece a line with its 8-bit numbers."""
    return comments + "".join(f"{piece}\t{base64.b64encode(code).decode()}\n" for piece, code in table.items())


@cache
def load_word_pieces(path: Path = FILE) -> WordPieceVectors:
    """The vectors of a file. Raises OSError."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return WordPieceVectors(
        {piece: np.frombuffer(base64.b64decode(code), np.int8).astype(np.float32) / SCALE for piece, code in rows}
    )

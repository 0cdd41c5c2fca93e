"""Text -> exact hash, and a sketch by which near copies are found.

A sketch is a sample of the text's shingles (runs of words), picked by their hash alone: a shingle is in the sample or
not whatever text it stands in ("FracMinHash": Irber et al. 2022). So the share of a short text that a long one contains
can be estimated from two sketches, which MinHash with a fixed number of hashes can't: that is what finds copies that
are cut to a third or set inside a round-up (docs/decisions/0006).

Everything here is a function of the text alone, the same in every process and on every machine.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from enrich.unspaced_scripts import has_no_spaces

Hashes = npt.NDArray[np.uint64]

# powers of two
SAMPLING = 8  # one shingle in so many is kept; measured in shared/notes: 16 loses 17 % of the copies cut to 60 words
LEAD_SAMPLING = 4  # of the first LEAD_WORDS: what is cut short keeps its beginning
LEAD_WORDS = 100
WORDS_READ = 1_000  # of a text; bounds a sketch at about 125 hashes
SHORT_WORDS = 100  # a text below keeps every shingle
WORD_RUN = 5  # for texts of every length: shingles of two lengths never meet, and a copy may be cut to any length
CHARACTER_RUN = 4  # for scripts that put no spaces between words
CHARACTERS_PER_WORD = 2  # of those scripts, so that the limits above mean the same
TITLE_COUNTS_BELOW = 40  # words: so short a text says too little without its title
NUMBERS = 32
NUMBERS_READ = 3_600  # characters
TITLE_READ = 300  # characters
CODES = 1 << 16  # of the words of titles and of numbers
CHARACTERS_READ = 12 * WORDS_READ  # before words are looked for: bounds the time that a text without spaces takes

WORD = re.compile(r"\w+")
ENOUGH_WORDS = re.compile(rf"\W*(?:\w+\W+){{{TITLE_COUNTS_BELOW - 1}}}\w")
NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
NOT_WORDS = re.compile(r"[\W_]+")
# Unicode's "stream-safe" limit (UAX 15) on combining marks, which are among these: without it, normalising a long run
# of them takes quadratic time
MARKS = re.compile(r"([^\w\s!-~]{30})[^\w\s!-~]+")


def content_hash(title: str, text: str) -> str:
    """32 hex digits, equal for texts that differ in case, punctuation and white space only.

    The title counts when the text is shorter than TITLE_COUNTS_BELOW words: two pages that say "More soon." are no
    copies of each other.
    """
    words = NOT_WORDS.sub(" ", _folded(_body(title, text))).strip()
    return blake2b(words.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def sketch(title: str, text: str) -> bytes:
    """The text's sampled shingle hashes: sorted little-endian uint64, each once; b"" when there are too few words.

    The title counts as in `content_hash`.

    Of a text with fewer than SHORT_WORDS words all shingles are kept, of the beginning of a longer one a part in
    LEAD_SAMPLING, of the rest one in SAMPLING.
    """
    units, run, short = _units(_body(title, text))
    hashes = _shingles(units, run)
    if short:
        return to_bytes(np.unique(hashes))
    lead = hashes[:LEAD_WORDS]
    kept = hashes[hashes % np.uint64(SAMPLING) == 0], lead[lead % np.uint64(LEAD_SAMPLING) == 0]
    return to_bytes(np.unique(np.concatenate(kept)))


def numbers(title: str, text: str) -> tuple[str, ...]:
    """The different numbers of title and beginning, in order, without what groups their digits; at most NUMBERS."""
    found: dict[str, None] = {}
    for each in NUMBER.finditer(f"{title}\n{text[:NUMBERS_READ]}"):
        found[each[0].replace(",", "")] = None
        if len(found) == NUMBERS:
            break
    return tuple(found)


def title_words(title: str) -> list[str]:
    """The different words of a title, folded, in alphabetical order; of scripts without spaces, its characters."""
    folded = _folded(title[:TITLE_READ])
    return sorted(set(NOT_WORDS.sub("", folded) if has_no_spaces(folded) else WORD.findall(folded)))


def codes(words: Iterable[str]) -> bytes:
    """The words as numbers below CODES, each once, in ascending order: little-endian, two bytes each."""
    return np.array(sorted(set(map(_code, words))), "<u2").tobytes()


def read_codes(value: bytes) -> frozenset[int]:
    """The inverse of `codes`, as far as there is one."""
    return frozenset(memoryview(value[: len(value) // 2 * 2]).cast("H"))


def from_bytes(value: bytes) -> Hashes:
    """A sketch as a sorted array. A length that is no multiple of eight is cut."""
    return np.frombuffer(value[: len(value) // 8 * 8], dtype="<u8").astype(np.uint64, copy=False)


def to_bytes(hashes: Hashes) -> bytes:
    """The inverse of `from_bytes`."""
    return hashes.astype("<u8").tobytes()


def _body(title: str, text: str) -> str:
    """The text, with its title in front when it is too short to speak for itself."""
    few = text[:CHARACTERS_READ]
    if has_no_spaces(few):
        enough = len(few) >= TITLE_COUNTS_BELOW * CHARACTERS_PER_WORD
    else:
        enough = ENOUGH_WORDS.match(few) is not None
    return text if enough else f"{title}\n{text}"


def _units(text: str) -> tuple[Hashes, int, bool]:
    """Hashes of the words (or characters) that are read, how many make a shingle, and whether the text is short."""
    folded = _folded(text[:CHARACTERS_READ])
    if has_no_spaces(folded):
        characters = NOT_WORDS.sub("", folded)[: WORDS_READ * CHARACTERS_PER_WORD]
        codes = np.frombuffer(characters.encode("utf-32-le", errors="surrogatepass"), dtype="<u4")
        return _mixed(codes.astype(np.uint64)), CHARACTER_RUN, len(codes) < SHORT_WORDS * CHARACTERS_PER_WORD
    words = WORD.findall(folded)[:WORDS_READ]
    hashes = np.fromiter(map(_word_hash, words), dtype=np.uint64, count=len(words))
    return hashes, WORD_RUN, len(words) < SHORT_WORDS


def _shingles(units: Hashes, run: int) -> Hashes:
    """One hash for each run of `run` units; order within the run counts."""
    count = len(units) - run + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for place in range(run):
        total = total * np.uint64(0x100000001B3) + units[place : place + count]
    return _mixed(total)


def _mixed(values: Hashes) -> Hashes:
    """splitmix64's finaliser (Vigna 2015): every input bit reaches the low bits, which the sampling looks at."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=100_000)
def _code(word: str) -> int:
    return zlib.crc32(word.encode(errors="surrogatepass")) % CODES


@lru_cache(maxsize=100_000)
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest(), "little")


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", MARKS.sub(r"\1", text)).casefold()

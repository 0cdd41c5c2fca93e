"""Shingling: computes what copies of an article are found by, from its title and text.

Out: a content hash (for exact copies), a sketch (sampled shingles, for near and partial copies), and the numbers and
title words (which tell articles apart that share most of their text).

A sketch is a sample of the text's shingles (runs of words), chosen by their hash alone: whether a shingle is sampled
does not depend on the text in which it stands ("FracMinHash": Irber et al. 2022). So the share of a short text that a
long one contains can be estimated from two sketches, which MinHash with a fixed number of hashes cannot do: that is
what finds copies that are cut to a third, or set inside a round-up (docs/decisions/0006).

Everything here depends on title and text alone and is the same in every process and on every machine.
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
SAMPLING = 8  # one shingle in so many is sampled; measured in shared/notes: 16 loses 17 % of the copies cut to 60 words
LEAD_SAMPLING = 4  # the same among the first LEAD_WORDS shingles: a copy that is cut short keeps its beginning
LEAD_WORDS = 100
MAX_WORDS = 1_000  # that are read of a text; bounds a sketch at about 125 hashes
SHORT_WORDS = 100  # the sketch of a text with fewer words has every shingle
# the same for texts of every length, as a copy may be cut to any length and shingles of different lengths never match
WORDS_PER_SHINGLE = 5
CHARACTERS_PER_SHINGLE = 4  # in scripts that put no spaces between words
CHARACTERS_PER_WORD = 2  # in those scripts, so that the limits above mean the same
TITLE_COUNTS_BELOW = 40  # words: a text that is shorter says too little without its title
MAX_NUMBERS = 32  # of an article
NUMBERS_CHARACTERS = 3_600  # of a text, in which numbers are looked for
TITLE_CHARACTERS = 300  # of a title, in which words are looked for
CODE_COUNT = 1 << 16  # words of titles and numbers are hashed to codes below this
MAX_CHARACTERS = 12 * MAX_WORDS  # of a text, in which words are looked for: bounds the time for one without spaces

WORD = re.compile(r"\w+")
ENOUGH_WORDS = re.compile(rf"\W*(?:\w+\W+){{{TITLE_COUNTS_BELOW - 1}}}\w")
NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
NOT_WORDS = re.compile(r"[\W_]+")
# Unicode's "stream-safe" limit (UAX 15) on combining marks, which are among these: without it, normalising a long run
# of them takes quadratic time
MARKS = re.compile(r"([^\w\s!-~]{30})[^\w\s!-~]+")


def compute_content_hash(title: str, text: str) -> str:
    """The content hash, 32 hex digits: equal for texts that differ only in case, punctuation and white space.

    The title counts when the text is shorter than TITLE_COUNTS_BELOW words: two pages that say "More soon." are no
    copies of each other.
    """
    words = NOT_WORDS.sub(" ", _fold(_body(title, text))).strip()
    return blake2b(words.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def build_sketch(title: str, text: str) -> bytes:
    """The sketch: sampled shingle hashes as sorted little-endian uint64, each once; b"" when there are too few words.

    Of a text with fewer than SHORT_WORDS words all shingles are sampled; of a longer one, one in LEAD_SAMPLING in its
    lead and one in SAMPLING in the rest. The title counts as in `compute_content_hash`.
    """
    units, run, short = _hash_words(_body(title, text))
    hashes = _hash_shingles(units, run)
    if short:
        return encode_sketch(np.unique(hashes))
    lead = hashes[:LEAD_WORDS]
    sampled = hashes[hashes % np.uint64(SAMPLING) == 0], lead[lead % np.uint64(LEAD_SAMPLING) == 0]
    return encode_sketch(np.unique(np.concatenate(sampled)))


def extract_numbers(title: str, text: str) -> tuple[str, ...]:
    """The different numbers in title and beginning of the text, in order, without commas; at most MAX_NUMBERS."""
    found: dict[str, None] = {}
    for each in NUMBER.finditer(f"{title}\n{text[:NUMBERS_CHARACTERS]}"):
        found[each[0].replace(",", "")] = None
        if len(found) == MAX_NUMBERS:
            break
    return tuple(found)


def extract_title_words(title: str) -> list[str]:
    """The different words of a title, case-folded, in alphabetical order; in scripts without spaces, its characters."""
    folded = _fold(title[:TITLE_CHARACTERS])
    return sorted(set(NOT_WORDS.sub("", folded) if has_no_spaces(folded) else WORD.findall(folded)))


def pack_codes(words: Iterable[str]) -> bytes:
    """Hashes words (or numbers) to codes below CODE_COUNT: each once, ascending, as little-endian uint16."""
    return np.array(sorted(set(map(_hash_code, words))), "<u2").tobytes()


def unpack_codes(value: bytes) -> frozenset[int]:
    """The codes that `pack_codes` packed. An odd last byte is ignored."""
    return frozenset(memoryview(value[: len(value) // 2 * 2]).cast("H"))


def decode_sketch(value: bytes) -> Hashes:
    """The hashes in a sketch, as a sorted array. Last bytes that are no whole hash are ignored."""
    return np.frombuffer(value[: len(value) // 8 * 8], dtype="<u8").astype(np.uint64, copy=False)


def encode_sketch(hashes: Hashes) -> bytes:
    """The sketch of sorted hashes: the inverse of `decode_sketch`."""
    return hashes.astype("<u8").tobytes()


def _body(title: str, text: str) -> str:
    """The text; a short one with its title in front, because it says too little without."""
    beginning = text[:MAX_CHARACTERS]
    if has_no_spaces(beginning):
        enough = len(beginning) >= TITLE_COUNTS_BELOW * CHARACTERS_PER_WORD
    else:
        enough = ENOUGH_WORDS.match(beginning) is not None
    return text if enough else f"{title}\n{text}"


def _hash_words(text: str) -> tuple[Hashes, int, bool]:
    """Hashes of the words (or characters) that are read, how many make a shingle, and whether the text is short."""
    folded = _fold(text[:MAX_CHARACTERS])
    if has_no_spaces(folded):
        characters = NOT_WORDS.sub("", folded)[: MAX_WORDS * CHARACTERS_PER_WORD]
        codes = np.frombuffer(characters.encode("utf-32-le", errors="surrogatepass"), dtype="<u4")
        return _mix(codes.astype(np.uint64)), CHARACTERS_PER_SHINGLE, len(codes) < SHORT_WORDS * CHARACTERS_PER_WORD
    words = WORD.findall(folded)[:MAX_WORDS]
    hashes = np.fromiter(map(_hash_word, words), dtype=np.uint64, count=len(words))
    return hashes, WORDS_PER_SHINGLE, len(words) < SHORT_WORDS


def _hash_shingles(units: Hashes, run: int) -> Hashes:
    """One hash for each shingle of `run` words (or characters); their order counts."""
    count = len(units) - run + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for place in range(run):
        total = total * np.uint64(0x100000001B3) + units[place : place + count]
    return _mix(total)


def _mix(values: Hashes) -> Hashes:
    """splitmix64's finaliser (Vigna 2015): every input bit reaches the low bits, which the sampling looks at."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=100_000)
def _hash_code(word: str) -> int:
    return zlib.crc32(word.encode(errors="surrogatepass")) % CODE_COUNT


@lru_cache(maxsize=100_000)
def _hash_word(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest(), "little")


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", MARKS.sub(r"\1", text)).casefold()

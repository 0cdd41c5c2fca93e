"""Word features: says of each word of a text how it is written, where it stands, and in which lists it is.

In: the words of a text, where they stand, and the language. Out: a row of zeros and ones for each word, in the order of
FEATURES. The lists are those of the gazetteer. Changing a feature means training anew
(training/multilingual/train_multilingual_tagger.py). Pure.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from enrich import gazetteer
from enrich.entities.multilingual.text_words import TextWords
from enrich.gazetteer import PhraseKinds
from enrich.unspaced_scripts import UNSPACED

SHAPES = ("lower", "Title", "UPPER", "Initial", "mIxed", "caseless", "unspaced", "number", "other")
MARKS = {
    **dict.fromkeys(".!?。！？।॥۔؟…", "sentence end"),
    **dict.fromkeys(",،、，;；؛·・", "comma"),
    **dict.fromkeys(":：", "colon"),
    **dict.fromkeys('"“”„«»‹›「」『』《》〈〉', "quote"),
    **dict.fromkeys("()[]{}（）【】", "bracket"),
    **dict.fromkeys("-–—−", "dash"),
    **dict.fromkeys("'’‘ʼ", "apostrophe"),
    "\n": "line end",
}
MARK_KINDS = tuple(dict.fromkeys(MARKS.values()))
LIST_KINDS = ("country", "part", "city", "people", "given", "surname", "organisation", "agency")
PLACE_FEATURES = ("begins", "glued", "goes on", "nouns capitalised")
FEATURES = (
    *SHAPES,
    *MARK_KINDS,
    *(f"B-{kind}" for kind in LIST_KINDS),
    *(f"I-{kind}" for kind in LIST_KINDS),
    *PLACE_FEATURES,
)
FEATURE_INDEX = {name: at for at, name in enumerate(FEATURES)}
SENTENCE_ENDS = frozenset(("sentence end", "line end"))
NOUNS_ARE_CAPITALISED = frozenset(("de", "lb"))
LONGEST_UNSPACED_PHRASE = 8  # characters
Features = NDArray[np.float32]


def word_features(text: TextWords, language: str, goes_on: Sequence[bool]) -> Features:
    """The features of each word: (words, FEATURES). `goes_on`: whether it only goes on with a piece of a vocabulary."""
    rows = np.zeros((len(text.words), len(FEATURES)), np.float32)
    kinds = [_kind(word) for word in text.words]
    ends = [start + len(word) for start, word in zip(text.starts, text.words, strict=True)]
    rows[np.arange(len(kinds)), kinds] = 1
    begins = [True, *(kind in _ENDING_KINDS for kind in kinds[:-1])]
    glued = [False, *(a == b for a, b in zip(ends[:-1], text.starts[1:], strict=True))]
    noun = [language in NOUNS_ARE_CAPITALISED] * len(kinds)
    for name, values in zip(PLACE_FEATURES, (begins, glued, goes_on, noun), strict=True):
        rows[:, FEATURE_INDEX[name]] = values
    for at, column in _list_features(text.words, kinds, language):
        rows[at, column] = 1
    return rows


@lru_cache(50_000)
def _kind(word: str) -> int:
    return FEATURE_INDEX[MARKS.get(word) or _shape(word)]


def _shape(word: str) -> str:
    if UNSPACED.match(word):
        return "unspaced"
    if not any(c.isalpha() for c in word):
        return "number" if any(c.isdigit() for c in word) else "other"
    if word.islower():
        return "lower"
    if word.isupper():
        return "Initial" if len(word) == 1 else "UPPER"
    if not any(c.isupper() for c in word):
        return "caseless"
    return "Title" if word[0].isupper() and word[1:].islower() else "mIxed"


_ENDING_KINDS = frozenset(FEATURE_INDEX[kind] for kind in SENTENCE_ENDS)
_NAME_KINDS = frozenset(FEATURE_INDEX[s] for s in ("Title", "UPPER", "mIxed", "caseless", "unspaced"))


def _list_features(words: Sequence[str], kinds: Sequence[int], language: str) -> Iterator[tuple[int, int]]:
    """Word and column of each feature that comes from a list."""
    lower, at = [word.lower() for word in words], 0
    own, common = gazetteer.phrase_tables(language)
    while at < len(words):
        length, found = _longest_phrase(lower, at, own, common) if kinds[at] in _NAME_KINDS else (1, ())
        for place in range(at, at + length):
            for kind in found:
                yield place, FEATURE_INDEX[f"{'B' if place == at else 'I'}-{kind}"]
        at += length


def _longest_phrase(
    lower: Sequence[str], at: int, own: PhraseKinds, common: PhraseKinds
) -> tuple[int, tuple[str, ...]]:
    unspaced = UNSPACED.match(lower[at]) is not None
    joint, longest = ("", LONGEST_UNSPACED_PHRASE) if unspaced else (" ", gazetteer.LONGEST_PHRASE)
    for length in range(min(longest, len(lower) - at), 0, -1):
        phrase = joint.join(lower[at : at + length])
        kinds = own.get(phrase) or common.get(phrase)
        if kinds:
            return length, kinds
    return 1, ()

"""Country names: finds the countries of a text by their names in its language, in any case.

In: the words of a text and its language. Out: where each name of a country stands. A single word that begins a sentence
is left out where a capital tells nothing ("Mali" begins Turkish sentences about money). Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from enrich import gazetteer
from enrich.inflection import nominatives
from enrich.unspaced_scripts import UNSPACED

LONGEST_UNSPACED_NAME = 8  # characters
SENTENCE_ENDS = frozenset('.!?:\n。！？।۔…“„«"')


def find_countries(words: Sequence[str], language: str) -> Iterator[tuple[int, int]]:
    """Start and end of each country's name, in words, in reading order."""
    codes, begins = gazetteer.country_codes(language), _first_words(language)
    at = 0
    while at < len(words):
        length = 0
        if not words[at][0].islower() and begins & {*nominatives(words[at].lower(), language)}:
            length = _country_length(words, at, codes, language)
        if length:
            yield at, at + length
        at += max(length, 1)


def _country_length(words: Sequence[str], at: int, codes: Mapping[str, str], language: str) -> int:
    unspaced = UNSPACED.match(words[at]) is not None
    joint, longest = ("", LONGEST_UNSPACED_NAME) if unspaced else (" ", gazetteer.LONGEST_PHRASE)
    begins = at == 0 or words[at - 1] in SENTENCE_ENDS
    for length in range(min(longest, len(words) - at), 0, -1):
        name = joint.join(words[at : at + length]).lower()
        if any(form in codes for form in nominatives(name, language)):
            return 0 if begins and length == 1 and words[at][0].isupper() else length
    return 0


@cache
def _first_words(language: str) -> frozenset[str]:
    """The words with which names of countries begin; of scripts without spaces the characters."""
    names = gazetteer.country_codes(language)
    return frozenset(name[0] if UNSPACED.match(name) else name.split()[0] for name in names)

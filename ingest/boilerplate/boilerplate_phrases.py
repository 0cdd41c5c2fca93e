"""Boilerplate phrases: recognises texts that surround articles, such as "read also", "photo:", "sign up". Pure.

In: the words of a text. Out: a bit mask of the groups of phrases (PHRASE_GROUPS) that it uses.

The phrases lie in boilerplate_phrases.toml, by group, in the languages of many newspapers; whether a group speaks for
or against a text is learnt (training/train_block_classifier), not written here.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

WORD = re.compile(r"\w+")
WORDS_READ = 40  # phrases are looked for in so many first words of a text
PHRASES_FILE = Path(__file__).parent / "boilerplate_phrases.toml"
# group -> its phrases, separated by ";"; bit n of a mask is the nth group
PHRASE_GROUPS: dict[str, str] = tomllib.loads(PHRASES_FILE.read_text(encoding="utf-8"))


def _index_phrases() -> dict[str, tuple[tuple[tuple[str, ...], int], ...]]:
    """First word of a phrase -> for each phrase that begins so: its further words, and the bit of its group."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for bit, phrases in enumerate(PHRASE_GROUPS.values()):
        for phrase in phrases.split(";"):
            first, *rest = WORD.findall(phrase.lower())
            found.setdefault(first, []).append((tuple(rest), 1 << bit))
    return {first: tuple(each) for first, each in found.items()}


_PHRASES = _index_phrases()
# from this character on: scripts without spaces between words, where a phrase may be a part of what counts as a word
UNSPACED_SCRIPTS = "\u3040"
_UNSPACED_PHRASES = tuple(
    (first, bit) for first, each in _PHRASES.items() if first >= UNSPACED_SCRIPTS for _, bit in each
)


def find_phrases(words: Sequence[str]) -> tuple[int, int]:
    """The groups whose phrases a text uses, as two bit masks: anywhere in its first words, and at its beginning."""
    lower = [word.lower() for word in words[:WORDS_READ]]
    anywhere = beginning = 0
    for at, word in enumerate(lower):
        if word in _PHRASES:
            for rest, bit in _PHRASES[word]:
                if not rest or tuple(lower[at + 1 : at + 1 + len(rest)]) == rest:
                    anywhere |= bit
                    beginning |= bit * (at == 0)
    if max(lower, default="") >= UNSPACED_SCRIPTS:
        for phrase, bit in _UNSPACED_PHRASES:
            anywhere |= bit * any(phrase in word for word in lower)
            beginning |= bit * lower[0].startswith(phrase)
    return anywhere, beginning

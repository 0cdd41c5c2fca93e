"""What stands beside articles says the same things everywhere: "read also", "photo:", "sign up". Pure.

In: the words of a text. Out: which of these things it says. The phrases (boilerplate_phrases.toml) are the common ones
of the trade, in the languages of many newspapers; what saying one means for a text is learnt
(training/train_block_classifier), not said here.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

WORD = re.compile(r"\w+")
READ = 40  # words of a text that are looked at
GROUPS: dict[str, str] = tomllib.loads((Path(__file__).parent / "boilerplate_phrases.toml").read_text(encoding="utf-8"))


def _index() -> dict[str, tuple[tuple[tuple[str, ...], int], ...]]:
    """First word -> what may follow it, and the bit of its group."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for bit, phrases in enumerate(GROUPS.values()):
        for phrase in phrases.split(";"):
            first, *rest = WORD.findall(phrase.lower())
            found.setdefault(first, []).append((tuple(rest), 1 << bit))
    return {first: tuple(each) for first, each in found.items()}


_PHRASES = _index()
TOGETHER = "\u3040"  # behind it: scripts that write words together, where a phrase is looked for anywhere
_TOGETHER = tuple((first, bit) for first, each in _PHRASES.items() if first >= TOGETHER for _, bit in each)


def said(words: Sequence[str]) -> tuple[int, int]:
    """The groups of which a text says something, as bits: anywhere in its first words, and at its very beginning."""
    lower = [word.lower() for word in words[:READ]]
    anywhere = beginning = 0
    for at, word in enumerate(lower):
        if word in _PHRASES:
            for rest, bit in _PHRASES[word]:
                if not rest or tuple(lower[at + 1 : at + 1 + len(rest)]) == rest:
                    anywhere |= bit
                    beginning |= bit * (at == 0)
    if max(lower, default="") >= TOGETHER:
        for phrase, bit in _TOGETHER:
            anywhere |= bit * any(phrase in word for word in lower)
            beginning |= bit * lower[0].startswith(phrase)
    return anywhere, beginning

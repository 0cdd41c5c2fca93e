"""Text words: cuts a text of any language into the words over which the multilingual tagger decides.

In: a text. Out: its words and where each stands. A word is a run of letters, marks and digits, with hyphens inside. A
character of a script without spaces (Chinese, Japanese, Thai, ...) is a word of its own, and so is every other
character that is no space. An apostrophe parts words: "dell'Italia", "Ankara'da". Pure.
"""

import re
from typing import NamedTuple

from enrich.unspaced_scripts import UNSPACED
from pipeline.combining_marks import COMBINING_MARKS

SCRIPT_WITHOUT_SPACES = UNSPACED.pattern[1:-1]
LETTER = rf"(?:(?![{SCRIPT_WITHOUT_SPACES}_])[\w{COMBINING_MARKS}])"
WORD = re.compile(rf"{LETTER}+(?:-{LETTER}+)*|\n|\S")


class TextWords(NamedTuple):
    """The words of a text, in reading order, and where each begins, in characters."""

    words: list[str]
    starts: list[int]


def split_text(text: str) -> TextWords:
    """The words of a text; a line feed is a word too."""
    found = [(match[0], match.start()) for match in WORD.finditer(text)]
    return TextWords([word for word, _ in found], [start for _, start in found])

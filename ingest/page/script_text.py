"""The text of a page that its scripts write: the longest piece of HTML in their data. Pure.

In: the tree of a page that shows no text itself. Out: the text, paragraphs separated by "\\n"; "" when there is none.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import html
from lxml.etree import LxmlError

from ingest.boilerplate.ancestor_features import GROUPS, surroundings
from ingest.boilerplate.blocks import blocks

# a string of JSON that is long enough for a text
STRING = re.compile(r'"((?:[^"\\]|\\.){400,})"')
PARAGRAPH = re.compile(r"<p[ >]|<br", re.IGNORECASE)
MOST_KEYS = 5  # a string with more is a program's data itself, as a string
MOST_LETTERS = 3_000_000  # of all scripts
BESIDE = sum(
    1 << bit for bit, name in enumerate(GROUPS) if name in ("caption", "media", "related", "share", "advertisement")
)


def text_in_scripts(tree: Any) -> str:
    """The longest text in HTML that a script carries as data, without captions."""
    return max(_texts(tree), key=len, default="")


def _texts(tree: Any) -> Iterator[str]:
    scripts = "\n".join(element.text for element in tree.iter("script") if element.text)[:MOST_LETTERS]
    for match in STRING.finditer(scripts):
        try:
            told = json.loads(f'"{match[1]}"', strict=False)
            if PARAGRAPH.search(told) and told.count('":') < MOST_KEYS:
                yield _text(html.fragment_fromstring(told, create_parent="div"))
        except (ValueError, LxmlError):
            continue


def _text(fragment: Any) -> str:
    found = blocks(fragment)
    around = surroundings(found)
    return "\n".join(block.text for block, each in zip(found, around, strict=True) if not each.groups & BESIDE)

"""Script text: finds an article's text in the data of scripts, for pages that show it only by script. Pure.

In: the tree of a page that shows no text itself. Out: the text of the longest piece of HTML in the scripts' JSON
strings, paragraphs separated by "\\n"; "" when there is none.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import html
from lxml.etree import LxmlError

from ingest.boilerplate.ancestor_features import NAME_GROUPS, element_contexts
from ingest.boilerplate.blocks import split_into_blocks

# a JSON string that is long enough for an article, with its escapes
LONG_JSON_STRING = re.compile(r'"((?:[^"\\]|\\.){400,})"')
PARAGRAPH = re.compile(r"<p[ >]|<br", re.IGNORECASE)
MOST_JSON_KEYS = 5  # a string with more of them is JSON within JSON, not HTML
MOST_SCRIPT_LETTERS = 3_000_000  # characters that are searched, of all scripts together
# the groups of names (ancestor_features) of elements that are left out, as a bit mask
BOILERPLATE_GROUPS = sum(
    1 << bit
    for bit, name in enumerate(NAME_GROUPS)
    if name in ("caption", "media", "related", "share", "advertisement")
)


def find_script_text(tree: Any) -> str:
    """The longest text among the pieces of HTML in the scripts of a page, without captions and teasers; or ""."""
    return max(_find_texts(tree), key=len, default="")


def _find_texts(tree: Any) -> Iterator[str]:
    scripts = "\n".join(element.text for element in tree.iter("script") if element.text)[:MOST_SCRIPT_LETTERS]
    for match in LONG_JSON_STRING.finditer(scripts):
        try:
            markup = json.loads(f'"{match[1]}"', strict=False)
            if PARAGRAPH.search(markup) and markup.count('":') < MOST_JSON_KEYS:
                yield _article_text(html.fragment_fromstring(markup, create_parent="div"))
        except (ValueError, LxmlError):
            continue


def _article_text(fragment: Any) -> str:
    blocks = split_into_blocks(fragment)
    pairs = zip(blocks, element_contexts(blocks), strict=True)
    return "\n".join(block.text for block, context in pairs if not context.groups & BOILERPLATE_GROUPS)

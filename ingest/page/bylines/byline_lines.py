"""Byline lines: finds the lines of a page's text that say no more than who wrote its article. Pure.

In: the text blocks of a page. Out: such lines as bylines ("By Jane Doe"), each a group of its own, in order.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from ingest.boilerplate.blocks import Block
from ingest.page.bylines.byline_elements import BY, LONGEST_LINE, WRITTEN_BY, Byline, lies_elsewhere

BY_ALONE = re.compile(rf"{BY}\W*", re.IGNORECASE)
MOST_LINES = 3  # of such lines that are tried


def find_byline_lines(blocks: Sequence[Block]) -> Iterator[list[Byline]]:
    """The first blocks that say no more than "By Jane Doe", or "By" with the name in the block behind."""
    lines = ((block, _line(block, behind)) for block, behind in zip_longest(blocks, blocks[1:]))
    found = (line for block, line in lines if _is_byline(line) and not lies_elsewhere(reversed(block.ancestors)))
    for line in islice(found, MOST_LINES):
        yield [Byline((line,))]


def _line(block: Block, behind: Block | None) -> str:
    return f"{block.text} {behind.text}" if behind and BY_ALONE.fullmatch(block.text) else block.text


def _is_byline(line: str) -> bool:
    return len(line) <= LONGEST_LINE and bool(WRITTEN_BY.match(line))

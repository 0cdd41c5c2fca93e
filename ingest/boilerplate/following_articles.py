"""Following articles: leaves out the whole articles that a page appends for endless scrolling. Pure.

In: the blocks of a page, and the title of its article. Out: the blocks without those of later articles.

A later article lies beside the first one, in an element like its own, and begins with a headline like its own. Parts of
one article have smaller headings, and the messages of a live blog lie within it.
"""

from collections.abc import Iterator
from typing import Any

from ingest.boilerplate.blocks import Block
from ingest.boilerplate.word_count import count_words
from pipeline.combining_marks import WORD

HEADINGS = ("h1", "h2", "h3")
FEWEST_WORDS = 80  # of an article, in blocks that are no links
FIRST_BLOCKS = 6  # of an article, among which its headline is


def drop_following_articles(blocks: list[Block], title: str) -> list[Block]:
    """The blocks without those of the articles that follow the one with this title."""
    heading = _find_heading(blocks, title)
    if heading is None:
        return blocks
    for own in reversed(heading.ancestors[:-1]):
        alike = [each for each in _alike_siblings(own) if _is_article(_blocks_of(each, blocks), heading)]
        if alike and _count_words(_blocks_of(own, blocks)) >= FEWEST_WORDS:
            return [block for block in blocks if not any(each in block.ancestors for each in alike)]
    return blocks


def _find_heading(blocks: list[Block], title: str) -> Block | None:
    """The heading that says the title; else the first of the largest."""
    headings = [block for block in blocks if block.ancestors[-1].tag in HEADINGS]
    wanted = _letters_only(title)
    first = next((block for block in headings if wanted and _letters_only(block.text) == wanted), None)
    return first or next((block for block in headings if block.ancestors[-1].tag == "h1"), None)


def _alike_siblings(own: Any) -> Iterator[Any]:
    """The elements behind this one that are like it."""
    for each in own.itersiblings():
        if each.tag == own.tag and (each.tag == "article" or each.get("class") == own.get("class")):
            yield each


def _is_article(blocks: list[Block], heading: Block) -> bool:
    """Whether these blocks are an article: they begin with another headline of the same kind, and are long enough."""
    heads = [block for block in blocks[:FIRST_BLOCKS] if _is_headline(block, heading)]
    other = any(_letters_only(block.text) != _letters_only(heading.text) for block in heads)
    return other and _count_words(blocks) >= FEWEST_WORDS


def _is_headline(block: Block, heading: Block) -> bool:
    """Whether a block can be the headline of an article, on a page where this is one."""
    element, known = block.ancestors[-1], heading.ancestors[-1]
    if element.tag not in HEADINGS:
        return False
    same_class = bool(known.get("class")) and element.get("class") == known.get("class")
    return element.tag in ("h1", known.tag) or same_class or (element.tag == "h2" and _lies_in_article(heading))


def _lies_in_article(block: Block) -> bool:
    return any(each.tag == "article" for each in block.ancestors)


def _blocks_of(element: Any, blocks: list[Block]) -> list[Block]:
    return [block for block in blocks if element in block.ancestors]


def _count_words(blocks: list[Block]) -> float:
    return sum(count_words(block.text) for block in blocks if block.link_density < 0.5)


def _letters_only(text: str) -> str:
    return "".join(WORD.findall(text)).casefold()

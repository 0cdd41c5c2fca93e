"""Blocks: splits a page into its text blocks, in document order, each with the elements that it lies in. Pure.

In: the lxml tree of a page. Out: one Block for every run of text between two block-level elements or line breaks.

Only what is never text (scripts, styles, form fields) is left out; which blocks belong to the article is decided by
block_classifier.
"""

import re
from typing import Any

from lxml import etree

from ingest.markup import remove_invisible_characters

NON_TEXT_TAGS = frozenset(
    (
        "audio", "canvas", "datalist", "head", "iframe", "input", "map", "math", "noscript", "object", "option",
        "script", "select", "style", "svg", "template", "textarea", "video",
    )
)  # fmt: skip
BLOCK_TAGS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
        "th", "thead", "tr", "ul",
    )
)  # fmt: skip
BOLD_TAGS, ITALIC_TAGS = ("b", "strong"), ("i", "em", "cite")
PICTURE_TAGS, EMBED_TAGS = ("img", "picture", "figure", "video", "amp-img"), ("iframe", "object", "embed")
COUNTED_TAGS = frozenset(("a", *BOLD_TAGS, *ITALIC_TAGS, *NON_TEXT_TAGS))
MEDIA_TAGS = frozenset((*PICTURE_TAGS, *EMBED_TAGS))
# a short link: more than this share of its characters is linked, and it has fewer spaces
LINK_DENSITY, SHORT_LINK_SPACES = 0.9, 7
FEWEST_LISTED = 5  # short links of a list that is an article's; fewer are related stories and labels

WORD = re.compile(r"\w+")
# notes for screen readers inside of links: "(opens in a new window)"
NEW_WINDOW_NOTE = re.compile(
    r"\(?\W*(?:(?:link |will )?open(?:s|ing)? in (?:an? )?(?:new|other) (?:browser )?(?:tab|window)"
    r"|öffnet (?:sich )?(?:in |im )?(?:ein(?:em)? )?neue[nms] (?:browser)?(?:tab|fenster)"
    r"|(?:s.)?ouv(?:re|erture) dans (?:un|une) (?:nouvel|nouvelle|autre) (?:onglet|fenêtre)|nouvelle fenêtre"
    r"|(?:se )?abre en (?:una? )?(?:(?:nueva|otra) (?:ventana|pestaña)|(?:ventana|pestaña) nueva)"
    r"|(?:si )?apr[ei] in una nuova (?:finestra|scheda)|opent in (?:een )?nieuw (?:venster|tabblad)"
    r"|abre (?:em|numa) (?:uma )?nova (?:janela|aba|guia)|öppnas i (?:ett |en )?ny(?:tt fönster| flik)"
    r"|åpnes i (?:et |en )?ny(?:tt vindu| fane)|åbner i (?:et |en )?ny(?:t vindue| fane)"
    r"|otwiera się w now(?:ym oknie|ej karcie))\W*",
    re.IGNORECASE,
)
# placeholders of templates that the publisher's software should have replaced: $$ADVERT$$, {{ caption }}
PLACEHOLDER = re.compile(r"\s*(?:\$\$\w+\$\$|\{\{[^{}]{1,80}\}\}|%%\w+%%)\s*")
PLACEHOLDER_STARTS = ("$$", "{{", "%%")


class Block:
    """A text block: its text, and the block-level elements that it lies in (`ancestors`, outermost first).

    `link_density`, `bold_share` and `italic_share` are shares of its characters, 0 to 1; `follows_picture` and
    `follows_embed` say whether there is a picture or an embedded page between it and the block before.
    """

    __slots__ = ("ancestors", "bold_share", "follows_embed", "follows_picture", "italic_share", "link_density", "text")

    def __init__(self, text: str, ancestors: tuple[Any, ...], formatting: "_Formatting") -> None:
        self.text, self.ancestors = text, ancestors
        letters = len(text)
        self.link_density = min(1.0, formatting.linked_letters / letters)
        self.bold_share = min(1.0, formatting.bold_letters / letters)
        self.italic_share = min(1.0, formatting.italic_letters / letters)
        self.follows_picture, self.follows_embed = formatting.follows_picture, formatting.follows_embed


class _Formatting:
    """What was met since the block before: characters in links, bold and italic; pictures and embedded pages."""

    __slots__ = ("bold_letters", "follows_embed", "follows_picture", "italic_letters", "linked_letters")

    def __init__(self) -> None:
        self.linked_letters = self.bold_letters = self.italic_letters = 0
        self.follows_picture = self.follows_embed = False


class _BlockWalk:
    """The state of one walk through a tree: the blocks so far, and the text and elements that are open."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.blocks: list[Block] = []
        self._stack: list[Any] = []
        self._non_text = self._links = self._bolds = self._italics = 0  # how many such elements are open
        self._parts: list[str] = []
        self._formatting, self._next_formatting = _Formatting(), _Formatting()

    def start(self, element: Any) -> None:
        tag = element.tag
        if tag in COUNTED_TAGS:
            self._count_element(tag, 1)
        if _is_block(tag):
            self._flush()
            self._stack.append(element)
        elif tag == "br":
            self._flush()
        if tag in MEDIA_TAGS:
            self._note_media(tag)
        if element.text:
            self.text(element.text)

    def end(self, element: Any) -> None:
        tag = element.tag
        if tag in COUNTED_TAGS:
            self._count_element(tag, -1)
        if _is_block(tag):
            self._flush()
            self._stack.pop()
        if element.tail:
            self.text(element.tail)

    def _note_media(self, tag: str) -> None:
        formatting = self._next_formatting if self._parts else self._formatting
        formatting.follows_picture |= tag in PICTURE_TAGS
        formatting.follows_embed |= tag in EMBED_TAGS

    def _count_element(self, tag: str, by: int) -> None:
        if tag == "a":
            self._links += by
        elif tag in BOLD_TAGS:
            self._bolds += by
        elif tag in ITALIC_TAGS:
            self._italics += by
        elif tag in NON_TEXT_TAGS:
            self._non_text += by

    def text(self, text: str) -> None:
        if self._non_text or (not self._parts and text.isspace()):
            return
        if self._is_not_content(text):
            return
        self._parts.append(text)
        if self._links or self._bolds or self._italics:
            letters = len(text.strip())
            self._formatting.linked_letters += letters * bool(self._links)
            self._formatting.bold_letters += letters * bool(self._bolds)
            self._formatting.italic_letters += letters * bool(self._italics)

    def _is_not_content(self, text: str) -> bool:
        """Whether a text is a note for screen readers in a link, or a placeholder left over from a template."""
        if self._links and NEW_WINDOW_NOTE.fullmatch(text.strip()):
            return True
        return text.strip().startswith(PLACEHOLDER_STARTS) and PLACEHOLDER.fullmatch(text) is not None

    def _flush(self) -> None:
        if not self._parts:
            return
        text = " ".join(remove_invisible_characters("".join(self._parts)).split())
        if text:
            self.blocks.append(Block(text, tuple(self._stack) or (self.tree,), self._formatting))
            self._formatting, self._next_formatting = self._next_formatting, _Formatting()
        self._parts = []

    def finish(self) -> list[Block]:
        self._flush()
        return self.blocks


def _is_block(tag: str) -> bool:
    return tag in BLOCK_TAGS or "-" in tag  # elements that a page defines itself have a hyphen


def split_into_blocks(tree: Any) -> list[Block]:
    """All text blocks of a page, in document order."""
    walk = _BlockWalk(tree)
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        (walk.start if event == "start" else walk.end)(element)
    return walk.finish()


def drop_short_links(blocks: list[Block], text: str = "") -> list[Block]:
    """The blocks without those that are only a short link (navigation): half of a page, and hardly ever article text.

    Some articles are lists of links (bargains, recipes): so many short links as FEWEST_LISTED or more that are lines of
    `text`, which is trafilatura's, are kept. A link within a text is a part of the text's block, and is not affected.
    """
    lines = {_words(line) for line in text.split("\n")} - {""}
    short = {block: _words(block.text) for block in blocks if _is_short_link(block)}
    listed = lines.intersection(short.values())
    kept = listed if len(listed) >= FEWEST_LISTED else frozenset()
    return [block for block in blocks if block not in short or short[block] in kept]


def _is_short_link(block: Block) -> bool:
    return block.link_density > LINK_DENSITY and block.text.count(" ") < SHORT_LINK_SPACES


def _words(line: str) -> str:
    return " ".join(WORD.findall(line))

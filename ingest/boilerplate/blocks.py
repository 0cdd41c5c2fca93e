"""A page's tree -> Blocks: its texts in the order of the document, each with the elements around it. Pure.

In: the tree of a page. Out: one Block for every run of text between two block-level elements or line breaks. Nothing is
left out but what is never text (scripts, styles, forms' fields); what belongs to the article is decided elsewhere.
"""

import re
from typing import Any

from lxml import etree

from ingest.markup import remove_invisible_characters

NEVER_TEXT = frozenset(
    (
        "audio", "canvas", "datalist", "head", "iframe", "input", "map", "math", "noscript", "object", "option",
        "script", "select", "style", "svg", "template", "textarea", "video",
    )
)  # fmt: skip
BLOCK_LEVEL = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
        "th", "thead", "tr", "ul",
    )
)  # fmt: skip
BOLD, ITALIC = ("b", "strong"), ("i", "em", "cite")
PICTURES, EMBEDDED = ("img", "picture", "figure", "video", "amp-img"), ("iframe", "object", "embed")
COUNTED, SHOWN = frozenset(("a", *BOLD, *ITALIC, *NEVER_TEXT)), frozenset((*PICTURES, *EMBEDDED))
# a link: this share of its characters, and so many spaces at most
ALL_LINK, SHORT_LINK = 0.9, 7

# said to those who hear a page, inside a link: "(opens in a new window)"
NEW_WINDOW = re.compile(
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
# what a page's own machinery should have replaced: $$ADVERT$$, {{ caption }}
PLACEHOLDER = re.compile(r"\s*(?:\$\$\w+\$\$|\{\{[^{}]{1,80}\}\}|%%\w+%%)\s*")
SIGNS_OF_ONE = ("$$", "{{", "%%")


class Block:
    """A text, the block-level elements that it lies in (outermost first), and what else is seen of it."""

    __slots__ = ("bold", "embedded", "italic", "linked", "pictured", "stack", "text")

    def __init__(self, text: str, stack: tuple[Any, ...], seen: "_Seen") -> None:
        self.text, self.stack = text, stack
        # shares of its characters
        letters = len(text)
        self.linked = min(1.0, seen.linked / letters)
        self.bold = min(1.0, seen.bold / letters)
        self.italic = min(1.0, seen.italic / letters)
        # whether there is such a thing between it and the text before it
        self.pictured, self.embedded = seen.pictured, seen.embedded


class _Seen:
    """Since the text before: characters of each kind, and what is no text."""

    __slots__ = ("bold", "embedded", "italic", "linked", "pictured")

    def __init__(self) -> None:
        self.linked = self.bold = self.italic = 0
        self.pictured = self.embedded = False


class _Walk:
    """The state of one walk through a tree."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.found: list[Block] = []
        self._stack: list[Any] = []
        self._never = self._links = self._bolds = self._italics = 0  # how many such elements are open
        self._parts: list[str] = []
        self._seen, self._seen_next = _Seen(), _Seen()

    def start(self, element: Any) -> None:
        tag = element.tag
        if tag in COUNTED:
            self._count(tag, 1)
        if _is_block(tag):
            self._flush()
            self._stack.append(element)
        elif tag == "br":
            self._flush()
        if tag in SHOWN:
            self._show(tag)
        if element.text:
            self.text(element.text)

    def end(self, element: Any) -> None:
        tag = element.tag
        if tag in COUNTED:
            self._count(tag, -1)
        if _is_block(tag):
            self._flush()
            self._stack.pop()
        if element.tail:
            self.text(element.tail)

    def _show(self, tag: str) -> None:
        seen = self._seen_next if self._parts else self._seen
        seen.pictured |= tag in PICTURES
        seen.embedded |= tag in EMBEDDED

    def _count(self, tag: str, by: int) -> None:
        if tag == "a":
            self._links += by
        elif tag in BOLD:
            self._bolds += by
        elif tag in ITALIC:
            self._italics += by
        elif tag in NEVER_TEXT:
            self._never += by

    def text(self, text: str) -> None:
        if self._never or (not self._parts and text.isspace()):
            return
        if self._is_for_machines(text):
            return
        self._parts.append(text)
        if self._links or self._bolds or self._italics:
            letters = len(text.strip())
            self._seen.linked += letters * bool(self._links)
            self._seen.bold += letters * bool(self._bolds)
            self._seen.italic += letters * bool(self._italics)

    def _is_for_machines(self, text: str) -> bool:
        """Whether it is no text of the page: for those who hear it, or left over from a template."""
        if self._links and NEW_WINDOW.fullmatch(text.strip()):
            return True
        return text.strip().startswith(SIGNS_OF_ONE) and PLACEHOLDER.fullmatch(text) is not None

    def _flush(self) -> None:
        if not self._parts:
            return
        text = " ".join(remove_invisible_characters("".join(self._parts)).split())
        if text:
            self.found.append(Block(text, tuple(self._stack) or (self.tree,), self._seen))
            self._seen, self._seen_next = self._seen_next, _Seen()
        self._parts = []

    def finish(self) -> list[Block]:
        self._flush()
        return self.found


def _is_block(tag: str) -> bool:
    return tag in BLOCK_LEVEL or "-" in tag  # elements that a page defines itself have a hyphen


def blocks(tree: Any) -> list[Block]:
    """The texts of a page, in order."""
    walk = _Walk(tree)
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        (walk.start if event == "start" else walk.end)(element)
    return walk.finish()


def worth_a_look(found: list[Block]) -> list[Block]:
    """Without short links, which are half of a page and never text: a link in a text is a part of its block."""
    return [block for block in found if block.linked <= ALL_LINK or block.text.count(" ") >= SHORT_LINK]

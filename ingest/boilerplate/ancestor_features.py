"""Ancestor features: which elements a text block lies in, by their tags and by the names in their attributes. Pure.

In: blocks. Out: for every block an ElementContext: the tags around it and the groups of names (class, id, data-testid,
data-component) of its elements, as bit masks.

The groups (NAME_GROUPS) are the words that web developers use for the parts of a page; whether a group speaks for or
against a text is learnt (training/train_block_classifier), not written here.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ingest.boilerplate.blocks import Block

# group -> a regular expression for the names of its elements, in lower case; bit n of a mask is the nth group
NAME_GROUPS = {
    "caption": "caption|legend|credit|bildunter|copyright",
    "media": "image|photo|img|picture|figure|media|galler|slide|video|player|carousel|lightbox|thumb",
    "related": "relat|recommend|more-|-more|also|promo|trending|popular|most|readmore|read-|next|further|suggest"
    "|outbrain|taboola|similar|latest|see-|jump|crosslink|linklist",
    "teaser": "teaser|card|preview|tile",
    "signup": "newsletter|subscri|sign-?up|paywall|piano|offer|donat|member|regist|login|cta|appeal|campaign",
    "share": "share|sharing|social|facebook|twitter|follow|whatsapp|bookmark|tool|action",
    "comment": "comment|disqus|discuss|reply|kommentar|forum",
    "author": "author|byline|bio|writer|contributor|autor|journalist|creator",
    "date": "date|time|publish|meta|stamp|updated|info",
    "navigation": "nav|menu|breadcrumb|header|topbar|masthead|search|skip|toolbar",
    "footer": "foot|bottom|legal|disclaimer|copyright|imprint",
    "side": "sidebar|side-|aside|widget|rail|right|secondary|module",
    "advertisement": r"\bads?\b|ads-|ad-|-ad|adv|sponsor|banner|commercial|affiliate|shop|deal|product|price",
    "tags": "tag|topic|keyword|categor|kicker|label|rubri|eyebrow|overline",
    "body": "article-?_?body|bodytext|body|content|story|text|post|entry|paragraph|prose|copy|rich",
    "title": "title|headline|heading|titre|hed",
    "lead": "lead|intro|summary|standfirst|subhead|subtitle|sub-|dek|abstract|excerpt|chapo|perex|descript|vorspann"
    "|anrisstext|ingress|lede",
    "quote": "quote|pull",
    "embed": "embed|tweet|instagram|infobox|factbox|fact|box|inset|frame|external|accordion",
    "hidden": "hidden|hide|sr-only|visually|screen-?reader|print|modal|popup|overlay|cookie|consent|toast|tooltip"
    "|dialog|message|alert|error|invisible",
    "live": "live|ticker|timeline|update",
    "list": "list|item|grid|feed|row",
}
ANCESTOR_TAGS = (
    "article", "main", "aside", "footer", "header", "nav", "figure", "form", "table", "ul", "ol", "blockquote", "li",
    "button",
)  # fmt: skip
_PATTERNS = tuple(re.compile(pattern) for pattern in NAME_GROUPS.values())
_TAG_BITS = {tag: 1 << bit for bit, tag in enumerate(ANCESTOR_TAGS)}
CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
NAMING_ATTRIBUTES = ("class", "id", "data-testid", "data-component")
MOST_NAME_LETTERS = 300  # characters of an element's names that are looked at


class ElementContext:
    """An element together with the elements around it; groups are bit masks over NAME_GROUPS."""

    __slots__ = (
        "groups", "groups_by_level", "hidden", "in_article_body", "own_groups", "parent_signature", "signature", "tag",
        "tags",
    )  # fmt: skip

    groups_by_level: tuple[int, ...]  # of every element, outermost first
    own_groups: int  # of the element and the one directly around it
    groups: int  # of all of them
    tags: int  # bit mask over ANCESTOR_TAGS
    hidden: bool
    in_article_body: bool  # inside of itemprop="articleBody"
    signature: tuple[str, str]  # tag and classes of the element
    parent_signature: tuple[str, str] | None  # of the one directly around it

    def __init__(self, element: Any, outer: "ElementContext | None") -> None:
        self.tag = element.tag
        named = 0 if self.tag in ("html", "body") else name_groups(element)
        self.groups_by_level = (*outer.groups_by_level, named) if outer else (named,)
        self.own_groups = named | (outer.groups_by_level[-1] if outer else 0)
        self.groups = named | (outer.groups if outer else 0)
        self.tags = _TAG_BITS.get(self.tag, 0) | (outer.tags if outer else 0)
        self.hidden = bool(outer and outer.hidden) or _is_hidden(element)
        self.in_article_body = bool(outer and outer.in_article_body) or "articleBody" in (element.get("itemprop") or "")
        self.signature = (self.tag, (element.get("class") or "")[:60])
        self.parent_signature = outer.signature if outer else None

    def innermost_groups(self, depth: int) -> int:
        """The groups of the `depth` innermost elements."""
        mask = 0
        for each in self.groups_by_level[len(self.groups_by_level) - depth :]:
            mask |= each
        return mask


def element_contexts(blocks: Iterable[Block]) -> list[ElementContext]:
    """The context of every block's own element, in the order of the blocks."""
    contexts: dict[Any, ElementContext] = {}
    return [_context_of(block.ancestors, contexts) for block in blocks]


def _context_of(ancestors: tuple[Any, ...], contexts: dict[Any, ElementContext]) -> ElementContext:
    """The context of the innermost of these elements; `contexts` holds those that were computed before."""
    context = None
    for element in ancestors:
        if element not in contexts:
            contexts[element] = ElementContext(element, context)
        context = contexts[element]
    assert context is not None, "a block lies in some element"  # noqa: S101
    return context


def name_groups(element: Any) -> int:
    """The bit mask of the groups that an element's names (class, id, ...) belong to."""
    names = " ".join(name for attribute in NAMING_ATTRIBUTES if (name := element.get(attribute)))
    return _groups(names[:MOST_NAME_LETTERS]) if names else 0


@lru_cache(maxsize=20_000)
def _groups(names: str) -> int:
    words = CAMEL_CASE.sub("-", names).lower()
    return sum(1 << bit for bit, pattern in enumerate(_PATTERNS) if pattern.search(words))


def _is_hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "")
    return "display:none" in style or element.get("hidden") is not None or element.get("aria-hidden") == "true"

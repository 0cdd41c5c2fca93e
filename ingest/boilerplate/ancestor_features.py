"""The elements around a block, in words: their tags, and what their authors call them. Pure.

In: blocks. Out: for every block the tags that it lies in and the groups of names (class, id, data-testid) of its
elements, as bit masks. The groups are the words of the trade for the parts of a page; what they mean for a text is
learnt, not said here.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ingest.boilerplate.blocks import Block

GROUPS = {
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
ANCESTORS = (
    "article", "main", "aside", "footer", "header", "nav", "figure", "form", "table", "ul", "ol", "blockquote", "li",
    "button",
)  # fmt: skip
_PATTERNS = tuple(re.compile(pattern) for pattern in GROUPS.values())
_TAG_BITS = {tag: 1 << bit for bit, tag in enumerate(ANCESTORS)}
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
NAMING = ("class", "id", "data-testid", "data-component")
MOST_LETTERS = 300  # of an element's names


class Around:
    """An element with everything that it lies in."""

    __slots__ = ("body", "chain", "groups", "hidden", "kind", "own", "parent_kind", "tag", "tags")

    chain: tuple[int, ...]  # what every element is called, outermost first
    groups: int
    tags: int
    hidden: bool
    body: bool

    def __init__(self, element: Any, outer: "Around | None") -> None:
        self.tag = element.tag
        mine = 0 if self.tag in ("html", "body") else named(element)
        self.chain = (*outer.chain, mine) if outer else (mine,)
        self.own = mine | (outer.chain[-1] if outer else 0)
        self.groups = mine | (outer.groups if outer else 0)
        self.tags = _TAG_BITS.get(self.tag, 0) | (outer.tags if outer else 0)
        self.hidden = bool(outer and outer.hidden) or _is_hidden(element)
        self.body = bool(outer and outer.body) or "articleBody" in (element.get("itemprop") or "")
        self.kind = (self.tag, (element.get("class") or "")[:60])
        self.parent_kind = outer.kind if outer else None

    def below(self, depth: int) -> int:
        """What the `depth` innermost elements are called."""
        mask = 0
        for each in self.chain[len(self.chain) - depth :]:
            mask |= each
        return mask


def surroundings(found: Iterable[Block]) -> list[Around]:
    """What is around every block."""
    known: dict[Any, Around] = {}
    return [_around(block.stack, known) for block in found]


def _around(stack: tuple[Any, ...], known: dict[Any, Around]) -> Around:
    around = None
    for element in stack:
        if element not in known:
            known[element] = Around(element, around)
        around = known[element]
    assert around is not None, "a block lies in some element"  # noqa: S101
    return around


def named(element: Any) -> int:
    """The groups that an element's names belong to."""
    names = " ".join(name for attribute in NAMING if (name := element.get(attribute)))
    return _groups(names[:MOST_LETTERS]) if names else 0


@lru_cache(maxsize=20_000)
def _groups(names: str) -> int:
    words = CAMEL.sub("-", names).lower()
    return sum(1 << bit for bit, pattern in enumerate(_PATTERNS) if pattern.search(words))


def _is_hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "")
    return "display:none" in style or element.get("hidden") is not None or element.get("aria-hidden") == "true"

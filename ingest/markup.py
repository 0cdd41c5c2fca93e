"""What stands in a feed's fields -> plain values: text without tags, a language's two letters, an absolute address.

In: anything; bytes of XML too, to be decoded and mended. Out: text as people read it, "" or None where there is nothing
of use. Nothing here raises.
"""

import codecs
import html
import re
from collections.abc import Iterable
from html.entities import html5
from typing import Any
from urllib.parse import urljoin

import lxml.etree
import lxml.html

# characters that no XML or HTML text may hold (XML 1.0, 2.2), and that lxml refuses
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# where a word may be broken, and where not: nobody sees it, and a word that holds one is not found
INVISIBLE = re.compile("[\xad\u200b\u2060\ufeff]")
SPACES = re.compile(r"[^\S\n]+")
BLOCKS = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|ol|p|pre|section"
    "|t(able|d|h|r)|ul"
)
UNREAD = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "object"})
# an address that is absolute already; one with brackets may be none at all
WHOLE = re.compile(r"https?://[^\s\[\]]+\Z")
LANGUAGE = re.compile(r"[A-Za-z]{2}(?=$|[-_])")

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding=[\"']([\w.\-]+)")
# what may stand in XML unescaped, and an "&" that begins no reference that XML knows without a document type
REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?!(?:amp|lt|gt|quot|apos|#\d+|#[xX][\da-fA-F]+);)(\w+;)?", re.DOTALL
)
# how lxml reads XML of strangers, as UTF-8
XML: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def plain_text(markup: str) -> str:
    """HTML or text -> text: one line for each block, no tags, no scripts, entities resolved."""
    if not markup:
        return ""
    cleaned = CONTROL.sub("", markup)
    if "<" not in cleaned:
        return _tidy(html.unescape(cleaned))
    try:
        tree = lxml.html.fragment_fromstring(cleaned, create_parent="div")
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return _tidy(html.unescape(re.sub(r"<[^>]*>", " ", cleaned)))
    return _tidy("".join(_texts(tree)))


def _texts(tree: Any) -> Iterable[str]:
    """The text of a tree in order, a line break around each block. Iterative: markup may be nested without end."""
    unread = None
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if unread is None and event == "start":
            unread = element if element.tag in UNREAD else None
            yield _break(element) + ("" if unread is element else element.text or "")
        elif unread is None or unread is element:
            unread = None
            yield _break(element) + (element.tail or "")


def _break(element: Any) -> str:
    return "\n" if isinstance(element.tag, str) and BLOCKS.fullmatch(element.tag) else ""


def visible(text: str) -> str:
    """Without the marks that nobody sees: soft hyphens, zero width spaces and their like."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def _tidy(text: str) -> str:
    lines = (SPACES.sub(" ", line).strip() for line in visible(text).replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def text(found: Any) -> str:
    """A string as it stands, without what no text may hold; "" for anything else."""
    return CONTROL.sub("", found).strip() if found and isinstance(found, str) else ""


def line(found: Any) -> str:
    """Plain text in one line."""
    return plain_text(text(found)).replace("\n", " ")


def language(found: Any) -> str | None:
    """The two letters of "en", "en-GB", "zh_TW"."""
    match = LANGUAGE.match(text(found))
    return match.group().lower() if match else None


def address(base: str, found: Any) -> str:
    """An absolute http(s) URL, or ""."""
    relative = text(found)
    if WHOLE.match(relative):
        return relative
    try:
        joined = urljoin(base, relative) if relative else ""
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


def decoded(body: bytes, charset: str | None = None) -> str:
    """XML in the first of the encodings that fits: its BOM's, its own, the server's, UTF-8 as far as it goes."""
    declared = ENCODING.match(body)
    wide = "utf-16" if body.startswith(WIDE) else None
    for name in (wide, declared[1].decode() if declared else None, charset, "utf-8-sig"):
        try:
            if name:
                return body.decode(name)
        except (LookupError, ValueError):
            continue
    return body.decode("utf-8", "replace")


def mended(xml: str) -> str:
    """&nbsp; and the like as what they stand for; an "&" that stands for itself escaped."""
    return REFERENCE.sub(_reference, xml)


def _reference(match: re.Match[str]) -> str:
    found, name = match.group(), match[1]
    if found.startswith("<"):
        return found
    return html.escape(html5[name]) if name in html5 else "&amp;" + found[1:]

"""Markup clean-up: raw fields of feeds -> plain text, language codes and absolute URLs; decodes and repairs XML.

In: values of any type, as parsers give them; for XML, bytes or text. Out: text as people read it, "" or None where
there is nothing usable. Nothing here raises.
"""

import codecs
import html
import re
from collections.abc import Iterable
from contextlib import suppress
from html.entities import html5
from typing import Any
from urllib.parse import urljoin

import lxml.etree
import lxml.html

# characters that no XML or HTML text may hold (XML 1.0, 2.2), and that lxml refuses
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# soft hyphen, zero width space, word joiner, BOM: invisible, but a search does not find a word that contains one
INVISIBLE_CHARACTERS = re.compile("[\xad\u200b\u2060\ufeff]")
SPACES_IN_LINE = re.compile(r"[^\S\n]+")
BLOCK_TAGS = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|ol|p|pre|section"
    "|t(able|d|h|r)|ul"
)
SKIPPED_TAGS = frozenset({"script", "style", "template", "noscript", "iframe", "svg", "object"})
# a URL that is absolute already; one with brackets may be invalid, so urljoin has to look at it
ABSOLUTE_URL = re.compile(r"https?://[^\s\[\]]+\Z")
LANGUAGE_CODE = re.compile(r"[A-Za-z]{2}(?=$|[-_])")

UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DECLARED_ENCODING = re.compile(rb"\A\s*<\?xml[^>]*encoding=[\"']([\w.\-]+)")
XML_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]*>")
# of the characters outside of ASCII: more that are broken tell of another encoding
MOST_BROKEN_SHARE = 0.25
# CDATA sections, which are left as they are, and every "&" that begins none of the five references that XML defines
ENTITY_REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?!(?:amp|lt|gt|quot|apos);)(#\d{1,7};|#[xX][\da-fA-F]{1,6};|\w+;)?", re.DOTALL
)
# lxml's options for untrusted XML, which is given to it in UTF-8
XML_PARSER_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def plain_text(markup: str) -> str:
    """HTML or plain text -> plain text: one line for each block element, no tags, no scripts, entities resolved."""
    if not markup:
        return ""
    cleaned = CONTROL_CHARACTERS.sub("", markup)
    if "<" not in cleaned:
        return _tidy(html.unescape(cleaned))
    try:
        tree = lxml.html.fragment_fromstring(cleaned, create_parent="div")
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return _tidy(html.unescape(re.sub(r"<[^>]*>", " ", cleaned)))
    return _tidy("".join(_texts(tree)))


def _texts(tree: Any) -> Iterable[str]:
    """The texts of a tree in order, with line breaks around blocks. Iterative: markup may be nested very deeply."""
    skipped = None
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if skipped is None and event == "start":
            skipped = element if element.tag in SKIPPED_TAGS else None
            yield _line_break(element) + ("" if skipped is element else element.text or "")
        elif skipped is None or skipped is element:
            skipped = None
            yield _line_break(element) + (element.tail or "")


def _line_break(element: Any) -> str:
    return "\n" if isinstance(element.tag, str) and BLOCK_TAGS.fullmatch(element.tag) else ""


def remove_invisible_characters(text: str) -> str:
    """The text without soft hyphens, zero width spaces, word joiners and byte order marks."""
    return text if text.isascii() else INVISIBLE_CHARACTERS.sub("", text)


def literal_text(text: str) -> str:
    """Text that is no HTML, in which a "<" is a "<": only its white space is tidied."""
    return _tidy(CONTROL_CHARACTERS.sub("", text))


def _tidy(text: str) -> str:
    lines = (
        SPACES_IN_LINE.sub(" ", line).strip()
        for line in remove_invisible_characters(text).replace("\r", "\n").split("\n")
    )
    return "\n".join(line for line in lines if line)


def clean_string(value: Any) -> str:
    """A string without control characters and outer white space; "" for a value of any other type."""
    return CONTROL_CHARACTERS.sub("", value).strip() if value and isinstance(value, str) else ""


def plain_line(value: Any) -> str:
    """HTML or plain text -> plain text in one line; "" for a value that is no string."""
    return plain_text(clean_string(value)).replace("\n", " ")


def language_code(value: Any) -> str | None:
    """The two-letter code, in lower case, of a language tag such as "en", "en-GB" or "zh_TW"; None if there is none."""
    match = LANGUAGE_CODE.match(clean_string(value))
    return match.group().lower() if match else None


def absolute_url(base: str, value: Any) -> str:
    """The http(s) URL that an address on the page `base` leads to; "" if there is none."""
    relative = clean_string(value)
    if ABSOLUTE_URL.match(relative):
        return relative
    try:
        joined = urljoin(base, relative) if relative else ""
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


def decode_xml(body: bytes, charset: str | None = None) -> str:
    """XML bytes as text, in the first encoding that fits: the BOM's, the declared one, the server's, UTF-8.

    Where none fits, the one with the fewest broken characters.
    """
    names = _encodings(body, charset)
    for name in names:
        with suppress(LookupError, ValueError):
            return body.decode(name)
    return min((_decode_broken(body, name) for name in (*names, "utf-8")), key=_broken_characters)


def mend_encoding(body: bytes, charset: str | None = None) -> tuple[bytes, int]:
    """XML with some bytes that are no characters in any encoding that it may be in -> the same in UTF-8, and how many.

    0 where nothing was mended: one encoding fits, or none does at all.
    """
    names = _encodings(body, charset)
    for name in names:
        with suppress(LookupError, ValueError):
            body.decode(name)
            return body, 0
    text = min((_decode_broken(body, name) for name in names), key=_broken_characters)
    broken = _broken_characters(text)
    whole = sum(1 for each in text if not each.isascii()) - broken
    if broken > whole * MOST_BROKEN_SHARE:
        return body, 0
    return XML_DECLARATION.sub("", text).encode("utf-8", "replace"), broken


def _encodings(body: bytes, charset: str | None) -> list[str]:
    declared = DECLARED_ENCODING.match(body)
    wide = "utf-16" if body.startswith(UTF16_BOMS) else None
    found = (wide, declared[1].decode() if declared else None, charset, "utf-8-sig")
    return list(dict.fromkeys(each for each in found if each))


def _decode_broken(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _broken_characters(text: str) -> int:
    return text.count("\ufffd")


def repair_entity_references(xml: str) -> str:
    """XML with HTML entities (&nbsp;) replaced by their characters, without references to characters that XML may not
    hold (&#0; &#xD800;), and every other stray "&" escaped."""
    return ENTITY_REFERENCE.sub(_repair_reference, xml)


def _repair_reference(match: re.Match[str]) -> str:
    found, name = match.group(), match[1]
    if found.startswith("<"):
        return found
    if name and name.startswith("#"):
        return found if _is_xml_character(name) else ""
    return html.escape(html5[name]) if name in html5 else "&amp;" + found[1:]


def _is_xml_character(reference: str) -> bool:
    """Whether "#38;" or "#x26;" stands for a character that lxml can hold; a half of a surrogate pair it can't."""
    digits = reference[1:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return 0 < code <= 0x10FFFF and CONTROL_CHARACTERS.match(chr(code)) is None

"""The text of an item's body, as plain paragraphs, whichever markup it is in: NITF, HTML, XHTML or none. Pure.

In: an element of parsed XML, or a string and its media type. Out: plain text, paragraphs separated by "\\n"; None where
the markup is not understood. Photo captions, heads and tables of metadata are no part of the text.

NITF 3.6: https://iptc.org/std/NITF/3.6/documentation/nitf-documentation.html.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import lxml.etree
import lxml.html

from ingest import markup

# beside those of HTML, which NITF shares: block quote, headline within the text, footnote, list items
NITF_BLOCK_TAGS = re.compile("block|bq|hl[12]|fn|note|credit|datasource|nitf-table|nitf-col(group)?|tagline|series")
SKIPPED_TAGS = markup.SKIPPED_TAGS | {"head", "title", "figure", "media", "nitf-table-metadata", "body.head"}
HTML_ROOTS = frozenset({"html", "body", "div", "section", "article", "p"})
MARKUP = re.compile(
    r"<(?:a|p|b|i|br|div|em|html|body|section|article|span|strong|su[bp]|h[1-6]|[ou]l|table)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
NITF_TYPE = re.compile(r"nitf", re.IGNORECASE)
HTML_TYPE = re.compile(r"text/(?:x-?)?html5?|application/xhtml\+xml", re.IGNORECASE)
PLAIN_TYPE = re.compile(r"text/plain", re.IGNORECASE)


class BodyText(NamedTuple):
    """The text of one body, and of its head where it has one. `marked_up`: its paragraphs are stated, not guessed."""

    text: str
    marked_up: bool = True
    title: str = ""
    summary: str = ""
    bylines: tuple[str, ...] = ()
    dateline: str = ""


def choose_body(bodies: Sequence[BodyText]) -> BodyText:
    """Of several renditions of one text the first that is marked up; one that has less than half of it is none."""
    longest = max((len(each.text) for each in bodies), default=0)
    whole = [each for each in bodies if each.text and 2 * len(each.text) >= longest]
    return next((each for each in whole if each.marked_up), whole[0] if whole else BodyText(""))


def read_body(value: str, media_type: str) -> BodyText | None:
    """The text of a body given as a string; where no type is stated, markup is recognised. None: not understood."""
    if NITF_TYPE.search(media_type):
        return _read_nitf_string(value)
    if HTML_TYPE.match(media_type) or (not media_type and MARKUP.search(value)):
        return BodyText(html_text(value))
    if PLAIN_TYPE.match(media_type) or not media_type:
        return BodyText(markup.literal_text(value), marked_up=False)
    return None


def read_element(root: Any) -> BodyText | None:
    """The text of a body given as XML, by the name of its root. None: not understood."""
    name = local_name(root)
    if name == "nitf":
        return read_nitf(root)
    return BodyText(element_text(root)) if name.lower() in HTML_ROOTS else None


def read_nitf(root: Any) -> BodyText:
    """Headline, byline, dateline, abstract and text of a NITF document."""
    body = find(root, "body")
    head = find(body, "body.head")
    content = find(body, "body.content")
    headline = find(find(head, "hedline"), "hl1")
    return BodyText(
        element_text(content if content is not None else body),
        title=line_of(headline),
        summary=element_text(find(head, "abstract")),
        bylines=tuple(line for each in children(head, "byline") if (line := _byline(each))),
        dateline=line_of(find(head, "dateline")),
    )


def _byline(element: Any) -> str:
    """Who wrote it, without the title that follows the name (<byttl>)."""
    return markup.plain_line(f"{element.text or ''} {' '.join(map(_but_title, element))}").strip(" ,")


def _but_title(child: Any) -> str:
    told = "" if local_name(child) == "byttl" else line_of(child)
    return f"{told} {child.tail or ''}"


def _read_nitf_string(value: str) -> BodyText | None:
    root = parse_xml(markup.XML_DECLARATION.sub("", value))
    return None if root is None or local_name(root) != "nitf" else read_nitf(root)


def parse_xml(text: str) -> Any:
    """The root of a piece of XML without a document type; None where it is not well-formed."""
    start = text.find("<nitf")
    parser = lxml.etree.XMLParser(**markup.XML_PARSER_OPTIONS)
    cleaned = markup.repair_entity_references(markup.CONTROL_CHARACTERS.sub("", text[max(0, start) :]))
    try:
        return lxml.etree.fromstring(cleaned.encode("utf-8", "replace"), parser)
    except (lxml.etree.LxmlError, ValueError):
        return None


def html_text(value: str) -> str:
    """The text of HTML, without its head and its pictures' captions."""
    cleaned = markup.XML_DECLARATION.sub("", markup.CONTROL_CHARACTERS.sub("", value))
    try:
        return element_text(lxml.html.fragment_fromstring(cleaned, create_parent="div"))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return markup.plain_text(cleaned)


def element_text(root: Any) -> str:
    """The text below an element: one line for each block; "" for None. White space of the source is one space."""
    return "" if root is None else markup.literal_text("".join(_pieces(root)))


def line_of(element: Any) -> str:
    """The text of an element in one line; "" for None."""
    return element_text(element).replace("\n", " ")


def _pieces(root: Any) -> Iterable[str]:
    skipped = None
    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if skipped is None and event == "start":
            skipped = element if local_name(element).lower() in SKIPPED_TAGS else None
            yield _line_break(element) + ("" if skipped is element else _one_space(element.text))
        elif skipped is None or skipped is element:
            skipped = None
            yield _line_break(element) + ("" if element is root else _one_space(element.tail))


def _one_space(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _line_break(element: Any) -> str:
    name = local_name(element).lower()
    return "\n" if markup.BLOCK_TAGS.fullmatch(name) or NITF_BLOCK_TAGS.fullmatch(name) else ""


def local_name(element: Any) -> str:
    """An element's name without namespace or prefix; "" for comments and the like, and for None."""
    tag = element.tag if element is not None and isinstance(element.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2]


def children(element: Any, *names: str) -> list[Any]:
    """The children of these names, in the order of the document; none of None."""
    return [] if element is None else [each for each in element if local_name(each) in names]


def find(element: Any, name: str) -> Any:
    """The first child of this name, else None."""
    return next(iter(children(element, name)), None)

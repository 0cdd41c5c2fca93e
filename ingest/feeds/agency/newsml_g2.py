"""NewsML-G2 parser, with NITF, XHTML or plain text inside: XML -> ParsedFeed.

In: a document whose root is a newsMessage or one item, as received. Out: an entry for each newsItem with a text; other
items (packages, concepts, pictures, ...) are counted (`left_out`), and broken ones named in `error`. Never raises.

Only the root element is given to lxml, so that a document type and its entities are never read. A document that is not
well-formed is read item by item. Names are matched without their namespace, which some agencies leave out.
Specification: https://iptc.org/standards/newsml-g2/.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import lxml.etree

from ingest import markup
from ingest.feeds.agency import qcodes
from ingest.feeds.agency.delivery import BROKEN, delivered_feed
from ingest.feeds.agency.item_fields import ItemFields, LeftOut
from ingest.feeds.agency.item_text import (
    BodyText,
    children,
    choose_body,
    element_text,
    find,
    line_of,
    local_name,
    read_body,
    read_element,
)
from ingest.feeds.entry import ParsedFeed

ITEM_NAMES = "newsItem|packageItem|conceptItem|knowledgeItem|planningItem|catalogItem"
# one without an end hides what follows, and is looked at once
COMMENT = re.compile(r"<!--(?:.*?-->|.*)", re.DOTALL)
ROOT_TAG = re.compile(
    rf"<!--(?:.*?-->|.*)|<(?:[\w.\-]{{1,40}}:)?(newsMessage|{ITEM_NAMES})(?=[\s>/])[^<>]*>", re.DOTALL
)
ITEM_START = re.compile(rf"<((?:[\w.\-]{{1,40}}:)?(?:{ITEM_NAMES}))(?=[\s>/])[^<>]*>")
NAMESPACE = re.compile(r"\sxmlns(?::[\w.\-]+)?\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')")
GUID = re.compile(r"\sguid\s*=\s*[\"']([^\"'<]{1,200})")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_A_BYLINE = frozenset({"", "none"})


def parse_newsml_g2(body: bytes, url: str, charset: str | None) -> ParsedFeed:
    """Parses NewsML-G2. `charset`: the server's, used where the document names none."""
    text = markup.decode_xml(body, charset)
    root = next((match for match in ROOT_TAG.finditer(text) if match[1]), None)
    if root is None:
        return ParsedFeed(error="NewsML 1 or NITF alone, which is not read: agencies send it as NewsML-G2 or ninjs too")
    text = markup.CONTROL_CHARACTERS.sub("", text[root.start() :])
    try:
        tree, error = _parse(text), None
        items = list(_items_of(tree))
    except (lxml.etree.LxmlError, ValueError) as defect:
        error = f"read item by item, for it is not well-formed ({_shown(defect)})"
        mended = markup.repair_entity_references(COMMENT.sub("", text))
        items = list(_read_apart(mended, "".join(NAMESPACE.findall(root.group()))))
        if any(isinstance(each, LeftOut) and each.problem for each in items):
            error = None  # it is said of the item
    return delivered_feed("newsml_g2", items, url, error)


def _parse(text: str) -> Any:
    parser = lxml.etree.XMLParser(**markup.XML_PARSER_OPTIONS)
    return lxml.etree.fromstring(text.encode("utf-8", "replace"), parser)


def _items_of(tree: Any) -> Iterator[ItemFields | LeftOut]:
    """What each item of a document is."""
    if local_name(tree) != "newsMessage":
        yield _read_item(tree, {})
        return
    catalogs = qcodes.read_catalogs(find(tree, "header"))
    for item_set in children(tree, "itemSet"):
        for each in item_set:
            if local_name(each):
                yield _read_item(each, catalogs)


def _read_apart(text: str, namespaces: str) -> Iterator[ItemFields | LeftOut]:
    """What each item of a broken document is: parsed alone, up to where the next one begins."""
    starts = list(ITEM_START.finditer(text))
    for number, (start, after) in enumerate(zip(starts, [*starts[1:], None], strict=True), start=1):
        piece = text[start.start() : after.start() if after else len(text)]
        end = piece.rfind(f"</{start[1]}")
        whole = piece if end < 0 else f"{piece[:end]}</{start[1]}>"
        try:
            yield _read_item(_parse(f"<message{namespaces}>{whole}</message>")[0], {})
        except (lxml.etree.LxmlError, ValueError, IndexError) as defect:
            guid = GUID.search(start.group())
            name = guid[1] if guid else f"item {number}"
            yield LeftOut(BROKEN, f"{name} is broken: {_shown(defect)}")


def _shown(defect: Exception) -> str:
    """What lxml says of a defect, without the place where it says it of a string."""
    return str(defect).partition(" (<string>")[0][:80]


def _read_item(item: Any, inherited: Mapping[str, str]) -> ItemFields | LeftOut:
    if local_name(item) != "newsItem":
        return LeftOut(local_name(item)[:40])
    catalogs = {**inherited, **qcodes.read_catalogs(item)}
    meta, content = find(item, "itemMeta"), find(item, "contentMeta")
    language = _language(item, content)
    bodies, not_read = _bodies(find(item, "contentSet"))
    body = choose_body(bodies)
    return ItemFields(
        identity=markup.clean_string(item.get("guid")),
        kind=qcodes.term(find(meta, "itemClass"), qcodes.ITEM_CLASSES, catalogs),
        version=markup.clean_string(item.get("version")),
        status=_status(find(meta, "pubStatus"), catalogs),
        embargoed=_embargo(meta),
        title=_headline(content, language) or body.title or line_of(find(meta, "title")),
        summary=_summary(content, catalogs) or body.summary,
        text=body.text,
        bylines=_bylines(content, body),
        language=language,
        tags=_tags(content, body, language),
        image=_icon(content),
        created={
            "firstCreated": line_of(find(meta, "firstCreated")),
            "contentCreated": line_of(find(content, "contentCreated")),
        },
        changed=("versionCreated", line_of(find(meta, "versionCreated"))),
        note=" ".join(line_of(each) for each in children(meta, "edNote")),
        not_read=not_read,
    )


def _status(element: Any, catalogs: Mapping[str, str]) -> str:
    """The status; what is no term of IPTC's as it is written, so that it is told."""
    if element is None:
        return ""
    written = element.get("uri") or element.get("qcode") or "one without a code"
    return qcodes.term(element, qcodes.STATUSES, catalogs) or str(written)


def _embargo(meta: Any) -> str | None:
    """When the embargo ends; "" where there is one without an end (an empty element: DateTimeOrNullPropType)."""
    found = find(meta, "embargoed")
    return None if found is None else line_of(found)


def _language(item: Any, content: Any) -> str:
    told = [each.get("tag") for each in children(content, "language")]
    return markup.clean_string(next(filter(None, told), None) or item.get(XML_LANG) or "")


def _in_language(elements: list[Any], language: str) -> list[Any]:
    """The elements, those that say they are in another language last."""
    wanted = markup.language_code(language)

    def is_other(element: Any) -> bool:
        told = markup.language_code(element.get(XML_LANG))
        return bool(told and wanted and told != wanted)

    return sorted(elements, key=is_other)


def _headline(content: Any, language: str) -> str:
    found = _in_language(children(content, "headline"), language)
    return next((line for each in found if (line := line_of(each))), "")


def _summary(content: Any, catalogs: Mapping[str, str]) -> str:
    """The description that is a summary, or that has no role; a caption describes a picture."""
    found = children(content, "description")
    roles = [qcodes.term(each, qcodes.IPTC_CATALOG["drol"], catalogs, "role") for each in found]
    pairs = list(zip(roles, found, strict=True))
    chosen = next((each for role in ("summary", "") for told, each in pairs if told == role), None)
    return element_text(chosen)


def _bylines(content: Any, body: BodyText) -> tuple[str, ...]:
    """Who wrote it, as it is written: the byline for people, else the text's own, else the creators' names."""
    by = [line_of(each) for each in children(content, "by")]
    creators = [line_of(find(each, "name")) for each in children(content, "creator")]
    for found in (by, body.bylines, creators):
        lines = [each for each in found if each.lower() not in NOT_A_BYLINE]
        if lines:
            return tuple(dict.fromkeys(lines))
    return ()


def _tags(content: Any, body: BodyText, language: str) -> tuple[str, ...]:
    """The names of its subjects, its keywords, and where it was written."""
    named = children(content, "subject", "located", "genre")
    names = [line_of(next(iter(_in_language(children(each, "name"), language)), None)) for each in named]
    words = [line_of(each) for each in children(content, "keyword")]
    return tuple(dict.fromkeys(filter(None, (*names, *words, body.dateline))))


def _icon(content: Any) -> str:
    icon = find(content, "icon")
    return "" if icon is None else markup.clean_string(icon.get("href"))


def _bodies(content_set: Any) -> tuple[list[BodyText], tuple[str, ...]]:
    """The bodies that are understood, and the media types of the others."""
    bodies: list[BodyText] = []
    not_read: list[str] = []
    for each in children(content_set, "inlineXML", "inlineData", "remoteContent"):
        body = _inline(each)
        if body is None:
            kind = "remoteContent" if local_name(each) == "remoteContent" else each.get("contenttype")
            not_read.append(markup.clean_string(kind) or "unknown type")
        else:
            bodies.append(body)
    return bodies, tuple(not_read)


def _inline(element: Any) -> BodyText | None:
    name = local_name(element)
    if name == "inlineXML":
        roots = [each for each in element if local_name(each)]
        return read_element(roots[0]) if roots else None
    if name == "inlineData" and not element.get("encoding"):
        kind = markup.clean_string(element.get("contenttype"))
        return read_body("".join(element.itertext()), kind)
    return None

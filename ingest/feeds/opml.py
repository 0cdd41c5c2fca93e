"""Import and export of feed lists, for exchange with other feed readers: OPML files and plain lists of addresses.

In: a file's bytes. Out: ImportedFeeds: every feed that can be read, and a message for each that can't. Nested outlines
are groups, their names joined with "/". Only the root element is given to lxml, so that a document type and its
entities are never read. Never raises. The other way, feeds are written as OPML 2.0 or as a plain list.

http://opml.org/spec2.opml
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import lxml.etree

from ingest import markup
from ingest.feeds.feed_list import Feed
from ingest.field_limits import MOST_ADDRESS, MOST_NAME, cut_text, is_short_address
from ingest.urls import host_of

ROOT = re.compile(r"<opml(?=[\s>])", re.IGNORECASE)
# what a cell of a spreadsheet begins with that is a formula (OWASP, "CSV injection"); and the same, escaped
FORMULA = re.compile(r"'*[=+\-@]")
ESCAPED_FORMULA = re.compile(r"'+[=+\-@]")
LANGUAGE = re.compile(r"([A-Za-z]{2})(?=[-_]|\Z)")
# A line of a plain list: address, tab or comma, name. Addresses have commas too: the separator is the last comma before
# the first white space, and where no white space follows it, only a single word is taken for a name.
ADDRESS_AND_NAME = re.compile(r"(?P<url>[^\t]*?)\t(?P<tabbed>.*)|(?P<before>\S+),(?P<spaced>\s.*|\S*\s.*|[^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class ImportedFeeds:
    """The feeds of a list, and a message for each problem. A feed without a name is named after its host."""

    feeds: list[Feed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def parse_feed_list(body: bytes) -> ImportedFeeds:
    """Parses an OPML file or a plain list.

    A plain list has one address a line, optionally followed by a tab or comma and a name; "#" begins a comment line.
    """
    text = markup.CONTROL_CHARACTERS.sub("", markup.decode_xml(body))
    root = ROOT.search(text)
    return _read_opml(text, root.start()) if root else _read_plain_list(text)


def _read_opml(text: str, start: int) -> ImportedFeeds:
    imported = ImportedFeeds()
    if "<!ENTITY" in text[:start]:
        imported.problems.append("the file declares entities: they are not expanded")
    tree, error = _parse_tree(text[start:])
    if error:
        imported.problems.append(f"broken, and read as far as it goes: {error}")
    for number, (outline, groups) in enumerate(_outlines(tree), start=1):
        fields = {name.lower(): value.strip() for name, value in outline.items()}
        group = "/".join(groups) or fields.get("category", "").partition(",")[0].strip("/")
        name = fields.get("text") or fields.get("title") or ""
        language = LANGUAGE.match(fields.get("language", ""))
        _add_feed(
            imported, f"outline {number}", _address(fields), name, group, language[1].lower() if language else None
        )
    return imported


def _parse_tree(xml: str) -> tuple[Any, str | None]:
    """The parsed document; of a broken one, what lxml can recover, and the error."""
    try:
        return lxml.etree.fromstring(
            xml.encode("utf-8", "replace"), lxml.etree.XMLParser(**markup.XML_PARSER_OPTIONS)
        ), None
    except lxml.etree.LxmlError as error:
        parser = lxml.etree.XMLParser(recover=True, **markup.XML_PARSER_OPTIONS)
        return lxml.etree.fromstring(markup.repair_entity_references(xml).encode("utf-8", "replace"), parser), str(
            error
        )


def _outlines(tree: Any) -> Iterator[tuple[Any, list[str]]]:
    """The outlines that have a feed's address, each with the names of the outlines around it."""
    groups: list[str] = []
    if tree is None:
        return
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end"), tag=("{*}outline", "{*}OUTLINE")):
        if event == "end":
            groups.pop()
            continue
        fields = {name.lower(): value.strip() for name, value in element.items()}
        address = _address(fields)
        if address:
            yield element, [each for each in groups if each]
        groups.append("" if address else fields.get("text") or fields.get("title") or "")


def _address(fields: dict[str, str]) -> str:
    return fields.get("xmlurl") or (fields.get("url", "") if fields.get("type", "").lower() == "rss" else "")


def _read_plain_list(text: str) -> ImportedFeeds:
    imported = ImportedFeeds()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            match = ADDRESS_AND_NAME.fullmatch(stripped)
            url = (match["url"] or match["before"] or "") if match else stripped
            name = (match["tabbed"] or match["spaced"] or "") if match else ""
            name = name.removeprefix("'") if ESCAPED_FORMULA.match(name) else name
            _add_feed(imported, f"line {number}", url.strip(), name, "", None)
    return imported


def _add_feed(imported: ImportedFeeds, position: str, url: str, name: str, group: str, language: str | None) -> None:
    host = host_of(url)
    if not is_short_address(url):
        imported.problems.append(f"{position}: {url[:200]!r} is longer than {MOST_ADDRESS} characters")
    elif host and not re.search(r"\s", url):
        named = cut_text(" ".join(name.split()), MOST_NAME) or host.removeprefix("www.")
        group = cut_text(" ".join(group.split()), MOST_NAME)
        imported.feeds.append(Feed(url=url, name=named, group=group, language=language))
    else:
        imported.problems.append(f"{position}: {url[:200]!r} is no http or https address")


def write_opml(feeds: Iterable[Feed], title: str = "Newsloom") -> bytes:
    """OPML 2.0 in UTF-8; the parts of a group's name, separated by "/", become nested outlines."""
    root = lxml.etree.Element("opml", version="2.0")
    lxml.etree.SubElement(lxml.etree.SubElement(root, "head"), "title").text = title
    outlines: dict[tuple[str, ...], Any] = {(): lxml.etree.SubElement(root, "body")}
    for feed in feeds:
        parent = _group_outline(outlines, tuple(part for part in feed.group.split("/") if part.strip()))
        fields = {"type": "rss", "text": feed.name, "title": feed.name, "xmlUrl": feed.url}
        if feed.language:
            fields["language"] = feed.language
        lxml.etree.SubElement(
            parent, "outline", {name: _remove_control_characters(value) for name, value in fields.items()}
        )
    written: bytes = lxml.etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _group_outline(outlines: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> Any:
    """The outline of a group; it and those around it are created where they don't exist yet."""
    for depth in range(1, len(path) + 1):
        part = path[:depth]
        if part not in outlines:
            outlines[part] = lxml.etree.SubElement(
                outlines[part[:-1]], "outline", text=_remove_control_characters(part[-1])
            )
    return outlines[path]


def write_plain_list(feeds: Iterable[Feed]) -> str:
    """A plain list: one line for each feed, with address, tab and name.

    A name that a spreadsheet would take for a formula gets an apostrophe, which is taken off when it is read again.
    """
    return "".join(f"{feed.url}\t{_escape_formula(' '.join(feed.name.split()))}\n" for feed in feeds)


def _escape_formula(name: str) -> str:
    shown = _remove_control_characters(name)
    return f"'{shown}" if FORMULA.match(shown) else shown


def _remove_control_characters(text: str) -> str:
    return markup.CONTROL_CHARACTERS.sub("", text)

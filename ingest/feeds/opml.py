"""Lists of feeds as other readers write them: OPML and plain lists -> feeds, and back.

In: a file's bytes. Out: a Listed: every feed that can be read, and by name what can't. Nested outlines are groups,
their names joined with "/". Nothing but the root's element is given to lxml, so a document type and its entities are
never read. Never raises.

http://opml.org/spec2.opml
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import lxml.etree

from ingest import markup
from ingest.feeds.feed_list import Feed
from ingest.urls import host_of

ROOT = re.compile(r"<opml(?=[\s>])", re.IGNORECASE)
LANGUAGE = re.compile(r"([A-Za-z]{2})(?=[-_]|\Z)")
# after the address of a plain list: a tab, or a comma; there are commas in addresses, so it is the last one before the
# first white space, and with none behind it only a word is a name
NAMED = re.compile(r"(?P<url>[^\t]*?)\t(?P<tabbed>.*)|(?P<before>\S+),(?P<spaced>\s.*|\S*\s.*|[^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list holds. A feed without a name has its host's."""

    feeds: list[Feed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read(body: bytes) -> Listed:
    """An OPML file, or a plain list: an address a line, a name behind it after a tab or comma, "#" before comments."""
    text = markup.CONTROL.sub("", markup.decoded(body))
    root = ROOT.search(text)
    return _read_opml(text, root.start()) if root else _read_list(text)


def _read_opml(text: str, start: int) -> Listed:
    listed = Listed()
    if "<!ENTITY" in text[:start]:
        listed.problems.append("the file declares entities: they are not expanded")
    tree, error = _tree(text[start:])
    if error:
        listed.problems.append(f"broken, and read as far as it goes: {error}")
    for number, (outline, groups) in enumerate(_outlines(tree), start=1):
        fields = {name.lower(): value.strip() for name, value in outline.items()}
        group = "/".join(groups) or fields.get("category", "").partition(",")[0].strip("/")
        name = fields.get("text") or fields.get("title") or ""
        language = LANGUAGE.match(fields.get("language", ""))
        _take(listed, f"outline {number}", _address(fields), name, group, language[1].lower() if language else None)
    return listed


def _tree(xml: str) -> tuple[Any, str | None]:
    """The document, mended where it is broken."""
    try:
        return lxml.etree.fromstring(xml.encode("utf-8", "replace"), lxml.etree.XMLParser(**markup.XML)), None
    except lxml.etree.LxmlError as error:
        parser = lxml.etree.XMLParser(recover=True, **markup.XML)
        return lxml.etree.fromstring(markup.mended(xml).encode("utf-8", "replace"), parser), str(error)


def _outlines(tree: Any) -> Iterator[tuple[Any, list[str]]]:
    """The outlines that name an address, each with the names of the outlines around it."""
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


def _read_list(text: str) -> Listed:
    listed = Listed()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            match = NAMED.fullmatch(stripped)
            url = (match["url"] or match["before"] or "") if match else stripped
            name = (match["tabbed"] or match["spaced"] or "") if match else ""
            _take(listed, f"line {number}", url.strip(), name, "", None)
    return listed


def _take(listed: Listed, place: str, url: str, name: str, group: str, language: str | None) -> None:
    host = host_of(url)
    if host and not re.search(r"\s", url):
        named = " ".join(name.split()) or host.removeprefix("www.")
        listed.feeds.append(Feed(url=url, name=named, group=" ".join(group.split()), language=language))
    else:
        listed.problems.append(f"{place}: {url[:200]!r} is no http or https address")


def write_opml(feeds: Iterable[Feed], title: str = "Newsloom") -> bytes:
    """OPML 2.0; the parts of a group's name are nested outlines."""
    root = lxml.etree.Element("opml", version="2.0")
    lxml.etree.SubElement(lxml.etree.SubElement(root, "head"), "title").text = title
    outlines: dict[tuple[str, ...], Any] = {(): lxml.etree.SubElement(root, "body")}
    for feed in feeds:
        parent = _group(outlines, tuple(part for part in feed.group.split("/") if part.strip()))
        fields = {"type": "rss", "text": feed.name, "title": feed.name, "xmlUrl": feed.url}
        if feed.language:
            fields["language"] = feed.language
        lxml.etree.SubElement(parent, "outline", {name: _plain(value) for name, value in fields.items()})
    written: bytes = lxml.etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _group(outlines: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> Any:
    """The outline of a group, made with those around it where it is not there yet."""
    for depth in range(1, len(path) + 1):
        part = path[:depth]
        if part not in outlines:
            outlines[part] = lxml.etree.SubElement(outlines[part[:-1]], "outline", text=_plain(part[-1]))
    return outlines[path]


def write_list(feeds: Iterable[Feed]) -> str:
    """A plain list: address, tab, name."""
    return "".join(f"{feed.url}\t{' '.join(_plain(feed.name).split())}\n" for feed in feeds)


def _plain(text: str) -> str:
    return markup.CONTROL.sub("", text)

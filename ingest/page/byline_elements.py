"""Byline elements: finds the elements of a page that show readers who wrote its article. Pure.

In: the tree of a page. Out: the texts of those elements, of the group that stands nearest below the headline; elements
of related stories, comments and navigation are left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ingest.boilerplate.blocks import Block
from ingest.page.structured_data import single_line

# what a class, an id, an itemprop or a data-testid says of an element that shows an author; and what else it may say
AUTHOR_NAME = re.compile(
    r"(?:^|[^a-z])(?:author|authors|byline|bylines|by-line|autor|autoren|autores|auteur|auteurs|autore|forfatter|"
    r"redakteur|yazar|penulis|writer|writtenby|contributor)(?:$|[^a-z])",
    re.IGNORECASE,
)
CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
NOT_THE_NAME = re.compile(
    r"(?:^|[^a-z])(?:bio|biography|avatar|image|img|photo|picture|thumb\w*|date|time|published|timestamp|role|job|"
    r"position|title|description|desc|social|follow|twitter|email|mail|count|comments?|reply|tooltip|icon|location|"
    r"source|agency|more|posts|box|about|share|cite|prep|prefix|label|heading|publications|affiliation\w*)(?:$|[^a-z])",
    re.IGNORECASE,
)
# elements whose authors are others'
ELSEWHERE = re.compile(
    r"(?:^|[^a-z])(?:related|recommend\w*|comments?|commentlist|respond|reply|replies|teasers?|sidebar|side-bar|widget|"
    r"popular|most-read|trending|latest|(?<!post-)(?<!entry-)(?<!article-)footer|menu|nav|navigation|carousel|slider|promo|newsletter|card|"
    r"further|more-(?:news|stories|from)|read-?(?:more|next)|also|outbrain|taboola|citation|references?|quote)"
    r"(?:$|[^a-z])",
    re.IGNORECASE,
)
ELSEWHERE_TAGS = frozenset({"aside", "nav", "footer", "blockquote", "form", "button", "figure", "figcaption"})
NO_TEXT_TAGS = frozenset({"meta", "link", "img", "script", "style", "html", "body"})
NAMING_ATTRIBUTES = ("class", "id", "itemprop", "data-testid", "data-test", "data-component", "data-qa")
AUTHOR_LINK = re.compile(r"/(?:authors?|autor(?:en|es)?|auteurs?|autore|people|profiles?|journalists?|staff)/")
WRITTEN_BY = re.compile(
    r"\W*(?:(?:(?:written|posted|words|story|text) )?by|(?:text |ein \w+ )?von|par|por|di|af|av|door|autor(?:in|a)?:|"
    r"author:|auteur ?:|autore:|texte? ?:)\s+\w",
    re.IGNORECASE,
)
LONGEST_LINE = 90  # characters of a block that is a byline
LONGEST = 200  # characters of a byline
FARTHEST = 3  # levels up from a byline, in which others belong to it
MOST_ELEMENTS = 400


@dataclass(frozen=True)
class Byline:
    """The texts of elements that stand together, and whether they link to the author's own page."""

    texts: list[str]
    links_to_author: bool = False


def find_bylines(tree: Any) -> Iterator[Byline]:
    """The bylines that the page marks as such, the likeliest first."""
    found = list(islice(filter(_shows_author, tree.iter("*")), MOST_ELEMENTS))
    own = [each for each in _innermost(found) if not _is_elsewhere(each)]
    for group in _groups(_below_headline(tree, own)):
        yield Byline([text for each in group for text in _texts(each)], any(map(_links_to_author, group)))


def find_byline_block(blocks: Iterable[Block]) -> Iterator[Byline]:
    """The first block of text that says no more than "By Jane Doe"."""
    for block in blocks:
        if len(block.text) <= LONGEST_LINE and WRITTEN_BY.match(block.text) and not _is_elsewhere(block.ancestors[-1]):
            yield Byline([block.text])
            return


def _shows_author(element: Any) -> bool:
    attributes = element.attrib
    if not attributes or element.tag in NO_TEXT_TAGS:
        return False
    names = _names(element)
    marked = "author" in attributes.get("rel", "") or bool(names and AUTHOR_NAME.search(names))
    return marked and not NOT_THE_NAME.search(names)


def _names(element: Any) -> str:
    found = [element.attrib[name] for name in NAMING_ATTRIBUTES if name in element.attrib]
    return CAMEL_CASE.sub("-", " ".join(found)) if found else ""


def _innermost(elements: list[Any]) -> list[Any]:
    """The elements that hold no other one of them that has a text."""
    texts = [each for each in elements if 0 < len(_text(each)) <= LONGEST]
    outer = {ancestor for each in texts for ancestor in each.iterancestors()}
    return [each for each in texts if each not in outer]


def _is_elsewhere(element: Any) -> bool:
    """Whether an element lies in a part of the page that is about something else than its article."""
    for ancestor in element.iterancestors():
        if ancestor.tag in ("body", "html", "main"):
            return False
        if ancestor.tag == "article":
            return bool(ELSEWHERE.search(_names(ancestor)))
        if ancestor.tag in ELSEWHERE_TAGS or ELSEWHERE.search(_names(ancestor)):
            return True
    return False


def _below_headline(tree: Any, elements: list[Any]) -> list[Any]:
    """The elements, those below the first heading first."""
    heading = next((each for each in tree.iter("h1") if single_line("".join(each.itertext()))), None)
    if heading is None or not elements:
        return elements
    places = {each: number for number, each in enumerate(tree.iter())}
    return sorted(elements, key=lambda each: places[each] < places[heading])


def _groups(elements: list[Any]) -> Iterator[list[Any]]:
    """The elements in runs that lie in one part of the page, a few levels up."""
    group: list[Any] = []
    for each in elements:
        if group and not _near(group[-1], each):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _near(one: Any, other: Any) -> bool:
    """Whether two elements lie in one small part of the page."""
    for number, ancestor in enumerate(one.iterancestors()):
        if number >= FARTHEST or ancestor.tag in ("body", "main", "article"):
            return False
        if ancestor in other.iterancestors():
            return len("".join(ancestor.itertext())) <= 3 * LONGEST
    return False


def _texts(element: Any) -> list[str]:
    """The texts of an element's links, where it has several; else its own."""
    links = [text for link in element.iter("a") if (text := _text(link))]
    return links if len(links) > 1 else [_text(element)]


def _links_to_author(element: Any) -> bool:
    near = [element, *element.iter("a"), *([element.getparent()] if element.getparent() is not None else [])]
    return any("author" in (each.get("rel") or "") or AUTHOR_LINK.search(each.get("href") or "") for each in near)


def _text(element: Any) -> str:
    return single_line(" ".join(each for each in element.itertext(with_tail=False) if each))

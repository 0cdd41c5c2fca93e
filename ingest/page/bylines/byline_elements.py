"""Byline elements: finds the elements of a page that show readers who wrote its article. Pure.

In: the tree of a page, and the title of its article. Out: the texts of those elements, in groups that stand together:
first the group that stands shortly below the headline, where nearly all sites have it, then the others that are marked
as bylines; elements of related stories, comments and navigation are left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Any

from ingest.page.bylines.person_name import holds_name
from ingest.page.structured_data import single_line

# what a class, an id, an itemprop or a data-testid says of an element that shows an author; and what else it may say
AUTHOR_NAME = re.compile(
    r"(?:^|[^a-z])(?:(?:article|entry|news|post|story)?(?:author|byline)(?:s|names?)?|by-line|autor|autoren|autores|"
    r"auteur|auteurs|autore|forfatter|redakteur|yazar|penulis|writer|writtenby|contributor)(?:$|[^a-z])",
    re.IGNORECASE,
)
CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
NOT_THE_NAME = re.compile(
    r"(?:^|[^a-z])(?:bio|biography|avatar|image|img|photo|picture|thumb\w*|date|time|published|timestamp|role|job|"
    r"position|title|description|desc|social|follow|twitter|email|mail|count|tooltip|icon|location|"
    r"source|agency|more|posts|views?|likes?|box|about|share|cite|prep|prefix|label|heading|publications|affiliation\w*)(?:$|[^a-z])",
    re.IGNORECASE,
)
NAME_AT_END = re.compile(r"[^a-z]name$", re.IGNORECASE)  # "social-author__name" shows the name
COMMENT = re.compile(r"(?:^|[^a-z])(?:comments?|commentlist|respond|reply|replies)(?:$|[^a-z])", re.IGNORECASE)
# parts of a page whose authors are others'; and parts in which some sites put the byline of the article too
OTHERS = re.compile(
    r"(?:^|[^a-z])(?:related|recommend\w*|comments?|commentlist|respond|reply|replies|teasers?|popular|most-read|"
    r"trending|latest|carousel|slider|promo|newsletter|further|more-(?:news|stories|from|posts)|read-?(?:more|next)|"
    r"also|outbrain|taboola|citation|references?|quote)(?:$|[^a-z])",
    re.IGNORECASE,
)
MARGIN = re.compile(
    r"(?:^|[^a-z])(?:(?<!post-)(?<!entry-)(?<!article-)(?:footer|sidebar|side-bar)|widget|menu|nav|navigation|card)"
    r"(?:$|[^a-z])",
    re.IGNORECASE,
)
ENTRY_PART = re.compile(r"(?:^|[^a-z])(?:post|entry|article|story|meta)(?:$|[^a-z])", re.IGNORECASE)
ENTRY_META = re.compile(r"(?:^|\s)(?:entry|post|article|story)-meta(?:\s|$)", re.IGNORECASE)
OTHERS_TAGS = frozenset({"blockquote", "form"})
MARGIN_TAGS = frozenset({"aside", "nav", "footer", "button", "figure", "figcaption"})
NO_TEXT_TAGS = frozenset({"meta", "link", "img", "script", "style", "html", "body", "input", "svg", "noscript"})
NAMING_ATTRIBUTES = ("class", "id", "itemprop", "data-testid", "data-test", "data-component", "data-qa")
AUTHOR_LINK = re.compile(
    r"/(?:by|authors?|autor(?:en|es)?|auteurs?|autore|journalists?|staff|contributors?|editors?|writers?|reporters?|"
    r"redakteure?)(?:/|\.)",
    re.IGNORECASE,
)
PERSON_LINK = re.compile(r"/(?:people|person|profile?s?|user|users|u|members?)/", re.IGNORECASE)  # anybody's page
BY = (
    r"\W*(?:(?:(?:written|posted|words|story|text|guest post|blog post) )?by|"
    r"(?:text |ein \w+ |(?:blog|gast)?-? ?beitrag )?von|par|por|di|af|av|door|autor(?:in|a)?:|author:|auteur ?:|"
    r"autore:|texte? ?:)"
)
WRITTEN_BY = re.compile(rf"{BY}\s+\w", re.IGNORECASE)
# between texts of elements that belong together: "By | Jane Doe | and | John Roe"
JOINED = re.compile(
    r"(?P<before>(?<!\w)(?:and|und|et|y|e|og|och|en|with|mit|by|von|par|por|di|&)|[,;&:])\s*\|\s*|"
    r"\s*\|\s*(?=(?:and|und|et|y|e|og|och|en|with|mit|&|,|;)(?:\s|$))",
    re.IGNORECASE,
)
INLINE_TAGS = frozenset({"a", "b", "strong", "i", "em", "span", "font", "small", "u", "cite"})
HEADING_TAGS = ("h1", "h2", "h3")
LONGEST_LINE = 90  # characters of a line that is a byline
LONGEST = 200  # characters of a byline
FARTHEST = 3  # levels up from a byline, in which others belong to it
NEAR = 15  # elements with a text of their own between a headline and the byline below it
HEADLINE_WORDS = 3  # of a link that is another story's headline
MOST_ELEMENTS = 400
MOST_LINKS = 50  # of one element that are looked at
LONGEST_HEADING, LONGEST_PIECE = 500, 2_000  # characters of a heading, and of one piece of a text, that are read


@dataclass(frozen=True)
class Byline:
    """The texts of one element, any of which may hold names.

    `stated`: it links to the author's own page; `near`: it stands shortly below the headline.
    """

    texts: tuple[str, ...]
    stated: bool = False
    near: bool = False


@dataclass(frozen=True)
class _Places:
    """Where things stand on a page: how many elements with a text of their own stand before an element."""

    number: dict[Any, int]
    heading: Any  # the headline of the article, or None
    around: frozenset[Any]  # the elements that hold the headline

    def below_heading(self, element: Any) -> int:
        """How far an element stands below the headline; below 0 above it, or where there is no headline."""
        return -1 if self.heading is None else self.number[element] - self.number[self.heading]


def find_bylines(tree: Any, title: str = "") -> Iterator[list[Byline]]:
    """The bylines that the page marks as such, in groups, the likeliest first."""
    marked = list(islice(filter(_may_show_author, tree.iter("*")), MOST_ELEMENTS))
    if not marked:
        return
    places = _find_places(tree, title)
    near = [each for each in marked if 0 <= places.below_heading(each) <= NEAR and _belongs_near(each, places)]
    others = [each for each in marked if _is_marked(each) and not _is_elsewhere(each, places)]
    below = sorted(others, key=lambda each: places.below_heading(each) < 0)
    for elements, is_near in ((near, True), (below, False)):
        yield from ([replace(_read(each), near=is_near) for each in group] for group in _groups(_innermost(elements)))


def _may_show_author(element: Any) -> bool:
    if not element.attrib or element.tag in NO_TEXT_TAGS:
        return False
    return _is_marked(element) or bool(
        element.tag == "a" and AUTHOR_LINK.search(element.get("href") or "") and _stands_alone(element)
    )


def _stands_alone(link: Any) -> bool:
    """Whether a link is no part of a paragraph of text."""
    block = next((each for each in link.iterancestors() if each.tag not in INLINE_TAGS), link)
    return len(_plain_text(block)) <= LONGEST


def _is_marked(element: Any) -> bool:
    return "author" in element.get("rel", "").lower() or any(map(_names_author, _names(element).split()))


def _names_author(mark: str) -> bool:
    """Whether one class, or the like, says that an element shows an author, and nothing else of the author."""
    if not AUTHOR_NAME.search(mark) or COMMENT.search(mark):
        return False
    return not NOT_THE_NAME.search(mark) or bool(NAME_AT_END.search(mark))


def _names(element: Any) -> str:
    found = [element.attrib[name] for name in NAMING_ATTRIBUTES if name in element.attrib]
    return CAMEL_CASE.sub("-", " ".join(found)) if found else ""


# --- whose author ---


def _find_places(tree: Any, title: str) -> _Places:
    heading, number, count = _find_heading(tree, title), {}, 0
    for each in tree.iter("*"):
        number[each] = count
        count += bool(each.text and each.tag not in NO_TEXT_TAGS and not each.text.isspace())
    return _Places(number, heading, frozenset(heading.iterancestors()) if heading is not None else frozenset())


def _find_heading(tree: Any, title: str) -> Any:
    """The heading that says the title; else the first <h1> with a text; None where there is none."""
    found = [(each, _plain_text(each, LONGEST_HEADING)) for each in tree.iter(*HEADING_TAGS)]
    same = (each for each, text in found if text and text == title)
    return next(same, next((each for each, text in found if text and each.tag == "h1"), None))


def _belongs_near(element: Any, places: _Places) -> bool:
    """Whether an element shortly below the headline is of the same article."""
    for ancestor in element.iterancestors():
        if ancestor in places.around or ancestor.tag == "body":
            return True
        names = _names(ancestor)
        if _is_of_others(ancestor, names):
            return False
        if _is_margin(ancestor, names) and _holds_headline(ancestor):
            return False
    return True


def _holds_headline(element: Any) -> bool:
    """Whether there is a link to another story in an element."""
    links = (each for each in islice(element.iter("a"), MOST_LINKS) if not _links_to_author(each))
    return any(len(_plain_text(each).split()) >= HEADLINE_WORDS for each in links)


def _is_elsewhere(element: Any, places: _Places) -> bool:
    """Whether an element lies in a part of the page that is about something else than its article."""
    return lies_elsewhere(takewhile(lambda ancestor: ancestor not in places.around, element.iterancestors()))


def lies_elsewhere(ancestors: Iterable[Any]) -> bool:
    """Whether one of these elements, innermost first, holds what is not of the article: comments, teasers, menus."""
    for ancestor in ancestors:
        if ancestor.tag in ("body", "html", "main"):
            return False
        names = _names(ancestor)
        if _is_of_others(ancestor, names) or _is_margin(ancestor, names):
            return True
        if ancestor.tag == "article":
            return False
    return False


def _is_of_others(element: Any, names: str) -> bool:
    """Whether a part of the page is about other stories, or what readers say of this one."""
    return element.tag in OTHERS_TAGS or bool(OTHERS.search(names) and not ENTRY_META.search(names))


def _is_margin(element: Any, names: str) -> bool:
    """Whether a part of the page is no part of an article; what follows an article is often its own footer."""
    if element.tag in ("footer", "aside") and (ENTRY_PART.search(names) or element.getparent().tag == "article"):
        return False
    return element.tag in MARGIN_TAGS or bool(MARGIN.search(names))


def _innermost(elements: list[Any]) -> list[Any]:
    """The elements with a name that hold no other one of them with a name."""
    named = [each for each in elements if 0 < len(_plain_text(each)) <= LONGEST and _shows_name(each)]
    outer = {ancestor for each in named for ancestor in each.iterancestors()}
    return [_whole(each) for each in named if each not in outer]


def _shows_name(element: Any) -> bool:
    byline = _read(element)
    return holds_name(byline.texts, byline.stated)


def _whole(element: Any) -> Any:
    """The line "By A, B and C" that an element is only a part of; else the element."""
    for ancestor in islice(element.iterancestors(), 2):
        text = _plain_text(ancestor)
        if len(text) > LONGEST_LINE:
            break
        if WRITTEN_BY.match(text) and not WRITTEN_BY.match(_plain_text(element)):
            return ancestor
    return element


def _groups(elements: list[Any]) -> Iterator[list[Any]]:
    """The elements in runs that lie in one part of the page, a few levels up, each element once."""
    group: list[Any] = []
    for each in dict.fromkeys(elements):
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
            return len(_plain_text(ancestor, 3 * LONGEST)) <= 3 * LONGEST
    return False


def _read(element: Any) -> Byline:
    """The texts of an element's links, where it has several; else its own, its parts divided, and at last as one."""
    links = [text for link in islice(element.iter("a"), MOST_LINKS) if (text := _plain_text(link))]
    divided, stated = _divided_text(element), _is_stated(element)
    if len(links) > 1:
        return Byline(tuple(links), stated)
    return Byline((divided,) if holds_name([divided], stated) else (_plain_text(element),), stated)


def _is_stated(element: Any) -> bool:
    parent = element.getparent()
    near = [element, *islice(element.iter("a"), MOST_LINKS), *([parent] if parent is not None else [])]
    return any(map(_links_to_author, near))


def _links_to_author(element: Any) -> bool:
    address, relation = element.get("href", ""), element.get("rel", "").lower()
    return "author" in relation or bool(AUTHOR_LINK.search(address) or PERSON_LINK.search(address))


def _divided_text(element: Any) -> str:
    """The text of an element with "|" between what its elements say, but not around "and" and "by"."""
    pieces = [line for each in element.itertext() if (line := single_line(each))]
    return JOINED.sub(lambda match: f"{match['before'] or ''} ", " | ".join(pieces))


def _plain_text(element: Any, most: int = LONGEST) -> str:
    """The text of an element; of one that is longer than `most` characters no more than its beginning."""
    pieces, length = [], 0
    for each in element.itertext():
        line = single_line(each[: LONGEST_PIECE + most])
        pieces += [line] if line else []
        length += len(line)
        if length > most:
            break
    return " ".join(pieces)

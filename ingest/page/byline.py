"""Byline: finds the authors of an article, as names of people. Pure.

In: the structured data of a page, its bylines, its texts, and the site's name. Out: names, without prefixes
("by"), roles, agencies, addresses and the site's own name; and their source, with a confidence of 0 to 1.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from ingest.page.bylines.byline_elements import Byline
from ingest.page.bylines.person_name import MOST_AUTHORS, merge_names, parse_bylines
from ingest.page.json_ld import plain_text, type_names
from ingest.page.structured_data import StructuredData

AUTHOR_METAS = (
    "author", "article:author", "article:author_name", "og:article:author", "og:author", "parsely-author", "byl",
    "sailthru.author", "dc.creator", "dcterms.creator", "dc.author", "authors", "article.author",
    "cxenseparse:author", "cb_author", "byline", "creator",
)  # fmt: skip
# what stands on a card of twitter beside the author's name
CARD_LABEL = re.compile(
    r"(?:written|posted) by|by|author|verfasst von|geschrieben von|autor|von|écrit par|auteur|escrito por|"
    r"publicado por|scritto da|autore|geschreven door|auteur|skrevet av|författare|yazan|ditulis oleh|написано автором",
    re.IGNORECASE,
)
PERSON_KEYS = ("author", "creator")  # of JSON-LD; the first that has a name
BYLINE = ("byline", 0.7)  # the source of names that the page shows, and the confidence in them
DEEPEST = 5  # lists within lists, names within names


def find_authors(
    data: StructuredData,
    shown: Iterable[list[Byline]],
    lines: Iterable[list[Byline]],
    sites: Iterable[str],
    texts: Iterable[str],
) -> tuple[tuple[str, ...], tuple[str, float]]:
    """The authors, and their source with its confidence; `sites` are the names of the site, `texts` all of the page.

    What the page's data state goes first; then `shown`, the bylines that the page marks, the likeliest first; then
    `lines` of text like "By Jane Doe", unless the JSON-LD states an author that is no person, such as an agency.
    """
    own = tuple(sites)
    stated, source = _stated_authors(data, own)
    if stated:
        instead = _shown_instead(stated, shown, lines, own, texts)
        return (instead, BYLINE) if instead else (stated, source)
    others = any(each.get(key) for each in data.json_ld_articles for key in PERSON_KEYS)
    found = (_read(group, own) for group in chain(shown, () if others else lines))
    return next(((names, BYLINE) for names in found if names), ((), ("none", 0.0)))


def _stated_authors(data: StructuredData, own: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, float]]:
    for source, texts, confidence in (("json-ld", _linked(data), 0.95), ("meta", _metas(data), 0.85)):
        for candidates in texts:
            names = parse_bylines(candidates, own)
            if names:
                return names, (source, confidence)
    return (), ("none", 0.0)


def _shown_instead(
    stated: tuple[str, ...],
    shown: Iterable[list[Byline]],
    lines: Iterable[list[Byline]],
    own: tuple[str, ...],
    texts: Iterable[str],
) -> tuple[str, ...]:
    """The names in the byline below the headline, where those that are stated seem to be somebody else's; else ().

    Some software states who entered a text: by one word ("Jane", whom the byline calls "Jane Doe"), or by a name that
    the page does not show. Right on all four pages of the corpus and of other readers' tests that have such a byline.
    """
    alone = all(map(_is_one_word, stated))
    if not alone and _is_any_shown(stated, texts):
        return ()
    near = (names for group in shown if all(each.near for each in group) and (names := _read(group, own)))
    first = next(near, ())
    if any(not _is_one_word(name) for name in first):
        return first
    known = {name.casefold() for name in stated}
    whole = (names for group in lines if (names := _read(group, own)) and known & set(_words(names)))
    return next(whole, ()) if alone else ()


def _read(group: list[Byline], own: tuple[str, ...]) -> tuple[str, ...]:
    return merge_names(parse_bylines(each.texts, own, stated=each.stated) for each in group)


def _is_one_word(name: str) -> bool:
    """Whether a name is a single word, in a script that puts spaces between names."""
    return len(name.split()) == 1 and name.upper() != name.lower()


def _is_any_shown(names: tuple[str, ...], texts: Iterable[str]) -> bool:
    page = "\n".join(texts).casefold()
    return any(name.casefold() in page for name in names)


def _words(names: tuple[str, ...]) -> Iterator[str]:
    return (word for name in names for word in name.casefold().split())


def _linked(data: StructuredData) -> Iterator[list[str]]:
    """The names in the JSON-LD, of the first object that has any."""
    for each in data.json_ld_articles:
        for key in PERSON_KEYS:
            yield [name for name in _person_names(each.get(key)) if name]


def _person_names(person: Any, depth: int = DEEPEST) -> Iterator[str]:
    """The names in a JSON-LD author: a text, an object, or a list of them."""
    if isinstance(person, list) and depth:
        for each in person[:MOST_AUTHORS]:
            yield from _person_names(each, depth - 1)
    elif isinstance(person, dict) and depth and not any("Organization" in name for name in type_names(person)):
        name = person.get("name") or person.get("@value")
        parts = (plain_text(person.get(key)) or "" for key in ("givenName", "familyName"))
        yield from _person_names(name or " ".join(parts).strip(), depth - 1)
    elif isinstance(person, str):
        yield plain_text(person) or ""


def _metas(data: StructuredData) -> Iterator[list[str]]:
    """The contents of all meta tags of one name, for each name."""
    for name in AUTHOR_METAS:
        yield [plain_text(content) or "" for content in data.metas(name)]
    for number in ("1", "2"):
        if CARD_LABEL.fullmatch((data.meta(f"twitter:label{number}") or "").strip(" :")):
            yield [data.meta(f"twitter:data{number}") or ""]

"""Byline: finds the authors of an article, as names of people. Pure.

In: the structured data of a page, its byline elements, and the site's name. Out: names, without prefixes ("by"), roles,
agencies, addresses and the site's own name; and their source, with a confidence of 0 to 1.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ingest.page.json_ld import plain_text
from ingest.page.structured_data import StructuredData, single_line

AUTHOR_METAS = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "byl",
    "sailthru.author",
    "dc.creator",
    "authors",
)
BYLINE_START = re.compile(
    r"^(?:by|von|par|por|di|av|af|door|written by|words by|text|texte|autor|author)\b[:\s]+", re.IGNORECASE
)
# what stands behind the names of a byline: "Jane Doe | 3 min read"
NAMES_END = re.compile(r"\s[|•·–—-]\s|[|•·(\[\n]")
NAME_SEPARATOR = re.compile(r"(?:\s*[;,/&]\s*|\s+)(?:and|und|et|y|e|og|och|en|with|mit)\s+|\s*[;,/&]\s*", re.IGNORECASE)
# words of offices, roles, agencies and pages, which no name of a person has
NOT_A_PERSON = re.compile(
    r"\b(?:staff|reporters?|editors?|editorial|correspondents?|writers?|newsroom|news|desk|team|agenc\w+|press|media|"
    r"admin\w*|redaktion\w*|redazione|r[ée]daction|redacci[óo]n|redac[çc][ãa]o|redactie|redaksjon\w*|toimitus|online|"
    r"bureau|service|min read|read|updated|published|guest|contributors?|columnist|journalist\w*|producer|chief|senior|"
    r"afp|reuters|dpa|ap|apa|ansa|efe|lusa|ntb|tt|sda|pa|upi|tass|kyodo|xinhua|bloomberg|com|net|org|inc|ltd|gmbh|"
    r"magazine|times|post|today|daily|tv|radio|editorial board)\b|@|https?:|www\.|\d",
    re.IGNORECASE,
)
WORD = re.compile(r"\w+")
MOST_NAME_WORDS = 5
MOST_NAME_LETTERS = 60
MOST_AUTHORS = 12


def find_authors(
    data: StructuredData, bylines: Iterable[Any], site: str | None
) -> tuple[tuple[str, ...], tuple[str, float]]:
    """The authors, and their source with its confidence; `bylines` are the elements that the page marks as bylines."""
    authors = (name for each in data.json_ld_articles for name in _author_names(each.get("author")))
    linked = (single_line(plain_text(name)) for name in authors)
    metas = (data.meta(name) or "" for name in AUTHOR_METAS)
    elements = (single_line("".join(element.itertext())) for element in bylines)
    for source, texts, confidence in (("json-ld", linked, 0.95), ("meta", metas, 0.85), ("byline", elements, 0.7)):
        names = parse_bylines(texts, site)
        if names:
            return names, (source, confidence)
    return (), ("none", 0.0)


def _author_names(author: Any) -> Iterator[str]:
    """The names in a JSON-LD author: a text, an object, or a list of them."""
    for each in author if isinstance(author, list) else [author]:
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict) and "Organization" not in str(each.get("@type")):
            name = each.get("name")
            yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


def parse_bylines(bylines: Iterable[str], site: str | None = None) -> tuple[str, ...]:
    """The names of the people in bylines ("By Jane Doe and John Roe"), each once, in order, MOST_AUTHORS at most."""
    own = _letters_only(site or "")
    names = (name for byline in bylines if "://" not in byline for name in _split_byline(single_line(byline)))
    found = dict.fromkeys(name for name in names if _letters_only(name) != own and _is_person(name))
    return tuple(found)[:MOST_AUTHORS]


def _split_byline(byline: str) -> Iterator[str]:
    """The parts of a byline that may be names; "Ortega y Gasset" is one."""
    named = BYLINE_START.sub("", NAMES_END.split(BYLINE_START.sub("", byline))[0])
    parts = [part for part in NAME_SEPARATOR.split(named) if part]
    whole = len(parts) == 2 and any(len(WORD.findall(part)) == 1 for part in parts) and "," not in named
    for part in [named] if whole and not NOT_A_PERSON.search(named) else parts:
        yield part.strip(" .,:'\"")


def _is_person(name: str) -> bool:
    words = WORD.findall(name)
    cased = name.upper() != name.lower()
    enough = len(words) > 1 or not cased
    return enough and len(words) <= MOST_NAME_WORDS and len(name) <= MOST_NAME_LETTERS and not NOT_A_PERSON.search(name)


def _letters_only(name: str) -> str:
    return "".join(WORD.findall(name)).casefold()

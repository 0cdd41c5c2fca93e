"""Who wrote an article: bylines as people. Pure.

In: what JSON-LD, meta tags or a byline say. Out: names, without roles, agencies, addresses and the site's own name.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ingest.page.structured_data import StructuredData, line, plain

METAS = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "byl",
    "sailthru.author",
    "dc.creator",
    "authors",
)
BY = re.compile(r"^(?:by|von|par|por|di|av|af|door|written by|words by|text|texte|autor|author)\b[:\s]+", re.IGNORECASE)
# where the names of a byline end, and others begin
ENDS = re.compile(r"\s[|•·–—-]\s|[|•·(\[\n]")
BETWEEN = re.compile(r"(?:\s*[;,/&]\s*|\s+)(?:and|und|et|y|e|og|och|en|with|mit)\s+|\s*[;,/&]\s*", re.IGNORECASE)
# of what is no person: words of an office, an agency or a page
NO_PERSON = re.compile(
    r"\b(?:staff|reporters?|editors?|editorial|correspondents?|writers?|newsroom|news|desk|team|agenc\w+|press|media|"
    r"admin\w*|redaktion\w*|redazione|r[ée]daction|redacci[óo]n|redac[çc][ãa]o|redactie|redaksjon\w*|toimitus|online|"
    r"bureau|service|min read|read|updated|published|guest|contributors?|columnist|journalist\w*|producer|chief|senior|"
    r"afp|reuters|dpa|ap|apa|ansa|efe|lusa|ntb|tt|sda|pa|upi|tass|kyodo|xinhua|bloomberg|com|net|org|inc|ltd|gmbh|"
    r"magazine|times|post|today|daily|tv|radio|editorial board)\b|@|https?:|www\.|\d",
    re.IGNORECASE,
)
WORD = re.compile(r"\w+")
MOST_WORDS = 5
MOST_LETTERS = 60
MOST_AUTHORS = 12


def authors_of(
    evidence: StructuredData, bylines: Iterable[Any], site: str | None
) -> tuple[tuple[str, ...], tuple[str, float]]:
    """The authors, and where they were found; `bylines` are the elements that are marked as such."""
    names = (line(plain(name)) for each in evidence.linked for name in _linked(each.get("author")))
    metas = (evidence.meta(name) or "" for name in METAS)
    marked = (line("".join(element.itertext())) for element in bylines)
    for source, told, sure in (("json-ld", names, 0.95), ("meta", metas, 0.85), ("byline", marked, 0.7)):
        found = people(told, site)
        if found:
            return found, (source, sure)
    return (), ("none", 0.0)


def _linked(author: Any) -> Iterator[str]:
    """The names in a JSON-LD author: a text, an object, or a list of them."""
    for each in author if isinstance(author, list) else [author]:
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict) and "Organization" not in str(each.get("@type")):
            name = each.get("name")
            yield from (part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str))


def people(bylines: Iterable[str], site: str | None = None) -> tuple[str, ...]:
    """The people that bylines name, each once, in order."""
    own = _key(site or "")
    names = (name for byline in bylines if "://" not in byline for name in _names(line(byline)))
    found = dict.fromkeys(name for name in names if _key(name) != own and _is_person(name))
    return tuple(found)[:MOST_AUTHORS]


def _names(byline: str) -> Iterator[str]:
    named = BY.sub("", ENDS.split(BY.sub("", byline))[0])
    parts = [part for part in BETWEEN.split(named) if part]
    whole = len(parts) == 2 and any(len(WORD.findall(part)) == 1 for part in parts) and "," not in named
    for part in [named] if whole and not NO_PERSON.search(named) else parts:  # "Ortega y Gasset" is one
        yield part.strip(" .,:'\"")


def _is_person(name: str) -> bool:
    words = WORD.findall(name)
    cased = name.upper() != name.lower()
    enough = len(words) > 1 or not cased
    return enough and len(words) <= MOST_WORDS and len(name) <= MOST_LETTERS and not NO_PERSON.search(name)


def _key(name: str) -> str:
    return "".join(WORD.findall(name)).casefold()

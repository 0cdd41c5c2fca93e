"""Numbered addresses: which page of an article an address is, judged by the address alone. Pure.

In: an address, and the addresses under which the article's first page is known. Out: its number, counted from 1; None
where it is no page of that article. An article's further pages have the address of its first and a number: ?page=2,
/2, /page/2/, /seite-2, _2.html, -p2.html.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from ingest.urls import canonical_url, is_home_page, is_section_page

# how sites call a page in their addresses
WORDS = "page|pages|pg|p|pag|pagina|paged|seite|side|sida|sivu|strana|strona|sayfa|oldal|stranica|part|teil"
# of three digits at most: longer numbers are those of articles (?p=4711)
PARAMETER = re.compile(
    rf"(?:(?:{WORDS})(?:[-_]?(?:no|nr|num|number))?|currentpage)=(?P<number>[0-9]{{1,3}})", re.IGNORECASE
)
# what stands behind the address of the first page. Not a number behind a hyphen alone: in this way blogs number the
# addresses of articles that have one title; sites whose addresses end with .html do not, see ENDING
NUMBER = re.compile(
    rf"(?:[/_,;.~](?:(?:{WORDS})[-_/=,]?)?|-(?:{WORDS})[-_=,]?)(?P<number>[0-9]{{1,3}})/?", re.IGNORECASE
)
NUMBER_BEFORE_ENDING = re.compile(rf"[-_,;.~/](?:(?:{WORDS})[-_/=,]?)?(?P<number>[0-9]{{1,3}})", re.IGNORECASE)
ENDING = re.compile(r"(?<=[^/])\.[a-z]{3,5}$", re.IGNORECASE)
# the end of the path of a first page that says so itself
FIRST = re.compile(rf"/(?:{WORDS})[-_/=,]?1$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Address:
    """A web address without the parameter that numbers its page; `number` is what that says, None without one."""

    host: str
    path: str  # without a slash at its end
    query: frozenset[tuple[str, str]]
    number: int | None


def page_number(url: str, first: Iterable[str | None]) -> int | None:
    """The number of the page at `url` of the article whose first page is known under these addresses; None for none.

    Front pages and sections have no further pages: the second page of a list is no article's.
    """
    found = _parse(url)
    bases = (_parse_first(each) for each in first if each)
    numbers = (_number_behind(found, base) for base in bases if base) if found else ()
    return next((number for number in numbers if number), None)


def _parse(url: str) -> _Address | None:
    parts = urlsplit(canonical_url(url) or "")
    items = parts.query.split("&") if parts.query else []
    matches = [match for item in items if (match := PARAMETER.fullmatch(item))]
    others = "&".join(item for item in items if not PARAMETER.fullmatch(item))
    query = frozenset(parse_qsl(others, keep_blank_values=True))
    number = int(matches[-1]["number"]) if matches else None
    return _Address(parts.netloc.removeprefix("www."), parts.path.rstrip("/"), query, number) if parts.netloc else None


def _parse_first(url: str) -> _Address | None:
    """The address of an article's first page; None where it is that of a list, or of another page."""
    found, without_query = _parse(url), url.partition("?")[0]
    if found is None or found.number not in (None, 1):
        return None
    if not found.query and (is_home_page(without_query) or is_section_page(without_query)):
        return None
    return _Address(found.host, FIRST.sub("", found.path), found.query, None)


def _number_behind(found: _Address, base: _Address) -> int | None:
    """The number that an address adds to that of a first page; 1 for that itself, None for another one."""
    if (found.host, found.query) != (base.host, base.query):
        return None
    if found.path == base.path:
        return found.number or 1
    if found.number is not None:
        return None
    ending = ENDING.search(base.path)
    if ending and found.path.endswith(ending[0]) and found.path.startswith(stem := base.path[: ending.start()]):
        inner = NUMBER_BEFORE_ENDING.fullmatch(found.path[len(stem) : -len(ending[0])])
        return int(inner["number"]) if inner else None
    behind = NUMBER.fullmatch(found.path[len(base.path) :]) if found.path.startswith(base.path) else None
    return int(behind["number"]) if behind else None

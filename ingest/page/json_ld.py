"""JSON-LD: reads the objects of a page's JSON-LD, and tells which of them describe its article. Pure.

In: the texts of the scripts; then the addresses and titles of the page. Out: the objects that belong to the page's
article, the best first, with what they refer to by @id filled in; related stories, which many pages describe too, are
left out.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from ingest.markup import remove_invisible_characters
from ingest.page.tolerant_json import read_json_values
from pipeline.combining_marks import WORD

Object = dict[str, Any]
ARTICLE_TYPE = re.compile(r"Article|Posting|Report|Recipe|Review")
# objects of other types may carry an article's date, headline and author too, but not these
NO_ARTICLE_TYPE = re.compile(
    r"Comment|Person|Organization|Corporation|WebSite|Object$|List|Product|Offer|Rating|Action|Question|Answer|Place|"
    r"Brand|Event|Series|Collection|SearchResults|Gallery|WebPageElement|AggregateReview|ClaimReview"
)
ARTICLE_KEYS = ("datePublished", "headline", "author", "articleBody")
# keys of JSON-LD objects under which further objects lie
CONTAINER_KEYS = ("@graph", "mainEntity")
REFERRING_KEYS = ("author", "creator", "publisher")  # whose values may be references to other objects
MOST_OBJECTS = 500  # that are read of one JSON-LD script
MOBILE_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.")
AMP_PATH = re.compile(r"(?:/amp|\.amp|/index\.\w+|\.s?html?|\.php|/)+$")
ALIKE = 0.6  # the share of a shorter headline's words that the other one has too, where both are of one story


def read_objects(script: str) -> list[Object]:
    """The objects of one JSON-LD script, outer ones first; none where it can't be read."""
    try:
        return list(_objects(read_json_values(script)))
    except ValueError:
        return []


def _objects(whole: Any) -> Iterator[Object]:
    """The objects in a JSON-LD value, outer ones first, MOST_OBJECTS values at most."""
    todo = [whole]
    for at in range(MOST_OBJECTS):
        if at >= len(todo):
            return
        each = todo[at]
        if isinstance(each, list):
            todo += each
        elif isinstance(each, dict):
            yield each
            todo += [each[key] for key in CONTAINER_KEYS if key in each]


def type_names(each: Object) -> set[str]:
    """The types of an object, without the address of their vocabulary."""
    types = each.get("@type")
    names = types if isinstance(types, list) else [types]
    return {re.split(r"[/:#]", str(name))[-1] for name in names if name}


def is_article(each: Object) -> bool:
    """Whether an object says that it is an article."""
    return any(ARTICLE_TYPE.search(name) for name in type_names(each))


def choose_own(objects: list[Object], addresses: Iterable[str], titles: Iterable[str]) -> list[Object]:
    """The objects that describe the article of the page with these addresses and titles, the best first.

    Objects of articles go before those of the page as a whole. An object belongs to the page by its address or by its
    headline. Where no article does, one that states no address of its own is believed: publishers have other headlines
    for search engines.
    """
    keys = {key for address in addresses if (key := _address_key(address))}
    heads = [words for title in titles if (words := _words(title))]
    scored = [(_belonging(each, keys, heads), each) for each in objects if _may_describe(each)]
    own = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (not is_article(pair[1]), -pair[0]))
    chosen = [each for _, each in own]
    if not any(is_article(each) for each in chosen):
        unplaced = [each for score, each in scored if score == 0 and is_article(each)]
        chosen = unplaced[:1] + chosen if len(unplaced) == 1 or not heads else chosen
    by_id = _index_by_id(objects)
    return [_resolve_references(each, by_id) for each in chosen]


def _may_describe(each: Object) -> bool:
    if is_article(each):
        return not any(NO_ARTICLE_TYPE.search(name) for name in type_names(each) if not ARTICLE_TYPE.search(name))
    stated = any(each.get(key) for key in ARTICLE_KEYS)
    return stated and not any(NO_ARTICLE_TYPE.search(name) for name in type_names(each))


def _belonging(each: Object, keys: set[str], heads: list[set[str]]) -> int:
    """How surely an object belongs to the page: above 0 it does, below 0 it is another's; 0 where nothing tells."""
    stated = {key for address in stated_addresses(each) if (key := _address_key(address))}
    named = [words for name in ("headline", "name") if (words := _words(plain_text(each.get(name)) or ""))]
    same = any(_same_address(one, other) for one in stated for other in keys)
    agrees = any(_alike(one, other) for one in named for other in heads)
    if same or agrees:
        return 3 * same + 2 * agrees - bool(stated and not same)
    return -1 if stated and keys and (heads or not is_article(each)) else 0


def stated_addresses(each: Object) -> Iterator[str]:
    """The addresses that an object says it is found at."""
    main = each.get("mainEntityOfPage")
    for value in (each.get("url"), each.get("@id"), *(main if isinstance(main, list) else [main])):
        for address in (value.get("@id"), value.get("url")) if isinstance(value, dict) else (value,):
            if isinstance(address, str):
                yield address


def _address_key(address: str) -> str:
    """What two addresses of one page have in common: host, path and query; "" for a front page and what is none."""
    try:
        parts = urlsplit(html.unescape(address.strip()))
        host = MOBILE_HOST.sub("", (parts.hostname or "").lower())
    except ValueError:
        return ""
    path = AMP_PATH.sub("", parts.path.lower())
    if not path and not parts.query:
        return ""
    query = sorted((name, value) for name, value in parse_qsl(parts.query) if not name.startswith("utm_"))
    return f"{host}{path}?" + "&".join(f"{name}={value}" for name, value in query)


def _same_address(one: str, other: str) -> bool:
    """Whether two addresses (_address_key) are of one page; one without a host or without a query fits several."""
    (first, first_query), (second, second_query) = (each.split("?", 1) for each in (one, other))
    relative = "/" in (first[:1], second[:1])
    same = first[first.find("/") :] == second[second.find("/") :] if relative else first == second
    return same and (not first_query or not second_query or first_query == second_query)


def _words(text: str) -> set[str]:
    words = set(WORD.findall(remove_invisible_characters(text).casefold()))
    return words if len(words) > 1 else {letter for word in words for letter in word}  # Chinese has no spaces


def _alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= ALIKE * min(len(one), len(other))


def _index_by_id(objects: Iterable[Object]) -> dict[str, Object]:
    """The objects that have a name, under their @id."""
    return {str(each["@id"]): each for each in objects if "@id" in each and "name" in each}


def _resolve_references(each: Object, by_id: dict[str, Object]) -> Object:
    """An object with the people and organisations that it refers to by their @id."""
    return {**each, **{key: _resolve(each[key], by_id) for key in REFERRING_KEYS if key in each}}


def _resolve(value: Any, by_id: dict[str, Object]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, by_id) for item in value[:MOST_OBJECTS]]
    if isinstance(value, dict) and not value.get("name"):
        return by_id.get(str(value.get("@id")), value)
    return value


def plain_text(value: Any) -> str | None:
    """A JSON-LD value (a text, a text with its language, or a list with one) as plain text; None for anything else.

    Publishers escape texts for HTML, some of them twice.
    """
    if isinstance(value, list):
        value = next((text for each in value if (text := plain_text(each))), None)
    if isinstance(value, dict):
        value = value.get("@value")
    if not isinstance(value, str):
        return None
    text = html.unescape(html.unescape(value)) if "&" in value else value
    return text.strip() or None


def address_in(base: str, address: str) -> str:
    """An address that may be relative to `base`; "" for what is none."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""

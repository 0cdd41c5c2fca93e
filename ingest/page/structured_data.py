"""Structured data: reads what a page states about its article in JSON-LD, meta tags and headings. Pure.

In: the lxml tree of a page. Out: StructuredData, which answers questions such as "which description?" from the most
reliable source that has an answer.
"""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from ingest.markup import remove_invisible_characters
from ingest.page.json_ld import (
    address_in,
    choose_own,
    is_article,
    plain_text,
    read_objects,
    stated_addresses,
    type_names,
)

MOST_METAS = 50  # of one name
MOST_LINKS = 3  # of a heading that are looked at
# itemprop of items of schema.org that an article only refers to
OTHER_ITEMS = frozenset({"citation", "comment", "review", "isbasedon", "mentions", "relatedlink", "haspart"})
TIME_PROPERTIES = ("datePublished", "dateModified")  # of microdata, which <time> elements have too
WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass
class StructuredData:
    """What a page states about itself; each field holds what the page has, in its order."""

    meta_tags: dict[str, str] = field(default_factory=dict)  # name in lower case -> content; the first of each name
    further_metas: dict[str, list[str]] = field(default_factory=dict)  # those after the first of their name
    # the objects that describe this page's article, the best first; those of type WebPage and the like are the last
    json_ld_articles: list[dict[str, Any]] = field(default_factory=list)
    json_ld_types: set[str] = field(default_factory=set)  # of all JSON-LD objects
    canonical_links: list[str] = field(default_factory=list)  # <link rel="canonical">
    headings: list[str] = field(default_factory=list)  # <h1>
    time_elements: list[str] = field(default_factory=list)  # <time datetime>
    refreshes: list[str] = field(default_factory=list)  # <meta http-equiv="refresh">
    title_tag: str = ""
    html_language: str = ""

    def meta(self, *names: str) -> str | None:
        """The content of the first of these meta tags that the page has."""
        return next((self.meta_tags[name] for name in names if self.meta_tags.get(name)), None)

    def metas(self, name: str) -> list[str]:
        """The contents of all meta tags of this name."""
        return [content for content in (self.meta_tags.get(name), *self.further_metas.get(name, ())) if content]

    def article_field(self, name: str) -> str | None:
        """A text field of the article's JSON-LD, such as "headline"."""
        return next((text for each in self.json_ld_articles if (text := plain_text(each.get(name)))), None)

    def canonical_url(self) -> str | None:
        """The URL that the page states as its own, absolute or relative; None where it states none."""
        return next((href for href in self.canonical_links if href), None) or self.meta("og:url")

    def stated_urls(self) -> tuple[str, ...]:
        """The addresses that the page states beside its canonical link: of Open Graph and of its article's JSON-LD."""
        linked = (address for each in self.json_ld_articles if is_article(each) for address in stated_addresses(each))
        return tuple(dict.fromkeys((*self.metas("og:url"), *linked)))

    def article_body(self) -> str:
        """The article's text in the JSON-LD, which has no paragraphs; "" where it has none."""
        return max((plain_text(each.get("articleBody")) or "" for each in self.json_ld_articles), key=len, default="")

    def word_count(self) -> int:
        """How many words the JSON-LD says that the article has; 0 where it does not say."""
        stated = (str(each.get("wordCount", "")).strip() for each in self.json_ld_articles)
        return next((int(each) for each in stated if WHOLE_NUMBER.fullmatch(each)), 0)

    def describes_article(self) -> bool:
        """Whether the JSON-LD describes an article, and not only a page."""
        return any(is_article(each) for each in self.json_ld_articles)

    def claims_article(self) -> bool:
        """Whether the page says that it is an article."""
        kind = self.meta("og:type") or ""
        return bool(self.describes_article() or kind.startswith("article") or self.meta("article:published_time"))

    def free_to_read(self) -> bool | None:
        """Whether the article can be read without paying; None where the page does not say."""
        for each in self.json_ld_articles:
            stated = str(each.get("isAccessibleForFree", "")).strip().lower()
            if stated in ("true", "false"):
                return stated == "true"
        tier = (self.meta("article:content_tier") or "").lower()
        return {"free": True, "locked": False}.get(tier)

    def descriptions(self) -> str:
        """Every summary that the page gives of itself, one a line."""
        metas = (self.meta(name) for name in ("og:description", "description", "twitter:description"))
        linked = (self.article_field(name) for name in ("description", "alternativeHeadline"))
        return "\n".join(dict.fromkeys(each for each in (*metas, *linked) if each))

    def site_name(self) -> str | None:
        """The name of the site, as readers know it."""
        publishers = (each.get("publisher") for each in self.json_ld_articles)
        named = (plain_text(each.get("name")) for each in publishers if isinstance(each, dict))
        return self.meta("og:site_name", "application-name") or next((name for name in named if name), None)


def read_structured_data(tree: Any, url: str = "") -> StructuredData:
    """The structured data in the tree of a page; `url` is where the page was found."""
    found = StructuredData(html_language=tree.get("lang") or tree.get("xml:lang") or "")
    for element in tree.iter(*_READERS):
        _READERS[element.tag](element, found)
    _choose_json_ld(found, url)
    return found


def _choose_json_ld(found: StructuredData, url: str) -> None:
    """Leaves the JSON-LD objects that describe this page's article."""
    addresses = [url, *(address_in(url, stated) for stated in (*found.canonical_links, found.meta("og:url") or ""))]
    titles = (*found.headings, found.meta("og:title") or "", found.meta("twitter:title") or "", found.title_tag)
    found.json_ld_articles = choose_own(found.json_ld_articles, addresses, titles)


def _read_meta(element: Any, found: StructuredData) -> None:
    if (element.get("http-equiv") or "").lower() == "refresh" and next(element.iterancestors("noscript"), None) is None:
        found.refreshes.append(element.get("content") or "")
    name = element.get("property") or element.get("name") or _header_name(element)
    if name or not _is_of_another_item(element):
        _add_meta(found, name or element.get("itemprop") or "", single_line(element.get("content")))


def _add_meta(found: StructuredData, name: str, content: str) -> None:
    key = name.strip().lower()
    if content and found.meta_tags.setdefault(key, content) != content:
        further = found.further_metas.setdefault(key, [])
        if content not in further and len(further) < MOST_METAS:
            further.append(content)


def _header_name(element: Any) -> str:
    """The name of the HTTP header that a meta tag stands for, of those that are read."""
    name = (element.get("http-equiv") or "").strip().lower()
    return name if name == "content-language" else ""


def _is_of_another_item(element: Any) -> bool:
    """Whether a microdata property is of something that the article only refers to: a comment, a cited work."""
    item = next((each for each in element.iterancestors() if each.get("itemscope") is not None), None)
    return item is not None and (item.get("itemprop") or "").lower() in OTHER_ITEMS


def _read_link(element: Any, found: StructuredData) -> None:
    if "canonical" in (element.get("rel") or "").lower().split():
        found.canonical_links.append((element.get("href") or "").strip())


def _read_time(element: Any, found: StructuredData) -> None:
    found.time_elements.append(single_line(element.get("datetime")))
    if element.get("itemprop") in TIME_PROPERTIES and not _is_of_another_item(element):
        _add_meta(found, element.get("itemprop"), single_line(element.get("datetime")))


def _read_heading(element: Any, found: StructuredData) -> None:
    text = single_line(_text(element))
    inner = (each for each in islice(element.iter("a"), MOST_LINKS) if single_line(_text(each)) == text)
    links = (*islice(element.iterancestors("a"), 1), *inner)
    if not any(map(_leads_home, links)):
        found.headings.append(text)


def _leads_home(link: Any) -> bool:
    """Whether a link leads to the front page: a heading that is one is the site's banner, and no headline."""
    address = (link.get("href") or "").strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(address) and not address.startswith("#") and parts.path in ("", "/") and not parts.query


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _read_title(element: Any, found: StructuredData) -> None:
    found.title_tag = found.title_tag or single_line(element.text)  # later ones belong to SVG drawings


def _read_script(element: Any, found: StructuredData) -> None:
    if "ld+json" in (element.get("type") or "").lower():
        objects = read_objects(element.text or "")
        found.json_ld_types.update(*(type_names(each) for each in objects))
        found.json_ld_articles += objects


def single_line(text: str | None) -> str:
    """A text on one line, with single spaces and without invisible characters such as soft hyphens; "" for None."""
    return " ".join(remove_invisible_characters(text or "").split())


_READERS = {
    "meta": _read_meta,
    "link": _read_link,
    "time": _read_time,
    "h1": _read_heading,
    "title": _read_title,
    "script": _read_script,
}

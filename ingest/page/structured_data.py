"""Structured data: reads what a page states about its article in JSON-LD, meta tags and headings. Pure.

In: the lxml tree of a page. Out: StructuredData, which answers questions such as "which description?" from the most
reliable source that has an answer.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.markup import remove_invisible_characters

ARTICLE_TYPE = re.compile(r"Article|Posting|Report|Recipe|Review")
# keys of JSON-LD objects under which further objects lie
CONTAINER_KEYS = ("@graph", "mainEntity")
MOST_OBJECTS = 500  # that are read of one JSON-LD script


@dataclass
class StructuredData:
    """What a page states about itself; each field holds what the page has, in its order."""

    meta_tags: dict[str, str] = field(default_factory=dict)  # name in lower case -> content; the first of each name
    json_ld_articles: list[dict[str, Any]] = field(default_factory=list)  # the objects that describe an article
    json_ld_types: set[str] = field(default_factory=set)  # of all JSON-LD objects
    canonical_links: list[str] = field(default_factory=list)  # <link rel="canonical">
    headings: list[str] = field(default_factory=list)  # <h1>
    time_elements: list[str] = field(default_factory=list)  # <time datetime>
    title_tag: str = ""
    html_language: str = ""

    def meta(self, *names: str) -> str | None:
        """The content of the first of these meta tags that the page has."""
        return next((self.meta_tags[name] for name in names if self.meta_tags.get(name)), None)

    def article_field(self, name: str) -> str | None:
        """A text field of the article's JSON-LD, such as "headline"."""
        return next((text for each in self.json_ld_articles if (text := unescape_text(each.get(name)))), None)

    def canonical_url(self) -> str | None:
        """The URL that the page states as its own, absolute or relative; None where it states none."""
        return next((href for href in self.canonical_links if href), None) or self.meta("og:url")

    def article_body(self) -> str:
        """The article's text in the JSON-LD, which has no paragraphs; "" where it has none."""
        return max(
            (unescape_text(each.get("articleBody")) or "" for each in self.json_ld_articles), key=len, default=""
        )

    def claims_article(self) -> bool:
        """Whether the page says that it is an article."""
        kind = self.meta("og:type") or ""
        return bool(self.json_ld_articles or kind.startswith("article") or self.meta("article:published_time"))

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
        named = (unescape_text(each.get("name")) for each in publishers if isinstance(each, dict))
        return self.meta("og:site_name", "application-name") or next((name for name in named if name), None)


def read_structured_data(tree: Any) -> StructuredData:
    """The structured data in the tree of a page."""
    found = StructuredData(html_language=tree.get("lang") or "")
    for element in tree.iter(*_READERS):
        _READERS[element.tag](element, found)
    return found


def _read_meta(element: Any, found: StructuredData) -> None:
    name = element.get("property") or element.get("name") or element.get("itemprop") or ""
    content = single_line(element.get("content"))
    if content:
        found.meta_tags.setdefault(name.strip().lower(), content)


def _read_link(element: Any, found: StructuredData) -> None:
    if "canonical" in (element.get("rel") or "").lower().split():
        found.canonical_links.append((element.get("href") or "").strip())


def _read_time(element: Any, found: StructuredData) -> None:
    found.time_elements.append(single_line(element.get("datetime")))


def _read_heading(element: Any, found: StructuredData) -> None:
    found.headings.append(single_line("".join(element.itertext())))


def _read_title(element: Any, found: StructuredData) -> None:
    found.title_tag = found.title_tag or single_line(element.text)  # later ones belong to SVG drawings


def _read_script(element: Any, found: StructuredData) -> None:
    if "ld+json" in (element.get("type") or ""):
        _read_json_ld(element.text or "", found)


def _read_json_ld(script: str, found: StructuredData) -> None:
    """Adds the objects of a JSON-LD script; a script that is no valid JSON is skipped."""
    try:
        whole = json.loads(script.strip().removeprefix("<!--").removesuffix("-->").strip(" \n\r\t;"), strict=False)
    except (ValueError, RecursionError):
        return
    for each in _objects(whole):
        types = each.get("@type")
        type_names = {str(name).rpartition("/")[2] for name in (types if isinstance(types, list) else [types]) if name}
        found.json_ld_types |= type_names
        if any(ARTICLE_TYPE.search(name) for name in type_names):
            found.json_ld_articles.append(each)


def _objects(whole: Any) -> Iterator[dict[str, Any]]:
    """The objects in a JSON-LD value, outer ones first, MOST_OBJECTS values at most."""
    todo = [whole]
    for _ in range(MOST_OBJECTS):
        if not todo:
            return
        each = todo.pop(0)
        if isinstance(each, list):
            todo += each
        elif isinstance(each, dict):
            yield each
            todo += [each[key] for key in CONTAINER_KEYS if key in each]


def unescape_text(value: Any) -> str | None:
    """A JSON-LD value (a text, or a list with one) as plain text, else None; publishers escape for HTML, some twice."""
    if isinstance(value, list):
        value = next((each for each in value if isinstance(each, str)), None)
    if not isinstance(value, str):
        return None
    text = html.unescape(html.unescape(value)) if "&" in value else value
    return text.strip() or None


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

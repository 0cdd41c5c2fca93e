"""What a page states outright, in its head and its JSON-LD. Pure.

In: the tree of a page. Out: StructuredData, which answers for a field what the page says of it, the most reliable
first.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.markup import remove_invisible_characters

ARTICLE = re.compile(r"Article|Posting|Report|Recipe|Review")
# objects that hold the objects that describe the page
WITHIN = ("@graph", "mainEntity")
# of JSON-LD, in one page
MOST_OBJECTS = 500


@dataclass
class StructuredData:
    """Names of metas are in lower case; `linked` are the JSON-LD objects that describe an article."""

    metas: dict[str, str] = field(default_factory=dict)
    linked: list[dict[str, Any]] = field(default_factory=list)
    types: set[str] = field(default_factory=set)  # of all JSON-LD objects
    canonicals: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)  # h1
    times: list[str] = field(default_factory=list)  # <time datetime>
    title_tag: str = ""
    html_language: str = ""

    def meta(self, *names: str) -> str | None:
        """The content of the first of these meta tags."""
        return next((self.metas[name] for name in names if self.metas.get(name)), None)

    def stated(self, name: str) -> str | None:
        """A text field of the JSON-LD of the article."""
        return next((text for each in self.linked if (text := plain(each.get(name)))), None)

    def canonical(self) -> str | None:
        """The address that the page gives itself."""
        return next((href for href in self.canonicals if href), None) or self.meta("og:url")

    def body(self) -> str:
        """The article's text as the JSON-LD tells it, without its paragraphs; "" where it does not."""
        return max((plain(each.get("articleBody")) or "" for each in self.linked), key=len, default="")

    def claims_article(self) -> bool:
        """Whether the page says that it is an article."""
        kind = self.meta("og:type") or ""
        return bool(self.linked or kind.startswith("article") or self.meta("article:published_time"))

    def free(self) -> bool | None:
        """Whether the article can be read without paying, where the page says so."""
        for each in self.linked:
            told = str(each.get("isAccessibleForFree", "")).strip().lower()
            if told in ("true", "false"):
                return told == "true"
        tier = (self.meta("article:content_tier") or "").lower()
        return {"free": True, "locked": False}.get(tier)

    def descriptions(self) -> str:
        """Every summary that the page gives of itself, one a line."""
        metas = (self.meta(name) for name in ("og:description", "description", "twitter:description"))
        linked = (self.stated(name) for name in ("description", "alternativeHeadline"))
        return "\n".join(dict.fromkeys(each for each in (*metas, *linked) if each))

    def site_name(self) -> str | None:
        """The site's name, for people."""
        publishers = (each.get("publisher") for each in self.linked)
        named = (plain(each.get("name")) for each in publishers if isinstance(each, dict))
        return self.meta("og:site_name", "application-name") or next((name for name in named if name), None)


def evidence(tree: Any) -> StructuredData:
    """What the page of this tree states."""
    found = StructuredData(html_language=tree.get("lang") or "")
    for element in tree.iter(*_READERS):
        _READERS[element.tag](element, found)
    return found


def _read_meta(element: Any, found: StructuredData) -> None:
    name = element.get("property") or element.get("name") or element.get("itemprop") or ""
    content = line(element.get("content"))
    if content:
        found.metas.setdefault(name.strip().lower(), content)


def _read_link(element: Any, found: StructuredData) -> None:
    if "canonical" in (element.get("rel") or "").lower().split():
        found.canonicals.append((element.get("href") or "").strip())


def _read_time(element: Any, found: StructuredData) -> None:
    found.times.append(line(element.get("datetime")))


def _read_heading(element: Any, found: StructuredData) -> None:
    found.headings.append(line("".join(element.itertext())))


def _read_title(element: Any, found: StructuredData) -> None:
    found.title_tag = found.title_tag or line(element.text)  # later ones are of drawings


def _read_script(element: Any, found: StructuredData) -> None:
    if "ld+json" in (element.get("type") or ""):
        _read_linked(element.text or "", found)


def _read_linked(script: str, found: StructuredData) -> None:
    """Adds what a JSON-LD script says; a broken one says nothing."""
    try:
        whole = json.loads(script.strip().removeprefix("<!--").removesuffix("-->").strip(" \n\r\t;"), strict=False)
    except (ValueError, RecursionError):
        return
    for each in _objects(whole):
        types = each.get("@type")
        named = {str(name).rpartition("/")[2] for name in (types if isinstance(types, list) else [types]) if name}
        found.types |= named
        if any(ARTICLE.search(name) for name in named):
            found.linked.append(each)


def _objects(whole: Any) -> Iterator[dict[str, Any]]:
    todo = [whole]
    for _ in range(MOST_OBJECTS):
        if not todo:
            return
        each = todo.pop(0)
        if isinstance(each, list):
            todo += each
        elif isinstance(each, dict):
            yield each
            todo += [each[key] for key in WITHIN if key in each]


def plain(found: Any) -> str | None:
    """A JSON-LD text as plain text: publishers escape it for HTML, some twice."""
    if isinstance(found, list):
        found = next((each for each in found if isinstance(each, str)), None)
    if not isinstance(found, str):
        return None
    text = html.unescape(html.unescape(found)) if "&" in found else found
    return text.strip() or None


def line(text: str | None) -> str:
    """On one line, without the marks that only tell where a word may break."""
    return " ".join(remove_invisible_characters(text or "").split())


_READERS = {
    "meta": _read_meta,
    "link": _read_link,
    "time": _read_time,
    "h1": _read_heading,
    "title": _read_title,
    "script": _read_script,
}

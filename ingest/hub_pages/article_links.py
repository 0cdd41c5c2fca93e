"""Article links: which links of a hub page lead to articles, judged by address, words and place. Pure.

In: a parsed page and its address. Out: the addresses of articles, in the page's order. Somebody who knows the page can
name them by a CSS selector, and then nothing is judged.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cssselect import HTMLTranslator, SelectorError

from ingest.markup import absolute_url, plain_line
from ingest.urls import canonical_url, is_home_page, is_section_page, same_site

# where a site's own navigation stands, and what no reader is meant to follow to a text of this site
ELSEWHERE = frozenset({"nav", "footer", "form", "button"})
ELSEWHERE_ROLES = frozenset({"navigation", "menu", "menubar", "contentinfo", "search", "dialog"})
ELSEWHERE_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|pagination|pager|social|share|cookie|consent|login"
    r"|subscribe|newsletter|tags?|comments?)(?:$|[-_ ])",
    re.IGNORECASE,
)
# a page is no navigation because its outermost box is called so: a name counts where at most this share of the links is
MOST_BY_NAME = 0.25
HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
CARDS = frozenset({"article", "li"})
# a headline has so many words at least; where no spaces are written, so many characters
HEADLINE_WORDS, HEADLINE_CHARS = 4, 10
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
DATE_IN_PATH = re.compile(r"/(?:19|20)\d\d(?:[/-]?(?:0?[1-9]|1[0-2])(?!\d)|(?:0[1-9]|1[0-2])[0-3]\d)")
NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4,}")
SLUG_WORDS = 4  # joined by hyphens or underscores in the last part of a path
FILE = re.compile(r"\.(?:s?html?|php|aspx?|ece|cms|stm)$", re.IGNORECASE)
# what is no text: downloads, feeds, pictures
NO_PAGE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|webp|svg|mp[34]|zip|xml|rss|atom|json|ics|docx?|xlsx?|apk|js|css)$", re.IGNORECASE
)
NO_TEXT = re.compile(r"/(?:search|login|signin|signup|register|subscribe|account)(?:/|$)", re.IGNORECASE)
# the share of a group's links that must look like articles' for the others to be taken with them, and how many at least
GROUP_SHARE, GROUP_LEAST = 0.6, 3


@dataclass(frozen=True, slots=True)
class Link:
    """An anchor of the page: where it leads (canonical), its words, whether they are a heading, its place in the page's
    structure (the tags and classes above it)."""

    url: str
    words: str
    heading: bool
    place: tuple[str, ...]


def chosen_links(tree: Any, base: str, selector: str) -> list[str]:
    """The addresses to which the elements that a CSS selector finds link, or the links within them; without repeats.

    Raises ValueError for what is no selector.
    """
    try:
        found = tree.xpath(HTMLTranslator().css_to_xpath(selector))
    except SelectorError as error:
        raise ValueError(f"{selector!r} is no CSS selector: {error}") from error
    anchors = (anchor for element in found for anchor in element.iter("a"))
    return list(dict.fromkeys(url for each in anchors if (url := _address(each, base))))


def article_links(tree: Any, base: str) -> list[str]:
    """The addresses of this site that look like articles', in the page's order, without repeats.

    A link is one where its address names an article (a date, a number, a slug of words) and its words are a headline;
    or where most links at the same place in the page's structure are such: one with a short title comes along.
    """
    links = list(_merged(_links(tree, base)))
    sure = {each.url for each in links if _is_headline(each) and names_article(each.url)}
    places: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for each in links:
        places[each.place].add(each.url)
    likely = {place for place, urls in places.items() if _is_list_of_articles(urls, sure)}
    return list(dict.fromkeys(each.url for each in links if each.url in sure or each.place in likely))


def _is_list_of_articles(urls: set[str], sure: set[str]) -> bool:
    found = len(urls & sure)
    return found >= GROUP_LEAST and found >= GROUP_SHARE * len(urls)


def _links(tree: Any, base: str) -> Iterator[Link]:
    elsewhere = set(_elsewhere(tree))
    for anchor in tree.iter("a"):
        url = _address(anchor, base)
        if not url or not same_site(url, base) or not _may_be_article(url, base) or _is_within(anchor, elsewhere):
            continue
        heading = _heading(anchor)
        words = plain_line((heading if heading is not None else anchor).text_content())
        yield Link(url, words, heading is not None, _place(anchor))


def _address(anchor: Any, base: str) -> str:
    """Where an anchor leads, as articles are known; "" for nowhere on the web."""
    href = (anchor.get("href") or "").strip()
    if not href or href.startswith("#"):
        return ""
    return canonical_url(absolute_url(base, href)) or ""


def _may_be_article(url: str, base: str) -> bool:
    path = url.partition("?")[0]
    return not (
        is_home_page(url)
        or is_section_page(url)
        or NO_PAGE.search(path)
        or NO_TEXT.search(path)
        or url == canonical_url(base)
        or (canonical_url(base) or "").startswith(path.rstrip("/") + "/")  # a folder above the page
    )


def _elsewhere(tree: Any) -> Iterator[Any]:
    """The elements that are navigation, a footer or a form: by tag and role, or by name where they hold few links."""
    most = MOST_BY_NAME * len(tree.xpath("//a"))
    for element in tree.iter("*"):
        if element.tag in ELSEWHERE or element.get("role") in ELSEWHERE_ROLES:
            yield element
        elif element.tag not in ("body", "main", "article"):
            named = ELSEWHERE_NAMES.search(f"{element.get('class') or ''} {element.get('id') or ''}")
            if named and element.xpath("count(.//a)") <= most:
                yield element


def _is_within(anchor: Any, elements: set[Any]) -> bool:
    return anchor in elements or any(each in elements for each in anchor.iterancestors())


def _heading(anchor: Any) -> Any:
    """The heading around an anchor or in it; of an anchor without words the only one of its card. None for none."""
    around = next((each for each in anchor.iterancestors() if each.tag in HEADINGS), None)
    if around is not None:
        return anchor
    inside = next((each for each in anchor.iter() if each.tag in HEADINGS), None)
    if inside is not None or plain_line(anchor.text_content()):
        return inside
    card = next((each for each in anchor.iterancestors() if each.tag in CARDS), None)
    headings = [each for each in card.iter() if each.tag in HEADINGS] if card is not None else []
    return headings[0] if len(headings) == 1 else None


def _place(anchor: Any) -> tuple[str, ...]:
    """The tags and classes of an anchor and the four elements above it: those of one list have the same."""
    elements = [anchor, *anchor.iterancestors()][:5]
    return tuple(f"{each.tag}.{'.'.join(sorted((each.get('class') or '').split())[:3])}" for each in elements)


def _merged(links: Iterable[Link]) -> Iterator[Link]:
    """The links, each with the best words under which its address is linked: a heading's, else the longest."""
    every = list(links)
    best: dict[str, Link] = {}
    for each in every:
        had = best.get(each.url)
        if had is None or (each.heading, len(each.words)) > (had.heading, len(had.words)):
            best[each.url] = each
    for each in every:
        yield Link(each.url, best[each.url].words, best[each.url].heading, each.place)


def _is_headline(link: Link) -> bool:
    """Whether the words of a link are as many as a headline has; in a heading half as many will do."""
    share = 2 if link.heading else 1
    if len(UNSPACED.findall(link.words)) * share >= HEADLINE_CHARS:
        return True
    return len(link.words.split()) * share >= HEADLINE_WORDS


def names_article(url: str) -> bool:
    """Whether an address has what those of articles have: a date, a number that is no year, or a slug of words."""
    path, _, query = url.partition("://")[2].partition("?")
    last = FILE.sub("", path.rstrip("/").rpartition("/")[2])
    words = [word for word in re.split(r"[-_+]|%20", last) if word]
    numbers = NUMBER.search(path.partition("/")[2]) or any(re.search(r"\d{2,}", part) for part in query.split("&"))
    unspaced = re.search(r"(?:%[0-9A-Fa-f]{2}){6,}|[^\x00-\x7f]{4,}", last)
    return bool(DATE_IN_PATH.search("/" + path) or numbers or len(words) >= SLUG_WORDS or unspaced)

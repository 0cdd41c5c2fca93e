"""Page frames: real pages whose article is replaced by another text, so that there are as many pages as are wanted.

In: a real page's bytes. Out: the same page with another title and other paragraphs, everything around them as it was:
navigation, scripts, teasers, comments. The texts and the pages are read where they lie and never kept.
"""

import html
import json
import re
from collections.abc import Sequence

import lxml.html
from lxml.html import HtmlElement

LEAST_PARAGRAPHS = 3
LEAST_CHARACTERS = 600
# of structured data, what repeats the article
STATED = re.compile(rb'("(headline|articleBody)"\s*:\s*)"(?:[^"\\]|\\.)*"')
TITLES = "//meta[@property='og:title' or @name='twitter:title' or @name='title']"


def article_container(page: HtmlElement) -> HtmlElement | None:
    """The element whose own paragraphs hold most text; None where no element has an article's worth of it."""
    sizes: dict[HtmlElement, list[int]] = {}
    for paragraph in page.iter("p"):
        if (parent := paragraph.getparent()) is not None:
            sizes.setdefault(parent, []).append(len(paragraph.text_content()))
    best = max(sizes, key=lambda each: sum(sizes[each]), default=None)
    if best is None or len(sizes[best]) < LEAST_PARAGRAPHS or sum(sizes[best]) < LEAST_CHARACTERS:
        return None
    return best


def parse(body: bytes) -> HtmlElement | None:
    """The page as a tree; None where it is none."""
    try:
        return lxml.html.document_fromstring(body)
    except (lxml.etree.ParserError, ValueError):
        return None


def fill_frame(body: bytes, title: str, paragraphs: Sequence[str]) -> bytes | None:
    """The page with this article in the place of its own, in UTF-8; None where its article is not found."""
    page = parse(body)
    container = None if page is None else article_container(page)
    if page is None or container is None:
        return None
    _replace_paragraphs(container, paragraphs)
    _replace_titles(page, title)
    _declare_utf8(page)
    made = lxml.html.tostring(page, encoding="utf-8", doctype="<!DOCTYPE html>")
    told = {b"headline": title, b"articleBody": "\n".join(paragraphs)}
    return STATED.sub(lambda found: found[1] + json.dumps(told[found[2]]).encode(), made)


def _replace_paragraphs(container: HtmlElement, paragraphs: Sequence[str]) -> None:
    own = [each for each in container if each.tag == "p"]
    at = container.index(own[0])
    for each in own:
        each.drop_tree()
    for number, text in enumerate(paragraphs):
        container.insert(at + number, lxml.html.fragment_fromstring(f"<p>{html.escape(text)}</p>"))


def _replace_titles(page: HtmlElement, title: str) -> None:
    for each in [*list(page.iter("title"))[:1], *list(page.iter("h1"))[:1]]:
        for child in list(each):
            child.drop_tree()
        each.text = title
    for each in page.xpath(TITLES):
        each.set("content", title)


def _declare_utf8(page: HtmlElement) -> None:
    for each in page.xpath("//meta[@charset or translate(@http-equiv, 'CONTEYP', 'conteyp') = 'content-type']"):
        each.drop_tree()
    for head in page.iter("head"):
        head.insert(0, lxml.html.fragment_fromstring("<meta charset='utf-8'>"))

"""Hub page: reads a page that lists links to articles as if it were a feed; new links are its new entries.

In: the page's body, address and headers, and a CSS selector or "". Out: a ParsedFeed whose entries have an address and
nothing else: what an article is called and when it was published its own page says, and better than a link does.
"""

import re
from collections.abc import Mapping
from typing import Any

import lxml.etree
import lxml.html

from ingest.feeds.entry import Entry, ParsedFeed
from ingest.hub_pages.article_links import article_links, chosen_links
from ingest.markup import absolute_url, language_code, plain_line
from ingest.page.character_encoding import decode_body
from pipeline.failures import Poison

MOST_LINKS = 500
NO_FOLLOW = re.compile(r"\b(?:nofollow|none)\b", re.IGNORECASE)


def parse_hub_page(body: bytes, url: str, headers: Mapping[str, str], selector: str) -> ParsedFeed:
    """The links of a page as a feed; `selector` names those that count, "" for those that look like articles'.

    Never raises for anything in `body`: a page without such links, one that asks not to be followed, and a wrong
    selector are described in `error`.
    """
    try:
        tree = lxml.html.document_fromstring(decode_body(body, headers))
        return _parse(tree, url, selector)
    except (lxml.etree.LxmlError, ValueError, AssertionError, Poison) as error:
        return ParsedFeed(error=f"no page of links: {error}")


def _parse(tree: Any, url: str, selector: str) -> ParsedFeed:
    if any(NO_FOLLOW.search(each) for each in _robots(tree)):
        return ParsedFeed(error="the page asks robots not to follow its links (nofollow)")
    base = absolute_url(url, next(iter(tree.xpath("//base/@href")), "")) or url
    links = chosen_links(tree, base, selector) if selector else article_links(tree, base)
    if not links:
        unlike = "no link looks like an article's: name them by a CSS selector (`--selector`, in the list `selector`)"
        return ParsedFeed(error=f"the selector {selector!r} finds no link" if selector else unlike)
    return ParsedFeed(
        title=plain_line(next(iter(tree.xpath("//title/text()")), "")),
        language=language_code(tree.get("lang")),
        link=url,
        version="hub_page",
        kind="hub_page",
        entries=tuple(Entry(identity=each, url=each) for each in links[:MOST_LINKS]),
        cut=max(0, len(links) - MOST_LINKS),
    )


def _robots(tree: Any) -> list[str]:
    """What the page says to robots in its head."""
    metas = (each for each in tree.iter("meta") if (each.get("name") or "").lower() in ("robots", "newsloom"))
    return [each.get("content") or "" for each in metas]

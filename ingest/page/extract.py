"""Page bytes -> Page: text and facts of an article's page. The only file that knows trafilatura.

In: the body, the URL that it came from, the answer's headers, and what the feed says of it, where that is known. Out: a
Page, or Poison `unreadable_page` when there is no article in it. Pages are read in processes of their own
(`ParserProcesses`) with a hard deadline: a page that makes a parser crawl, or crash, costs its own reading and nothing
else.

The text is what a small trained model (ingest/boilerplate/block_classifier) keeps of the page's blocks; what
trafilatura makes of the page is the strongest of the marks that it goes by, and what is taken where the model finds
nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from trafilatura.metadata import extract_metadata
from trafilatura.utils import load_html

from ingest.boilerplate.block_classifier import kept
from ingest.boilerplate.block_features import Known
from ingest.boilerplate.blocks import Block, blocks, worth_a_look
from ingest.boilerplate.word_count import size_of
from ingest.feeds.entry import Entry
from ingest.page.byline import authors_of
from ingest.page.character_encoding import decode
from ingest.page.metadata import (
    absolute,
    image_of,
    language_of,
    modified_of,
    published_of,
    section_of,
    tags_of,
    time_of,
)
from ingest.page.page import Page, normal
from ingest.page.page_kind import NO_ARTICLE, Seen, kind_of
from ingest.page.script_text import text_in_scripts
from ingest.page.structured_data import StructuredData, evidence, line
from ingest.page.title import title_of
from ingest.web import opt_out
from pipeline.failures import Poison

__all__ = ["Page", "decode", "read_page"]

BYLINES = '//*[@rel="author" or @itemprop="author" or @itemprop="byline"]'
# in words: less is looked for elsewhere
LITTLE = 25
# of what trafilatura or the JSON-LD tell: what is kept must not be less
LEAST_KEPT = 0.25


def read_page(body: bytes, url: str, headers: Mapping[str, str], entry: Entry | None = None) -> Page:
    """What a page says; `entry` is what the feed says of it. Raises Poison `unreadable_page`."""
    tree = _tree(body, headers)
    stated = evidence(tree)
    title, title_source = title_of(stated, urlsplit(url).hostname or "", entry.title if entry else "")
    found = blocks(tree)
    text, text_source = _text(tree, worth_a_look(found), _known(tree, url, stated, title, entry))
    password = any(element.get("type") == "password" for element in tree.iter("input"))
    kind = kind_of(Seen(stated, url, title, text, found, password))
    if kind in NO_ARTICLE:
        raise Poison("unreadable_page", "no text in the page" if kind == "empty" else f"no article: {kind}")
    return _page(tree, url, headers, stated, (title, text, kind), {"title": title_source, "text": text_source})


def looked_at(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[list[Block], Known]:
    """What the model is asked about; for those who train it. Raises Poison."""
    tree = _tree(body, headers)
    stated = evidence(tree)
    title, _ = title_of(stated, urlsplit(url).hostname or "")
    return worth_a_look(blocks(tree)), _known(tree, url, stated, title, None)


def stated_address(body: bytes) -> str | None:
    """The absolute address that a page gives itself; for those who have it without one."""
    try:
        stated = evidence(_tree(body, {}))
    except Poison:
        return None
    urls = (*stated.canonicals, stated.meta("og:url") or "")
    return next((url for url in urls if "." in (urlsplit(url).hostname or "")), None)


def _tree(body: bytes, headers: Mapping[str, str]) -> Any:
    tree = load_html(decode(body, headers))
    if tree is None:
        raise Poison("unreadable_page", "no HTML")
    return tree


def _known(tree: Any, url: str, stated: StructuredData, title: str, entry: Entry | None) -> Known:
    """What trafilatura, the JSON-LD and the feed say of the article."""
    found = trafilatura.bare_extraction(tree, url=url, with_metadata=False, include_comments=False)
    text = "" if found is None or isinstance(found, dict) else (found.text or "").strip()
    told = (stated.body(), entry.content if entry else "")
    summaries = (stated.descriptions(), entry.summary.replace("\n", " ") if entry else "")
    return Known(
        text, max(told, key=len), title, "\n".join(each for each in summaries if each), stated.claims_article()
    )


def _text(tree: Any, found: list[Block], known: Known) -> tuple[str, tuple[str, float]]:
    """The article's text, its source, and the mean chance of its words."""
    texts = kept(found, known)
    while texts and _same(texts[0][0], known.title):
        texts.pop(0)
    text = "\n".join(each for each, _ in texts)
    words = sum(len(each) for each, _ in texts)
    sure = round(sum(chance * len(each) for each, chance in texts) / words, 2) if words else 0.0
    chosen = (text, ("blocks", sure))
    if size_of(text) < LEAST_KEPT * size_of(known.text):
        chosen = (known.text, ("trafilatura", 0.5))
    if size_of(chosen[0]) >= max(LITTLE, LEAST_KEPT * size_of(known.body)):
        return chosen
    others = (("json-ld", known.body), ("script", text_in_scripts(tree)))
    longest, source = max((size_of(other), name) for name, other in others)
    return (dict(others)[source], (source, 0.6)) if longest >= LITTLE else chosen


def _same(one: str, other: str) -> bool:
    return normal(one) == normal(other)


def _page(
    tree: Any,
    url: str,
    headers: Mapping[str, str],
    stated: StructuredData,
    main: tuple[str, str, Any],
    sources: dict[str, Any],
) -> Page:
    """The page with everything that stands around its text."""
    title, text, kind = main
    published, day_only, sources["published"] = _published(tree, url, stated)
    site = stated.site_name()
    authors, sources["authors"] = authors_of(stated, tree.xpath(BYLINES), site)
    modified, sources["modified"] = modified_of(stated)
    language, sources["language"] = language_of(stated)
    image, sources["image"] = image_of(stated, url)
    section, sources["section"] = section_of(stated)
    tags, sources["tags"] = tags_of(stated)
    return Page(
        url=url,
        title=title,
        text=text,
        kind=kind,
        free=stated.free(),
        authors=authors,
        published=published,
        published_day_only=day_only,
        modified=modified,
        language=language,
        canonical_url=absolute(url, stated.canonical()),
        image=image,
        section=section,
        tags=tags or (),
        site=site,
        description=line(stated.descriptions().partition("\n")[0]),
        opt_outs=opt_out.page_opt_outs({name.lower(): value for name, value in headers.items()}, stated.metas, ()),
        sources={field: source for field, source in sources.items() if source[1]},
    )


def _published(tree: Any, url: str, stated: StructuredData) -> tuple[datetime | None, bool, tuple[str, float]]:
    """The time of publication; where none is stated, htmldate's guess, which takes a third of the time of all."""
    told = published_of(stated)
    guess = extract_metadata(tree, url).date if told[0] is None else None
    found = time_of(guess) if guess else None
    return (found, True, ("htmldate", 0.6)) if found else told

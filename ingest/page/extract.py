"""Page extraction: reads the text and the metadata of an article from the bytes of its page. The only file that knows
trafilatura.

In: the body, the URL that it was fetched from, the headers of the answer, and the feed's entry where there is one. Out:
a Page; Poison `unreadable_page` when there is no article in it.

The text is what a small trained model (ingest/boilerplate/block_classifier) selects from the page's blocks. What
trafilatura extracts is the strongest feature of that model, and is taken instead where ingest/boilerplate/text_choice
finds evidence for it.
Pages are read in processes of their own (`ParserProcesses`) with a hard deadline, so that a page on which a parser
hangs or crashes costs nothing but its own reading.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from lxml import etree
from trafilatura.metadata import extract_metadata
from trafilatura.utils import load_html

from ingest.boilerplate.block_classifier import select_article_texts
from ingest.boilerplate.block_features import ArticleHints
from ingest.boilerplate.blocks import Block, drop_short_links, split_into_blocks
from ingest.boilerplate.following_articles import drop_following_articles
from ingest.boilerplate.text_choice import why_trafilatura
from ingest.boilerplate.word_count import count_words
from ingest.dates.time_reading import DAY_OR_LONGER
from ingest.feeds.entry import Entry
from ingest.page.byline import find_authors
from ingest.page.bylines.byline_elements import find_bylines
from ingest.page.bylines.byline_lines import find_byline_lines
from ingest.page.character_encoding import decode_body
from ingest.page.metadata import (
    absolute_url,
    find_image,
    find_language,
    find_refresh,
    find_section,
    find_tags,
)
from ingest.page.page import Page, limit_page, normalise_line
from ingest.page.page_dates import NO_SOURCE, PageDates, find_dates, read_guess
from ingest.page.page_kind import NON_ARTICLE_KINDS, PageContents, classify_page_kind
from ingest.page.script_text import find_script_text
from ingest.page.structured_data import StructuredData, read_structured_data, single_line
from ingest.page.title import find_alternative_titles, find_title, stated_headlines
from ingest.pagination.next_page import Position, find_next_page
from ingest.web import opt_out
from pipeline.failures import Poison

__all__ = ["Page", "find_refresh_url", "read_or_follow", "read_page"]

FEWEST_WORDS = 25  # of a text; where fewer are found, other sources are tried
LEAST_SHARE = 0.25  # of the words that the JSON-LD or the feed have; where fewer are found, they are taken instead


def read_page(
    body: bytes, url: str, headers: Mapping[str, str], entry: Entry | None = None, position: Position | None = None
) -> Page:
    """The text and metadata of an article; `entry` is the feed's. Raises Poison `unreadable_page`.

    `position` is that of a further page of an article; its first page needs none.
    """
    tree = _parse_tree(body, headers)
    data = read_structured_data(tree, url)
    stated_url = absolute_url(url, data.canonical_url())
    following = find_next_page(tree, url, position or Position((url, stated_url)))
    host, feed_title = urlsplit(url).hostname or "", entry.title if entry else ""
    title, title_source = find_title(data, host, feed_title)
    blocks = split_into_blocks(tree)
    hints = _collect_hints(tree, url, data, title, entry)
    own = drop_short_links(drop_following_articles(blocks, title), hints.trafilatura_text)
    text, text_source = _choose_text(tree, own, hints)
    has_password_field = any(element.get("type") == "password" for element in tree.iter("input"))
    kind = classify_page_kind(PageContents(data, url, title, text, blocks, has_password_field))
    refresh = find_refresh(data, url)
    _refuse_other_pages(kind, refresh, text, data)
    further = find_alternative_titles(data, host, title, feed_title)
    bylines, lines = find_bylines(tree, title), find_byline_lines(blocks)
    names, texts = _names_of_site(url, data.site_name()), (block.text for block in blocks)
    authors, authors_source = find_authors(data, bylines, lines, names, texts)
    main = {
        "canonical_url": stated_url,
        "next_url": following.url if kind == "article" else None,
        "title": title,
        "alternative_titles": further,
        "headlines": stated_headlines(data, host),
        "authors": authors,
        "text": text,
        "kind": kind,
        "refresh_url": refresh,
    }
    sources = {"title": title_source, "text": text_source, "authors": authors_source}
    sources["next_url"] = (following.reason, 0.9 if following.reason else 0.0)
    return limit_page(_build_page(tree, url, headers, data, main, sources))


def _refuse_other_pages(kind: str, refresh: str | None, text: str, data: StructuredData) -> None:
    """Raises Poison `unreadable_page` for a page that is no article."""
    if kind in NON_ARTICLE_KINDS:
        raise Poison("unreadable_page", "no text in the page" if kind == "empty" else f"no article: {kind}")
    if refresh and count_words(text) < FEWEST_WORDS and not data.describes_article():
        raise Poison("unreadable_page", f"no article: sends readers on to {refresh}")


def read_blocks_and_hints(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[list[Block], ArticleHints]:
    """The input of the block classifier for a page, for its training. Raises Poison `unreadable_page`."""
    tree = _parse_tree(body, headers)
    data = read_structured_data(tree, url)
    title, _ = find_title(data, urlsplit(url).hostname or "")
    hints = _collect_hints(tree, url, data, title, None)
    return drop_short_links(split_into_blocks(tree), hints.trafilatura_text), hints


def find_stated_url(body: bytes) -> str | None:
    """The absolute URL that a page states as its own; for benchmarks and training, on pages whose URL is not known."""
    try:
        data = read_structured_data(_parse_tree(body, {}))
    except Poison:
        return None
    urls = (*data.canonical_links, data.meta("og:url") or "")
    return next((url for url in urls if "." in (urlsplit(url).hostname or "")), None)


def read_or_follow(body: bytes, url: str, headers: Mapping[str, str], entry: Entry | None = None) -> Page | str:
    """As `read_page`; the URL instead, where there is no article and the page sends its readers on within seconds."""
    try:
        return read_page(body, url, headers, entry)
    except Poison:
        if refresh := find_refresh_url(body, headers, url):
            return refresh
        raise


def find_refresh_url(body: bytes, headers: Mapping[str, str], url: str) -> str | None:
    """Where a page sends its readers within seconds, whether or not there is an article in it; None for none."""
    try:
        return find_refresh(read_structured_data(_parse_tree(body, headers), url), url)
    except Poison:
        return None


def _parse_tree(body: bytes, headers: Mapping[str, str]) -> Any:
    tree = load_html(decode_body(body, headers))
    if tree is None:
        raise Poison("unreadable_page", "no HTML")
    etree.strip_elements(tree, "rt", "rp", with_tail=False)  # how words are read (furigana) is not what they say
    return tree


def _collect_hints(tree: Any, url: str, data: StructuredData, title: str, entry: Entry | None) -> ArticleHints:
    """What trafilatura, the structured data and the feed say of the article."""
    found = trafilatura.bare_extraction(tree, url=url, with_metadata=False, include_comments=False)
    text = "" if found is None or isinstance(found, dict) else (found.text or "").strip()
    bodies = (data.article_body(), entry.content if entry else "")
    summaries = (data.descriptions(), entry.summary.replace("\n", " ") if entry else "")
    return ArticleHints(
        text,
        max(bodies, key=len),
        title,
        "\n".join(each for each in summaries if each),
        data.claims_article(),
        data.word_count(),
    )


def _choose_text(tree: Any, blocks: list[Block], hints: ArticleHints) -> tuple[str, tuple[str, float]]:
    """The article's text, its source, and the confidence: for text from blocks the mean probability of its characters.

    Tried in this order: the classifier's selection, trafilatura, the JSON-LD or the feed, data in scripts.
    """
    texts = select_article_texts(blocks, hints)
    while texts and normalise_line(texts[0][0]) == normalise_line(hints.title):
        texts.pop(0)
    text = "\n".join(each for each, _ in texts)
    length = sum(len(each) for each, _ in texts)
    confidence = round(sum(probability * len(each) for each, probability in texts) / length, 2) if length else 0.0
    chosen = (text, ("blocks", confidence))
    if why_trafilatura(text, confidence, hints):
        chosen = (hints.trafilatura_text, ("trafilatura", 0.5))
    if count_words(chosen[0]) >= max(FEWEST_WORDS, LEAST_SHARE * count_words(hints.stated_body)):
        return chosen
    others = (("json-ld", hints.stated_body), ("script", find_script_text(tree)))
    longest, source = max((count_words(other), name) for name, other in others)
    return (dict(others)[source], (source, 0.6)) if longest >= FEWEST_WORDS else chosen


def _build_page(
    tree: Any,
    url: str,
    headers: Mapping[str, str],
    data: StructuredData,
    main: dict[str, Any],
    sources: dict[str, Any],
) -> Page:
    """The Page from its title, text and kind and so on (`main`), with all metadata added."""
    language, sources["language"] = find_language(data, headers)
    dates, guessed = _find_dates(tree, url, data, language)
    sources["published"], sources["modified"] = dates.published_source, dates.modified_source
    site = data.site_name()
    image, sources["image"] = find_image(data, url)
    section, sources["section"] = find_section(data)
    tags, sources["tags"] = find_tags(data)
    return Page(
        url=url,
        **main,
        free=data.free_to_read(),
        **_date_fields(dates, guessed),
        language=language,
        stated_urls=tuple(address for each in data.stated_urls() if (address := absolute_url(url, each))),
        claims_article=data.claims_article(),
        image=image,
        section=section,
        tags=tags or (),
        site=site,
        description=single_line(data.descriptions().partition("\n")[0]),
        opt_outs=opt_out.page_opt_outs({name.lower(): value for name, value in headers.items()}, data.meta_tags, ()),
        sources={
            field: source
            for field, source in sources.items()
            if source[1] or (field == "published" and source != NO_SOURCE)  # a date that is no time, with the reason
        },
    )


def _names_of_site(url: str, site: str | None) -> tuple[str, ...]:
    """The names of the site, which are no author's: as it is called, and the parts of its host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return (site or "", host, *host.split(".")[:-1])


def _find_dates(tree: Any, url: str, data: StructuredData, language: str | None) -> tuple[PageDates, bool]:
    """The dates that the page states; where it states no publication, with the day that htmldate guesses, and True.

    Only then, because that takes a third of all the time.
    """
    dates = find_dates(data, url, language)
    if dates.published.time is not None:
        return dates, False
    guessed, tag = extract_metadata(tree, url).date, data.html_language or language
    guess, source = read_guess(guessed, url, tree.itertext(), tag)
    if guess.time is None:
        return dates, False
    return replace(dates, published=guess, published_source=source), True


def _date_fields(dates: PageDates, guessed: bool) -> dict[str, Any]:
    """The fields of Page that tell its dates."""
    published = dates.published
    return {
        "published": published.time,
        "published_day_only": published.precision in DAY_OR_LONGER,
        "published_precision": published.precision,
        "published_zone_known": published.time is None or published.offset is not None,
        "published_guessed": guessed,
        "modified": dates.modified,
    }

"""Search feed: every search as an Atom feed and a JSON Feed: the newest texts that it finds, copies folded."""

import hashlib
from datetime import datetime
from urllib.parse import urlencode

from index.searching import article_search
from index.searching.article_search import Hit
from index.searching.query import HIGHLIGHT_MARKS
from watches.outputs import syndication_feed
from watches.outputs.syndication_feed import NEVER, FeedItem, SyndicationFeed
from web.follow.conditional_answer import answer
from web.follow.strict_search import read_search
from web.frame import Answer, Asked, Page, Site

ENTRIES = 30  # the newest: with 100 a feed took two seconds, nearly all of it for marking passages (bench.web)
ATOM_PATH, JSON_PATH = "/feed.atom", "/feed.json"
MARKS = str.maketrans(dict.fromkeys(HIGHLIGHT_MARKS, ""))


def show_atom(asked: Asked, site: Site) -> Answer:
    """The search of `q` as an Atom feed."""
    feed = _read(asked, site, ATOM_PATH)
    return answer(asked.headers, syndication_feed.write_atom(feed).encode(), "application/atom+xml", _changed(feed))


def show_json(asked: Asked, site: Site) -> Answer:
    """The search of `q` as a JSON Feed."""
    feed = _read(asked, site, JSON_PATH)
    body = syndication_feed.write_json(feed).encode(errors="replace")
    return answer(asked.headers, body, "application/feed+json", _changed(feed))


def feed_url(path: str, typed: str) -> str:
    """Where the feed of a search is, on this server."""
    return f"{path}?{urlencode({'q': typed})}" if typed else path


def _changed(feed: SyndicationFeed) -> datetime | None:
    return None if feed.updated == NEVER else feed.updated


def _read(asked: Asked, site: Site, path: str) -> SyndicationFeed:
    search, options = read_search(asked, site), site.options
    found = article_search.search(options.elasticsearch, search.query_text, search.filters, ENTRIES, search.order)
    typed = asked.word("q").strip()
    return SyndicationFeed(
        id=f"urn:newsloom:search:{hashlib.sha256(typed.encode(errors='replace')).hexdigest()[:32]}",
        title=f"{typed or 'All articles'} (Newsloom)",
        entries=tuple(map(build_item, found.hits)),
        own_url=asked.origin + feed_url(path, typed),
        page_url=asked.origin + feed_url("/", typed),
    )


def build_item(hit: Hit) -> FeedItem:
    """An article of a search in its feed. Pure."""
    article = hit.article
    passages = [each.translate(MARKS).strip() for each in hit.passages]
    return FeedItem(
        kind="article",
        id=article.id,
        url=article.url,
        title=article.title,
        published=article.date,
        updated=article.fetched_at or article.date,
        author=article.source_name or article.source,
        summary=" … ".join(each for each in passages if each != article.title),
        language=article.language,
    )


PAGES = (Page("feed", ATOM_PATH, show_atom), Page("feed", JSON_PATH, show_json))

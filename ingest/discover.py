"""Feed discovery: finds the feeds and sitemaps of a web site, given any of its addresses.

In: a URL (of a feed, a page, or a bare host) and an HTTP client. Out: DiscoveredFeeds, best first; every one was
fetched and parsed. Candidates come from link tags, anchors, the sitemaps in robots.txt and well-known paths; a kind's
well-known paths are tried only if nothing of that kind was found before. At most MOST_REQUESTS requests, one after the
other.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urldefrag, urljoin

import lxml.etree
import lxml.html
import msgspec

from ingest.feeds.entry import FeedKind, ParsedFeed
from ingest.feeds.parse import parse_feed
from ingest.markup import absolute_url, plain_line
from ingest.urls import host_of, is_home_page, same_site
from ingest.web.fetch import Fetched, FetchError, FetchResult
from pipeline.failures import Unavailable

DiscoveryMethod = Literal["itself", "link", "anchor", "robots", "well-known"]

MOST_REQUESTS = 30
MOST_BYTES = 16 * 1024 * 1024
# candidates taken from a page's link tags, and from its anchors; a directory page may have a hundred
MOST_CANDIDATES = 8
FEED_TYPES = re.compile(r"(application|text)/((rss|atom|rdf|x-rss|x-atom)(\+xml)?|feed\+json|xml)", re.IGNORECASE)
JSON_TYPE = re.compile(r"application/json", re.IGNORECASE)
FEED_WORD = re.compile(r"(?<![a-z])(rss|rss2|atom|rdf|feeds?|xml)(?![a-z])", re.IGNORECASE)
FEED_HOSTS = re.compile(r"(.*\.)?(feedburner\.com|feedblitz\.com|rss\.app|rsshub\.app|feedpress\.(me|it))")
# from miniflux (internal/reader/subscription) and feed_seeker, and those of the common content management systems
FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/feed.json")
# from mediacloud/sitemap-tools, discover.py
NEWS_PATHS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/googlenews.xml", "/sitemaps/news.xml")
SITEMAP_PATHS = ("/sitemap.xml", "/sitemap_index.xml")
SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
KINDS_BEST_FIRST: tuple[FeedKind, ...] = ("feed", "delivery", "news_sitemap", "sitemap_index", "sitemap")
METHODS_BEST_FIRST: tuple[DiscoveryMethod, ...] = ("itself", "link", "anchor", "robots", "well-known")


class DiscoveredFeed(msgspec.Struct, frozen=True):
    """A feed that was fetched and parsed. `url` is its address after redirects; `how` is the way it was found."""

    url: str
    title: str
    kind: FeedKind
    how: DiscoveryMethod
    entries: int = 0  # of a sitemap index: the number of its sitemaps


class HttpGetter(Protocol):
    """An HTTP client: ingest.web.client.WebClient (obeys robots.txt and host turns) or ingest.web.fetch.Fetcher."""

    async def get(self, url: str, max_bytes: int) -> FetchResult:
        """One GET, with its redirects; `max_bytes` limits the decoded body."""


async def discover_feeds(client: HttpGetter, url: str, gap_seconds: float = 0.0) -> list[DiscoveredFeed]:
    """The feeds of a site, best first; if `url` is a feed itself, only that one.

    `gap_seconds`: pause between two requests to one host, for clients that don't limit their rate. Raises Unavailable
    when no connection to the URL's host can be made.
    """
    search = _Search(client, gap_seconds)
    start = url if "://" in url else f"https://{url}"
    page = await search.fetch_candidate(start, "itself")
    if search.found:
        return search.ranked()
    if isinstance(page, FetchError) and page.status is None:
        raise Unavailable(start, page.detail)
    await search.read_page(page)
    base = page.url if isinstance(page, Fetched) else start
    home = urljoin(base, "/")
    if not search.has_found("feed") and not is_home_page(base):
        await search.read_page(await search.fetch_candidate(home, "anchor"))
    await search.read_robots(home)
    await search.try_well_known_paths(base)
    return search.ranked()


@dataclass
class _Search:
    """The state of one search: requests made and feeds found so far."""

    client: HttpGetter
    gap_seconds: float
    found: list[DiscoveredFeed] = field(default_factory=list)
    _requested: set[str] = field(default_factory=set)
    _known_feeds: set[str] = field(default_factory=set)
    _last_request: dict[str, float] = field(default_factory=dict)

    def has_found(self, *kinds: FeedKind) -> bool:
        """Whether a feed of one of these kinds was found."""
        return any(each.kind in kinds for each in self.found)

    def ranked(self) -> list[DiscoveredFeed]:
        """Best first: feeds, then news sitemaps, then others; within a kind, comment feeds and empty feeds last."""
        return sorted(self.found, key=_rank)

    async def fetch_once(self, url: str) -> FetchResult | None:
        """The answer; None if the URL was requested before, or MOST_REQUESTS are used up."""
        url = urldefrag(url).url
        if url in self._requested or len(self._requested) >= MOST_REQUESTS:
            return None
        self._requested.add(url)
        host = host_of(url)
        next_request = self._last_request.get(host, -self.gap_seconds) + self.gap_seconds
        await asyncio.sleep(max(0.0, next_request - time.monotonic()))
        self._last_request[host] = time.monotonic()
        return await self.client.get(url, MOST_BYTES)

    async def fetch_candidate(self, url: str, how: DiscoveryMethod) -> FetchResult | None:
        """Fetches a candidate and adds it to `found` if it is a new feed; of a sitemap index, its news sitemaps too."""
        answer = await self.fetch_once(url)
        if isinstance(answer, Fetched):
            parsed = await asyncio.to_thread(parse_feed, answer.body, answer.url, answer.headers)
            if parsed.kind and self._is_new(answer, parsed):
                count = len(parsed.entries) or len(parsed.child_sitemaps)
                self.found.append(DiscoveredFeed(answer.url, parsed.title, parsed.kind, how, count))
                if parsed.kind == "sitemap_index":
                    await self._fetch_candidates(_news_sitemaps(each.url for each in parsed.child_sitemaps), how)
        return answer

    async def read_page(self, page: FetchResult | None) -> None:
        """Fetches the feeds in a page's link tags; those in its anchors only if no feed was found so far."""
        if isinstance(page, Fetched):
            links, anchors = await asyncio.to_thread(_feed_addresses, page)
            await self._fetch_candidates(links[:MOST_CANDIDATES], "link")
            if not self.has_found("feed"):
                await self._fetch_candidates(anchors[:MOST_CANDIDATES], "anchor")

    async def read_robots(self, home: str) -> None:
        """Fetches the sitemaps in robots.txt: those with "news" in their name, else the first two."""
        answer = await self.fetch_once(urljoin(home, "/robots.txt"))
        if isinstance(answer, Fetched):
            named = SITEMAP_LINE.findall(answer.body.decode("utf-8", "replace"))
            addresses = [found for each in named if (found := absolute_url(answer.url, each))]
            await self._fetch_candidates(_news_sitemaps(addresses) or addresses[:2], "robots")

    async def try_well_known_paths(self, base: str) -> None:
        """Tries well-known paths of feeds, news sitemaps and sitemaps, until one of each kind is found."""
        own = [base.partition("?")[0].rstrip("/") + "/feed"] if not is_home_page(base) else []
        await self._try_paths([*own, *FEED_PATHS], base, ("feed",))
        await self._try_paths(NEWS_PATHS, base, ("news_sitemap",))
        await self._try_paths(SITEMAP_PATHS, base, ("sitemap", "sitemap_index", "news_sitemap"))

    async def _try_paths(self, paths: Iterable[str], base: str, kinds: tuple[FeedKind, ...]) -> None:
        for path in paths:
            if self.has_found(*kinds):
                return
            await self.fetch_candidate(urljoin(base, path), "well-known")

    async def _fetch_candidates(self, urls: Iterable[str], how: DiscoveryMethod) -> None:
        for url in urls:
            await self.fetch_candidate(url, how)

    def _is_new(self, answer: Fetched, parsed: ParsedFeed) -> bool:
        """Whether neither this address nor this content was found before: feeds with the same entries are one."""
        entries = " ".join(sorted(entry.url or entry.identity for entry in parsed.entries)).encode()
        content = f"{parsed.kind} {hashlib.sha256(entries or answer.body).hexdigest()}"
        if answer.url in self._known_feeds or content in self._known_feeds:
            return False
        self._known_feeds |= {answer.url, content}
        return True


def _rank(feed: DiscoveredFeed) -> tuple[int, bool, bool, int]:
    comments = "comment" in f"{feed.url} {feed.title}".lower()
    return KINDS_BEST_FIRST.index(feed.kind), comments, not feed.entries, METHODS_BEST_FIRST.index(feed.how)


def _news_sitemaps(urls: Iterable[str]) -> list[str]:
    """The first three sitemaps with "news" in their name; names without a date (four digits) before the others."""
    named = [url for url in urls if "news" in url.rpartition("/")[2].lower()]
    return sorted(named, key=lambda url: bool(re.search(r"\d{4}", url.rpartition("/")[2])))[:3]


def _feed_addresses(page: Fetched) -> tuple[list[str], list[str]]:
    """The feed addresses in a page's link tags, and those in its anchors that look like feeds, each without repeats."""
    try:
        tree = lxml.html.document_fromstring(page.body)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return [], []
    base = absolute_url(page.url, next(iter(tree.xpath("//base/@href")), "")) or page.url
    return list(dict.fromkeys(_link_tag_feeds(tree, base))), list(dict.fromkeys(_anchor_feeds(tree, base)))


def _link_tag_feeds(tree: Any, base: str) -> Iterator[str]:
    for link in tree.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip()
        named = f"{link.get('href')} {link.get('title')}"
        is_feed = FEED_TYPES.fullmatch(kind) or (JSON_TYPE.fullmatch(kind) and FEED_WORD.search(named))
        found = absolute_url(base, link.get("href"))
        if found and ("feed" in relations or ("alternate" in relations and is_feed)):
            yield found


def _anchor_feeds(tree: Any, base: str) -> Iterator[str]:
    """Anchors that look like feeds, to this site or a feed host: by path first, then by host, then by text."""
    anchors = [(absolute_url(base, anchor.get("href")), anchor) for anchor in tree.iter("a")]
    near = [(url, each) for url, each in anchors if same_site(url, base) or FEED_HOSTS.fullmatch(host_of(url))]
    yield from (url for url, _ in near if FEED_WORD.search(url.partition("://")[2].partition("/")[2]))
    yield from (url for url, _ in near if FEED_HOSTS.fullmatch(host_of(url)))
    yield from (url for url, each in near if FEED_WORD.search(plain_line(each.text_content())[:80]))

"""An address -> the feeds of its site: link tags, anchors, the sitemaps that robots.txt names, well-known paths.

In: a URL (a feed, a page, or a bare host) and something that asks the web. Out: what really is a feed, best first:
every candidate was fetched and read. Bounded: MOST_REQUESTS in all, one after the other, and a path is guessed only for
what nothing has named so far.
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

from ingest.feeds.entry import Kind, ParsedFeed
from ingest.feeds.parse import parse_feed
from ingest.markup import address, line
from ingest.urls import host_of, is_home_page, same_site
from ingest.web.fetch import Fetched, FetchError, FetchResult
from pipeline.failures import Unavailable

How = Literal["itself", "link", "anchor", "robots", "well-known"]

MOST_REQUESTS = 30
MOST_BYTES = 16 * 1024 * 1024
# of each sort of candidate; a page of a hundred feeds is a directory, whose first ones must do
MOST_NAMED = 8
FEED_TYPES = re.compile(r"(application|text)/((rss|atom|rdf|x-rss|x-atom)(\+xml)?|feed\+json|xml)", re.IGNORECASE)
JSON_TYPES = re.compile(r"application/json", re.IGNORECASE)
FEEDISH = re.compile(r"(?<![a-z])(rss|rss2|atom|rdf|feeds?|xml)(?![a-z])", re.IGNORECASE)
FEED_HOSTS = re.compile(r"(.*\.)?(feedburner\.com|feedblitz\.com|rss\.app|rsshub\.app|feedpress\.(me|it))")
# as miniflux (internal/reader/subscription) and feed_seeker have them, and what the common editorial systems use
FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/feed.json")
# mediacloud/sitemap-tools, discover.py
NEWS_PATHS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/googlenews.xml", "/sitemaps/news.xml")
SITEMAP_PATHS = ("/sitemap.xml", "/sitemap_index.xml")
SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
KINDS: tuple[Kind, ...] = ("feed", "news_sitemap", "sitemap_index", "sitemap")
HOWS: tuple[How, ...] = ("itself", "link", "anchor", "robots", "well-known")


class Found(msgspec.Struct, frozen=True):
    """A feed that was fetched and read. `url` is where its redirects led; `how` it was found."""

    url: str
    title: str
    kind: Kind
    how: How
    entries: int = 0  # of a sitemap index: the sitemaps that it names


class Asking(Protocol):
    """What asks the web: ingest.web.WebClient (robots.txt and the hosts' turns kept) or ingest.fetch.Fetcher."""

    async def get(self, url: str, max_bytes: int) -> FetchResult:
        """One GET with all its redirects."""


async def discover(fetcher: Asking, url: str, gap: float = 0.0) -> list[Found]:
    """The feeds of a site. `gap`: seconds between two requests to one host, where `fetcher` does not see to that.

    A URL that is a feed is its own and only answer. Raises Unavailable when the URL can't be asked at all.
    """
    search = _Search(fetcher, gap)
    start = url if "://" in url else f"https://{url}"
    page = await search.look(start, "itself")
    if search.found:
        return search.ranked()
    if isinstance(page, FetchError) and page.status is None:
        raise Unavailable(start, page.detail)
    await search.read_page(page)
    base = page.url if isinstance(page, Fetched) else start
    home = urljoin(base, "/")
    if not search.has("feed") and not is_home_page(base):
        await search.read_page(await search.look(home, "anchor"))
    await search.read_robots(home)
    await search.guess(base)
    return search.ranked()


@dataclass
class _Search:
    """What was asked and found so far."""

    fetcher: Asking
    gap: float
    found: list[Found] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)
    _last: dict[str, float] = field(default_factory=dict)

    def has(self, *kinds: Kind) -> bool:
        """Whether something of these kinds was found."""
        return any(each.kind in kinds for each in self.found)

    def ranked(self) -> list[Found]:
        """Best first: feeds with texts, then news sitemaps; comments and what is empty behind the others."""
        return sorted(self.found, key=_rank)

    async def ask(self, url: str) -> FetchResult | None:
        """None: asked already, or enough was asked."""
        url = urldefrag(url).url
        if url in self._asked or len(self._asked) >= MOST_REQUESTS:
            return None
        self._asked.add(url)
        host = host_of(url)
        await asyncio.sleep(max(0.0, self._last.get(host, -self.gap) + self.gap - time.monotonic()))
        self._last[host] = time.monotonic()
        return await self.fetcher.get(url, MOST_BYTES)

    async def look(self, url: str, how: How) -> FetchResult | None:
        """Asks, and takes what is a feed."""
        answer = await self.ask(url)
        if isinstance(answer, Fetched):
            parsed = await asyncio.to_thread(parse_feed, answer.body, answer.url, answer.headers)
            if parsed.kind and self._is_new(answer, parsed):
                count = len(parsed.entries) or len(parsed.children)
                self.found.append(Found(answer.url, parsed.title, parsed.kind, how, count))
                if parsed.kind == "sitemap_index":
                    await self._look_at_all(_news_first(each.url for each in parsed.children), how)
        return answer

    async def read_page(self, page: FetchResult | None) -> None:
        """The feeds that a page names; its anchors only where it has no link tags that lead to some."""
        if isinstance(page, Fetched):
            links, anchors = await asyncio.to_thread(_named_by, page)
            await self._look_at_all(links[:MOST_NAMED], "link")
            if not self.has("feed"):
                await self._look_at_all(anchors[:MOST_NAMED], "anchor")

    async def read_robots(self, home: str) -> None:
        """The sitemaps that robots.txt names; all of them only where none is called after news."""
        answer = await self.ask(urljoin(home, "/robots.txt"))
        if isinstance(answer, Fetched):
            named = SITEMAP_LINE.findall(answer.body.decode("utf-8", "replace"))
            addresses = [found for each in named if (found := address(answer.url, each))]
            await self._look_at_all(_news_first(addresses) or addresses[:2], "robots")

    async def guess(self, base: str) -> None:
        """Well-known paths, for what nothing has named."""
        own = [base.partition("?")[0].rstrip("/") + "/feed"] if not is_home_page(base) else []
        await self._first_of([*own, *FEED_PATHS], base, ("feed",))
        await self._first_of(NEWS_PATHS, base, ("news_sitemap",))
        await self._first_of(SITEMAP_PATHS, base, ("sitemap", "sitemap_index", "news_sitemap"))

    async def _first_of(self, paths: Iterable[str], base: str, kinds: tuple[Kind, ...]) -> None:
        for path in paths:
            if self.has(*kinds):
                return
            await self.look(urljoin(base, path), "well-known")

    async def _look_at_all(self, urls: Iterable[str], how: How) -> None:
        for url in urls:
            await self.look(url, how)

    def _is_new(self, answer: Fetched, parsed: ParsedFeed) -> bool:
        """Neither under this address nor with this content: two feeds of the same entries are one."""
        entries = " ".join(sorted(entry.url or entry.identity for entry in parsed.entries)).encode()
        content = f"{parsed.kind} {hashlib.sha256(entries or answer.body).hexdigest()}"
        if answer.url in self._known or content in self._known:
            return False
        self._known |= {answer.url, content}
        return True


def _rank(found: Found) -> tuple[int, bool, bool, int]:
    comments = "comment" in f"{found.url} {found.title}".lower()
    return KINDS.index(found.kind), comments, not found.entries, HOWS.index(found.how)


def _news_first(urls: Iterable[str]) -> list[str]:
    """The sitemaps that are called after news; a few, and those without a number (a date) in their name before them."""
    named = [url for url in urls if "news" in url.rpartition("/")[2].lower()]
    return sorted(named, key=lambda url: bool(re.search(r"\d{4}", url.rpartition("/")[2])))[:3]


def _named_by(page: Fetched) -> tuple[list[str], list[str]]:
    """The addresses in a page's link tags, and those of its anchors that look like feeds; each once."""
    try:
        tree = lxml.html.document_fromstring(page.body)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return [], []
    base = address(page.url, next(iter(tree.xpath("//base/@href")), "")) or page.url
    return list(dict.fromkeys(_links(tree, base))), list(dict.fromkeys(_anchors(tree, base)))


def _links(tree: Any, base: str) -> Iterator[str]:
    for link in tree.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip()
        named = f"{link.get('href')} {link.get('title')}"
        is_feed = FEED_TYPES.fullmatch(kind) or (JSON_TYPES.fullmatch(kind) and FEEDISH.search(named))
        found = address(base, link.get("href"))
        if found and ("feed" in relations or ("alternate" in relations and is_feed)):
            yield found


def _anchors(tree: Any, base: str) -> Iterator[str]:
    """Of this site or of a host that serves feeds; those whose address says so before those whose text does."""
    anchors = [(address(base, anchor.get("href")), anchor) for anchor in tree.iter("a")]
    near = [(url, each) for url, each in anchors if same_site(url, base) or FEED_HOSTS.fullmatch(host_of(url))]
    yield from (url for url, _ in near if FEEDISH.search(url.partition("://")[2].partition("/")[2]))
    yield from (url for url, _ in near if FEED_HOSTS.fullmatch(host_of(url)))
    yield from (url for url, each in near if FEEDISH.search(line(each.text_content())[:80]))

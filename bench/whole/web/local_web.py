"""The local web of the whole bench: many hosts on loopback addresses, their feeds and their pages, from a folder.

In: a folder that may grow (`feeds/<name>.xml`, `pages/<number>.html.gz`), a port. Out: HTTP answers, in a process of
its own: pages compressed, as sites send them; feeds with an ETag, and 304 where they are as they were.
"""

import asyncio
import gzip
import multiprocessing
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path
from xml.sax.saxutils import escape

from bench.whole.web.corpus_pages import Kind, PageSource, page_html
from embedded import ports

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
PAGE_PATH = re.compile(r"-(\d{6})\.html$")
FEED_PATH = re.compile(r"^/(feed-[a-z0-9-]+)\.xml$")
NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
SPREAD = timedelta(days=2)  # of the times of publication
YOUNGEST = timedelta(days=1)  # a whole day, so that no time of day that a page states is still to come
FIRST_SUBNET = 16  # 127.16.0.1 and up: nobody else's in this repository


@dataclass(frozen=True, slots=True)
class LocalFeed:
    """A feed of the local web: its address, its name, and how many pages it links to."""

    url: str
    name: str
    pages: int


class LocalWeb:
    """Writes feeds and pages into a folder from which `serving` serves them. `pages`: the files so far, and their
    kinds."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder, self._now = folder, now
        [self.port] = ports.choose_ports({"the local web": 0})
        self._hosts = 0
        self.pages: list[tuple[Path, Kind]] = []
        for name in ("feeds", "pages"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def add_feeds(self, name: str, pages: Sequence[PageSource], hosts: int) -> list[LocalFeed]:
        """Puts pages on so many new hosts, each with one feed; pages of one real site share a host."""
        return [self._add_feed(f"{name}-{number}", each) for number, each in enumerate(spread_sites(pages, hosts))]

    def _add_feed(self, name: str, pages: Sequence[PageSource]) -> LocalFeed:
        host = f"127.{FIRST_SUBNET + self._hosts // 250}.0.{self._hosts % 250 + 1}:{self.port}"
        self._hosts += 1
        items = "".join(self._add_page(host, page) for page in pages)
        body = f"<rss version='2.0'><channel><title>{name}</title><link>http://{host}/</link>{items}</channel></rss>"
        (self.folder / "feeds" / f"feed-{name}.xml").write_text(body, encoding="utf-8")
        return LocalFeed(f"http://{host}/feed-{name}.xml", name, len(pages))

    def _add_page(self, host: str, page: PageSource) -> str:
        number = len(self.pages) + 1
        slug = NOT_IN_A_SLUG.sub("-", page.title.lower()).strip("-")[:60] or "article"
        url = f"http://{host}/news/{slug}-{number:06}.html"
        published = self._now - YOUNGEST - SPREAD * ((number * 7919 % 1000) / 1000)
        body = page_html(page, url, published)
        file = self.folder / "pages" / f"{number:06}.html.gz"
        file.write_bytes(gzip.compress(body, 6, mtime=0))
        self.pages.append((file, page.kind))
        return (
            f"<item><title>{escape(page.title)}</title><link>{url}</link><guid isPermaLink='false'>{url}</guid>"
            f"<pubDate>{format_datetime(published)}</pubDate><description>{escape(page.summary)}</description></item>"
        )


def spread_sites(pages: Sequence[PageSource], hosts: int) -> list[list[PageSource]]:
    """The pages by host: a site's stay together, and hosts have about as many; fewer hosts where there are no more
    sites."""
    sites: dict[str, list[PageSource]] = {}
    for page in pages:
        sites.setdefault(page.site, []).append(page)
    found: list[list[PageSource]] = [[] for _ in range(hosts)]
    for each in sorted(sites.values(), key=len, reverse=True):
        min(found, key=len).extend(each)
    return [each for each in found if each]


def feed_list(feeds: Sequence[LocalFeed]) -> str:
    """The feed list as `newsloom run --feeds` reads it."""
    return "".join(f'[[feeds]]\nurl = "{each.url}"\nname = "{each.name}"\n' for each in feeds)


class _Server(asyncio.Protocol):
    """One connection."""

    folder = Path()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called for a new connection."""
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answers every complete request."""
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            if isinstance(self._transport, asyncio.WriteTransport):
                self._transport.write(self._answer(request.decode("latin-1")))

    def _answer(self, request: str) -> bytes:
        path = request.split(" ", 2)[1]
        if feed := FEED_PATH.match(path):
            return self._feed(self.folder / "feeds" / f"{feed[1]}.xml", request)
        if page := PAGE_PATH.search(path):
            body = (self.folder / "pages" / f"{page[1]}.html.gz").read_bytes()
            return _ok(body, b"text/html", b"Content-Encoding: gzip\r\n")
        return NOT_FOUND

    def _feed(self, file: Path, request: str) -> bytes:
        state = file.stat()
        tag = f'"{state.st_mtime_ns:x}"'
        if tag in request:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        return _ok(file.read_bytes(), b"application/rss+xml", f"ETag: {tag}\r\n".encode())


def _ok(body: bytes, kind: bytes, headers: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
    return head % (kind, len(body), headers) + body


def serve(folder: Path, port: int, pipe: Connection) -> None:
    """The server's process: says through `pipe` that it listens."""

    async def run() -> None:
        _Server.folder = folder
        server = await asyncio.get_running_loop().create_server(_Server, "0.0.0.0", port, backlog=4096)  # noqa: S104 - all loopback addresses
        pipe.send(None)
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def serving(web: LocalWeb) -> Iterator[None]:
    """Serves a local web for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(web.folder, web.port, theirs), daemon=True)
    process.start()
    try:
        ours.recv()
        yield
    finally:
        process.kill()
        process.join()

"""Two thousand newspapers that cost nearly nothing: a raw server in a child process, on all loopback addresses at once.

In: requests for the feeds of `feed_urls`, conditional or not. Out: RSS of 20 entries and about 12 kB; one poll in ten
of each feed, counted for each client by itself, finds one entry more, the others are answered 304. Entries of all feeds
lead to the same stories, so that a poller which knows an article when it sees it asks for few pages.
"""

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection
from threading import Thread
from typing import ClassVar

ENTRIES = 20
CHANGES_EVERY = 10
TEXT = "The council met on Tuesday to decide about the old bridge over the river, which engineers call unsafe. "
PAGE = f"<title>Bridge</title><article><h1>Bridge</h1>{'<p>' + TEXT * 3 + '</p>'}</article>".encode()
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
OURS = b"Newsloom"


def feed_urls(port: int, feeds: int, hosts: int) -> list[str]:
    """The addresses of the feeds, in no order: a list that names a host's feeds together would be too easy."""
    names = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(hosts)]
    urls = [f"http://{names[number % hosts]}:{port}/{number}.xml" for number in range(feeds)]
    random.Random(4).shuffle(urls)
    return urls


def feed_body(path: str, version: int, port: int) -> bytes:
    """The feed after so many changes: entries `version` to `version` + 19, the newest first."""
    items = b"".join(_item(version + number, port) % path.encode() for number in reversed(range(ENTRIES)))
    return b"<rss version='2.0'><channel><title>Paper</title><link>/</link>%s</channel></rss>" % items


@cache
def _item(number: int, port: int) -> bytes:
    return (
        f"<item><title>Council decides about bridge {number}</title>"
        f"<link>http://127.0.0.1:{port}/2026/council-decides-about-bridge-{number}.html?utm_source=rss</link>"
        f"<guid isPermaLink='false'>%s {number}</guid><description>&lt;p&gt;{TEXT * 3}&lt;/p&gt;</description>"
        f"<category>Local</category><pubDate>Mon, 02 Nov 2026 {number // 60 % 24:02}:{number % 60:02}:00 GMT</pubDate>"
        "</item>"
    ).encode()


def version_after(path: str, polls: int) -> int:
    """Changes of a feed after so many polls: each feed has its own turn to change."""
    return (polls + hash_of(path)) // CHANGES_EVERY


def hash_of(path: str) -> int:
    """0 to 9."""
    return int(path.strip("/").partition(".")[0]) % CHANGES_EVERY


class _Server(asyncio.Protocol):
    """One connection."""

    polls: ClassVar[Counter[tuple[bool, str]]] = Counter()  # by client (is it ours?) and path
    answers: ClassVar[Counter[tuple[bool, int]]] = Counter()  # by client and status
    port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The client is there."""
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answers every whole request."""
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            if isinstance(self._transport, asyncio.WriteTransport):
                self._transport.write(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1].decode()
        if path.endswith(".xml"):
            return self._feed(path, request)
        return NOT_FOUND if path == "/robots.txt" else _ok(PAGE, b"text/html", "page")

    def _feed(self, path: str, request: bytes) -> bytes:
        client = OURS in request
        self.polls[client, path] += 1
        version = version_after(path, self.polls[client, path])
        etag = f'"{version}"'
        unchanged = f"if-none-match: {etag}".encode() in request.lower()
        self.answers[client, 304 if unchanged else 200] += 1
        if unchanged:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        return _ok(feed_body(path, version, self.port), b"application/rss+xml", etag)


def _ok(body: bytes, kind: bytes, etag: str) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, etag.encode(), len(body)) + body


def serve(told: Connection) -> None:
    """The server process: its port goes through `told`, and what it has answered whenever it is asked there."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "0.0.0.0", 0, backlog=4096)  # noqa: S104 - all loopback addresses
        _Server.port = server.sockets[0].getsockname()[1]
        told.send(_Server.port)
        Thread(target=_report, args=(told,), daemon=True).start()
        await server.serve_forever()

    asyncio.run(run())


def _report(told: Connection) -> None:
    while True:
        told.recv()
        seen = sum(client for client, _ in list(_Server.polls))
        told.send((seen, dict(_Server.answers)))


class Papers:
    """The server as the bench sees it."""

    def __init__(self, told: Connection) -> None:
        self._told = told
        self.port: int = told.recv()

    def asked(self) -> tuple[int, dict[tuple[bool, int], int]]:
        """Feeds that our poller has asked for at least once; answers by (ours?, status)."""
        self._told.send(None)
        found: tuple[int, dict[tuple[bool, int], int]] = self._told.recv()
        return found


@contextmanager
def papers() -> Iterator[Papers]:
    """A server, for a while."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        yield Papers(ours)
    finally:
        server.kill()
        server.join()

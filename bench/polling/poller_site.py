"""The feeds of bench/poller: a minimal HTTP server in a child process, on all loopback addresses, as if many hosts.

In: requests for the feeds of `feed_urls`, conditional or not. Out: RSS of 20 entries and about 12 kB; one poll in ten
of each feed, counted for each client separately, finds one entry more, the others are answered 304. Entries of all
feeds link to the same articles, so that a poller which recognises an article fetches few pages.
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
    """The feed after `version` changes: entries `version` to `version` + 19, the newest first."""
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
    """The number of changes of a feed after so many polls; feeds do not change all at the same poll."""
    return (polls + change_phase(path)) // CHANGES_EVERY


def change_phase(path: str) -> int:
    """The poll of ten at which the feed changes: 0 to 9."""
    return int(path.strip("/").partition(".")[0]) % CHANGES_EVERY


class _Server(asyncio.Protocol):
    """One connection."""

    polls: ClassVar[Counter[tuple[bool, str]]] = Counter()  # by client (is it ours?) and path
    answers: ClassVar[Counter[tuple[bool, int]]] = Counter()  # by client and status
    port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called for a new connection."""
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answers every complete request."""
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


def serve(pipe: Connection) -> None:
    """The server process: sends its port through `pipe`, and its counts of answers at each message received there."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "0.0.0.0", 0, backlog=4096)  # noqa: S104 - all loopback addresses
        _Server.port = server.sockets[0].getsockname()[1]
        pipe.send(_Server.port)
        Thread(target=_report, args=(pipe,), daemon=True).start()
        await server.serve_forever()

    asyncio.run(run())


def _report(pipe: Connection) -> None:
    while True:
        pipe.recv()
        seen = sum(client for client, _ in list(_Server.polls))
        pipe.send((seen, dict(_Server.answers)))


class NewspaperServer:
    """The server, as the benchmark process uses it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.port: int = pipe.recv()

    def answered(self) -> tuple[int, dict[tuple[bool, int], int]]:
        """The number of feeds that our poller has asked for at least once; counts of answers by (ours?, status)."""
        self._pipe.send(None)
        found: tuple[int, dict[tuple[bool, int], int]] = self._pipe.recv()
        return found


@contextmanager
def newspaper_server() -> Iterator[NewspaperServer]:
    """Runs a server for as long as the block lasts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        yield NewspaperServer(ours)
    finally:
        server.kill()
        server.join()

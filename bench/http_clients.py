"""Compares the CPU cost and speed of HTTP clients: `python -m bench.http_clients [ROUNDS]` (docs/decisions/0004).

Requests small 304 responses and pages of 100 kB, 64 at a time, from a minimal server in a child process that listens on
all loopback addresses (HOSTS of them are used). Prints the median requests per second, and the client's CPU time per
request, of httpx, plain aiohttp, our Fetcher (checks, limits, errors as values) and WebClient (robots.txt and per-host
turns as well).
"""

import asyncio
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import aiohttp
import httpx

from ingest.web.client import WebClient
from ingest.web.fetch import Fetcher, FetchError, Request
from pipeline.settings import load

CONCURRENCY = 64
HOSTS = 250
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nCache-Control: max-age=60\r\n\r\n'
PAGE = b"<p>" + b"news of the town " * 6_000 + b"</p>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
ANSWERS = {b"GET /304": NOT_MODIFIED, b"GET /pag": OK, b"GET /rob": NOT_FOUND}
SLOWER = {"httpx": 16}  # sends only a 16th of the requests
CASES = {"304": ("/304", 4_000), "100 kB": ("/page", 1_000)}
Ask = Callable[[str], Awaitable[int]]
ENVIRONMENT = {"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true", "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0"}


class _Server(asyncio.Protocol):
    """Answers by the first bytes of the request, as fast as Python can."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            if isinstance(self._transport, asyncio.WriteTransport):
                self._transport.write(ANSWERS[request[:8]])


def run_server(port_pipe: Connection) -> None:
    """Runs the server in the child process; sends its port through `port_pipe`."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "0.0.0.0", 0)  # noqa: S104 - all loopback addresses
        port_pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def with_aiohttp(url: str, count: int) -> None:
    """Plain aiohttp, configured as in Fetcher."""
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask(address: str) -> int:
            async with session.get(address, headers={"If-None-Match": '"a"'}, allow_redirects=False) as response:
                return len(await response.read())

        await _all(ask, url, count)


async def with_httpx(url: str, count: int) -> None:
    """httpx with its defaults, HTTP/1.1."""
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(address: str) -> int:
            return len((await client.get(address, headers={"If-None-Match": '"a"'})).content)

        await _all(ask, url, count)


async def with_fetcher(url: str, count: int) -> None:
    """Our Fetcher, with its checks, limits and errors as values."""
    async with Fetcher(load(ENVIRONMENT).ingest) as fetcher:

        async def ask(address: str) -> int:
            checked = fetcher.check_url(address)
            if isinstance(checked, FetchError):
                raise TypeError(checked)
            return len(repr(type(await fetcher.send(Request(checked, 1_000_000, {"If-None-Match": '"a"'})))))

        await _all(ask, url, count)


async def with_web_client(url: str, count: int) -> None:
    """Our WebClient: Fetcher plus robots.txt (each host answers 404) and the host's turn."""
    async with WebClient(load(ENVIRONMENT).ingest) as web:

        async def ask(address: str) -> int:
            return len(repr(type(await web.get(address, 1_000_000, {"If-None-Match": '"a"'}))))

        await _all(ask, url, count)


async def _all(ask: Ask, url: str, count: int) -> None:
    todo = iter(range(count))

    async def worker() -> None:
        for number in todo:
            await ask(url.format(number % HOSTS + 1))

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


CLIENTS = {
    "aiohttp": with_aiohttp,
    "httpx": with_httpx,
    "ingest.web.fetch": with_fetcher,
    "ingest.web.client": with_web_client,
}


def measure_client(client: Callable[[str, int], Awaitable[None]], url: str, count: int) -> tuple[float, float]:
    """Sends `count` requests; returns requests per second, and microseconds of this process's CPU per request."""
    wall, cpu = time.perf_counter(), time.process_time()

    async def run() -> None:
        await client(url, count)

    asyncio.run(run())
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count * 1e6


def main() -> None:
    """Runs all clients in every round, so that other load on the machine affects all of them alike."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=run_server, args=(theirs,), daemon=True)
    server.start()
    base = f"http://127.0.1.{{}}:{ours.recv()}"
    print(f"aiohttp {aiohttp.__version__}, httpx {httpx.__version__}, {os.cpu_count()} cores, {rounds} rounds")
    try:
        for case, (path, count) in CASES.items():
            results = [
                {
                    name: measure_client(client, base + path, count // SLOWER.get(name, 1))
                    for name, client in CLIENTS.items()
                }
                for _ in range(rounds)
            ]
            for name in CLIENTS:
                rate, cpu = (statistics.median(each[name][metric] for each in results) for metric in (0, 1))
                print(f"{case:7} {name:13} {rate:7.0f} requests/s  {cpu:6.0f} us CPU/request")
    finally:
        server.kill()


if __name__ == "__main__":
    main()

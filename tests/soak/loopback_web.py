"""The local web of a soak: several sites on loopback addresses, each of which can be away, slow, busy or broken.

In: what each path of each site serves, a function; the sites' moods, which may change at any time. Out: HTTP answers.
One thread with an event loop serves all of them (and whatever else is started on it: faulty_door).
"""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from embedded import ports
from tests.soak.newspapers import Served

Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Mood:
    """How a site answers: after `delay` seconds; `status` other than 200 for all but robots.txt, with `headers`.

    `broken`: "reset" ends connections without an answer, "half" in the middle of one.
    """

    delay: float = 0.0
    status: int = 200
    headers: str = ""
    broken: str = ""


class LoopThread:
    """An event loop in a thread of its own, as a context manager."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self.loop.run_forever, name="loopback", daemon=True)

    def call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine there and returns its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(CLOSE_SECONDS)

    def listen(self, host: str, port: int, connected: Connection) -> asyncio.Server:
        """A server on this address."""

        async def start() -> asyncio.Server:
            return await asyncio.start_server(connected, host, port, backlog=512, reuse_address=True)

        server: asyncio.Server = self.call(start())
        self._servers.append(server)
        return server

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call(_close_all(self._servers))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def _close_all(servers: Sequence[asyncio.Server]) -> None:
    """Servers, and what still answers; the connections close with it."""
    for server in servers:
        server.close()
    others = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # what was closed is closed in the next round of the loop


class LoopbackWeb:
    """The sites, on addresses 127.0.1.1 and up, all on one port."""

    def __init__(self, thread: LoopThread, count: int) -> None:
        self._thread = thread
        self._port = ports.choose_ports({"the local web": 0})[0]
        self.sites = [f"http://127.0.1.{number + 1}:{self._port}" for number in range(count)]
        self.moods: dict[str, Mood] = {}
        self.serve: Callable[[str, str], Served | None] = lambda _site, _path: None
        self._servers: dict[str, asyncio.Server] = {}
        for site in self.sites:
            self.come_back(site)

    def go_away(self, site: str) -> None:
        """Nobody listens at the site's address any more."""

        async def close() -> None:
            self._servers.pop(site).close()

        self._thread.call(close())

    def come_back(self, site: str) -> None:
        """Somebody listens there again."""
        host = site.removeprefix("http://").partition(":")[0]
        self._servers[site] = self._thread.listen(host, self._port, lambda r, w: self._connected(site, r, w))

    async def _connected(self, site: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while site in self._servers:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                if not await self._answer(site, head, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asked is gone
        finally:
            writer.close()

    async def _answer(self, site: str, head: str, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays."""
        mood, path = self.moods.get(site, Mood()), head.split(" ", 2)[1]
        await asyncio.sleep(mood.delay)
        if mood.broken == "reset":
            writer.transport.abort()
            return False
        answer = respond(mood, path, head, self.serve(site, path))
        if mood.broken == "half":
            writer.write(answer[: len(answer) // 2])
            return False
        writer.write(answer)
        await writer.drain()
        return True


def respond(mood: Mood, path: str, head: str, served: Served | None) -> bytes:
    """The whole answer to a request."""
    if mood.status != 200 and path != "/robots.txt":
        return f"HTTP/1.1 {mood.status} Busy\r\nContent-Length: 0\r\n{mood.headers}\r\n".encode()
    if served is None:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    tag = f'"{hashlib.sha256(served.body).hexdigest()[:16]}"'
    if tag in head:
        return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
    lines = f"Content-Type: {served.content_type}\r\nContent-Length: {len(served.body)}\r\nETag: {tag}\r\n"
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + served.body

"""DNS resolver and connection pool for aiohttp that connect to allowed IP addresses only.

In: a host name. Out: its allowed IP addresses; Refused when it has others only. aiohttp connects to just the
addresses that were checked here and does not resolve again, so a DNS answer that changes between check and connect
(DNS rebinding) gains nothing. A kept-alive connection on which the server sent unrequested bytes is not reused.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.tracing import Trace

# socket.getaddrinfo, or a test's replacement of it
DnsLookup = Callable[..., list[Any]]


class Refused(Exception):
    """All IP addresses of a host are ones that may not be connected to."""


class GuardedConnector(aiohttp.TCPConnector):
    """aiohttp's connector, except that connections holding unrequested bytes are closed instead of reused.

    aiohttp 3.14.5 takes such bytes for the answer to the next request (aiohttp #13656).
    """

    async def _get(self, key: "ConnectionKey", traces: "list[Trace]") -> Connection | None:
        while (found := await super()._get(key, traces)) is not None:
            if found.protocol is not None and not found.protocol.should_close:
                return found
            found.close()
        return None


class GuardedResolver(AbstractResolver):
    """Resolves host names and drops the IP addresses for which `allowed` is False.

    Each lookup has a daemon thread of its own: a name server that does not answer delays neither the lookups of other
    hosts nor shutdown. aiohttp caches the results (DNS_CACHE_SECONDS).
    """

    def __init__(self, allowed: Callable[[str], bool], lookup: DnsLookup = socket.getaddrinfo) -> None:
        self._is_allowed, self._lookup = allowed, lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed IP addresses of a host. Raises Refused when it has others only, and socket.gaierror."""
        found = [_to_resolve_result(host, port, each) for each in await self._resolve_in_thread(host, port, family)]
        allowed = [each for each in found if self._is_allowed(each["host"])]
        if found and not allowed:
            raise Refused(f"{host} is {found[0]['host']}, not an address of the public internet")
        return allowed

    async def close(self) -> None:
        """Does nothing: there is nothing to release."""

    async def _resolve_in_thread(self, host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def look() -> None:
            result = self._lookup_or_error(host, port, family)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_set_result, answer, result)

        threading.Thread(target=look, name=f"dns {host}", daemon=True).start()
        return await answer

    def _lookup_or_error(self, host: str, port: int, family: socket.AddressFamily) -> list[Any] | OSError:
        try:
            return self._lookup(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except OSError as error:
            return error
        except UnicodeError as error:
            return socket.gaierror(socket.EAI_NONAME, f"{host}: {error}")


def _set_result(answer: "asyncio.Future[list[Any]]", result: list[Any] | OSError) -> None:
    if answer.done():
        return
    if isinstance(result, OSError):
        answer.set_exception(result)
    else:
        answer.set_result(result)


def _to_resolve_result(host: str, port: int, info: Any) -> ResolveResult:
    family, _, proto, _, address = info
    return ResolveResult(
        hostname=host, host=address[0], port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
    )

"""Connections for the web's client: a host's name -> the addresses that it is connected to, the allowed ones only.

What is checked here is what is connected to: the client asks nobody again, so DNS that changes its answer between
check and connect changes nothing. A connection on which the server has said what nobody asked for is not used again.
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

# socket.getaddrinfo, or what a test has in its place
Lookup = Callable[..., list[Any]]


class Refused(Exception):
    """An address that may not be asked."""


class Connector(aiohttp.TCPConnector):
    """The client's own, which would take such bytes for the next request's answer (aiohttp #13656, in 3.14.5)."""

    async def _get(self, key: "ConnectionKey", traces: "list[Trace]") -> Connection | None:
        while (found := await super()._get(key, traces)) is not None:
            if found.protocol is not None and not found.protocol.should_close:
                return found
            found.close()
        return None


class Resolver(AbstractResolver):
    """Each lookup has a thread of its own that nobody waits for at the end: a name server that does not answer delays
    neither the lookups of other hosts nor our stop. The client keeps the answers for a while.
    """

    def __init__(self, allowed: Callable[[str], bool], lookup: Lookup = socket.getaddrinfo) -> None:
        self._allowed, self._lookup = allowed, lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed addresses. Raises Refused when there are others only, and socket.gaierror."""
        found = [_result(host, port, each) for each in await self._look(host, port, family)]
        allowed = [each for each in found if self._allowed(each["host"])]
        if found and not allowed:
            raise Refused(f"{host} is {found[0]['host']}, not an address of the public internet")
        return allowed

    async def close(self) -> None:
        """Nothing is held."""

    async def _look(self, host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def look() -> None:
            result = self._asked(host, port, family)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_settle, answer, result)

        threading.Thread(target=look, name=f"dns {host}", daemon=True).start()
        return await answer

    def _asked(self, host: str, port: int, family: socket.AddressFamily) -> list[Any] | OSError:
        try:
            return self._lookup(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except OSError as error:
            return error
        except UnicodeError as error:
            return socket.gaierror(socket.EAI_NONAME, f"{host}: {error}")


def _settle(answer: "asyncio.Future[list[Any]]", result: list[Any] | OSError) -> None:
    if answer.done():
        return
    if isinstance(result, OSError):
        answer.set_exception(result)
    else:
        answer.set_result(result)


def _result(host: str, port: int, info: Any) -> ResolveResult:
    family, _, proto, _, address = info
    return ResolveResult(
        hostname=host, host=address[0], port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
    )

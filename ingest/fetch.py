"""One HTTP GET, for feeds and pages: a URL -> Fetched | NotModified | FetchError, as values.

Redirects are followed by hand and every hop is checked: its scheme here, its address after DNS and before connect in
the resolver that the client must use. Bodies are counted while they stream, after decompression. The only file that
knows aiohttp (docs/decisions/0004).
"""

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ingest.hosts import is_public
from ingest.urls import host_of
from pipeline import settings

ErrorKind = Literal["dns", "connect", "tls", "timeout", "http", "too_large", "redirect", "refused", "encoding"]
REDIRECTS = frozenset({301, 302, 303, 307, 308})
DNS_CACHE_SECONDS = 300
# real sites send cookies and policies of more than the client's default of 8 kB in one header
HEADER_BYTES = 64 * 1024
ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with a body. `url` is where the redirects led; header names are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[tuple[int, str], ...] = ()  # each redirect: its status and where it led


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: what we have is still so."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FetchError:
    """Why there is no body. `kind` is what errors are counted by; `retry_after` is the header as it came."""

    kind: ErrorKind
    detail: str
    status: int | None = None
    retry_after: str | None = None


Answer = Fetched | NotModified | FetchError


@dataclass(frozen=True, slots=True)
class _Redirect:
    status: int
    location: str


class _Refused(Exception):
    """An address that may not be asked."""


class _Failed(Exception):
    def __init__(self, error: FetchError) -> None:
        super().__init__(error.detail)
        self.error = error


def user_agent(contact: str) -> str:
    """`Newsloom/<version> (+contact)`: sites see who asks, and whom to ask back."""
    product = f"Newsloom/{version('newsloom')}"
    return f"{product} (+{contact})" if contact else product


def conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers that make a GET conditional (RFC 9110, 13.1)."""
    wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in wanted.items() if value}


@dataclass
class Fetcher:
    """Asks the web. Use it as an async context manager, in one event loop."""

    options: settings.Ingest
    _session: aiohttp.ClientSession | None = field(default=None, init=False)

    async def __aenter__(self) -> "Fetcher":
        options = self.options
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Resolver(options.allow_private_addresses), limit=0, ttl_dns_cache=DNS_CACHE_SECONDS
            ),
            timeout=aiohttp.ClientTimeout(
                sock_connect=options.connect_timeout_seconds, sock_read=options.read_timeout_seconds
            ),
            headers={"User-Agent": user_agent(options.contact), "Accept": ACCEPT},
            cookie_jar=aiohttp.DummyCookieJar(),
            max_field_size=HEADER_BYTES,
            max_line_size=HEADER_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, max_bytes: int, headers: Mapping[str, str] | None = None) -> Answer:
        """One GET with all its redirects. `max_bytes` is of the decoded body. Raises nothing that the web can cause."""
        try:
            async with asyncio.timeout(self.options.total_timeout_seconds):
                return await self._follow(url, max_bytes, headers or {})
        except _Failed as failed:
            return failed.error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, _Refused) as error:
            return _explained(error)

    async def _follow(self, url: str, max_bytes: int, headers: Mapping[str, str]) -> Answer:
        hops: list[tuple[int, str]] = []
        while True:
            self._check(url)
            answer = await self._one(url, max_bytes, headers, tuple(hops))
            if not isinstance(answer, _Redirect):
                return answer
            if len(hops) >= self.options.max_redirects:
                return FetchError("redirect", f"more than {self.options.max_redirects} redirects", answer.status)
            url = urljoin(url, answer.location)
            hops.append((answer.status, url))

    def _check(self, url: str) -> None:
        """The scheme, and the address where the URL names it itself: such a one is not asked of the resolver."""
        host = host_of(url).strip("[]")
        if not host:
            raise _Refused(f"{url} is no http or https address")
        if _is_address(host) and not self.options.allow_private_addresses and not is_public(host):
            raise _Refused(f"{host} is not an address of the public internet")

    async def _one(
        self, url: str, max_bytes: int, headers: Mapping[str, str], hops: tuple[tuple[int, str], ...]
    ) -> Answer | _Redirect:
        if self._session is None:
            raise AssertionError("Fetcher is used outside `async with`")
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            found = {name.lower(): value for name, value in response.headers.items()}
            if response.status == 304:
                return NotModified(url, found)
            if response.status in REDIRECTS and "location" in found:
                return _Redirect(response.status, found["location"])
            if not 200 <= response.status < 300:
                detail = f"HTTP status {response.status} {response.reason or ''}".rstrip()
                return FetchError("http", detail, response.status, found.get("retry-after"))
            body = await _read(response, max_bytes)
            return Fetched(url, response.status, found, body, hops)


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The decoded body, given up (and its connection closed) as soon as it is too large."""
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > max_bytes:
            response.close()
            raise _Failed(FetchError("too_large", f"more than {max_bytes} bytes", response.status))
        pieces.append(piece)
    return b"".join(pieces)


def _explained(error: BaseException) -> FetchError:
    """An exception of the client as a value; the first kind that fits names it."""
    chain = list(_causes(error))
    for kind, types in _KINDS:
        if any(isinstance(each, types) for each in chain):
            return FetchError(kind, f"{type(error).__name__}: {error}".rstrip(": "))
    return FetchError("connect", f"{type(error).__name__}: {error}".rstrip(": "))


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


_KINDS: tuple[tuple[ErrorKind, tuple[type[BaseException], ...]], ...] = (
    ("refused", (_Refused, aiohttp.InvalidURL)),
    ("encoding", (aiohttp.http_exceptions.ContentEncodingError,)),
    ("timeout", (TimeoutError,)),
    ("dns", (aiohttp.ClientConnectorDNSError, socket.gaierror)),
    ("tls", (aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError)),
    ("http", (aiohttp.ClientResponseError, aiohttp.ClientPayloadError)),
    ("refused", (ValueError,)),
)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Resolver(AbstractResolver):
    """DNS for the client: what it answers is what is connected to, so no address slips in between.

    Each lookup has a thread of its own that nobody waits for at the end: a name server that does not answer delays
    neither the lookups of other hosts nor our stop.
    """

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await _lookup(host, port, family)
        allowed = [each for each in found if self._allow_private or is_public(each["host"])]
        if found and not allowed:
            raise _Refused(f"{host} is {found[0]['host']}, not an address of the public internet")
        return allowed

    async def close(self) -> None:
        """Nothing is held."""


async def _lookup(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def look() -> None:
        result: list[Any] | OSError
        try:
            result = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except OSError as error:
            result = error
        except UnicodeError as error:
            result = socket.gaierror(socket.EAI_NONAME, f"{host}: {error}")
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(_settle, answer, result)

    threading.Thread(target=look, name=f"dns {host}", daemon=True).start()
    return [_result(host, port, each) for each in await answer]


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

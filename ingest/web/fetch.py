"""One HTTP request, for feeds and pages: a URL -> Fetched | NotModified | Redirect | FetchError, as values.

Every URL is checked here, its address after DNS and before connect in the resolver that the client must use. Bodies
are counted while they stream, on the wire and decoded (ingest/web/decompression). What a redirect, a host's turn and
robots.txt ask for is ingest/web/client's. With ingest/web/resolver the only file that knows aiohttp
(docs/decisions/0004).
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from types import TracebackType
from typing import Literal
from urllib.parse import urljoin

import aiohttp

from ingest.web.address_guard import Checked, Guard
from ingest.web.decompression import ACCEPTED, Body, BodyError
from ingest.web.resolver import Connector, Lookup, Refused, Resolver
from pipeline import settings

ErrorKind = Literal[
    "dns",
    "connect",
    "tls",
    "timeout",  # connecting, waiting for bytes, or all of it
    "http",  # a status that is no success, or no HTTP
    "too_large",  # body, decoded body, their ratio, or headers
    "redirect",  # too many
    "refused",  # by us: scheme, port, address, credentials
    "encoding",
    "media",  # an image, a film or a sound where a page was asked for
    "robots",  # robots.txt forbids it, or (then with retry_after) can't be read now
    "paused",  # the host is not asked before retry_after: it asked for that, or others wait for it
]
MEDIA = re.compile(r"\s*(image|audio|video|font)/", re.IGNORECASE)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
DNS_CACHE_SECONDS = 300
DNS_CACHE_NAMES = 20_000
# a host's pages follow each other in seconds; its feeds in minutes, and idle connections are open files
KEEP_ALIVE_SECONDS = 5.0
# Real sites send cookies and policies of more than the client's default of 8 kB in one header. Together with
# the most headers this bounds what an answer's head can cost: 4 MB.
HEADER_BYTES = 32 * 1024
HEADERS = 128
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
    hops: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FetchError:
    """Why there is no body. `kind` is what errors are counted by; `retry_after` is the header as it came."""

    kind: ErrorKind
    detail: str
    status: int | None = None
    retry_after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hops: tuple[tuple[int, str], ...] = ()


Answer = Fetched | NotModified | FetchError


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the server sends us: an address as it stands in its answer, made whole. `took`: seconds."""

    status: int
    url: str
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, in `seconds`. `max_bytes` is of the decoded body; with `cut` a larger one ends there.

    `page`: an image, a film or a sound is not read to its end only to be thrown away.
    """

    url: Checked
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
    cut: bool = False
    page: bool = False


def user_agent(contact: str) -> str:
    """`Newsloom/<version> (+contact)`: sites see who asks, and whom to ask back."""
    product = f"Newsloom/{version('newsloom')}"
    return f"{product} (+{contact})" if contact else product


def conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers that make a GET conditional (RFC 9110, 13.1)."""
    wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in wanted.items() if value}


class Fetcher:
    """Asks the web. An async context manager, for one event loop. `guard` and `lookup` are the tests' seams."""

    def __init__(
        self, options: settings.Ingest, guard: Guard | None = None, lookup: Lookup = socket.getaddrinfo
    ) -> None:
        self.options = options
        self.guard = guard or Guard.of(options)
        self.headers = {"User-Agent": user_agent(options.contact), "Accept": ACCEPT, "Accept-Encoding": ACCEPTED}
        self._lookup = lookup
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Fetcher":
        options = self.options
        self._session = aiohttp.ClientSession(
            connector=Connector(
                resolver=Resolver(self.guard.address, self._lookup),
                limit=0,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                ttl_dns_cache=DNS_CACHE_SECONDS,
                dns_cache_max_size=DNS_CACHE_NAMES,
            ),
            timeout=aiohttp.ClientTimeout(
                sock_connect=options.connect_timeout_seconds, sock_read=options.read_timeout_seconds
            ),
            headers=self.headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=HEADER_BYTES,
            max_line_size=HEADER_BYTES,
            max_headers=HEADERS,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, max_bytes: int, headers: Mapping[str, str] | None = None) -> Answer:
        """One GET with all its redirects, in nobody's turn and by no robots.txt: ingest/web/client does it properly."""
        hops: list[tuple[int, str]] = []
        while len(hops) <= self.options.max_redirects:
            checked = self.check(url)
            if isinstance(checked, FetchError):
                return replace(checked, hops=tuple(hops))
            answer = await self.ask(Request(checked, max_bytes, headers or {}, self.options.total_timeout_seconds))
            if not isinstance(answer, Redirect):
                return replace(answer, hops=tuple(hops))
            url = answer.url
            hops.append((answer.status, url))
        return FetchError("redirect", f"more than {self.options.max_redirects} redirects", hops[-1][0])

    def check(self, url: str) -> Checked | FetchError:
        """A URL that may be asked, as far as that can be told without DNS."""
        checked = self.guard.check(url)
        return FetchError("refused", checked) if isinstance(checked, str) else checked

    async def ask(self, request: Request) -> Answer | Redirect:
        """One request and its answer; a redirect is not followed. Raises nothing that the web can cause."""
        try:
            async with asyncio.timeout(request.seconds):
                return await self._answer(request)
        except BodyError as error:
            return FetchError(error.kind, str(error))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, Refused) as error:
            return _explained(error)

    async def _answer(self, request: Request) -> Answer | Redirect:
        if self._session is None:
            raise AssertionError("Fetcher is used outside `async with`")
        async with self._session.get(request.url, headers=request.headers, allow_redirects=False) as response:
            status = response.status
            headers = {name.lower(): value for name, value in response.headers.items()}
            url = str(request.url)
            if status == 304:
                return NotModified(url, headers)
            if status in REDIRECTS and "location" in headers:
                return Redirect(status, urljoin(url, _text(headers["location"])))
            if not 200 <= status < 300:
                detail = f"HTTP status {status} {response.reason or ''}".rstrip()
                return FetchError("http", detail, status, headers.get("retry-after"), headers)
            if request.page and MEDIA.match(headers.get("content-type", "")):
                response.close()
                return FetchError("media", f"no page: {headers['content-type'][:100]}", status, headers=headers)
            return Fetched(url, status, headers, await _read(response, headers, request))


async def _read(response: aiohttp.ClientResponse, headers: Mapping[str, str], request: Request) -> bytes:
    """The decoded body; given up, and its connection closed, as soon as it is too large. Raises BodyError."""
    try:
        body = Body(headers.get("content-encoding", ""), request.max_bytes, request.cut)
        length = headers.get("content-length", "")
        if not request.cut and length.isdecimal() and int(length[:20]) > request.max_bytes:
            raise BodyError("too_large", f"says that it has {length[:20]} bytes; the most is {request.max_bytes}")
        async for piece in response.content.iter_any():
            if not body.feed(piece):
                response.close()
                break
        return body.end()
    except BodyError:
        response.close()
        raise


def _text(header: str) -> str:
    """A header's value; bytes of it that are no UTF-8 as Latin-1, in which HTTP once was."""
    return header if header.isprintable() else header.encode("utf-8", "surrogateescape").decode("latin-1")


def _explained(error: BaseException) -> FetchError:
    """An exception of the client as a value; the first kind that fits names it."""
    chain = list(_causes(error))
    detail = f"{type(error).__name__}: {error}".rstrip(": ")[:500]
    if any(isinstance(each, aiohttp.http_exceptions.LineTooLong) or "Too many headers" in str(each) for each in chain):
        return FetchError("too_large", f"headers of more than {HEADERS} lines or {HEADER_BYTES} bytes in one: {detail}")
    fitting = (kind for kind, types in _KINDS if any(isinstance(each, types) for each in chain))
    return FetchError(next(fitting, "connect"), detail)


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


_KINDS: tuple[tuple[ErrorKind, tuple[type[BaseException], ...]], ...] = (
    ("refused", (Refused, aiohttp.InvalidURL)),
    ("timeout", (TimeoutError,)),
    ("dns", (aiohttp.ClientConnectorDNSError, socket.gaierror)),
    ("tls", (aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError)),
    ("http", (aiohttp.ClientResponseError, aiohttp.ClientPayloadError)),
    ("refused", (ValueError,)),
)

"""One HTTP GET, for feeds and pages, with all errors returned as values.

In: a Request (URL, size limit, headers, time limit). Out: Fetched, NotModified, Redirect or FetchError; nothing that
the web can cause is raised. The IP address is checked after DNS and before connecting (ingest/web/resolver). Body sizes
are limited while the body streams, compressed and decoded (ingest/web/decompression). Redirects, the host's turn and
robots.txt are up to ingest/web/client. Only this file, ingest/web/resolver and ingest/web/redirect_cookies import
aiohttp (docs/decisions/0004).
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

from ingest.web.address_guard import AddressGuard, AllowedUrl
from ingest.web.decompression import ACCEPTED_ENCODINGS, BodyDecoder, BodyError
from ingest.web.redirect_cookies import RedirectCookies
from ingest.web.resolver import DnsLookup, GuardedConnector, GuardedResolver, Refused
from pipeline import settings

ErrorKind = Literal[
    "dns",
    "connect",
    "tls",
    "timeout",  # connecting, waiting for bytes, or all of it
    "http",  # a status that is no success, or no HTTP
    "too_large",  # the body, the decoded body, the ratio of the two, or the headers
    "redirect",  # too many redirects
    "refused",  # by us: scheme, port, address, credentials
    "encoding",  # Content-Encoding unknown, or the body is not encoded that way
    "media",  # an image, a video or audio where a page was expected
    "robots",  # robots.txt forbids it, or (then with retry_after) can't be read now
    "folder",  # a watched folder that can't be read
    "paused",  # no request to the host before retry_after: it asked for that, or its queue is too long
]
MEDIA_TYPE = re.compile(r"\s*(image|audio|video|font)/", re.IGNORECASE)
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
DNS_CACHE_SECONDS = 300
DNS_CACHE_NAMES = 20_000
# a host's pages follow each other in seconds; its feeds in minutes, and idle connections are open files
KEEP_ALIVE_SECONDS = 5.0
# Real sites send cookies and policies of more than the client's default of 8 kB in one header. Together with
# the most headers this bounds what an answer's head can cost: 4 MB.
MOST_HEADER_BYTES = 32 * 1024
MOST_HEADERS = 128
ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A successful response. `url` is the final one, after redirects; header names in lower case; `body` is decoded."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[tuple[int, str], ...] = ()  # each redirect: its status and where it led


@dataclass(frozen=True, slots=True)
class NotModified:
    """Status 304: what we fetched before is still current."""

    url: str
    headers: Mapping[str, str]
    hops: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FetchError:
    """Why there is no body. `kind` is the label in metrics; `retry_after` is the header's value as it was sent."""

    kind: ErrorKind
    detail: str
    status: int | None = None
    retry_after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hops: tuple[tuple[int, str], ...] = ()


FetchResult = Fetched | NotModified | FetchError


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the server redirects to, as an absolute URL. `took_seconds`: how long the request took."""

    status: int
    url: str
    took_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """One GET, to be answered within `seconds`.

    `max_bytes` limits the decoded body; a larger one is an error, or with `truncate` is cut there. `page`: a web page
    is expected, so the body of an image, video or audio is not read. `cookies` are those of its chain of redirects.
    """

    url: AllowedUrl
    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
    truncate: bool = False
    page: bool = False
    cookies: RedirectCookies = field(default_factory=RedirectCookies)


def user_agent(contact: str) -> str:
    """The User-Agent header, `Newsloom/<version> (+contact)`: sites see who crawls and whom to contact."""
    product = f"Newsloom/{version('newsloom')}"
    return f"{product} (+{contact})" if contact else product


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers that make a GET conditional (RFC 9110, 13.1); empty when there are no validators."""
    wanted = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in wanted.items() if value}


class Fetcher:
    """Sends HTTP requests. An async context manager, for one event loop.

    `guard` and `lookup` (as socket.getaddrinfo) are there for tests. Raises WrongSetting when it is made.
    """

    def __init__(
        self, options: settings.Ingest, guard: AddressGuard | None = None, lookup: DnsLookup = socket.getaddrinfo
    ) -> None:
        self.options = options
        self.guard = guard or AddressGuard.from_settings(options)
        self.headers = {
            "User-Agent": user_agent(options.contact),
            "Accept": ACCEPT,
            "Accept-Encoding": ACCEPTED_ENCODINGS,
        }
        self._lookup = lookup
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Fetcher":
        options = self.options
        self._session = aiohttp.ClientSession(
            connector=GuardedConnector(
                resolver=GuardedResolver(self.guard.is_allowed_address, self._lookup),
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
            max_field_size=MOST_HEADER_BYTES,
            max_line_size=MOST_HEADER_BYTES,
            max_headers=MOST_HEADERS,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, max_bytes: int, headers: Mapping[str, str] | None = None) -> FetchResult:
        """One GET with its redirects, without rate limits and robots.txt; WebClient.get is the polite one."""
        hops: list[tuple[int, str]] = []
        cookies = RedirectCookies()
        while len(hops) <= self.options.max_redirects:
            checked = self.check_url(url)
            if isinstance(checked, FetchError):
                return replace(checked, hops=tuple(hops))
            request = Request(checked, max_bytes, headers or {}, self.options.total_timeout_seconds, cookies=cookies)
            answer = await self.send(request)
            if not isinstance(answer, Redirect):
                return replace(answer, hops=tuple(hops))
            url = answer.url
            hops.append((answer.status, url))
        return FetchError("redirect", f"more than {self.options.max_redirects} redirects", hops[-1][0])

    def check_url(self, url: str) -> AllowedUrl | FetchError:
        """The parsed URL if it may be requested, as far as that can be decided without DNS."""
        checked = self.guard.check_url(url)
        return FetchError("refused", checked) if isinstance(checked, str) else checked

    async def send(self, request: Request) -> FetchResult | Redirect:
        """Sends one request; a redirect is returned, not followed. Raises nothing that the web can cause."""
        try:
            async with asyncio.timeout(request.seconds):
                return await self._send(request)
        except BodyError as error:
            return FetchError(error.kind, str(error))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, Refused) as error:
            return _to_fetch_error(error)

    async def _send(self, request: Request) -> FetchResult | Redirect:
        if self._session is None:
            raise AssertionError("Fetcher is used outside `async with`")
        sent = {**request.headers, **request.cookies.headers(request.url)}
        async with self._session.get(request.url, headers=sent, allow_redirects=False) as response:
            status = response.status
            headers = {name.lower(): value for name, value in response.headers.items()}
            url = str(request.url)
            if status == 304:
                return NotModified(url, headers)
            if status in REDIRECT_STATUSES and "location" in headers:
                request.cookies.remember(response)
                return Redirect(status, urljoin(url, _decode_header(headers["location"])))
            if not 200 <= status < 300:
                detail = f"HTTP status {status} {response.reason or ''}".rstrip()
                return FetchError("http", detail, status, headers.get("retry-after"), headers)
            if request.page and MEDIA_TYPE.match(headers.get("content-type", "")):
                response.close()
                return FetchError("media", f"no page: {headers['content-type'][:100]}", status, headers=headers)
            return Fetched(url, status, headers, await _read_body(response, headers, request))


async def _read_body(response: aiohttp.ClientResponse, headers: Mapping[str, str], request: Request) -> bytes:
    """The decoded body; as soon as it is too large, the connection is closed. Raises BodyError."""
    try:
        body = BodyDecoder(headers.get("content-encoding", ""), request.max_bytes, request.truncate)
        length = headers.get("content-length", "")
        if not request.truncate and length.isdecimal() and int(length[:20]) > request.max_bytes:
            raise BodyError("too_large", f"says that it has {length[:20]} bytes; the most is {request.max_bytes}")
        async for piece in response.content.iter_any():
            if not body.feed(piece):
                response.close()
                break
        return body.finish()
    except BodyError:
        response.close()
        raise


def _decode_header(header: str) -> str:
    """A header's value; where it is no UTF-8, decoded as Latin-1, as HTTP once was."""
    return header if header.isprintable() else header.encode("utf-8", "surrogateescape").decode("latin-1")


def _to_fetch_error(error: BaseException) -> FetchError:
    """Turns an exception of aiohttp into a FetchError with the first kind in _KINDS_BY_EXCEPTION that fits."""
    chain = list(_exception_chain(error))
    detail = f"{type(error).__name__}: {error}".rstrip(": ")[:500]
    if any(isinstance(each, aiohttp.http_exceptions.LineTooLong) or "Too many headers" in str(each) for each in chain):
        return FetchError(
            "too_large", f"headers of more than {MOST_HEADERS} lines or {MOST_HEADER_BYTES} bytes in one: {detail}"
        )
    fitting = (kind for kind, types in _KINDS_BY_EXCEPTION if any(isinstance(each, types) for each in chain))
    return FetchError(next(fitting, "connect"), detail)


def _exception_chain(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


_KINDS_BY_EXCEPTION: tuple[tuple[ErrorKind, tuple[type[BaseException], ...]], ...] = (
    ("refused", (Refused, aiohttp.InvalidURL)),
    ("timeout", (TimeoutError,)),
    ("dns", (aiohttp.ClientConnectorDNSError, socket.gaierror)),
    ("tls", (aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError)),
    ("http", (aiohttp.ClientResponseError, aiohttp.ClientPayloadError)),
    ("refused", (ValueError,)),
)

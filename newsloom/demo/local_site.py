"""A small web server on this machine, for tests and the demo.

In: resources by path, which may be changed while it runs. Out: their URLs, and the requests that came. Answers
conditional requests as RFC 9110 has them (ETag and If-None-Match first, then Last-Modified and If-Modified-Since).
"""

import hashlib
import http
import mimetypes
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Self, cast

HTML = "text/html; charset=utf-8"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Resource:
    """What a path serves. `headers` are added and replace others; `validators` = False leaves out ETag and
    Last-Modified."""

    body: bytes
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    modified: datetime = field(default_factory=_now)
    validators: bool = True

    @property
    def etag(self) -> str:
        """The entity tag, made from the body: the same content has the same tag."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    def unchanged_for(self, headers: Mapping[str, str]) -> bool:
        """Whether a client that sent these headers (names in lower case) has this content already."""
        if not self.validators:
            return False
        if tags := headers.get("if-none-match"):
            return tags == "*" or self.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        try:
            since = parsedate_to_datetime(headers["if-modified-since"])
        except (KeyError, ValueError):
            return False
        return self.modified.replace(microsecond=0) <= since.replace(tzinfo=since.tzinfo or UTC)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a path answers whatever its resource is: with another status, after `delay` seconds, with more headers."""

    status: int = 200
    delay: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was received. Header names are in lower case; `at` is in seconds of time.monotonic()."""

    method: str
    path: str
    headers: Mapping[str, str]
    at: float


class Site:
    """The server, as a context manager. `content`: resources by path (with a query, where there is one), or a folder.

    `resources` and `behaviours` may be changed at any time; `requests` grows.
    """

    def __init__(self, content: Path | Mapping[str, Resource] | None = None, host: str = "127.0.0.1", port: int = 0):
        self.resources: MutableMapping[str, Resource] = {} if isinstance(content, Path) else dict(content or {})
        self.behaviours: MutableMapping[str, Behaviour] = {}
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._folder = content.resolve() if isinstance(content, Path) else None
        self._server = _Server(self, host, port)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="site", daemon=True)

    def find(self, path: str) -> Resource | None:
        """The resource at `path`: looked up with its query, without it, and then in the folder."""
        plain = path.partition("?")[0]
        return self.resources.get(path) or self.resources.get(plain) or self._read(plain)

    def paths(self) -> list[str]:
        """The paths asked for so far, in order."""
        return [request.path for request in self.requests]

    def _read(self, path: str) -> Resource | None:
        if self._folder is None:
            return None
        file = (self._folder / path.lstrip("/")).resolve()
        file = file / "index.html" if file.is_dir() else file
        if not file.is_relative_to(self._folder) or not file.is_file():
            return None
        content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return Resource(file.read_bytes(), content_type, modified=modified)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    """http.server's own class asks the name service who 127.0.0.1 is at every start; this one does not."""

    allow_reuse_address = True
    request_queue_size = 128
    daemon_threads = False  # server_close waits for them; close_connections has woken them

    def __init__(self, site: Site, host: str, port: int) -> None:
        self.site = site
        self._connections: set[socket.socket] = set()
        super().__init__((host, port), _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        self._connections.add(cast(socket.socket, request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        self._connections.discard(cast(socket.socket, request))
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Ends kept-alive connections that wait for a next request."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A client that went away is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        headers = {name.lower(): value for name, value in self.headers.items()}
        site.requests.append(Request(self.command, self.path, headers, time.monotonic()))
        behaviour = site.behaviours.get(self.path, Behaviour())
        site.closing.wait(behaviour.delay)
        resource = site.find(self.path)
        if resource is None:
            status = 404 if behaviour.status == http.HTTPStatus.OK else behaviour.status
            self._send(status, b"", behaviour.headers)
        elif behaviour.status == http.HTTPStatus.OK and resource.unchanged_for(headers):
            self._send(304, b"", _headers_of(resource) | dict(behaviour.headers))
        else:
            self._send(behaviour.status, resource.body, _headers_of(resource) | dict(behaviour.headers))

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        without_body = status in (http.HTTPStatus.NO_CONTENT, http.HTTPStatus.NOT_MODIFIED)
        length = {} if without_body else {"Content-Length": str(len(body))}
        for name, value in (length | {name.title(): value for name, value in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and not without_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The requests are kept, not printed."""


def _headers_of(resource: Resource) -> dict[str, str]:
    headers = {"Content-Type": resource.content_type}
    if resource.validators:
        headers |= {
            "ETag": resource.etag,
            "Last-Modified": format_datetime(resource.modified.astimezone(UTC), usegmt=True),
        }
    return headers | dict(resource.headers)

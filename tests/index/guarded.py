"""A door to the real Elasticsearch that asks for a user and a password, or a key, as a server with security does.

What there is of security on such a server, and not on the embedded one (`/_security/...`), the door answers itself and
writes down.
"""

import base64
import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

KEPT = {"content-type", "accept", "x-elastic-client-meta"}


@dataclass
class Guard:
    """Who may pass, and what was asked of security. `admitted` counts the requests that passed, by user."""

    users: dict[str, str]
    keys: frozenset[str] = frozenset()
    security: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    admitted: dict[str, int] = field(default_factory=dict)

    def knows(self, header: str) -> str:
        """The user of an Authorization header; "" for nobody."""
        kind, _, secret = header.partition(" ")
        if kind == "ApiKey" and secret in self.keys:
            return "key"
        user, _, password = base64.b64decode(secret).decode().partition(":") if kind == "Basic" else ("", "", "")
        return user if user and self.users.get(user) == password else ""


@contextmanager
def door(
    url: str, guard: Guard, at: tuple[str, int] = ("127.0.0.1", 0), certificate: Path | None = None
) -> Iterator[str]:
    """The address of a door to `url`; over TLS where there is a certificate (with its key, in PEM)."""
    target = urlsplit(url)

    class Passage(_Passage):
        who = guard
        within = (str(target.hostname), int(target.port or 0))

    with ThreadingHTTPServer(at, Passage) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://{at[0]}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    who: Guard
    within: tuple[str, int]

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        user = self.who.knows(self.headers.get("Authorization", ""))
        if not user:
            refusal = {"error": {"type": "security_exception", "reason": "unable to authenticate"}}
            self._answer(401, {}, json.dumps(refusal).encode())
            return
        self.who.admitted[user] = self.who.admitted.get(user, 0) + 1
        if self.path.startswith("/_security/"):
            self.who.security.append((self.command, self.path, json.loads(body)))
            self._answer(200, {}, b"{}")
        else:
            self._forward(body)

    def _forward(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(*self.within, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() in KEPT}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            told = {name: value for name, value in answer.getheaders() if name.lower() in ("content-type", "warning")}
            self._answer(answer.status, told, answer.read())
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        plain = {"Content-Type": "application/vnd.elasticsearch+json;compatible-with=9"}
        self.send_response(status)
        for name, value in {**plain, **headers, "X-Elastic-Product": "Elasticsearch"}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass

    def log_message(self, *_: object) -> None:
        pass

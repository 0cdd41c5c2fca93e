"""Recording proxy: stands before Elasticsearch and writes down what each page asks it, so that it can be asked bare.

In: the address of Elasticsearch. Out: an address that answers as it does, and the requests that came.
"""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HEADERS = ("Content-Type", "Accept")


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it came."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Recording:
    """What has come since it was last taken."""

    address: str = ""
    requests: list[RecordedRequest] = field(default_factory=list)

    def take(self) -> list[RecordedRequest]:
        """The requests since the last time, in their order."""
        found, self.requests = self.requests, []
        return found


@contextmanager
def recording(server: str) -> Iterator[Recording]:
    """Passes on to `server` and records."""
    recorded, there = Recording(), urlsplit(server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name in HEADERS if (value := self.headers.get(name))}
            request = RecordedRequest(self.command, self.path, body, headers)
            recorded.requests.append(request)
            connection = http.client.HTTPConnection(there.hostname or "", there.port)
            status, told, answer = ask(connection, request)
            connection.close()
            self.send_response(status)
            for name in ("Content-Type", "X-elastic-product"):
                if name.lower() in told:
                    self.send_header(name, told[name.lower()])
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        serving = threading.Thread(target=proxy.serve_forever)
        serving.start()
        try:
            recorded.address = f"http://127.0.0.1:{proxy.server_port}"
            yield recorded
        finally:
            proxy.shutdown()
            serving.join()


def ask(connection: http.client.HTTPConnection, request: RecordedRequest) -> tuple[int, dict[str, str], bytes]:
    """Asks Elasticsearch the same; status, headers (small letters) and body of its answer."""
    connection.request(request.method, request.path, request.body, request.headers)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

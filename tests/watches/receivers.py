"""A webhook receiver and a mail server on this machine, which keep what they are told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What came, and how it is answered."""

    url: str = ""
    port: int = 0
    status: int = 204
    mail_status: bytes = b"250 taken"
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def webhook_receiver() -> Iterator[Receiver]:
    """A web server that takes POSTs."""
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.paths.append(self.path)
            received.headers.append({name.lower(): value for name, value in self.headers.items()})
            received.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(received.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"said")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        received.port = server.server_port
        received.url = f"http://127.0.0.1:{server.server_port}/hits?of=us"
        yield received


@contextmanager
def mail_receiver() -> Iterator[Receiver]:
    """A mail server without TLS (RFC 5321, no more than it takes)."""
    received = Receiver()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                command = line.split()[0].upper() if line.split() else b""
                if command == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    received.bodies.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.wfile.write(received.mail_status + b"\r\n")
                else:
                    self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 yes\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        server.daemon_threads = True
        received.port = server.server_address[1]
        yield received


@contextmanager
def drip(seconds: float) -> Iterator[int]:
    """A server that answers a byte at a time, each after so many seconds, without an end: its port."""
    ended = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                self.wfile.write(b"HTTP/1.1 200 ")
                while not ended.wait(seconds):
                    self.wfile.write(b"x")
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        yield server.server_address[1]
        ended.set()


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()

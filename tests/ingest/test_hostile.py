"""Hostile servers: every request to one ends as a counted error, in bounded time and memory."""

import asyncio
import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import brotli
import msgspec
import pytest
import zstandard

from ingest.web.client import WebClient
from ingest.web.fetch import Fetched, FetchError, FetchResult
from pipeline.settings import Ingest, Settings

pytestmark = pytest.mark.slow

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
MOST_BYTES = 1_000_000
MOST_MEMORY = 24_000_000  # bytes that a request may allocate at its peak
DEADLINE = 1.5

Handler = Callable[[socket.socket, threading.Event], None]


@pytest.fixture
def options(offline_options: Settings) -> Ingest:
    return msgspec.structs.replace(
        offline_options.ingest,
        allow_private_addresses=True,
        host_gap_seconds=0.0,
        robots=False,
        connect_timeout_seconds=1.0,
        read_timeout_seconds=0.5,
        total_timeout_seconds=DEADLINE,
    )


@contextmanager
def server(handle: Handler) -> Iterator[str]:
    """The URL of a server that passes every connection to `handle`, until the test is over."""
    over = threading.Event()
    talking: list[threading.Thread] = []

    def serve_one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            handle(connection, over)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while not over.is_set():
                    thread = threading.Thread(target=serve_one, args=(listener.accept()[0],), daemon=True)
                    thread.start()
                    talking.append(thread)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            over.set()
            socket.create_connection(listener.getsockname()).close()
            for each in [thread, *talking]:
                each.join(5)


def fetch_answers(
    options: Ingest, url: str, times: int = 1, meanwhile: Callable[[], None] | None = None
) -> list[FetchResult]:
    """The answers to `times` requests, one after the other; `meanwhile` is called after each."""

    async def run() -> list[FetchResult]:
        answers = []
        async with WebClient(options) as web:
            for _ in range(times):
                answers.append(await web.get(url, MOST_BYTES))
                if meanwhile:
                    await asyncio.to_thread(meanwhile)
        return answers

    return asyncio.run(run())


def error_kind(options: Ingest, handle: Handler) -> str:
    """The kind of the error of one request; checks that it came in time and took little memory."""
    with server(handle) as url:
        tracemalloc.start()
        began = monotonic()
        try:
            [answer] = fetch_answers(options, url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert monotonic() - began < DEADLINE + 5
    assert peak < MOST_MEMORY
    assert isinstance(answer, FetchError), answer
    return answer.kind


def send(*pieces: bytes) -> Handler:
    def handle(connection: socket.socket, _: threading.Event) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return handle


def send_forever(head: bytes, again: bytes, pause: float = 0.0) -> Handler:
    def handle(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(pause) if pause else not over.is_set():
            connection.sendall(again)

    return handle


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda data: brotli.compress(data, quality=5)),
        ("zstd", zstandard.compress),
        ("gzip, gzip", lambda data: gzip.compress(gzip.compress(data))),
    ],
)
def test_decompression_bombs(options: Ingest, name: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"\0" * 50_000_000)
    head = HEAD + f"Content-Encoding: {name}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    assert error_kind(options, send(head, bomb)) == "too_large"


def test_a_body_that_never_ends(options: Ingest) -> None:
    assert error_kind(options, send_forever(HEAD + b"\r\n", b"a" * 65536)) == "too_large"
    small = send_forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", (b"40\r\n" + b"a" * 64 + b"\r\n") * 1000)
    assert error_kind(options, small) in ("too_large", "timeout")  # whichever comes first


def test_a_body_that_says_at_once_that_it_is_too_large(options: Ingest) -> None:
    began = monotonic()
    assert error_kind(options, send_forever(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", b"", 0.1)) in (
        "too_large",
        "http",
    )
    assert monotonic() - began < 2


def test_a_body_that_drips_for_ever_ends_at_the_deadline(options: Ingest) -> None:
    assert error_kind(options, send_forever(HEAD + b"\r\n", b"a", 0.1)) == "timeout"
    assert (
        error_kind(options, send_forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.1)) == "timeout"
    )


def test_a_head_that_drips_for_ever_ends_at_the_deadline(options: Ingest) -> None:
    assert error_kind(options, send_forever(HEAD + b"X-A: ", b"a", 0.1)) == "timeout"
    assert error_kind(options, send_forever(b"", b"H", 0.1)) in ("timeout", "http")


def test_headers_that_never_end(options: Ingest) -> None:
    assert error_kind(options, send_forever(HEAD, b"X-A: " + b"a" * 1000 + b"\r\n")) == "too_large"
    assert error_kind(options, send_forever(HEAD + b"X-A: ", b"a" * 65536)) == "too_large"
    assert error_kind(options, send_forever(HEAD, b"a" * 65536)) == "too_large"
    assert error_kind(options, send_forever(b"HTTP/1.1 200 ", b"a" * 65536)) == "too_large"


def test_a_hundred_megabytes_of_headers(options: Ingest) -> None:
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 10_000) for number in range(100))
    assert 100 * len(flood) > 100_000_000
    assert error_kind(options, send(HEAD, *([flood] * 100), b"\r\n")) == "too_large"


def test_trailers_and_interim_answers_that_never_end(options: Ingest) -> None:
    trailers = send_forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n")
    assert error_kind(options, trailers) in ("too_large", "http")
    assert error_kind(options, send_forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.001)) in (
        "timeout",
        "too_large",
        "http",
    )


def test_a_server_that_never_says_anything(options: Ingest) -> None:
    assert error_kind(options, send_forever(b"", b"", 0.1)) == "timeout"
    assert error_kind(options, send_forever(HEAD + b"Content-Length: 100\r\n\r\nhalf", b"", 0.1)) == "timeout"


def test_a_content_length_that_is_wrong(options: Ingest) -> None:
    assert error_kind(options, send(HEAD, b"Content-Length: 100\r\n\r\nhalf")) == "http"
    assert error_kind(options, send(HEAD, b"Content-Length: -1\r\n\r\nx")) == "http"
    assert error_kind(options, send(HEAD, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx")) == "http"


FIRST = HEAD + b"Content-Length: 5\r\n\r\nfirst"
HIDDEN = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden"


def test_an_answer_sent_along_with_a_body_is_ignored(options: Ingest) -> None:
    with server(send(FIRST + HIDDEN)) as url:
        assert bodies(fetch_answers(options, url, times=3)) == {b"first"}


def test_an_answer_sent_after_a_body_is_ignored(options: Ingest) -> None:
    """The bytes arrive while the connection waits to be used again."""
    both = threading.Barrier(2, timeout=DEADLINE)

    def handle(connection: socket.socket, over: threading.Event) -> None:
        if over.is_set():  # no request is awaited any more
            return
        connection.sendall(FIRST)
        both.wait()
        connection.sendall(HIDDEN)
        both.wait()
        connection.recv(65536)

    def meanwhile() -> None:
        both.wait()  # the answer was read
        both.wait()  # bytes that nobody asked for were sent

    with server(handle) as url:
        assert bodies(fetch_answers(options, url, times=3, meanwhile=meanwhile)) == {b"first"}


def bodies(answers: list[FetchResult]) -> set[bytes]:
    return {answer.body for answer in answers if isinstance(answer, Fetched)}


def test_a_server_that_closes_its_half(options: Ingest) -> None:
    def half_closed(head: bytes) -> Handler:
        def handle(connection: socket.socket, over: threading.Event) -> None:
            connection.sendall(head)
            connection.shutdown(socket.SHUT_WR)
            over.wait(30)

        return handle

    with server(half_closed(HEAD + b"\r\nall of it")) as url:
        [whole] = fetch_answers(options, url)
    assert isinstance(whole, Fetched)
    assert whole.body == b"all of it"
    assert error_kind(options, half_closed(HEAD + b"Content-Length: 100\r\n\r\nhalf")) == "http"
    assert error_kind(options, half_closed(HEAD)) in ("connect", "http")
    assert error_kind(options, half_closed(b"")) == "connect"


def test_encodings_without_end(options: Ingest) -> None:
    assert error_kind(options, send(HEAD, b"Content-Encoding: ", b"gzip, " * 1000, b"gzip\r\n\r\nx")) == "encoding"
    assert error_kind(options, send(HEAD, b"Content-Encoding: secret\r\nContent-Length: 1\r\n\r\nx")) == "encoding"


def test_a_location_of_bytes_that_are_no_text(options: Ingest) -> None:
    """Any kind of error will do, as long as the request ends."""
    redirect = send(b"HTTP/1.1 301 Moved\r\nLocation: /\xff\xfe\xe9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    assert error_kind(options, redirect) in ("redirect", "refused", "http")

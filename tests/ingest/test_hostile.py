"""Servers that mean harm: each ends as a refusal that is counted, in bounded time and memory, and nobody waits."""

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
MOST_MEMORY = 24_000_000  # what a request may cost at its peak
DEADLINE = 1.5

Talk = Callable[[socket.socket, threading.Event], None]


@pytest.fixture
def knobs(offline_options: Settings) -> Ingest:
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
def server(talk: Talk) -> Iterator[str]:
    """Says to each who comes what `talk` says, until the test is over."""
    over = threading.Event()
    talking: list[threading.Thread] = []

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            talk(connection, over)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while not over.is_set():
                    thread = threading.Thread(target=one, args=(listener.accept()[0],), daemon=True)
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


def asked(knobs: Ingest, url: str, times: int = 1, meanwhile: Callable[[], None] | None = None) -> list[FetchResult]:
    """The answers to requests one after the other; `meanwhile` happens after each."""

    async def run() -> list[FetchResult]:
        answers = []
        async with WebClient(knobs) as web:
            for _ in range(times):
                answers.append(await web.get(url, MOST_BYTES))
                if meanwhile:
                    await asyncio.to_thread(meanwhile)
        return answers

    return asyncio.run(run())


def refused(knobs: Ingest, talk: Talk) -> str:
    """The kind of the error; in time, and with little memory."""
    with server(talk) as url:
        tracemalloc.start()
        began = monotonic()
        try:
            [answer] = asked(knobs, url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert monotonic() - began < DEADLINE + 5
    assert peak < MOST_MEMORY
    assert isinstance(answer, FetchError), answer
    return answer.kind


def says(*pieces: bytes) -> Talk:
    def talk(connection: socket.socket, _: threading.Event) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return talk


def for_ever(head: bytes, again: bytes, pause: float = 0.0) -> Talk:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(pause) if pause else not over.is_set():
            connection.sendall(again)

    return talk


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
def test_decompression_bombs(knobs: Ingest, name: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"\0" * 50_000_000)
    head = HEAD + f"Content-Encoding: {name}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    assert refused(knobs, says(head, bomb)) == "too_large"


def test_a_body_that_never_ends(knobs: Ingest) -> None:
    assert refused(knobs, for_ever(HEAD + b"\r\n", b"a" * 65536)) == "too_large"
    small = for_ever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", (b"40\r\n" + b"a" * 64 + b"\r\n") * 1000)
    assert refused(knobs, small) in ("too_large", "timeout")  # whichever comes first


def test_a_body_that_says_at_once_that_it_is_too_large(knobs: Ingest) -> None:
    began = monotonic()
    assert refused(knobs, for_ever(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", b"", 0.1)) in (
        "too_large",
        "http",
    )
    assert monotonic() - began < 2


def test_a_body_that_drips_for_ever_ends_at_the_deadline(knobs: Ingest) -> None:
    assert refused(knobs, for_ever(HEAD + b"\r\n", b"a", 0.1)) == "timeout"
    assert refused(knobs, for_ever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.1)) == "timeout"


def test_a_head_that_drips_for_ever_ends_at_the_deadline(knobs: Ingest) -> None:
    assert refused(knobs, for_ever(HEAD + b"X-A: ", b"a", 0.1)) == "timeout"
    assert refused(knobs, for_ever(b"", b"H", 0.1)) in ("timeout", "http")


def test_headers_that_never_end(knobs: Ingest) -> None:
    assert refused(knobs, for_ever(HEAD, b"X-A: " + b"a" * 1000 + b"\r\n")) == "too_large"
    assert refused(knobs, for_ever(HEAD + b"X-A: ", b"a" * 65536)) == "too_large"
    assert refused(knobs, for_ever(HEAD, b"a" * 65536)) == "too_large"
    assert refused(knobs, for_ever(b"HTTP/1.1 200 ", b"a" * 65536)) == "too_large"


def test_a_hundred_megabytes_of_headers(knobs: Ingest) -> None:
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 10_000) for number in range(100))
    assert 100 * len(flood) > 100_000_000
    assert refused(knobs, says(HEAD, *([flood] * 100), b"\r\n")) == "too_large"


def test_trailers_and_interim_answers_that_never_end(knobs: Ingest) -> None:
    trailers = for_ever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n")
    assert refused(knobs, trailers) in ("too_large", "http")
    assert refused(knobs, for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.001)) in (
        "timeout",
        "too_large",
        "http",
    )


def test_a_server_that_never_says_anything(knobs: Ingest) -> None:
    assert refused(knobs, for_ever(b"", b"", 0.1)) == "timeout"
    assert refused(knobs, for_ever(HEAD + b"Content-Length: 100\r\n\r\nhalf", b"", 0.1)) == "timeout"


def test_a_content_length_that_is_wrong(knobs: Ingest) -> None:
    assert refused(knobs, says(HEAD, b"Content-Length: 100\r\n\r\nhalf")) == "http"
    assert refused(knobs, says(HEAD, b"Content-Length: -1\r\n\r\nx")) == "http"
    assert refused(knobs, says(HEAD, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx")) == "http"


FIRST = HEAD + b"Content-Length: 5\r\n\r\nfirst"
HIDDEN = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden"


def test_what_comes_with_a_body_is_nobody_s_answer(knobs: Ingest) -> None:
    with server(says(FIRST + HIDDEN)) as url:
        assert bodies(asked(knobs, url, times=3)) == {b"first"}


def test_what_comes_after_a_body_is_nobody_s_answer(knobs: Ingest) -> None:
    """While the connection waits to be used again."""
    both = threading.Barrier(2, timeout=DEADLINE)

    def talk(connection: socket.socket, over: threading.Event) -> None:
        if over.is_set():  # nobody asks any more
            return
        connection.sendall(FIRST)
        both.wait()
        connection.sendall(HIDDEN)
        both.wait()
        connection.recv(65536)

    def meanwhile() -> None:
        both.wait()  # the answer was read
        both.wait()  # what nobody asked for was sent

    with server(talk) as url:
        assert bodies(asked(knobs, url, times=3, meanwhile=meanwhile)) == {b"first"}


def bodies(answers: list[FetchResult]) -> set[bytes]:
    return {answer.body for answer in answers if isinstance(answer, Fetched)}


def test_a_server_that_closes_its_half(knobs: Ingest) -> None:
    def half_closed(head: bytes) -> Talk:
        def talk(connection: socket.socket, over: threading.Event) -> None:
            connection.sendall(head)
            connection.shutdown(socket.SHUT_WR)
            over.wait(30)

        return talk

    with server(half_closed(HEAD + b"\r\nall of it")) as url:
        [whole] = asked(knobs, url)
    assert isinstance(whole, Fetched)
    assert whole.body == b"all of it"
    assert refused(knobs, half_closed(HEAD + b"Content-Length: 100\r\n\r\nhalf")) == "http"
    assert refused(knobs, half_closed(HEAD)) in ("connect", "http")
    assert refused(knobs, half_closed(b"")) == "connect"


def test_encodings_without_end(knobs: Ingest) -> None:
    assert refused(knobs, says(HEAD, b"Content-Encoding: ", b"gzip, " * 1000, b"gzip\r\n\r\nx")) == "encoding"
    assert refused(knobs, says(HEAD, b"Content-Encoding: secret\r\nContent-Length: 1\r\n\r\nx")) == "encoding"


def test_a_location_of_bytes_that_are_no_text(knobs: Ingest) -> None:
    """It ends, whatever it is taken for."""
    said = says(b"HTTP/1.1 301 Moved\r\nLocation: /\xff\xfe\xe9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    assert refused(knobs, said) in ("redirect", "refused", "http")

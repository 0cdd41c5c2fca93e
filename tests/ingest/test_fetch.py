"""One GET, against a server that answers as servers do."""

import asyncio
import gzip
import socket
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import msgspec
import pytest

from embedded.site import Behaviour, Resource, Site
from ingest.fetch import Answer, Fetched, Fetcher, FetchError, NotModified, conditions, user_agent
from pipeline.settings import Ingest, Settings


@pytest.fixture
def knobs(offline_options: Settings) -> Ingest:
    return msgspec.structs.replace(
        offline_options.ingest, allow_private_addresses=True, contact="mailto:news@example.org", max_redirects=3
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def get(knobs: Ingest, url: str, max_bytes: int = 1_000_000, headers: Mapping[str, str] | None = None) -> Answer:
    async def ask() -> Answer:
        async with Fetcher(knobs) as fetcher:
            return await fetcher.get(url, max_bytes, headers)

    return asyncio.run(ask())


def error(answer: Answer) -> FetchError:
    assert isinstance(answer, FetchError), answer
    return answer


@contextmanager
def raw_server(answer: bytes, then_wait: bool = False) -> Iterator[str]:
    """A server that says these bytes to everyone, and closes, or says no more."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not over.is_set():
                connection, _ = listener.accept()
                with connection, suppress(ConnectionError):
                    connection.recv(65536)
                    connection.sendall(answer)
                    if then_wait:
                        over.wait(30)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            over.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join(5)


def test_a_page_with_its_facts(knobs: Ingest, site: Site) -> None:
    site.resources["/a"] = Resource("é".encode("latin-1"), "text/html; charset=latin-1")
    answer = get(knobs, f"{site.url}/a")
    assert isinstance(answer, Fetched)
    assert (answer.body, answer.status, answer.url, answer.hops) == (b"\xe9", 200, f"{site.url}/a", ())
    assert answer.headers["content-type"] == "text/html; charset=latin-1"
    [request] = site.requests
    assert request.headers["user-agent"].startswith("Newsloom/")
    assert request.headers["user-agent"].endswith(" (+mailto:news@example.org)")


def test_without_a_contact_the_user_agent_has_none() -> None:
    assert "(" not in user_agent("")


def test_a_conditional_get(knobs: Ingest, site: Site) -> None:
    site.resources["/a"] = Resource(b"x")
    first = get(knobs, f"{site.url}/a")
    assert isinstance(first, Fetched)
    wanted = conditions(first.headers["etag"], first.headers["last-modified"])
    assert isinstance(get(knobs, f"{site.url}/a", headers=wanted), NotModified)
    assert conditions(None, None) == {}


def test_redirects_are_followed_and_recorded(knobs: Ingest, site: Site) -> None:
    site.behaviours["/a"] = Behaviour(301, headers={"location": "/b?x=1"})
    site.behaviours["/b?x=1"] = Behaviour(302, headers={"location": f"{site.url}/c"})
    site.resources["/c"] = Resource(b"here")
    answer = get(knobs, f"{site.url}/a")
    assert isinstance(answer, Fetched)
    assert (answer.url, answer.body) == (f"{site.url}/c", b"here")
    assert answer.hops == ((301, f"{site.url}/b?x=1"), (302, f"{site.url}/c"))


def test_redirects_without_end(knobs: Ingest, site: Site) -> None:
    site.behaviours["/a"] = Behaviour(302, headers={"location": "/a"})
    assert error(get(knobs, f"{site.url}/a")).kind == "redirect"
    assert len(site.requests) == knobs.max_redirects + 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[", "javascript:1"])
def test_a_redirect_to_no_web_address_is_refused(knobs: Ingest, site: Site, target: str) -> None:
    site.behaviours["/a"] = Behaviour(302, headers={"location": target})
    assert error(get(knobs, f"{site.url}/a")).kind == "refused"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_addresses_of_this_machine_are_refused_however_they_are_written(knobs: Ingest, site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    careful = msgspec.structs.replace(knobs, allow_private_addresses=False)
    assert error(get(careful, f"http://{host}:{port}/")).kind in ("refused", "dns")
    assert site.requests == []


def test_every_hop_is_checked(knobs: Ingest, site: Site) -> None:
    async def ask() -> Answer:
        async with Fetcher(knobs) as fetcher:
            fetcher.options = msgspec.structs.replace(knobs, allow_private_addresses=False)
            return await fetcher.get("http://10.0.0.1/", 10)

    assert error(asyncio.run(ask())).kind == "refused"


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_a_status_is_an_error_with_what_the_server_asks_for(knobs: Ingest, site: Site, status: int) -> None:
    site.behaviours["/a"] = Behaviour(status, headers={"retry-after": "77"})
    found = error(get(knobs, f"{site.url}/a"))
    assert (found.kind, found.status, found.retry_after) == ("http", status, "77")


def test_bodies_are_counted_after_decompression(knobs: Ingest, site: Site) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    site.resources["/a"] = Resource(bomb, headers={"content-encoding": "gzip"})
    assert error(get(knobs, f"{site.url}/a", 1_000_000)).kind == "too_large"
    assert error(get(knobs, f"{site.url}/a", len(bomb))).kind == "too_large"


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_bodies(knobs: Ingest, site: Site, encoding: str, pack: type[bytes]) -> None:
    site.resources["/a"] = Resource(pack(b"hello"), headers={"content-encoding": encoding})
    answer = get(knobs, f"{site.url}/a")
    assert isinstance(answer, Fetched)
    assert answer.body == b"hello"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_body_that_is_not_what_it_claims_to_be(knobs: Ingest, site: Site, encoding: str) -> None:
    site.resources["/a"] = Resource(b"plain text, says the body", headers={"content-encoding": encoding})
    assert error(get(knobs, f"{site.url}/a")).kind == "encoding"


def test_a_server_that_is_silent_ends_in_a_timeout(knobs: Ingest) -> None:
    hasty = msgspec.structs.replace(knobs, read_timeout_seconds=0.2)
    with raw_server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", then_wait=True) as url:
        assert error(get(hasty, url)).kind == "timeout"
    hasty = msgspec.structs.replace(knobs, total_timeout_seconds=0.2)
    with raw_server(b"", then_wait=True) as url:
        assert error(get(hasty, url)).kind == "timeout"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"", "connect"),
        (b"nonsense\r\n\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", "http"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000 + b"\r\n\r\n", "http"),
    ],
)
def test_servers_that_speak_no_http(knobs: Ingest, said: bytes, kind: str) -> None:
    with raw_server(said) as url:
        assert error(get(knobs, url)).kind == kind


def test_the_ways_not_to_connect(knobs: Ingest, site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert error(get(knobs, f"http://127.0.0.1:{port}/")).kind == "connect"
    assert error(get(knobs, "http://nobody.invalid/")).kind == "dns"
    assert error(get(knobs, site.url.replace("http:", "https:"))).kind == "tls"
    assert error(get(knobs, "http://" + "a" * 300 + ".example/")).kind in ("dns", "refused")

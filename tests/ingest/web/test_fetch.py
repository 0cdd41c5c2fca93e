"""One GET, against a server that answers as servers do."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import msgspec
import pytest

from ingest.web.address_guard import AddressGuard
from ingest.web.fetch import (
    Fetched,
    Fetcher,
    FetchError,
    FetchResult,
    NotModified,
    Redirect,
    Request,
    conditional_headers,
    user_agent,
)
from newsloom.demo.local_site import Behaviour, Resource, Site
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


def ask(
    knobs: Ingest, url: str, headers: Mapping[str, str] | None = None, fetcher: Fetcher | None = None
) -> FetchResult | Redirect:
    async def asked() -> FetchResult | Redirect:
        async with fetcher or Fetcher(knobs) as running:
            checked = running.check_url(url)
            if isinstance(checked, FetchError):
                return checked
            return await running.send(Request(checked, 1_000_000, headers or {}, running.options.total_timeout_seconds))

    return asyncio.run(asked())


def get(knobs: Ingest, url: str, headers: Mapping[str, str] | None = None) -> FetchResult:
    answer = ask(knobs, url, headers)
    assert not isinstance(answer, Redirect)
    return answer


def error(answer: FetchResult | Redirect) -> FetchError:
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
    wanted = conditional_headers(first.headers["etag"], first.headers["last-modified"])
    assert isinstance(get(knobs, f"{site.url}/a", headers=wanted), NotModified)
    assert conditional_headers(None, None) == {}


def test_a_redirect_is_told_and_not_followed(knobs: Ingest, site: Site) -> None:
    site.behaviours["/a/b"] = Behaviour(301, headers={"location": "../b?x=1"})
    site.behaviours["/c"] = Behaviour(302, headers={"location": "//example.org/\u00e9"})
    site.behaviours["/d"] = Behaviour(302)
    assert ask(knobs, f"{site.url}/a/b") == Redirect(301, f"{site.url}/b?x=1")
    assert ask(knobs, f"{site.url}/c") == Redirect(302, "http://example.org/\u00e9")
    assert error(get(knobs, f"{site.url}/d")).status == 302


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_addresses_of_this_machine_are_refused_however_they_are_written(knobs: Ingest, site: Site, host: str) -> None:
    port = site.url.rpartition(":")[2]
    careful = msgspec.structs.replace(knobs, allow_private_addresses=False, ports=port)
    assert error(get(careful, f"http://{host}:{port}/")).kind == "refused"
    assert site.requests == []


def test_what_dns_says_is_checked_and_is_what_is_connected_to(knobs: Ingest) -> None:
    """DNS that changes: each lookup answers another address of this machine, and only the first is ours to ask."""
    lookups: list[str] = []

    def changing(host: str, port: int, *_: object, **__: object) -> list[object]:
        lookups.append(f"127.0.0.{len(lookups) + 2}")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (lookups[-1], port))]

    checked: list[str] = []

    def allowed(address: str) -> bool:
        checked.append(address)
        return address == "127.0.0.2"

    with Site(host="127.0.0.2") as everywhere:
        port = everywhere.url.rpartition(":")[2]
        everywhere.resources["/"] = Resource(b"here")
        guard = AddressGuard(allowed, None)
        first = ask(knobs, f"http://news.test:{port}/", fetcher=Fetcher(knobs, guard, changing))
        assert isinstance(first, Fetched)
        assert (lookups, checked) == (["127.0.0.2"], ["127.0.0.2"])  # nobody was asked a second time
        second = ask(knobs, f"http://news.test:{port}/", fetcher=Fetcher(knobs, guard, changing))
        assert error(second).kind == "refused"
        assert len(everywhere.requests) == 1


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_a_status_is_an_error_with_what_the_server_asks_for(knobs: Ingest, site: Site, status: int) -> None:
    site.behaviours["/a"] = Behaviour(status, headers={"retry-after": "77"})
    found = error(get(knobs, f"{site.url}/a"))
    assert (found.kind, found.status, found.retry_after) == ("http", status, "77")


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
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000 + b"\r\n\r\n", "too_large"),
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

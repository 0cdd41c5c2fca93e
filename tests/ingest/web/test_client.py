"""WebClient: each request and redirect waits for its host's turn and obeys robots.txt."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from time import monotonic

import msgspec
import pytest

from ingest.web.address_guard import AddressGuard
from ingest.web.client import WebClient
from ingest.web.fetch import Fetched, Fetcher, FetchError, FetchResult, NotModified, conditional_headers
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.settings import Ingest, Settings


@pytest.fixture
def knobs(offline_options: Settings) -> Ingest:
    return msgspec.structs.replace(
        offline_options.ingest, allow_private_addresses=True, host_gap_seconds=0.0, max_redirects=3
    )


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.resources["/a"] = Resource(b"here")
        yield running


@pytest.fixture
def other() -> Iterator[Site]:
    """Another host."""
    with Site(host="127.0.0.2") as running:
        running.resources["/b"] = Resource(b"there")
        yield running


def play(
    knobs: Ingest, work: Callable[[WebClient], Awaitable[FetchResult]], fetcher: Fetcher | None = None
) -> FetchResult:
    async def run() -> FetchResult:
        async with WebClient(knobs, fetcher=fetcher) as web:
            return await asyncio.wait_for(work(web), 30)

    return asyncio.run(run())


def get(knobs: Ingest, url: str, fetcher: Fetcher | None = None) -> FetchResult:
    return play(knobs, lambda web: web.get(url, 1_000_000), fetcher)


def error(answer: FetchResult) -> FetchError:
    assert isinstance(answer, FetchError), answer
    return answer


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true")


def test_robots_txt_first_then_the_page_and_robots_txt_only_once(knobs: Ingest, site: Site) -> None:
    async def work(web: WebClient) -> FetchResult:
        first = await web.get(f"{site.url}/a", 100)
        assert isinstance(first, Fetched)
        assert (first.body, first.url, first.hops) == (b"here", f"{site.url}/a", ())
        return await web.get(f"{site.url}/a", 100, conditional_headers(first.headers["etag"], None))

    assert isinstance(play(knobs, work), NotModified)
    assert site.paths() == ["/robots.txt", "/a", "/a"]


def test_an_operator_may_leave_robots_txt_out(knobs: Ingest, site: Site) -> None:
    site.resources["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /\nSitemap: /s", "text/plain")

    async def work(web: WebClient) -> FetchResult:
        assert (await web.robots_decision(f"{site.url}/a")).allowed
        assert await web.sitemaps(f"{site.url}/a") == []
        return await web.get(f"{site.url}/a", 100)

    assert isinstance(play(msgspec.structs.replace(knobs, robots=False), work), Fetched)
    assert site.paths() == ["/a"]


def test_every_hop_to_another_host_asks_for_its_robots_txt(knobs: Ingest, site: Site, other: Site) -> None:
    site.behaviours["/go"] = Behaviour(301, headers={"location": f"{other.url}/b"})
    answer = get(knobs, f"{site.url}/go")
    assert isinstance(answer, Fetched)
    assert (answer.url, answer.body, answer.hops) == (f"{other.url}/b", b"there", ((301, f"{other.url}/b"),))
    assert other.paths() == ["/robots.txt", "/b"]
    other.requests.clear()
    other.resources["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /b", "text/plain")
    refused = error(get(knobs, f"{site.url}/go"))
    assert (refused.kind, refused.retry_after, refused.hops) == ("robots", None, ((301, f"{other.url}/b"),))
    assert f"{other.url}/robots.txt" in refused.detail
    assert other.paths() == ["/robots.txt"]


def test_a_hop_to_another_host_waits_for_its_turn_and_holds_nothing_meanwhile(
    knobs: Ingest, site: Site, other: Site
) -> None:
    site.behaviours["/go"] = Behaviour(302, headers={"location": f"{other.url}/b"})
    other.behaviours["/slow"] = Behaviour(delay=0.5)
    other.resources["/slow"] = Resource(b"slow")
    knobs = msgspec.structs.replace(knobs, connections_per_host=1)
    ended: list[str] = []

    async def work(web: WebClient) -> FetchResult:
        room = asyncio.Semaphore(2)

        async def ask(url: str) -> FetchResult:
            answer = await web.get(url, 100, body_slots=room)
            if isinstance(answer, Fetched):
                room.release()
                ended.append(answer.url)
            return answer

        await ask(f"{other.url}/b")  # robots.txt is known
        slow = asyncio.create_task(ask(f"{other.url}/slow"))
        await until(lambda: "/slow" in other.paths())
        hop = asyncio.create_task(ask(f"{site.url}/go"))
        await until(lambda: "/go" in site.paths())
        await ask(f"{site.url}/a")  # the second place of the room is free, and so is the host
        await asyncio.gather(slow, hop)
        assert not room.locked()
        return await hop

    play(knobs, work)
    assert ended[1:] == [f"{site.url}/a", f"{other.url}/slow", f"{other.url}/b"]


def test_requests_hops_and_robots_txt_keep_the_gap(knobs: Ingest, site: Site) -> None:
    site.behaviours["/go"] = Behaviour(301, headers={"location": "/a"})
    began = monotonic()
    get(msgspec.structs.replace(knobs, host_gap_seconds=0.2), f"{site.url}/go")
    assert site.paths() == ["/robots.txt", "/go", "/a"]
    assert monotonic() - began > 0.39


@pytest.mark.slow
def test_a_crawl_delay_is_kept_up_to_the_operator_s_most(knobs: Ingest, site: Site) -> None:
    site.resources["/robots.txt"] = Resource(b"User-agent: *\nCrawl-delay: 3600\n", "text/plain")
    knobs = msgspec.structs.replace(knobs, crawl_delay_most_seconds=0.3)

    async def work(web: WebClient) -> FetchResult:
        await asyncio.gather(*(web.get(f"{site.url}/a", 100) for _ in range(3)))
        return await web.get(f"{site.url}/a", 100)

    began = monotonic()
    play(knobs, work)
    assert site.paths() == ["/robots.txt", *["/a"] * 4]
    assert monotonic() - began > 0.89


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_for_the_whole_host_and_for_no_other(
    knobs: Ingest, site: Site, other: Site, status: int
) -> None:
    site.behaviours["/busy"] = Behaviour(status, headers={"retry-after": "7200"})

    async def work(web: WebClient) -> FetchResult:
        busy = error(await web.get(f"{site.url}/busy", 100))
        assert (busy.kind, busy.status, busy.retry_after) == ("http", status, "7200")
        assert isinstance(await web.get(f"{other.url}/b", 100), Fetched)
        return await web.get(f"{site.url}/a", 100)

    paused = error(play(knobs, work))
    assert paused.kind == "paused"
    assert 7100 < int(paused.retry_after or 0) <= 7200
    assert "/a" not in site.paths()


def cookies_of(site: Site) -> list[str]:
    return [request.headers.get("cookie", "") for request in site.requests if request.path != "/robots.txt"]


def test_a_cookie_lives_as_long_as_its_redirects_and_goes_to_no_other_host(
    knobs: Ingest, site: Site, other: Site
) -> None:
    there = {"location": f"{other.url}/back", "set-cookie": "seen=1; Path=/; HttpOnly"}
    site.behaviours["/go"] = Behaviour(302, headers=there)
    other.behaviours["/back"] = Behaviour(302, headers={"location": f"{site.url}/a"})
    for _ in range(2):
        assert isinstance(get(knobs, f"{site.url}/go"), Fetched)
    assert cookies_of(site) == ["", "seen=1", "", "seen=1"]
    assert cookies_of(other) == ["", ""]


def test_cookies_that_no_server_would_take_are_not_sent(knobs: Ingest, site: Site) -> None:
    site.behaviours["/go"] = Behaviour(302, headers={"location": "/a", "set-cookie": f"long={'x' * 9_000}"})
    assert isinstance(get(knobs, f"{site.url}/go"), Fetched)
    assert cookies_of(site) == ["", ""]


def test_redirects_without_end(knobs: Ingest, site: Site) -> None:
    site.behaviours["/loop"] = Behaviour(302, headers={"location": "/loop"})
    found = error(get(knobs, f"{site.url}/loop"))
    assert (found.kind, len(found.hops)) == ("redirect", knobs.max_redirects)
    assert site.paths().count("/loop") == knobs.max_redirects + 1


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[", "javascript:1", "http://user:secret@127.0.0.1/"]
)
def test_a_redirect_to_no_web_address_is_refused(knobs: Ingest, site: Site, target: str) -> None:
    site.behaviours["/go"] = Behaviour(302, headers={"location": target})
    found = error(get(knobs, f"{site.url}/go"))
    assert found.kind == "refused"
    assert "secret" not in found.detail


@pytest.mark.parametrize("target", ["http://127.0.0.2:{port}/b", "http://inner.test:{port}/b"])
def test_a_redirect_to_a_private_address_is_refused_by_number_and_by_name(
    knobs: Ingest, site: Site, other: Site, target: str
) -> None:
    """127.0.0.1 plays the public internet here; what else there is, is private."""

    def lookup(host: str, port: int, *_: object, **__: object) -> list[object]:
        assert host == "inner.test"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port))]

    site.behaviours["/go"] = Behaviour(302, headers={"location": target.format(port=other.url.rpartition(":")[2])})
    guard = AddressGuard(lambda address: address == "127.0.0.1", None)
    found = error(get(knobs, f"{site.url}/go", Fetcher(knobs, guard, lookup)))
    assert found.kind == "refused"
    assert "127.0.0.2" in found.detail
    assert other.requests == []


def test_a_redirect_to_an_odd_port_is_refused(knobs: Ingest, site: Site, other: Site) -> None:
    site.behaviours["/go"] = Behaviour(302, headers={"location": f"{other.url}/b"})
    guard = AddressGuard(lambda _: True, frozenset({int(site.url.rpartition(":")[2])}))
    assert error(get(knobs, f"{site.url}/go", Fetcher(knobs, guard))).kind == "refused"
    assert other.requests == []


@pytest.mark.slow
def test_the_time_for_all_hops_is_one(knobs: Ingest, site: Site) -> None:
    for number in range(3):
        site.behaviours[f"/{number}"] = Behaviour(302, 0.4, {"location": f"/{number + 1}"})
    knobs = msgspec.structs.replace(knobs, total_timeout_seconds=1.0)
    began = monotonic()
    assert error(get(knobs, f"{site.url}/0")).kind == "timeout"
    assert monotonic() - began < 3


def test_a_slow_host_delays_no_other_and_a_burst_of_it_can_be_cancelled(knobs: Ingest, site: Site, other: Site) -> None:
    site.behaviours["/slow"] = Behaviour(delay=20)
    knobs = msgspec.structs.replace(knobs, connections=4)

    async def work(web: WebClient) -> FetchResult:
        room = asyncio.Semaphore(4)
        burst = [asyncio.create_task(web.get(f"{site.url}/slow?{n}", 100, body_slots=room)) for n in range(2_000)]
        await until(lambda: "/slow?0" in site.paths())
        began = monotonic()
        answer = await web.get(f"{other.url}/b", 100, body_slots=room)
        assert monotonic() - began < 5
        room.release()
        for task in burst:
            task.cancel()
        await asyncio.gather(*burst, return_exceptions=True)
        assert not room.locked()
        return answer

    assert isinstance(play(knobs, work), Fetched)


def test_a_room_is_the_caller_s_only_with_a_body(knobs: Ingest, site: Site) -> None:
    site.behaviours["/gone"] = Behaviour(410)

    async def work(web: WebClient) -> FetchResult:
        room = asyncio.Semaphore(1)
        error(await web.get(f"{site.url}/gone", 100, body_slots=room))
        error(await web.get(f"{site.url}/a", 1, body_slots=room))
        assert not room.locked()
        answer = await web.get(f"{site.url}/a", 100, body_slots=room)
        assert room.locked()
        return answer

    play(knobs, work)


def test_many_hosts_at_once(knobs: Ingest) -> None:
    with ExitStack() as running:
        sites = [running.enter_context(Site({"/": Resource(b"x")}, host=f"127.0.1.{n}")) for n in range(1, 9)]

        async def work(web: WebClient) -> FetchResult:
            answers = await asyncio.gather(*(web.get(f"{each.url}/", 100) for each in sites for _ in range(5)))
            assert all(isinstance(answer, Fetched) for answer in answers)
            return answers[0]

        play(knobs, work)
        assert [each.paths() for each in sites] == [["/robots.txt", *["/"] * 5]] * 8

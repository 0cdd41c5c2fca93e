"""robots.txt (RFC 9309): what is allowed, what holds when there is none, and how often it is fetched."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from ingest.web.fetch import Fetched, FetchError, FetchResult, NotModified
from ingest.web.robots import (
    MOST_BYTES,
    RULES_TTL_SECONDS,
    UNREACHABLE_TTL_SECONDS,
    UNREADABLE_TTL_SECONDS,
    RobotsCache,
    RobotsDecision,
    WeightedLruCache,
)

URL = "https://example.org/news/1"


class World:
    """What the sites answer now, how often they were asked, and the time."""

    def __init__(self, answer: FetchResult | None = None) -> None:
        self.answer, self.asked, self.now = answer, list[str](), 1000.0
        self.robots = RobotsCache(self.ask, lambda: self.now, 30.0)

    async def ask(self, url: str) -> FetchResult:
        self.asked.append(url)
        await asyncio.sleep(0)
        assert self.answer is not None
        return self.answer


def text(body: str | bytes, hops: tuple[tuple[int, str], ...] = ()) -> Fetched:
    url = hops[-1][1] if hops else "https://example.org/robots.txt"
    return Fetched(url, 200, {}, body.encode() if isinstance(body, str) else body, hops)


def play(world: World, work: Callable[[RobotsCache], Awaitable[object]]) -> None:
    async def run() -> None:
        await work(world.robots)
        await world.robots.close()

    asyncio.run(run())


def decided(answer: FetchResult, url: str = URL) -> RobotsDecision:
    found: list[RobotsDecision] = []

    async def work(robots: RobotsCache) -> None:
        found.append(await robots.decide(url))

    play(World(answer), work)
    return found[0]


@pytest.mark.parametrize(
    ("rules", "url", "allowed"),
    [
        ("", URL, True),
        ("<html>not found</html>", URL, True),
        ("User-agent: *\nDisallow:", URL, True),
        ("User-agent: *\nDisallow: /", URL, False),
        ("\ufeffUser-agent: *\r\nDisallow: /news\r\n", URL, False),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/1", URL, True),  # the longest rule wins
        ("User-agent: *\nDisallow: /*.pdf$", "https://example.org/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "https://example.org/a.pdf?x", True),
        ("User-agent: *\nDisallow: /caf\u00e9", "https://example.org/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: newsloom\nAllow: /", URL, True),  # our own group is ours alone
        ("User-agent: Newsloom\nDisallow: /news\n\nUser-agent: *\nDisallow:", URL, False),
        ("User-agent: GPTBot\nDisallow: /", URL, True),
        ("User-agent: a\nUser-agent: *\nDisallow: /news\nUser-agent: b\nDisallow: /x", URL, False),
    ],
)
def test_the_rules(rules: str, url: str, allowed: bool) -> None:
    decision = decided(text(rules), url)
    assert (decision.allowed, decision.rule_url, decision.status) == (allowed, "https://example.org/robots.txt", 200)


@pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 410, 451])
def test_no_robots_txt_allows_everything(status: int) -> None:
    assert decided(FetchError("http", "", status)) == RobotsDecision(True, "https://example.org/robots.txt", status)


def test_a_robots_txt_that_leads_nowhere_is_none() -> None:
    assert decided(FetchError("redirect", "more than 5 redirects", 302)).allowed
    assert decided(FetchError("refused", "file: is no http or https address")).allowed
    assert decided(NotModified(URL, {})).allowed


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599, None])
def test_a_robots_txt_that_can_not_be_read_now_forbids_everything_for_now(status: int | None) -> None:
    decision = decided(FetchError("http", "HTTP status", status))
    assert not decision.allowed
    assert decision.error is not None
    assert (decision.error.kind, decision.error.status, decision.error.retry_after) == ("robots", status, "600")


@pytest.mark.parametrize("kind", ["dns", "connect", "tls", "timeout", "paused"])
def test_a_host_that_can_not_be_had_is_told_as_what_it_is(kind: str) -> None:
    decision = decided(FetchError(kind, "no such host", retry_after="5"))  # type: ignore[arg-type]
    assert not decision.allowed
    assert decision.error is not None
    assert (decision.error.kind, decision.error.retry_after) == (kind, "5")
    assert decision.error.detail == "robots.txt: no such host"


def test_rules_hold_for_a_day_errors_for_minutes_and_old_rules_while_there_are_no_new_ones() -> None:
    world = World(FetchError("timeout", ""))

    async def work(robots: RobotsCache) -> None:
        async def ask(after: float, answer: FetchResult, asked: int, allowed: bool) -> None:
            world.now += after
            world.answer = answer
            decision = await robots.decide(URL)
            assert (len(world.asked), decision.allowed) == (asked, allowed)

        rules, silent, broken = (
            text("User-agent: *\nDisallow: /private"),
            FetchError("timeout", ""),
            FetchError("http", "", 500),
        )
        await ask(0, silent, 1, False)
        await ask(UNREACHABLE_TTL_SECONDS - 1, rules, 1, False)
        await ask(2, broken, 2, False)
        await ask(UNREADABLE_TTL_SECONDS - 1, rules, 2, False)
        await ask(2, rules, 3, True)
        await ask(RULES_TTL_SECONDS - 1, broken, 3, True)
        await ask(2, broken, 4, True)  # the old rules
        await ask(UNREADABLE_TTL_SECONDS + 1, text("User-agent: *\nDisallow: /"), 5, False)

    play(world, work)


def test_askers_at_the_same_time_share_one_request_and_the_first_may_go_away() -> None:
    world = World(text("User-agent: *\nDisallow: /"))

    async def work(robots: RobotsCache) -> None:
        asking = [asyncio.create_task(robots.decide(f"{URL}{number}")) for number in range(50)]
        await asyncio.sleep(0)
        asking[0].cancel()
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert all(isinstance(each, RobotsDecision) and not each.allowed for each in found[1:])
        assert len(world.asked) == 1

    play(world, work)


def test_a_robots_txt_is_for_its_scheme_host_and_port_and_for_where_it_was_moved_to() -> None:
    world = World(text("User-agent: *\nDisallow: /", ((301, "https://example.org/robots.txt"),)))

    async def work(robots: RobotsCache) -> None:
        assert not (await robots.decide("http://example.org/a")).allowed
        assert not (await robots.decide("https://EXAMPLE.org/a")).allowed
        assert world.asked == ["http://example.org/robots.txt"]
        await robots.decide("https://example.org:8443/a")
        await robots.decide("https://www.example.org/a")
        assert world.asked[1:] == ["https://example.org:8443/robots.txt", "https://www.example.org/robots.txt"]

    play(world, work)


def test_what_else_it_says() -> None:
    body = (
        "User-agent: *\nCrawl-delay: 90\nContent-Signal: search=yes, ai-train=no\n"
        "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\nUser-agent: ClaudeBot\nDisallow: /private\n"
        "Sitemap: https://example.org/news.xml\n"
    )
    world = World(text(body))

    async def work(robots: RobotsCache) -> None:
        assert robots.opt_outs(URL) == ()
        assert (await robots.decide(URL)).crawl_delay == 30.0
        assert robots.opt_outs(URL) == ("robots.txt: GPTBot", "robots.txt: CCBot", "content-signal: ai-train=no")
        assert await robots.sitemaps(URL) == ["https://example.org/news.xml"]
        world.answer = FetchError("http", "", 404)
        assert await robots.sitemaps("https://other.example/") == []

    play(world, work)


@pytest.mark.slow
def test_a_hostile_robots_txt_costs_bounded_time_and_blocks_nobody() -> None:
    lines = "".join(f"Disallow: /{'*a' * 20}{number}$\n" for number in range(20_000))
    world = World(text(("User-agent: *\n" + lines)[:MOST_BYTES]))

    async def work(robots: RobotsCache) -> None:
        turns = 0
        asking = asyncio.create_task(robots.decide("https://example.org/" + "a" * 2000))
        while not asking.done():
            await asyncio.sleep(0.001)
            turns += 1
        await asking
        assert turns > 10  # others had theirs while it was parsed

    began = time.perf_counter()
    play(world, work)
    assert time.perf_counter() - began < 10


def test_a_shelf_forgets_what_was_not_used_for_the_longest_time() -> None:
    shelf: WeightedLruCache[str, int] = WeightedLruCache(10)
    for name in "abc":
        shelf.put(name, 1, 3)
    shelf.get("a")
    shelf.put("d", 1, 3)
    assert [shelf.get(name) for name in "abcd"] == [1, None, 1, 1]
    shelf.put("a", 2, 9)
    assert [shelf.get(name) for name in "abcd"] == [2, None, None, None]
    shelf.put("huge", 1, 100)
    assert shelf.get("huge") == 1  # one always fits

"""Everything that is asked of the web, through one object: politely (robots.txt, the host's turn) and safely.

In: a URL. Out: an Answer. The order is the same for every hop of every request: may this URL be asked
(ingest/web/address_guard), does its robots.txt allow it (ingest/web/robots), the turn of its host
(ingest/web/politeness), a place among all connections, the request (ingest/web/fetch); then the host's lane is told how
it went. Between two hops nothing is held.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from ingest.web.address_guard import Checked
from ingest.web.archive import Archive
from ingest.web.fetch import Answer, Fetched, Fetcher, FetchError, Redirect, Request
from ingest.web.politeness import Budget, Hosts, Paused, Turn
from ingest.web.response_headers import retry_after
from ingest.web.robots import MOST_BYTES, MOST_REDIRECTS, Decision, Robots
from pipeline import settings

# A request that would wait longer for its host's turn comes back as `paused`, with the time to ask again: what waits
# in memory is lost with the process, and holds a task.
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is the same on all hops of a request."""

    max_bytes: int
    headers: Mapping[str, str]
    most_hops: int
    room: asyncio.Semaphore | None = None
    robots: bool = True  # False: it is a robots.txt
    page: bool = False


class WebClient:
    """Use it as an async context manager, in one event loop. `fetcher` and `clock` are the tests' seams.

    Raises WrongSetting when it is made.
    """

    def __init__(
        self,
        options: settings.Ingest,
        clock: Callable[[], float] = time.monotonic,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._options, self._clock = options, clock
        self._fetcher = fetcher or Fetcher(options)
        budget = Budget(options.connections_per_host, options.host_gap_seconds, PATIENCE_SECONDS)
        self._hosts = Hosts(options.connections, budget, clock)
        self._robots = Robots(self._robots_txt, clock, options.crawl_delay_most_seconds)
        self._archive = Archive(options.archive_dir) if options.archive_dir else None
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._fetcher)
        if self._archive is not None:
            await self._open.enter_async_context(self._archive)
        self._open.push_async_callback(self._robots.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def get(
        self,
        url: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        room: asyncio.Semaphore | None = None,
        page: bool = False,
    ) -> Answer:
        """One GET with all its redirects, each in its host's turn. `max_bytes` is of the decoded body.

        A place in `room` is taken before a body is asked for. With a Fetched it is the caller's to give back, when the
        body is no longer needed; with every other answer, and with an exception, it has been given back. `page`: it
        is to be text, and is written to the archive, where there is one, before it is returned.
        """
        errand = _Errand(max_bytes, headers or {}, self._options.max_redirects, room, page=page)
        answer = await self._follow(url, errand)
        if page and self._archive is not None and isinstance(answer, Fetched):
            try:
                await self._archive.keep({**self._fetcher.headers, **errand.headers}, answer)
            except BaseException:
                if room is not None:
                    room.release()
                raise
        return answer

    async def decision(self, url: str) -> Decision:
        """What robots.txt says of a URL, for audit; without asking when settings say that it is not kept to."""
        return await self._robots.decision(url) if self._options.robots else Decision(True)

    def signals_of(self, url: str) -> tuple[str, ...]:
        """What the robots.txt of a URL's host says against automated use, as far as it has been read."""
        return self._robots.signals(url)

    async def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of a URL's host names; none when settings say that it is not asked for."""
        return await self._robots.sitemaps(url) if self._options.robots else []

    async def _follow(self, url: str, errand: _Errand) -> Answer:
        hops: list[tuple[int, str]] = []
        seconds = self._options.total_timeout_seconds  # for asking; waiting for a turn is not the host's fault
        while True:
            checked = self._fetcher.check(url)
            if isinstance(checked, FetchError):
                return replace(checked, hops=tuple(hops))
            answer = await self._hop(checked, errand, bool(hops), seconds)
            if not isinstance(answer, Redirect):
                return replace(answer, hops=tuple(hops)) if hops else answer
            if len(hops) >= errand.most_hops:
                return FetchError(
                    "redirect", f"more than {errand.most_hops} redirects", answer.status, hops=tuple(hops)
                )
            url, seconds = answer.url, seconds - answer.took
            hops.append((answer.status, url))

    async def _hop(self, url: Checked, errand: _Errand, again: bool, seconds: float) -> Answer | Redirect:
        delay: float | None = None
        if errand.robots and self._options.robots:
            decision = await self._robots.decision(str(url))
            if not decision.allowed:
                return decision.error or FetchError("robots", f"{decision.rule_url} disallows {url}")
            delay = decision.delay
        host = (url.raw_host or "").rstrip(".")
        places = (self._hosts.connection,) if errand.room is None else (errand.room, self._hosts.connection)
        try:
            # a hop, and a robots.txt, go before those who wait: they are part of a request that had its turn
            async with self._hosts.turn(host, *places, front=again or not errand.robots, crawl_delay=delay) as turn:
                return await self._ask(url, errand, turn, seconds)
        except Paused as paused:
            return FetchError("paused", f"{host} is not asked {paused}", retry_after=str(math.ceil(paused.seconds)))

    async def _ask(self, url: Checked, errand: _Errand, turn: Turn, seconds: float) -> Answer | Redirect:
        began = self._clock()
        request = Request(url, errand.max_bytes, errand.headers, seconds, not errand.robots, errand.page)
        answer = await self._fetcher.ask(request)
        took = self._clock() - began
        if isinstance(answer, FetchError):
            turn.answered(took, answer.status, _seconds(answer.retry_after))
        else:
            turn.answered(took, None, None)
        turn.keeps_room = errand.room is not None and isinstance(answer, Fetched)
        return replace(answer, took=took) if isinstance(answer, Redirect) else answer

    async def _robots_txt(self, url: str) -> Answer:
        return await self._follow(url, _Errand(MOST_BYTES, {}, MOST_REDIRECTS, robots=False))


def _seconds(header: str | None) -> float | None:
    """What a Retry-After header asks for from now on."""
    now = datetime.now(UTC)
    wanted = retry_after(header, now)
    return None if wanted is None else max(0.0, (wanted - now).total_seconds())

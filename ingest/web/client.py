"""The HTTP client of the crawler: every request to the web goes through WebClient, which is polite and safe.

In: a URL. Out: a FetchResult; errors are values. Each request, and each redirect of it, takes these steps: is the URL
allowed (ingest/web/address_guard), does robots.txt allow it (ingest/web/robots), wait for the host's turn
(ingest/web/politeness), take a connection slot, send the request (ingest/web/fetch), report to the host's rate limit
how it went. No turn or slot is held between two redirects.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from ingest.web.address_guard import AllowedUrl
from ingest.web.archive import ArchiveWriter
from ingest.web.fetch import Fetched, Fetcher, FetchError, FetchResult, Redirect, Request
from ingest.web.politeness import HostLimits, HostPaused, HostTurn, Politeness
from ingest.web.redirect_cookies import RedirectCookies
from ingest.web.response_headers import parse_retry_after
from ingest.web.robots import MOST_BYTES, MOST_REDIRECTS, RobotsCache, RobotsDecision
from pipeline import settings

# A request that would wait longer for its host's turn ends as `paused`, with the time to retry: requests that wait in
# memory are lost with the process, and each one holds a task.
MOST_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class _RequestOptions:
    """What is the same for a request and all its redirects."""

    max_bytes: int
    headers: Mapping[str, str]
    max_redirects: int
    body_slots: asyncio.Semaphore | None = None
    obey_robots: bool = True  # False for a robots.txt itself
    page: bool = False
    cookies: RedirectCookies = field(default_factory=RedirectCookies)


class WebClient:
    """Fetches URLs politely and safely. An async context manager, for one event loop.

    `fetcher` and `clock` are there for tests. Raises WrongSetting when it is made.
    """

    def __init__(
        self,
        options: settings.Ingest,
        clock: Callable[[], float] = time.monotonic,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._settings, self._clock = options, clock
        self._fetcher = fetcher or Fetcher(options)
        limits = HostLimits(options.connections_per_host, options.host_gap_seconds, MOST_WAIT_SECONDS)
        self._politeness = Politeness(options.connections, limits, clock)
        self._robots = RobotsCache(self._get_robots_txt, clock, options.crawl_delay_most_seconds)
        self._archive = ArchiveWriter(options.archive_dir) if options.archive_dir else None
        self._exit_stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exit_stack.enter_async_context(self._fetcher)
        if self._archive is not None:
            await self._exit_stack.enter_async_context(self._archive)
        self._exit_stack.push_async_callback(self._robots.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit_stack.aclose()

    async def get(
        self,
        url: str,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        body_slots: asyncio.Semaphore | None = None,
        page: bool = False,
    ) -> FetchResult:
        """One GET with its redirects, each in its host's turn. `max_bytes` limits the decoded body.

        `body_slots` limits how many bodies are in memory: a slot is taken before the request is sent. If the result is
        Fetched, the caller must release it when the body is no longer needed; otherwise it has been released already,
        also after an exception. `page`: a web page is expected, so media is an error, and the page is written to the
        archive, if there is one, before it is returned.
        """
        options = _RequestOptions(max_bytes, headers or {}, self._settings.max_redirects, body_slots, page=page)
        answer = await self._get_with_redirects(url, options)
        if page and self._archive is not None and isinstance(answer, Fetched):
            try:
                await self._archive.write_page({**self._fetcher.headers, **options.headers}, answer)
            except BaseException:
                if body_slots is not None:
                    body_slots.release()
                raise
        return answer

    async def robots_decision(self, url: str) -> RobotsDecision:
        """Whether robots.txt allows a URL, for audits; always yes when the settings say that it is not obeyed."""
        return await self._robots.decide(url) if self._settings.robots else RobotsDecision(True)

    def robots_opt_outs(self, url: str) -> tuple[str, ...]:
        """The opt-out signals (ingest/web/opt_out) in the robots.txt of a URL's host; none if it was not read yet."""
        return self._robots.opt_outs(url)

    async def sitemaps(self, url: str) -> list[str]:
        """URLs of the sitemaps in the robots.txt of a URL's host; none when the settings say that it is not obeyed."""
        return await self._robots.sitemaps(url) if self._settings.robots else []

    async def _get_with_redirects(self, url: str, options: _RequestOptions) -> FetchResult:
        hops: list[tuple[int, str]] = []
        timeout_seconds = self._settings.total_timeout_seconds  # for the requests; waiting for a turn does not count
        while True:
            checked = self._fetcher.check_url(url)
            if isinstance(checked, FetchError):
                return replace(checked, hops=tuple(hops))
            answer = await self._get_one_hop(checked, options, bool(hops), timeout_seconds)
            if not isinstance(answer, Redirect):
                return replace(answer, hops=tuple(hops)) if hops else answer
            if len(hops) >= options.max_redirects:
                return FetchError(
                    "redirect", f"more than {options.max_redirects} redirects", answer.status, hops=tuple(hops)
                )
            url, timeout_seconds = answer.url, timeout_seconds - answer.took_seconds
            hops.append((answer.status, url))

    async def _get_one_hop(
        self, url: AllowedUrl, options: _RequestOptions, is_redirect: bool, timeout_seconds: float
    ) -> FetchResult | Redirect:
        crawl_delay: float | None = None
        if options.obey_robots and self._settings.robots:
            decision = await self._robots.decide(str(url))
            if not decision.allowed:
                return decision.error or FetchError("robots", f"{decision.rule_url} disallows {url}")
            crawl_delay = decision.crawl_delay
        host = (url.raw_host or "").rstrip(".")
        slots = (
            (self._politeness.connection_slots,)
            if options.body_slots is None
            else (options.body_slots, self._politeness.connection_slots)
        )
        try:
            # redirects and robots.txt go first in the queue: they are part of a request that had its turn
            async with self._politeness.turn(
                host, *slots, front=is_redirect or not options.obey_robots, crawl_delay=crawl_delay
            ) as turn:
                return await self._send(url, options, turn, timeout_seconds)
        except HostPaused as paused:
            return FetchError("paused", f"{host} is not asked {paused}", retry_after=str(math.ceil(paused.seconds)))

    async def _send(
        self, url: AllowedUrl, options: _RequestOptions, turn: HostTurn, timeout_seconds: float
    ) -> FetchResult | Redirect:
        began = self._clock()
        request = Request(
            url,
            options.max_bytes,
            options.headers,
            timeout_seconds,
            not options.obey_robots,
            options.page,
            options.cookies,
        )
        answer = await self._fetcher.send(request)
        took_seconds = self._clock() - began
        if isinstance(answer, FetchError):
            turn.record_response(took_seconds, answer.status, _retry_after_seconds(answer.retry_after))
        else:
            turn.record_response(took_seconds, None, None)
        turn.keeps_first_slot = options.body_slots is not None and isinstance(answer, Fetched)
        return replace(answer, took_seconds=took_seconds) if isinstance(answer, Redirect) else answer

    async def _get_robots_txt(self, url: str) -> FetchResult:
        return await self._get_with_redirects(url, _RequestOptions(MOST_BYTES, {}, MOST_REDIRECTS, obey_robots=False))


def _retry_after_seconds(header: str | None) -> float | None:
    """The seconds from now on that a Retry-After header asks for, or None."""
    now = datetime.now(UTC)
    retry_at = parse_retry_after(header, now)
    return None if retry_at is None else max(0.0, (retry_at - now).total_seconds())

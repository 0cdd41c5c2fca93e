"""What is done when: each feed's poll and each waiting page, as tasks of the event loop.

In: the states of our feeds. Out: `poll` and `page` are called when they are due, never twice at a time for one feed or
entry. A bug in one of them costs that one; several in a row stop the poller.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest import memory
from pipeline import observe
from pipeline.messages import FeedState, Pending
from pipeline.stage import TooManyBugs

STAGE = "ingest"


@dataclass(frozen=True, slots=True)
class Work:
    """What is done for a feed and for an entry of it, and what becomes of them when that meets a bug."""

    poll: Callable[[str], Awaitable[None]]
    page: Callable[[str, Pending], Awaitable[None]]
    failed: Callable[[str, Pending | None, Exception], Awaitable[None]]


class Agenda:
    """One event loop. With `once`, every feed is polled once and every waiting page asked for once, due or not."""

    def __init__(self, states: Mapping[str, FeedState], work: Work, once: bool, most_bugs: int) -> None:
        self._states, self._work, self._once, self._most_bugs = states, work, once, most_bugs
        self._due: list[tuple[datetime, str]] = []
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._bugs_in_a_row = 0
        self._settled = False
        self._log = observe.get_logger(STAGE)
        self.failure: Exception | None = None

    @property
    def finished(self) -> bool:
        """Whether the round of `once` is over. Raises what must end the poller."""
        if self.failure is not None:
            raise self.failure
        return self._once and self._settled and not self._running and not self._due

    def add(self, urls: Iterable[str], now: datetime) -> None:
        """Feeds that are ours now; a first call, also with none, says that our share is known."""
        self._settled = True
        for url in urls:
            if self._states[url].active:
                heapq.heappush(self._due, (now if self._once else memory.next_due(self._states[url]) or now, url))

    def remove(self, urls: Iterable[str]) -> None:
        """Feeds that are ours no longer: what is done for them is given up."""
        gone = frozenset(urls)
        for key, task in self._running.items():
            if key[0] in gone:
                task.cancel()
        self._due = [each for each in self._due if each[1] not in gone]
        heapq.heapify(self._due)

    def start_due(self, now: datetime) -> None:
        """Starts what is due."""
        while self._due and self._due[0][0] <= now:
            _, url = heapq.heappop(self._due)
            state = self._states.get(url)
            if state is None or (url, "") in self._running:
                continue  # a running poll comes back here at its end
            if state.active and (self._once or state.next_poll_at is None or state.next_poll_at <= now):
                self._start((url, ""), self._poll(url))
            else:
                self._start_pages(url, now)

    async def _poll(self, url: str) -> None:
        await self._guarded(url, None, self._work.poll(url))
        self._running.pop((url, ""), None)
        self._start_pages(url, None if self._once else datetime.now(UTC))
        self._put_down(url)

    def _start_pages(self, url: str, now: datetime | None) -> None:
        for pending in memory.due_pages(self._states[url], now) if url in self._states else ():
            if (url, pending.entry) not in self._running:
                self._start((url, pending.entry), self._page(url, pending))

    async def _page(self, url: str, pending: Pending) -> None:
        await self._guarded(url, pending, self._work.page(url, pending))
        self._running.pop((url, pending.entry), None)
        self._put_down(url)

    def _put_down(self, url: str) -> None:
        state = self._states.get(url)
        if state is not None and not self._once:
            due = [each.due_at for each in state.pending if (url, each.entry) not in self._running]
            if state.active:
                due.append(state.next_poll_at or datetime.now(UTC))
            if due:
                heapq.heappush(self._due, (min(due), url))

    def _start(self, key: tuple[str, str], work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None) if self._running.get(key) is task else None)

    async def _guarded(self, url: str, pending: Pending | None, work: Awaitable[None]) -> None:
        try:
            await work
            self._bugs_in_a_row = 0
        except Exception as error:
            self._bugs_in_a_row += 1
            self._log.exception("bug", feed=url, url=pending.url if pending else url)
            await self._work.failed(url, pending, error)
            if self._bugs_in_a_row >= self._most_bugs:
                self.failure = TooManyBugs(f"ingest: {self._bugs_in_a_row} bugs in a row; the last: {error!r}")

    def show(self, now: datetime) -> None:
        """The gauges."""
        active = [state for state in self._states.values() if state.active]
        observe.FEEDS.labels("active").set(len(active))
        observe.FEEDS.labels("failing").set(sum(state.failures > 0 for state in active))
        due = sum(state.next_poll_at is None or state.next_poll_at <= now for state in active)
        observe.FEEDS.labels("due").set(due)
        observe.PENDING.set(sum(len(state.pending) for state in active))

    async def cancel(self) -> None:
        """Gives up what is running, and waits until it is."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

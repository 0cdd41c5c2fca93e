"""What is done when: each feed's poll and each waiting page, as tasks of the event loop.

In: the states of our feeds. Out: `poll` and `page` are called when they are due, never twice at a time for one feed or
entry. Of each host some are begun at a time (ingest/frontier/host_queues), and polls go before pages: what waits for
its host's turn costs no task, and a feed with a burst is polled again while the burst lasts. A bug in one of them costs
that one; several in a row stop the poller.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.frontier import known_entries
from ingest.frontier.feed_states import FeedStates
from ingest.frontier.host_queues import HostQueues, Job
from ingest.urls import host_of
from pipeline import observability
from pipeline.feed_state import PendingEntry
from pipeline.kafka.stage import TooManyBugs

STAGE = "ingest"


@dataclass(frozen=True, slots=True)
class Work:
    """What is done for a feed and for an entry of it, and what becomes of them when that meets a bug."""

    poll: Callable[[str], Awaitable[None]]
    page: Callable[[str, PendingEntry], Awaitable[None]]
    failed: Callable[[str, PendingEntry | None, Exception], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rules:
    """`once`: every feed is polled once and every waiting page asked for once, due or not. `at_a_time`: of one host."""

    once: bool
    at_a_time: int
    most_bugs: int


class Frontier:
    """One event loop."""

    def __init__(self, states: FeedStates, work: Work, rules: Rules) -> None:
        self._states, self._work, self._rules = states, work, rules
        self._due: list[tuple[datetime, str]] = []
        self._jobs = HostQueues(rules.at_a_time, self._begun)
        self._bugs_in_a_row = 0
        self._settled = False
        self._log = observability.get_logger(STAGE)
        self.failure: Exception | None = None

    @property
    def finished(self) -> bool:
        """Whether the round of `once` is over. Raises what must end the poller."""
        if self.failure is not None:
            raise self.failure
        return self._rules.once and self._settled and not self._jobs and not self._due

    def add(self, urls: Iterable[str], now: datetime) -> None:
        """Feeds that are ours now; a first call, also with none, says that our share is known."""
        self._settled = True
        for url in urls:
            card = self._states.cards[url]
            if card.active:
                heapq.heappush(self._due, (now if self._rules.once else card.due or now, url))

    def remove(self, urls: Iterable[str]) -> None:
        """Feeds that are ours no longer: what is done for them is given up."""
        gone = frozenset(urls)
        if gone:
            self._jobs.give_up(gone)
            self._due = [each for each in self._due if each[1] not in gone]
            heapq.heapify(self._due)

    def start_due(self, now: datetime) -> None:
        """Starts what is due."""
        while self._due and self._due[0][0] <= now:
            _, url = heapq.heappop(self._due)
            card = self._states.cards.get(url)
            if card is None or (url, "") in self._jobs:
                continue  # a running poll comes back here at its end
            if card.active and (self._rules.once or card.next_poll_at is None or card.next_poll_at <= now):
                self._jobs.start((url, ""), host_of(url))
            else:
                self._start_pages(url, now)

    def _begun(self, job: Job) -> asyncio.Task[None]:
        url, entry = job
        return asyncio.get_running_loop().create_task(self._page(url, entry) if entry else self._poll(url))

    async def _poll(self, url: str) -> None:
        await self._guarded(url, None, self._work.poll(url))
        self._jobs.end((url, ""))
        self._start_pages(url, None if self._rules.once else datetime.now(UTC))
        self._put_down(url)

    def _start_pages(self, url: str, now: datetime | None) -> None:
        for pending in known_entries.due_pages(self._states[url], now) if self._has_pages(url) else ():
            self._jobs.start((url, pending.entry), host_of(pending.url))

    def _has_pages(self, url: str) -> bool:
        card = self._states.cards.get(url)
        return card is not None and card.pending > 0

    async def _page(self, url: str, entry: str) -> None:
        state = self._states.get(url)
        pending = next((each for each in state.pending if each.entry == entry), None) if state else None
        if pending is not None:
            await self._guarded(url, pending, self._work.page(url, pending))
        self._jobs.end((url, entry))
        self._put_down(url)

    def _put_down(self, url: str) -> None:
        card = self._states.cards.get(url)
        if card is not None and not self._rules.once:
            pages = self._states[url].pending if card.pending else ()
            due = [each.due_at for each in pages if (url, each.entry) not in self._jobs]
            if card.active:
                due.append(card.next_poll_at or datetime.now(UTC))
            if due:
                heapq.heappush(self._due, (min(due), url))

    async def _guarded(self, url: str, pending: PendingEntry | None, work: Awaitable[None]) -> None:
        try:
            await work
            self._bugs_in_a_row = 0
        except Exception as error:
            self._bugs_in_a_row += 1
            self._log.exception("bug", feed=url, url=pending.url if pending else url)
            await self._work.failed(url, pending, error)
            if self._bugs_in_a_row >= self._rules.most_bugs:
                self.failure = TooManyBugs(f"ingest: {self._bugs_in_a_row} bugs in a row; the last: {error!r}")

    def show(self, now: datetime) -> None:
        """The gauges."""
        active = [card for card in self._states.cards.values() if card.active]
        observability.FEEDS.labels("active").set(len(active))
        observability.FEEDS.labels("failing").set(sum([card.failing for card in active]))
        due = [card for card in active if card.next_poll_at is None or card.next_poll_at <= now]
        observability.FEEDS.labels("due").set(len(due))
        observability.PENDING.set(sum([card.pending for card in active]))

    async def cancel(self) -> None:
        """Gives up what is running, and waits until it is."""
        await self._jobs.cancel()

"""The frontier: starts each feed's poll and each waiting page when it is due, as tasks of the event loop.

In: the states of our feeds. Out: `poll`, `page` and `revisit` are called when they are due, never twice at a time for
one feed or entry. Of each host some are begun at a time (ingest/frontier/host_queues), polls before pages before
revisits: what waits for its host's turn costs no task, and a feed with a burst is polled again while the burst lasts. A
bug in one of them costs that one; several in a row stop the poller.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.frontier import known_entries
from ingest.frontier.feed_states import FeedStates
from ingest.frontier.host_queues import HostQueues, Job
from ingest.frontier.revisits import waiting_revisits
from ingest.frontier.revisits.revisit_budget import RevisitBudget, RevisitLimits
from ingest.urls import host_of
from pipeline import observability
from pipeline.feed_state import PendingEntry, Revisit
from pipeline.kafka.stage import TooManyBugs

STAGE = "ingest"
MOST_NAMED = 100  # silent feeds that the metrics name: each is a time series


@dataclass(frozen=True, slots=True)
class Tasks:
    """What is called: `poll` for a feed, `page` for one of its entries, `revisit` for one whose page was published.

    `failed` is called when one of these raised a bug; None: the poll.
    """

    poll: Callable[[str], Awaitable[None]]
    page: Callable[[str, PendingEntry], Awaitable[None]]
    revisit: Callable[[str, Revisit], Awaitable[None]]
    failed: Callable[[str, PendingEntry | Revisit | None, Exception], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rules:
    """`once`: every feed is polled once and every waiting page asked for once, due or not; nothing is revisited.

    `at_a_time`: jobs of one host; `most_bugs`: in a row, then the poller stops; `revisits`: what they may take.
    """

    once: bool
    at_a_time: int
    most_bugs: int
    revisits: RevisitLimits


class Frontier:
    """Which poll or page is due when, and what runs now. One event loop.

    `failure` is set to what must end the poller; `finished` raises it.
    """

    def __init__(self, states: FeedStates, tasks: Tasks, rules: Rules) -> None:
        self._states, self._tasks, self._rules = states, tasks, rules
        self._due: list[tuple[datetime, str]] = []
        self._jobs = HostQueues(rules.at_a_time, self._begin)
        self._budget = RevisitBudget(rules.revisits)
        self._revisits_at: dict[str, datetime] = {}  # feeds whose revisits have to wait for the budget: until when
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
        """Takes in feeds that are ours now; the first call, even with none, says that our share is known."""
        self._settled = True
        for url in urls:
            summary = self._states.summaries[url]
            if summary.active:
                heapq.heappush(self._due, (now if self._rules.once else summary.due or now, url))

    def remove(self, urls: Iterable[str]) -> None:
        """Forgets feeds that are ours no longer; what runs for them is cancelled."""
        gone = frozenset(urls)
        if gone:
            self._jobs.give_up(gone)
            self._due = [each for each in self._due if each[1] not in gone]
            self._revisits_at = {url: at for url, at in self._revisits_at.items() if url not in gone}
            heapq.heapify(self._due)

    def start_due(self, now: datetime) -> None:
        """Starts every poll and page that is due at `now`."""
        while self._due and self._due[0][0] <= now:
            _, url = heapq.heappop(self._due)
            summary = self._states.summaries.get(url)
            if summary is None or (url, "") in self._jobs:
                continue  # a running poll comes back here at its end
            if summary.active and (self._rules.once or summary.next_poll_at is None or summary.next_poll_at <= now):
                self._jobs.start((url, ""), host_of(url))
            else:
                self._start_pages(url, now)
                self._start_revisits(url, now)

    def _begin(self, job: Job) -> asyncio.Task[None]:
        url, entry = job
        return asyncio.get_running_loop().create_task(self._page(url, entry) if entry else self._poll(url))

    async def _poll(self, url: str) -> None:
        await self._run_guarded(url, None, self._tasks.poll(url))
        self._jobs.end((url, ""))
        self._start_pages(url, None if self._rules.once else datetime.now(UTC))
        self._reschedule(url)

    def _start_pages(self, url: str, now: datetime | None) -> None:
        for pending in known_entries.due_pages(self._states[url], now) if self._has_pages(url) else ():
            self._jobs.start((url, pending.entry), host_of(pending.url))

    def _start_revisits(self, url: str, now: datetime) -> None:
        """Starts those that are due, as far as the budget goes; the others are looked at again when it has rested."""
        summary = self._states.summaries.get(url)
        looked_later = now < self._revisits_at.get(url, now)
        if summary is None or not summary.revisits or not summary.active or self._rules.once or looked_later:
            return
        self._revisits_at.pop(url, None)
        for revisit in waiting_revisits.due_revisits(self._states[url], now):
            job, host = (url, revisit.entry), host_of(waiting_revisits.as_pending(revisit, now).url)
            if job in self._jobs:
                continue
            if not self._budget.take(job, host, now, self._jobs):
                self._revisits_at[url] = now + self._rules.revisits.rest
                heapq.heappush(self._due, (self._revisits_at[url], url))
                return
            self._jobs.start(job, host, revisit=True)

    def _has_pages(self, url: str) -> bool:
        summary = self._states.summaries.get(url)
        return summary is not None and summary.pending > 0

    async def _page(self, url: str, entry: str) -> None:
        state = self._states.get(url)
        pending = next((each for each in state.pending if each.entry == entry), None) if state else None
        revisit = next((each for each in state.revisits if each.entry == entry), None) if state else None
        if pending is not None:
            await self._run_guarded(url, pending, self._tasks.page(url, pending))
        elif revisit is not None:
            await self._run_guarded(url, revisit, self._tasks.revisit(url, revisit))
        self._jobs.end((url, entry))
        self._reschedule(url)

    def _reschedule(self, url: str) -> None:
        summary = self._states.summaries.get(url)
        if summary is not None and not self._rules.once:
            pages = self._states[url].pending if summary.pending else ()
            due = [each.due_at for each in pages if (url, each.entry) not in self._jobs]
            if summary.active:
                due += self._revisits_due(url) if summary.revisits else ()
                due.append(summary.next_poll_at or datetime.now(UTC))
            if due:
                heapq.heappush(self._due, (min(due), url))

    def _revisits_due(self, url: str) -> list[datetime]:
        """When the next revisit of a feed may begin; none where the feed is looked at for them anyway."""
        due = [each.due_at for each in self._states[url].revisits if (url, each.entry) not in self._jobs]
        return [min(due)] if due and url not in self._revisits_at else []

    async def _run_guarded(self, url: str, job: PendingEntry | Revisit | None, task: Awaitable[None]) -> None:
        try:
            await task
            self._bugs_in_a_row = 0
        except Exception as error:
            self._bugs_in_a_row += 1
            self._log.exception("bug", feed=url, url=job.url if isinstance(job, PendingEntry) else url)
            await self._tasks.failed(url, job, error)
            if self._bugs_in_a_row >= self._rules.most_bugs:
                self.failure = TooManyBugs(f"ingest: {self._bugs_in_a_row} bugs in a row; the last: {error!r}")

    def update_gauges(self, now: datetime) -> None:
        """Sets the metrics: how many feeds are in which state, what they brought, entries that wait for their page."""
        active = [summary for summary in self._states.summaries.values() if summary.active]
        observability.FEEDS.labels("active").set(len(active))
        observability.FEEDS.labels("failing").set(sum([summary.failing for summary in active]))
        due = [summary for summary in active if summary.next_poll_at is None or summary.next_poll_at <= now]
        observability.FEEDS.labels("due").set(len(due))
        observability.FEEDS.labels("gone").set(sum([summary.gone for summary in self._states.summaries.values()]))
        observability.PENDING.set(sum([summary.pending for summary in active]))
        observability.DAY_EXPECTED.set(sum([summary.day_expected for summary in active]))
        observability.DAY_SEEN.set(sum([summary.day_seen for summary in active]))
        self._update_silent_feeds()

    def _update_silent_feeds(self) -> None:
        silent = [url for url, summary in self._states.summaries.items() if summary.active and summary.silent]
        observability.FEEDS.labels("silent").set(len(silent))
        observability.SILENT_FEEDS.clear()
        for url in silent[:MOST_NAMED]:
            observability.SILENT_FEEDS.labels(url).set(self._states.summaries[url].day_expected)

    async def cancel(self) -> None:
        """Gives up what is running, and waits until it is."""
        await self._jobs.cancel()

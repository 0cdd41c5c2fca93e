"""Revisits take a share: few at a time, one of a host, each host's far apart, and never before new pages."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ingest.feeds.entry import Entry
from ingest.frontier import known_entries
from ingest.frontier.feed_states import FeedStates
from ingest.frontier.frontier import Frontier, Rules, Tasks
from ingest.frontier.host_queues import Job
from ingest.frontier.revisits import waiting_revisits
from ingest.frontier.revisits.revisit_budget import RevisitBudget, RevisitLimits
from pipeline.feed_state import PendingEntry, Revisit
from pipeline.messages import FeedState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FEED = FeedState(url="https://news.example/rss", host="news.example", name="News", last_success_at=NOW)


def test_the_share_is_of_the_connections_and_of_a_hosts_requests() -> None:
    assert RevisitLimits.of_share(0.1, 64, 1.0) == RevisitLimits(6, timedelta(seconds=10))
    assert RevisitLimits.of_share(0.1, 4, 0.0) == RevisitLimits(1, timedelta(0))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.booleans()), max_size=60))
def test_few_run_at_a_time_one_of_a_host_and_each_rests(steps: list[tuple[int, int, bool]]) -> None:
    limits = RevisitLimits(3, timedelta(seconds=10))
    budget, jobs, now = RevisitBudget(limits), dict[Job, str](), NOW
    begun: dict[str, datetime] = {}
    for number, (host_number, seconds, ends) in enumerate(steps):
        now += timedelta(seconds=seconds)
        if ends and jobs:
            jobs.pop(next(iter(jobs)))
        job, host = ("feed", str(number)), f"{host_number}.example"
        if budget.take(job, host, now, jobs):
            assert host not in jobs.values()
            assert now - begun.get(host, now - limits.rest) >= limits.rest
            jobs[job], begun[host] = host, now
        assert len(jobs) <= limits.at_a_time


def test_a_place_that_was_given_up_is_free_again() -> None:
    budget = RevisitBudget(RevisitLimits(1, timedelta(seconds=10)))
    assert budget.take(("a", "1"), "a.example", NOW, set())
    assert not budget.take(("b", "1"), "b.example", NOW, {("a", "1")})
    assert budget.take(("b", "1"), "b.example", NOW, set())


def waiting_feed(new: int, again: int) -> FeedState:
    """A feed of one host with `new` pages to fetch and `again` to ask for again."""
    entries = [Entry(identity=str(each), url=f"https://news.example/{each}", title="T") for each in range(new + again)]
    state, _ = known_entries.after_feed_read(FEED, entries, NOW, 100)
    for each in state.pending[:again]:
        page, day = waiting_revisits.page_version("T", "text", {}), timedelta(days=1)
        state = waiting_revisits.after_publishing(state, each, page, NOW - 2 * day, [3 * day], NOW - day)
    return replace(state, pending=state.pending[again:], next_poll_at=NOW + timedelta(days=9))


class Hand:
    """A frontier whose pages and revisits end at once, and what was called in which order."""

    def __init__(self, state: FeedState, limits: RevisitLimits) -> None:
        self.called: list[str] = []
        self.states = FeedStates()
        self.states.put(state)
        tasks = Tasks(self._poll, self._page, self._revisit, self._failed)
        self.frontier = Frontier(self.states, tasks, Rules(False, 1, 9, limits))

    async def _poll(self, _: str) -> None:
        self.called.append("poll")

    async def _page(self, url: str, pending: PendingEntry) -> None:
        self.called.append("page")
        self.states.put(replace(self.states[url], pending=tuple(e for e in self.states[url].pending if e != pending)))

    async def _revisit(self, url: str, revisit: Revisit) -> None:
        self.called.append("revisit")
        self.states.put(waiting_revisits.give_up(self.states[url], revisit))

    async def _failed(self, _url: str, _job: PendingEntry | Revisit | None, error: Exception) -> None:
        raise error


async def run_until_quiet(hand: Hand, now: datetime) -> None:
    hand.frontier.start_due(now)
    for _ in range(50):
        await asyncio.sleep(0)


def test_new_pages_go_first() -> None:
    async def run() -> None:
        hand = Hand(waiting_feed(new=4, again=2), RevisitLimits(5, timedelta(seconds=10)))
        hand.frontier.add([FEED.url], NOW + timedelta(days=2))
        await run_until_quiet(hand, NOW + timedelta(days=2))
        assert hand.called == ["page"] * 4 + ["revisit"]

    asyncio.run(run())


def test_revisits_of_a_host_are_spread_and_none_is_left() -> None:
    async def run() -> None:
        hand = Hand(waiting_feed(new=0, again=5), RevisitLimits(5, timedelta(seconds=10)))
        hand.frontier.add([FEED.url], NOW)
        begun: list[int] = []
        for second in range(0, 90, 2):
            await run_until_quiet(hand, NOW + timedelta(days=2, seconds=second))
            begun += [second] * (len(hand.called) - len(begun))
        assert hand.called == ["revisit"] * 5
        assert begun == [0, 10, 20, 30, 40]
        assert hand.states.revisits == 0

    asyncio.run(run())


def test_nothing_is_asked_for_again_before_it_is_due_nor_of_a_feed_that_left_the_list() -> None:
    async def run() -> None:
        state = waiting_feed(new=0, again=1)
        for each in (state, replace(state, active=False)):
            hand = Hand(each, RevisitLimits(5, timedelta(seconds=10)))
            hand.frontier.add([FEED.url], NOW)
            await run_until_quiet(hand, NOW if each.active else NOW + timedelta(days=3))
            assert hand.called == []

    asyncio.run(run())

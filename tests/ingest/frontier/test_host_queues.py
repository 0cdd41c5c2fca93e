"""Of each host some jobs are begun at a time, polls before pages; what is given up does not begin."""

import asyncio
from collections import Counter

from ingest.frontier.host_queues import HostQueues, Job


class Hand:
    """Jobs that end when they are told to."""

    def __init__(self, places: int) -> None:
        self.begun: list[Job] = []
        self._ends: dict[Job, asyncio.Event] = {}
        self.queues = HostQueues(places, self._begin)

    def _begin(self, job: Job) -> asyncio.Task[None]:
        self.begun.append(job)
        self._ends[job] = asyncio.Event()

        async def work() -> None:
            await self._ends[job].wait()

        return asyncio.create_task(work())

    async def end(self, job: Job) -> None:
        self._ends[job].set()
        for _ in range(3):  # the task ends, its callback runs, the next one begins
            await asyncio.sleep(0)


def test_a_host_has_its_places_and_polls_go_first() -> None:
    async def run() -> None:
        hand = Hand(places=2)
        pages = [("a", f"entry {number}") for number in range(4)]
        for job in [*pages, *pages]:
            hand.queues.start(job, "slow.example")
        hand.queues.start(("b", ""), "slow.example")
        hand.queues.start(("c", ""), "other.example")
        assert hand.begun == [*pages[:2], ("c", "")]
        await hand.end(pages[0])
        await hand.end(pages[1])
        assert hand.begun[3:] == [("b", ""), pages[2]]
        assert len(hand.queues) == 4
        for job in (("b", ""), pages[2], pages[3], ("c", "")):
            await hand.end(job)
        assert Counter(hand.begun).most_common(1)[0][1] == 1
        assert not hand.queues

    asyncio.run(run())


def test_what_is_given_up_does_not_begin_and_leaves_its_place() -> None:
    async def run() -> None:
        hand = Hand(places=2)
        for job in [("a", "1"), ("a", "2"), ("a", "3"), ("b", "1")]:
            hand.queues.start(job, "host.example")
        hand.queues.give_up(frozenset({"a"}))
        for _ in range(3):
            await asyncio.sleep(0)
        assert hand.begun == [("a", "1"), ("a", "2"), ("b", "1")]
        hand.queues.start(("a", "1"), "host.example")
        assert hand.begun[-1] == ("a", "1")
        await hand.queues.cancel()
        assert not hand.queues

    asyncio.run(run())

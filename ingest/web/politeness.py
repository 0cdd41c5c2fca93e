"""One budget for all that is asked of a host, feeds, pages and robots.txt together.

In: the name of a host. Out: a turn, given in the order of asking when the host has a free place and its pace
(ingest/web/rate_limit) allows the next start; or Paused, when that is too long to wait for. Who waits holds nothing
that another host's request needs: places among all connections are taken when it is the request's turn, and one host's
requests take them one after the other.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ingest.web.rate_limit import BUSY, Pace

# hosts in memory before those are forgotten of which nothing matters any more
MOST_LANES = 20_000


class Paused(Exception):
    """The host won't be asked for so many seconds: come back then."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Budget:
    """The operator's: requests at a time, seconds between starts, and the longest wait in memory in seconds."""

    at_a_time: int
    gap: float
    patience: float = math.inf


class Lane:
    """One host: its pace, who is on it and who waits. One event loop."""

    def __init__(self, budget: Budget, clock: Callable[[], float]) -> None:
        self.pace = Pace()
        self._budget, self._clock = budget, clock
        self._active = 0
        self._starting = False  # one has its turn, and waits for a place among all connections
        self._waiting: deque[asyncio.Future[float]] = deque()  # told 0, or after how many seconds to come back
        self._timer: asyncio.TimerHandle | None = None
        self._appointed = 0.0  # the latest time that somebody was told to come back at

    @property
    def paused(self) -> bool:
        """Whether the host has asked for a pause that is not over."""
        return self.pace.paused_until > self._clock()

    @property
    def idle(self) -> bool:
        """Whether it can be forgotten."""
        return not self._waiting and not self._active and self.pace.idle(self._clock())

    async def enter(self, front: bool) -> None:
        """Returns when it is the caller's turn. `front`: before those who wait. Raises Paused."""
        now = self._clock()
        if not self._waiting and self._may_start(now):
            self._take_turn()
            return
        if (wait := self._wait(now, 0 if front else len(self._waiting))) > self._budget.patience:
            raise Paused(self._appointment(now, wait))
        told: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if front else self._waiting.append)(told)
        self._advance()
        try:
            if seconds := await told:
                raise Paused(seconds)
        except asyncio.CancelledError:
            self._gives_up(told)
            raise

    def started(self) -> None:
        """The request that had its turn starts now."""
        self._starting = False
        self.pace.started(self._clock(), self._budget.gap)
        self._advance()

    def leave(self, started: bool = True) -> None:
        """A request is over, or gave up its turn before it started."""
        self._active -= 1
        self._starting = self._starting and started
        self._advance()

    def pause(self, wanted: float | None) -> None:
        """The host asked for a pause. Those who would wait too long are told when to come back, a gap apart."""
        now = self._clock()
        self.pace.asked_for_a_pause(now, wanted)
        wait = self._wait(now, 0)
        while wait > self._budget.patience and (told := self._next()):
            told.set_result(self._appointment(now, wait))

    def _wait(self, now: float, before: int) -> float:
        """Seconds until one may start, when so many others start before."""
        return max(0.0, self.pace.opens() - now) + before * self.pace.gap(self._budget.gap)

    def _appointment(self, now: float, wait: float) -> float:
        self._appointed = max(now + wait, self._appointed + self.pace.gap(self._budget.gap))
        return self._appointed - now

    def _may_start(self, now: float) -> bool:
        return not self._starting and self._active < self._budget.at_a_time and self.pace.opens() <= now

    def _take_turn(self) -> None:
        self._active += 1
        self._starting = True

    def _gives_up(self, told: "asyncio.Future[float]") -> None:
        if told.cancelled():
            with suppress(ValueError):  # it has been taken out already
                self._waiting.remove(told)
        elif told.done() and told.result() == 0:
            self.leave(started=False)

    def _advance(self) -> None:
        """Gives the next turn, or sees to it that it is given in time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting or self._starting or self._active >= self._budget.at_a_time:
            return
        wait = self.pace.opens() - self._clock()
        if wait > 0:
            self._timer = asyncio.get_running_loop().call_later(wait, self._advance)
        elif told := self._next():
            self._take_turn()
            told.set_result(0)

    def _next(self) -> "asyncio.Future[float] | None":
        """The first who waits and has not been cancelled; no longer in the queue then."""
        while self._waiting:
            if not (told := self._waiting.popleft()).done():
                return told
        return None


class Turn:
    """A host's turn, as an async context manager; made by Hosts.turn. Raises Paused when it is entered."""

    def __init__(self, lane: Lane, places: tuple[asyncio.Semaphore, ...], front: bool) -> None:
        self.keeps_room = False  # set it, and the first place is not given back: the caller has it then
        self._lane, self._places, self._front = lane, places, front

    async def __aenter__(self) -> Self:
        await self._lane.enter(self._front)
        while not await self._have_places():
            self._give_back(self._places)
            self._lane.leave(started=False)
            await self._lane.enter(front=True)
        self._lane.started()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back(self._places[1:] if self.keeps_room else self._places)
        self._lane.leave()

    def answered(self, took: float, status: int | None, retry_after: float | None) -> None:
        """How the request ended: its seconds, its status, and the seconds of its Retry-After, where there is any."""
        self._lane.pace.answered(took)
        if status in BUSY:
            self._lane.pause(retry_after)

    async def _have_places(self) -> bool:
        """Takes the places in their order; False when the host asked for a pause meanwhile."""
        taken = 0
        try:
            for place in self._places:
                await place.acquire()
                taken += 1
        except BaseException:
            self._give_back(self._places[:taken])
            self._lane.leave(started=False)
            raise
        return not self._lane.paused

    @staticmethod
    def _give_back(places: tuple[asyncio.Semaphore, ...]) -> None:
        for place in places:
            place.release()


class Hosts:
    """The lanes of all hosts, and `connection`: the places of all connections together. One event loop."""

    def __init__(self, connections: int, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self.connection = asyncio.Semaphore(connections)
        self._budget, self._clock = budget, clock
        self._lanes: dict[str, Lane] = {}
        self._sweep_at = MOST_LANES

    def turn(
        self, host: str, *places: asyncio.Semaphore, front: bool = False, crawl_delay: float | None = None
    ) -> Turn:
        """A turn on `host`, for `async with`; the places are taken when it comes and given back after it."""
        lane = self._lanes.get(host)
        if lane is None:
            self._forget_idle()
            lane = self._lanes[host] = Lane(self._budget, self._clock)
        if crawl_delay is not None:
            lane.pace.crawl_delay = crawl_delay
        return Turn(lane, places, front)

    def __len__(self) -> int:
        return len(self._lanes)

    def _forget_idle(self) -> None:
        """Now and then, so that each new host pays for its own share of the looking."""
        if len(self._lanes) >= self._sweep_at:
            self._lanes = {host: lane for host, lane in self._lanes.items() if not lane.idle}
            self._sweep_at = max(MOST_LANES, 2 * len(self._lanes))

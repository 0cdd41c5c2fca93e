"""Per-host politeness: limits how many requests one host gets at a time, and how often they start.

In: the name of a host. Out: a HostTurn, granted in the order of the callers as soon as the host has fewer than
`max_active` requests and its rate limit (ingest/web/rate_limit) allows the next start; or HostPaused when the wait
would be too long. Feeds, pages and robots.txt of a host share one queue. A waiting request holds no connection slot,
so hosts do not block each other: slots are taken when it is the request's turn, by one request of a host at a time.
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

from ingest.web.rate_limit import BUSY_STATUSES, HostRate

# with so many hosts in memory, those whose state no longer matters are dropped
MOST_HOSTS_BEFORE_SWEEP = 20_000


class HostPaused(Exception):
    """The host gets no request from the caller now: try again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class HostLimits:
    """The limits from the settings, the same for each host.

    `max_active`: requests at a time; `gap_seconds`: the least time between two starts; `max_wait_seconds`: callers that
    would wait longer get HostPaused.
    """

    max_active: int
    gap_seconds: float
    max_wait_seconds: float = math.inf


class HostTurnQueue:
    """The queue of one host: its rate limit, its active requests and its waiting callers. For one event loop."""

    def __init__(self, limits: HostLimits, clock: Callable[[], float]) -> None:
        self.rate = HostRate()
        self._limits, self._clock = limits, clock
        self._active = 0
        self._starting = False  # a request has its turn, but still waits for its slots
        # a waiter's result is 0 when it is its turn, else the seconds after which to retry
        self._waiting: deque[asyncio.Future[float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._latest_retry_at = 0.0  # the latest retry time given to a caller

    @property
    def is_paused(self) -> bool:
        """Whether the host has asked for a pause that is not over."""
        return self.rate.paused_until > self._clock()

    @property
    def is_forgettable(self) -> bool:
        """Whether the queue is empty and its state no longer matters, so that it can be dropped."""
        return not self._waiting and not self._active and self.rate.is_forgettable(self._clock())

    async def wait_for_turn(self, front: bool) -> None:
        """Returns when it is the caller's turn; with `front` it is the next. Raises HostPaused."""
        now = self._clock()
        if not self._waiting and self._may_start(now):
            self._take_turn()
            return
        if (wait := self._wait_seconds(now, 0 if front else len(self._waiting))) > self._limits.max_wait_seconds:
            raise HostPaused(self._assign_retry_seconds(now, wait))
        waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if front else self._waiting.append)(waiter)
        self._advance()
        try:
            if seconds := await waiter:
                raise HostPaused(seconds)
        except asyncio.CancelledError:
            self._cancel_waiter(waiter)
            raise

    def record_start(self) -> None:
        """Notes that the request whose turn it is starts now."""
        self._starting = False
        self.rate.record_start(self._clock(), self._limits.gap_seconds)
        self._advance()

    def release_turn(self, started: bool = True) -> None:
        """Ends a turn: the request is over or, with `started` False, gave up before it started."""
        self._active -= 1
        self._starting = self._starting and started
        self._advance()

    def pause(self, retry_after_seconds: float | None) -> None:
        """Notes that the host asked for a pause; waiters that would now wait too long get HostPaused."""
        now = self._clock()
        self.rate.record_pause(now, retry_after_seconds)
        wait = self._wait_seconds(now, 0)
        while wait > self._limits.max_wait_seconds and (waiter := self._pop_waiter()):
            waiter.set_result(self._assign_retry_seconds(now, wait))

    def _wait_seconds(self, now: float, waiters_before: int) -> float:
        """Seconds until a request may start when `waiters_before` others start before it."""
        gap = self.rate.gap_seconds(self._limits.gap_seconds)
        return max(0.0, self.rate.earliest_start() - now) + waiters_before * gap

    def _assign_retry_seconds(self, now: float, wait: float) -> float:
        """Seconds after which a caller shall retry: each one gets a time that is a gap later than the one before."""
        self._latest_retry_at = max(now + wait, self._latest_retry_at + self.rate.gap_seconds(self._limits.gap_seconds))
        return self._latest_retry_at - now

    def _may_start(self, now: float) -> bool:
        return not self._starting and self._active < self._limits.max_active and self.rate.earliest_start() <= now

    def _take_turn(self) -> None:
        self._active += 1
        self._starting = True

    def _cancel_waiter(self, waiter: "asyncio.Future[float]") -> None:
        if waiter.cancelled():
            with suppress(ValueError):  # it has been taken out already
                self._waiting.remove(waiter)
        elif waiter.done() and waiter.result() == 0:
            self.release_turn(started=False)

    def _advance(self) -> None:
        """Gives the next waiter its turn, or sets a timer for when the rate limit allows it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting or self._starting or self._active >= self._limits.max_active:
            return
        wait = self.rate.earliest_start() - self._clock()
        if wait > 0:
            self._timer = asyncio.get_running_loop().call_later(wait, self._advance)
        elif waiter := self._pop_waiter():
            self._take_turn()
            waiter.set_result(0)

    def _pop_waiter(self) -> "asyncio.Future[float] | None":
        """Removes and returns the first waiter that has not been cancelled."""
        while self._waiting:
            if not (waiter := self._waiting.popleft()).done():
                return waiter
        return None


class HostTurn:
    """The right to send one request to a host, as an async context manager; made by Politeness.turn.

    Entering it waits for the turn and then for the slots. Raises HostPaused when it is entered.
    """

    def __init__(self, queue: HostTurnQueue, slots: tuple[asyncio.Semaphore, ...], front: bool) -> None:
        self.keeps_first_slot = False  # when set, the first slot is not released: that is then up to the caller
        self._queue, self._slots, self._front = queue, slots, front

    async def __aenter__(self) -> Self:
        await self._queue.wait_for_turn(self._front)
        while not await self._acquire_slots():
            self._release_slots(self._slots)
            self._queue.release_turn(started=False)
            await self._queue.wait_for_turn(front=True)
        self._queue.record_start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release_slots(self._slots[1:] if self.keeps_first_slot else self._slots)
        self._queue.release_turn()

    def record_response(self, took_seconds: float, status: int | None, retry_after_seconds: float | None) -> None:
        """Notes how long the request took and, when it failed, its HTTP status and Retry-After; None: there is none."""
        self._queue.rate.record_latency(took_seconds)
        if status in BUSY_STATUSES:
            self._queue.pause(retry_after_seconds)

    async def _acquire_slots(self) -> bool:
        """Takes the slots in their order; False when the host asked for a pause meanwhile."""
        taken = 0
        try:
            for slot in self._slots:
                await slot.acquire()
                taken += 1
        except BaseException:
            self._release_slots(self._slots[:taken])
            self._queue.release_turn(started=False)
            raise
        return not self._queue.is_paused

    @staticmethod
    def _release_slots(slots: tuple[asyncio.Semaphore, ...]) -> None:
        for slot in slots:
            slot.release()


class Politeness:
    """The queues of all hosts, and `connection_slots`, which limits all connections together. For one event loop."""

    def __init__(self, connections: int, limits: HostLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.connection_slots = asyncio.Semaphore(connections)
        self._limits, self._clock = limits, clock
        self._queues: dict[str, HostTurnQueue] = {}
        self._sweep_at = MOST_HOSTS_BEFORE_SWEEP

    def turn(
        self, host: str, *slots: asyncio.Semaphore, front: bool = False, crawl_delay: float | None = None
    ) -> HostTurn:
        """A turn on `host`, for `async with`; the slots are taken when the turn comes and released after it.

        `front`: before all waiting callers. `crawl_delay`: seconds, from robots.txt; None: as before.
        """
        queue = self._queues.get(host)
        if queue is None:
            self._sweep()
            queue = self._queues[host] = HostTurnQueue(self._limits, self._clock)
        if crawl_delay is not None:
            queue.rate.crawl_delay = crawl_delay
        return HostTurn(queue, slots, front)

    def __len__(self) -> int:
        return len(self._queues)

    def _sweep(self) -> None:
        """Drops forgettable queues, only when their number has doubled: the cost per new host is constant."""
        if len(self._queues) >= self._sweep_at:
            self._queues = {host: queue for host, queue in self._queues.items() if not queue.is_forgettable}
            self._sweep_at = max(MOST_HOSTS_BEFORE_SWEEP, 2 * len(self._queues))

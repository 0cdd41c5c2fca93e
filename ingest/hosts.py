"""May we, and how fast: one budget for all that is asked of a host, and which addresses may be asked at all.

In: the host of a request. Out: a turn, given when the host has a free place and its gap has passed. A slow host keeps
its own requests waiting and nobody else's. (robots.txt, crawl-delay and latency join here.)
"""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet.

    Not so: private, loopback, link-local, shared (CGNAT), reserved, multicast and unspecified addresses, and IPv6
    addresses that carry such an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (found, *_carried(found)))


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return []
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None
    teredo = address.teredo[1] if address.teredo else None
    return [each for each in (address.ipv4_mapped, address.sixtofour, teredo, nat64) if each is not None]


@dataclass
class Lane:
    """One host: who is on it and when the next may start. Times are seconds of a clock that only grows."""

    free: asyncio.Semaphore
    users: int = 0
    next_start: float = 0.0

    def reserve(self, now: float, gap: float) -> float:
        """Takes the next start and returns how long to wait for it."""
        start = max(now, self.next_start)
        self.next_start = start + gap
        return start - now


class Hosts:
    """The turns of all hosts, and the places of all connections together. One event loop.

    A request waits for its turn first and for a place in `connection` then, so that those who wait for a host hold
    nothing that others need.
    """

    def __init__(
        self, connections: int, per_host: int, gap: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.connection = asyncio.Semaphore(connections)
        self._per_host, self._gap, self._clock = per_host, gap, clock
        self._lanes: dict[str, Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Waits until the host has a free place and its gap has passed, and holds the place."""
        lane = self._lanes.setdefault(host, Lane(asyncio.Semaphore(self._per_host)))
        lane.users += 1
        try:
            async with lane.free:
                await asyncio.sleep(lane.reserve(self._clock(), self._gap))
                yield
        finally:
            lane.users -= 1
            self._forget_idle()

    def _forget_idle(self) -> None:
        """Hosts that nobody waits for and whose gap is over leave, before there are many of them."""
        if len(self._lanes) > 10_000:
            now = self._clock()
            self._lanes = {host: lane for host, lane in self._lanes.items() if lane.users or lane.next_start > now}

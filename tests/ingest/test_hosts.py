"""Turns: so many at a time on a host, so far apart, and no host waits for another."""

import asyncio
from itertools import pairwise
from time import monotonic

import pytest

from ingest.hosts import Hosts, Lane, is_public


def test_a_lane_gives_starts_one_gap_apart() -> None:
    lane = Lane(asyncio.Semaphore(2))
    assert [lane.reserve(now, 5.0) for now in (100.0, 101.0, 102.0)] == [0.0, 4.0, 8.0]
    assert lane.reserve(200.0, 5.0) == 0.0


def test_a_host_has_so_many_at_a_time_and_another_host_waits_for_none_of_them() -> None:
    async def play() -> tuple[int, list[str]]:
        hosts, busy, most, order = Hosts(10, 2, 0.0), 0, 0, list[str]()
        release = asyncio.Event()

        async def ask(host: str) -> None:
            nonlocal busy, most
            async with hosts.turn(host):
                busy += host == "slow"
                most = max(most, busy)
                if host == "slow":
                    await release.wait()
                busy -= host == "slow"
                order.append(host)

        slow = [asyncio.create_task(ask("slow")) for _ in range(6)]
        await asyncio.wait_for(ask("fast"), 5)
        release.set()
        await asyncio.gather(*slow)
        return most, order

    most, order = asyncio.run(play())
    assert most == 2
    assert order == ["fast", *["slow"] * 6]


def test_starts_on_one_host_keep_the_gap() -> None:
    async def play() -> list[float]:
        hosts, starts = Hosts(10, 3, 0.05), list[float]()

        async def ask() -> None:
            async with hosts.turn("one"):
                starts.append(monotonic())

        await asyncio.gather(*(ask() for _ in range(4)))
        return starts

    starts = asyncio.run(play())
    assert all(later - earlier > 0.045 for earlier, later in pairwise(starts))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public

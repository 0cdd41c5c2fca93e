"""Per-host politeness: limits on concurrency and start times hold, in order, and hosts do not block each other."""

import asyncio
import time
from itertools import pairwise
from time import monotonic

import pytest

from ingest.web.politeness import MOST_HOSTS_BEFORE_SWEEP, HostLimits, HostPaused, Politeness


def politeness(
    max_active: int = 2, gap: float = 0.0, max_wait_seconds: float = 1e9, connections: int = 10
) -> Politeness:
    return Politeness(connections, HostLimits(max_active, gap, max_wait_seconds))


def test_a_host_has_so_many_at_a_time_and_another_host_waits_for_none_of_them() -> None:
    async def play() -> tuple[int, list[str]]:
        turns, busy, most, order = politeness(), 0, 0, list[str]()
        release = asyncio.Event()

        async def ask(host: str) -> None:
            nonlocal busy, most
            async with turns.turn(host):
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


def test_starts_on_one_host_keep_the_gap_and_the_order() -> None:
    async def play() -> list[tuple[int, float]]:
        turns, starts = politeness(3, 0.05), list[tuple[int, float]]()

        async def ask(number: int, front: bool = False) -> None:
            async with turns.turn("one", front=front):
                starts.append((number, monotonic()))

        waiting = [asyncio.create_task(ask(number)) for number in range(4)]
        await asyncio.sleep(0)
        await asyncio.gather(*waiting, ask(99, front=True))
        return starts

    starts = asyncio.run(play())
    assert [number for number, _ in starts] == [0, 99, 1, 2, 3]
    assert all(later - earlier > 0.045 for (_, earlier), (_, later) in pairwise(starts))


def test_who_waits_for_a_host_holds_no_place_and_who_waits_for_a_place_keeps_the_gap() -> None:
    async def play() -> list[float]:
        turns, starts = politeness(2, 0.05, connections=1), list[float]()
        place = turns.connection_slots

        async def ask(host: str, hold: float) -> None:
            async with turns.turn(host, place):
                if host == "one":
                    starts.append(monotonic())
                await asyncio.sleep(hold)

        # the other host's request has the only place; the two of "one" have waited for it longer than their gap
        other = asyncio.create_task(ask("other", 0.15))
        await asyncio.sleep(0)
        await asyncio.gather(other, ask("one", 0), ask("one", 0))
        assert not place.locked()
        return starts

    first, second = asyncio.run(play())
    assert second - first > 0.045


def test_a_room_stays_with_the_caller_only_when_it_is_kept() -> None:
    async def play() -> tuple[bool, bool, bool]:
        turns, room = politeness(), asyncio.Semaphore(1)
        async with turns.turn("one", room, turns.connection_slots):
            inside = room.locked()
        after = room.locked()
        async with turns.turn("one", room, turns.connection_slots) as turn:
            turn.keeps_first_slot = True
        return inside, after, room.locked()

    assert asyncio.run(play()) == (True, False, True)


def test_a_burst_waits_cheaply_delays_nobody_and_ends_when_it_is_cancelled() -> None:
    async def play() -> float:
        turns = politeness(2, 3600.0, connections=4)
        room = asyncio.Semaphore(4)

        async def ask(host: str) -> None:
            async with turns.turn(host, room, turns.connection_slots):
                pass

        burst = [asyncio.create_task(ask("busy")) for _ in range(2_000)]
        await asyncio.sleep(0)
        began = time.perf_counter()
        await asyncio.wait_for(asyncio.gather(*(ask(f"host {number}") for number in range(200))), 5)
        took = time.perf_counter() - began
        for task in burst:
            task.cancel()
        ended = await asyncio.gather(*burst, return_exceptions=True)
        assert sum(isinstance(each, asyncio.CancelledError) for each in ended) == 1_999
        assert not room.locked()
        assert not turns.connection_slots.locked()
        return took

    assert asyncio.run(play()) < 2


def test_a_cancelled_waiter_loses_its_place_to_the_next() -> None:
    async def play() -> list[str]:
        turns, order = politeness(1), list[str]()

        async def ask(name: str) -> None:
            async with turns.turn("one"):
                order.append(name)
                await asyncio.sleep(0.01)

        tasks = [asyncio.create_task(ask(name)) for name in "abcd"]
        await asyncio.sleep(0.005)
        tasks[1].cancel()
        await asyncio.sleep(0.007)  # "a" is over: "c" has been told, or is on
        tasks[2].cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        return order

    order = asyncio.run(play())
    assert order[0] == "a"
    assert order[-1] == "d"
    assert "b" not in order


def test_a_wait_that_is_too_long_is_an_appointment_and_appointments_are_spread() -> None:
    async def play() -> list[float]:
        turns = politeness(1, 10.0, max_wait_seconds=25.0)
        told = list[float]()

        async def ask() -> None:
            try:
                async with turns.turn("one"):
                    pass
            except HostPaused as paused:
                told.append(paused.seconds)

        tasks = [asyncio.create_task(ask()) for _ in range(7)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return told

    # one started, two wait 10 and 20 s; the other four come back 30, 40, 50 and 60 s from the start
    assert asyncio.run(play()) == pytest.approx([30, 40, 50, 60], abs=1)


def test_a_host_that_asks_for_a_pause_gets_it_from_everybody() -> None:
    async def play() -> list[float]:
        turns = politeness(1, 0.0, max_wait_seconds=100.0)
        told = list[float]()

        async def ask(first: bool) -> None:
            try:
                async with turns.turn("one") as turn:
                    await asyncio.sleep(0.01)
                    if first:
                        turn.record_response(0.01, 429, 7200.0)
            except HostPaused as paused:
                told.append(paused.seconds)

        await asyncio.wait_for(asyncio.gather(ask(True), ask(False), ask(False)), 5)
        await ask(False)  # a later one, too
        return told

    assert asyncio.run(play()) == pytest.approx([7200] * 3, abs=1)


@pytest.mark.slow
def test_a_short_pause_is_waited_for() -> None:
    async def play() -> float:
        turns = politeness(2, 0.0, max_wait_seconds=100.0)
        async with turns.turn("one") as turn:
            turn.record_response(0.0, 503, 1.0)
        began = monotonic()
        async with turns.turn("other"):
            assert monotonic() - began < 0.5
        async with turns.turn("one"):
            return monotonic() - began

    assert 0.9 < asyncio.run(play()) < 3


def test_idle_hosts_are_forgotten_and_those_that_matter_are_not() -> None:
    async def play() -> tuple[int, bool]:
        turns = politeness(max_wait_seconds=100.0)
        async with turns.turn("paused") as turn:
            turn.record_response(0.0, 429, 3600.0)
        for number in range(MOST_HOSTS_BEFORE_SWEEP + 10):
            async with turns.turn(f"host {number}"):
                pass
        with pytest.raises(HostPaused):
            async with turns.turn("paused"):
                pass
        return len(turns), True

    count, still_paused = asyncio.run(play())
    assert count < 100
    assert still_paused

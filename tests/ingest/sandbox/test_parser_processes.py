"""Parser processes: a parser that hangs, crashes or fails costs only its own task; one that was killed or stopped costs
nothing."""

import asyncio
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from ingest.sandbox.parser_processes import Limits, ParserBug, ParserProcesses, Reports
from pipeline.failures import Poison

pytestmark = pytest.mark.slow

T = TypeVar("T")
MEMORY = 1 << 29
kept: list[bytearray] = []


def crawl(_: bytes) -> None:
    while True:
        pass


def crash(_: bytes) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse(_: bytes) -> None:
    raise Poison("unreadable_page", "no text")


def fail(_: bytes) -> None:
    raise KeyError("ours")


def sleep(_: bytes) -> None:
    threading.Event().wait()


def use_memory(_: bytes) -> int:
    return len(bytearray(2 * MEMORY))


def keep_memory(_: bytes) -> int:
    """Half of the limit, and it stays in use."""
    kept.append(bytearray(MEMORY // 2))
    return len(kept)


def signal_first_reader(file: str, number: signal.Signals) -> str:
    """The number of processes that have read this; the first sends a signal to itself."""
    with Path(file).open("a") as readers:
        print(os.getpid(), file=readers)
    if len(Path(file).read_text().split()) == 1:
        os.kill(os.getpid(), number)
    return Path(file).read_text()


def crash_and_count(file: str) -> None:
    with Path(file).open("a") as readers:
        print(os.getpid(), file=readers)
    crash(b"")


def note(file: str, line: str) -> None:
    with Path(file).open("a") as lines:
        print(line, file=lines)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def start_when_files_may_be_opened(file: str) -> None:
    """No process can be started before somebody was told so."""
    low, high = resource.getrlimit(resource.RLIMIT_NOFILE)

    def may_open(problem: str) -> None:
        note(file, problem or "none")
        resource.setrlimit(resource.RLIMIT_NOFILE, (low, high))

    async def call() -> str:
        parsers = ParserProcesses(1, Limits(60, MEMORY), Reports(problem=may_open))
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files(), high))
        try:
            return await parsers.call(str, b"read", "ascii")
        finally:
            parsers.close()

    note(file, asyncio.run(call()))


def outcomes_of(seconds: float, *functions: Callable[[bytes], T]) -> list[T | BaseException]:
    """The outcomes of calls that are made one after the other with one process."""

    async def calls() -> list[T | BaseException]:
        parsers = ParserProcesses(1, Limits(seconds, MEMORY))
        try:
            return [(await asyncio.gather(parsers.call(each, b"abc"), return_exceptions=True))[0] for each in functions]
        finally:
            parsers.close()

    return asyncio.run(calls())


def call_once(function: Callable[..., T], *arguments: object, seconds: float = 60.0) -> tuple[T | Poison, list[str]]:
    """The outcome of one call, and what was reported of deaths."""
    deaths: list[str] = []

    async def call() -> T | Poison:
        parsers = ParserProcesses(1, Limits(seconds, MEMORY), Reports(death=deaths.append))
        try:
            return await parsers.call(function, *arguments)
        except Poison as poison:
            return poison
        finally:
            parsers.close()

    return asyncio.run(call()), deaths


@pytest.mark.slow
def test_the_next_task_runs_after_each_kind_of_outcome() -> None:
    found = outcomes_of(4.0, len, crawl, len, crash, len, refuse, fail, sleep, len, use_memory, len)
    assert [each for each in found if isinstance(each, int)] == [3, 3, 3, 3, 3]
    crawled, crashed, refused, failed, slept, filled = [each for each in found if not isinstance(each, int)]
    assert str(crawled) == "unreadable_page: given up after 4 s"
    assert str(crashed) == "unreadable_page: the parser's process died, in each of 2 attempts"
    assert str(refused) == "unreadable_page: no text"
    assert str(slept) == "unreadable_page: given up after 4 s, in each of 2 attempts"
    assert str(filled) == f"unreadable_page: more than {MEMORY} bytes of memory, in each of 2 attempts"
    assert all(isinstance(each, Poison) for each in (crawled, crashed, refused, slept, filled))
    assert isinstance(failed, ParserBug)
    assert "KeyError: 'ours'" in str(failed)


# --- a process that dies ---


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_task_whose_process_is_killed_runs_again_in_a_fresh_one(tmp_path: Path, number: signal.Signals) -> None:
    readers, deaths = call_once(signal_first_reader, str(tmp_path / "readers"), number)
    assert isinstance(readers, str)
    assert len(set(readers.split())) == 2
    assert deaths == ["the parser's process died"]


def test_a_task_whose_process_was_stopped_until_the_deadline_runs_again(tmp_path: Path) -> None:
    readers, deaths = call_once(signal_first_reader, str(tmp_path / "readers"), signal.SIGSTOP, seconds=5.0)
    assert isinstance(readers, str)
    assert len(set(readers.split())) == 2
    assert deaths == ["given up after 5 s"]


def test_a_task_whose_process_dies_twice_is_given_up(tmp_path: Path) -> None:
    outcome, deaths = call_once(crash_and_count, str(tmp_path / "readers"))
    assert isinstance(outcome, Poison)
    assert len(set((tmp_path / "readers").read_text().split())) == len(deaths) == 2


def test_memory_that_earlier_tasks_have_left_in_use_costs_no_task() -> None:
    assert outcomes_of(60.0, *[keep_memory] * 3) == [1, 1, 1]


@pytest.mark.timeout(120)
def test_a_task_waits_while_no_process_can_be_started(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    poller = multiprocessing.get_context("spawn").Process(target=start_when_files_may_be_opened, args=(str(file),))
    poller.start()
    poller.join()
    first, *others = file.read_text().splitlines()
    assert "parser is unavailable: its process does not start" in first
    assert others == ["none", "read"]

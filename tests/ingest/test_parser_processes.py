"""Parser processes: a parser that hangs, crashes or fails costs only its own task; all end with the poller."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from ingest.parser_processes import ParserBug, ParserProcesses
from pipeline.failures import Poison

T = TypeVar("T")


def crawl(_: bytes) -> None:
    while True:
        pass


def crash(_: bytes) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse(_: bytes) -> None:
    raise Poison("unreadable_page", "no text")


def fail(_: bytes) -> None:
    raise KeyError("ours")


def write_pid_and_crawl(file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    crawl(b"")


def be_a_poller(file: str) -> None:
    parsers = ParserProcesses(1, 600)
    asyncio.run(parsers.call(write_pid_and_crawl, file))


def outcomes_of(seconds: float, *functions: Callable[[bytes], T]) -> list[T | BaseException]:
    """The outcomes of calls that are made one after the other with one process."""

    async def calls() -> list[T | BaseException]:
        parsers = ParserProcesses(1, seconds)
        try:
            return [(await asyncio.gather(parsers.call(each, b"abc"), return_exceptions=True))[0] for each in functions]
        finally:
            parsers.close()

    return asyncio.run(calls())


@pytest.mark.slow
def test_the_next_task_runs_after_each_kind_of_outcome() -> None:
    found = outcomes_of(1.0, len, crawl, len, crash, len, refuse, fail, len)
    assert [each for each in found if isinstance(each, int)] == [3, 3, 3, 3]
    crawled, crashed, refused, failed = [each for each in found if not isinstance(each, int)]
    assert isinstance(crawled, Poison)
    assert (crawled.reason, crawled.detail) == ("unreadable_page", "given up after 1 s")
    assert isinstance(crashed, Poison)
    assert crashed.reason == "unreadable_page"
    assert isinstance(refused, Poison)
    assert refused.detail == "no text"
    assert isinstance(failed, ParserBug)
    assert "KeyError: 'ours'" in str(failed)


def test_closing_does_not_wait_for_a_crawling_parser(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    async def close_while_crawling() -> float:
        parsers = ParserProcesses(1, 600)
        task = asyncio.create_task(parsers.call(write_pid_and_crawl, str(file)))
        await asyncio.to_thread(wait_for, file.exists)
        started = time.monotonic()
        parsers.close()
        with pytest.raises(Poison, match="died"):
            await task
        return time.monotonic() - started

    assert asyncio.run(close_while_crawling()) < 10


@pytest.mark.slow
def test_parser_processes_end_with_a_killed_poller(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    poller = multiprocessing.get_context("spawn").Process(target=be_a_poller, args=(str(file),))
    poller.start()
    wait_for(lambda: file.exists() and file.read_text() != "")
    parser = int(file.read_text())
    assert alive(parser)
    poller.kill()
    poller.join()
    wait_for(lambda: not alive(parser))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)

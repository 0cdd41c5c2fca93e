"""Parser processes and the end of their poller: the signals that stop it reach none; all end with it."""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.sandbox.parser_processes import Limits, ParserProcesses, Reports
from tests.ingest.sandbox.test_parser_processes import MEMORY, crawl, note, sleep

GROUP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def write_pid_and_crawl(file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    crawl(b"")


def write_pid_and_hold_interpreter(file: str) -> None:
    """As a regular expression does that takes for ever: no other thread runs meanwhile."""
    Path(file).write_text(str(os.getpid()))
    ctypes.PyDLL(None).sleep(600)


def read_slowly(seconds: float) -> str:
    threading.Event().wait(seconds)
    return "read"


def be_a_poller(function: Callable[[str], None], file: str) -> None:
    parsers = ParserProcesses(1, Limits(600, MEMORY))
    asyncio.run(parsers.call(function, file))


def be_a_poller_that_never_closes(file: str) -> None:
    parsers = ParserProcesses(1, Limits(600, MEMORY))
    Path(file).write_text(str(asyncio.run(parsers.call(os.getpid))))


def read_in_own_group(file: str) -> None:
    """Starts a reader again and again, in a process group of its own; writes what came of it."""
    os.setpgid(0, 0)
    for number in GROUP_SIGNALS:
        signal.signal(number, lambda *_: None)
    Path(file).write_text("up\n")
    for _ in range(3):
        parsers = ParserProcesses(1, Limits(60, MEMORY), Reports(death=lambda why: note(file, why)))
        note(file, asyncio.run(parsers.call(read_slowly, 0.3)))
        parsers.close()
    note(file, "end")


@pytest.mark.slow
def test_signals_of_the_process_group_reach_no_parser(tmp_path: Path) -> None:
    """Neither while it reads nor while it starts."""
    file = tmp_path / "lines"
    poller = multiprocessing.get_context("spawn").Process(target=read_in_own_group, args=(str(file),))
    poller.start()
    assert poller.pid is not None
    wait_for(lambda: file.exists() and "up" in file.read_text())
    pause = threading.Event()
    while "end" not in file.read_text() and poller.is_alive():
        for number in GROUP_SIGNALS:
            os.killpg(poller.pid, number)
        pause.wait(0.01)
    poller.join()
    assert file.read_text().split() == ["up", "read", "read", "read", "end"]


def test_closing_does_not_wait_for_a_crawling_parser_and_is_no_verdict(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    async def close_while_crawling() -> float:
        parsers = ParserProcesses(1, Limits(600, MEMORY))
        tasks = [asyncio.create_task(parsers.call(write_pid_and_crawl, str(file))) for _ in range(2)]
        await asyncio.to_thread(wait_for, file.exists)
        started = time.monotonic()
        parsers.close()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in outcomes] == [asyncio.CancelledError, asyncio.CancelledError]
        return time.monotonic() - started

    assert asyncio.run(close_while_crawling()) < 10


def test_closing_does_not_wait_for_a_parser_that_starts() -> None:
    async def close_while_starting() -> float:
        parsers = ParserProcesses(1, Limits(600, MEMORY))
        task = asyncio.create_task(parsers.call(sleep, b""))
        await asyncio.to_thread(wait_for, lambda: bool(multiprocessing.active_children()))
        started = time.monotonic()
        parsers.close()
        outcomes = await asyncio.gather(task, return_exceptions=True)
        assert [type(each) for each in outcomes] == [asyncio.CancelledError]
        return time.monotonic() - started

    assert asyncio.run(close_while_starting()) < 10
    assert not multiprocessing.active_children()


@pytest.mark.slow
@pytest.mark.parametrize("function", [write_pid_and_crawl, write_pid_and_hold_interpreter])
def test_parser_processes_end_with_a_killed_poller(tmp_path: Path, function: Callable[[str], None]) -> None:
    file = tmp_path / "pid"
    poller = multiprocessing.get_context("spawn").Process(target=be_a_poller, args=(function, str(file)))
    poller.start()
    wait_for(lambda: file.exists() and file.read_text() != "")
    parser = int(file.read_text())
    assert alive(parser)
    poller.kill()
    poller.join()
    wait_for(lambda: not alive(parser))


@pytest.mark.slow
def test_parser_processes_end_with_a_poller_that_never_closes_them(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    poller = multiprocessing.get_context("spawn").Process(target=be_a_poller_that_never_closes, args=(str(file),))
    poller.start()
    poller.join(30)
    exit_code = poller.exitcode
    poller.kill()
    assert exit_code == 0
    wait_for(lambda: not alive(int(file.read_text())))


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

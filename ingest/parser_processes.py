"""Parsers in processes of their own, with a hard deadline: bytes from the web never run in the poller.

In: a function of ours and its arguments. Out: what it returns, or Poison; a parser that crawls is killed at the
deadline and one that crashes is replaced, and the poller goes on. The processes end with the poller, however it ends.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import Any, TypeVar

from pipeline.failures import Poison

T = TypeVar("T")
# a new process imports the parsers, on a busy machine with others
START_SECONDS = 120.0


class ParserBug(Exception):
    """A parser raised what it should not; the text is its traceback."""


@dataclass
class _Reader:
    """One process, started when it is first asked."""

    process: SpawnProcess | None = None
    connection: Connection | None = None

    def ask(self, task: tuple[Callable[..., Any], tuple[Any, ...]], seconds: float) -> tuple[str, Any]:
        """What became of the task: (`done`, result), (`poison`, (reason, detail)) or (`bug`, traceback)."""
        try:
            connection = self._started()
            connection.send(task)
            if connection.poll(seconds):
                answer: tuple[str, Any] = connection.recv()
                return answer
            verdict = f"given up after {seconds:g} s"
        except (EOFError, OSError) as error:
            verdict = f"the parser's process died: {type(error).__name__}"
        self.end()
        return "poison", ("unreadable_page", verdict)

    def _started(self) -> Connection:
        if self.connection is None or self.process is None:
            context = multiprocessing.get_context("spawn")
            self.connection, theirs = context.Pipe()
            self.process = context.Process(target=_serve, args=(theirs,), name="reader", daemon=True)
            self.process.start()
            theirs.close()
            if not self.connection.poll(START_SECONDS):
                raise EOFError
            self.connection.recv()
        return self.connection

    def end(self) -> None:
        """At once: it holds nothing."""
        process, connection = self.process, self.connection
        self.process = self.connection = None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if connection is not None:
            connection.close()


class ParserProcesses:
    """`count` reader processes for one event loop; `took` is told the seconds of each reading, without its queue."""

    def __init__(self, count: int, seconds: float, took: Callable[[float], None] = lambda _: None) -> None:
        self._seconds, self._took = seconds, took
        self._all = [_Reader() for _ in range(count)]
        self._idle: SimpleQueue[_Reader] = SimpleQueue()
        for reader in self._all:
            self._idle.put(reader)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reader")

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        """`function(*arguments)`, run by an idle reader. The function must be importable by name.

        Raises Poison (the function's own, or `unreadable_page` when it took too long or crashed) and ParserBug.
        """
        outcome, found = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, function, arguments)
        if outcome == "poison":
            raise Poison(*found)
        if outcome == "bug":
            raise ParserBug(found)
        result: T = found
        return result

    def _ask(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[str, Any]:
        reader = self._idle.get()
        started = time.monotonic()
        try:
            return reader.ask((function, arguments), self._seconds)
        finally:
            self._took(time.monotonic() - started)
            self._idle.put(reader)

    def close(self) -> None:
        """Ends the processes; what they were reading is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for reader in self._all:
            with suppress(ValueError):  # its own thread has just ended it
                if reader.process is not None:
                    reader.process.kill()  # its thread sees the closed pipe and returns
        self._threads.shutdown(wait=True)
        for reader in self._all:
            reader.end()


def _serve(connection: Connection) -> None:
    """A reader's life: task in, outcome out, until the poller is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the poller's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection.send("ready")
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        connection.send(_outcome(function, arguments))


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "done", function(*arguments)
    except Poison as poison:
        return "poison", (poison.reason, poison.detail)
    except Exception:
        return "bug", traceback.format_exc()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

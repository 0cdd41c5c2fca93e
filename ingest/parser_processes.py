"""Parser processes: runs parsers in child processes with a hard deadline, so that no page or feed can stop the poller.

In: a parser function and its arguments. Out: its result, or Poison. A process that exceeds the deadline is killed, one
that crashes is replaced, and the poller goes on. The processes end with the poller, however it ends.
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
# until a new process is ready: it imports the parsers first, perhaps on a busy machine
START_SECONDS = 120.0


class ParserBug(Exception):
    """A parser raised something other than Poison; the text is its traceback."""


@dataclass
class _ParserProcess:
    """One child process, started at its first task and after it was killed."""

    process: SpawnProcess | None = None
    connection: Connection | None = None

    def run_task(self, task: tuple[Callable[..., Any], tuple[Any, ...]], deadline_seconds: float) -> tuple[str, Any]:
        """The outcome of a task: (`done`, result), (`poison`, (reason, detail)) or (`bug`, traceback)."""
        try:
            connection = self._connect()
            connection.send(task)
            if connection.poll(deadline_seconds):
                answer: tuple[str, Any] = connection.recv()
                return answer
            verdict = f"given up after {deadline_seconds:g} s"
        except (EOFError, OSError) as error:
            verdict = f"the parser's process died: {type(error).__name__}"
        self.kill()
        return "poison", ("unreadable_page", verdict)

    def _connect(self) -> Connection:
        if self.connection is None or self.process is None:
            context = multiprocessing.get_context("spawn")
            self.connection, theirs = context.Pipe()
            self.process = context.Process(target=_serve_tasks, args=(theirs,), name="reader", daemon=True)
            self.process.start()
            theirs.close()
            if not self.connection.poll(START_SECONDS):
                raise EOFError
            self.connection.recv()
        return self.connection

    def kill(self) -> None:
        """Ends the process at once: it holds nothing that must be saved."""
        process, connection = self.process, self.connection
        self.process = self.connection = None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if connection is not None:
            connection.close()


class ParserProcesses:
    """`count` parser processes for one event loop. Each task has `deadline_seconds`.

    `on_duration` is called with the seconds that each task took, without its time in the queue.
    """

    def __init__(
        self, count: int, deadline_seconds: float, on_duration: Callable[[float], None] = lambda _: None
    ) -> None:
        self._deadline_seconds, self._on_duration = deadline_seconds, on_duration
        self._parsers = [_ParserProcess() for _ in range(count)]
        self._idle: SimpleQueue[_ParserProcess] = SimpleQueue()
        for parser in self._parsers:
            self._idle.put(parser)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reader")

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        """Runs `function(*arguments)` in an idle process. The function must be importable by name.

        Raises Poison (the function's own, or `unreadable_page` when it took too long or crashed) and ParserBug.
        """
        loop = asyncio.get_running_loop()
        outcome, value = await loop.run_in_executor(self._threads, self._run_on_idle_parser, function, arguments)
        if outcome == "poison":
            raise Poison(*value)
        if outcome == "bug":
            raise ParserBug(value)
        result: T = value
        return result

    def _run_on_idle_parser(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[str, Any]:
        parser = self._idle.get()
        started = time.monotonic()
        try:
            return parser.run_task((function, arguments), self._deadline_seconds)
        finally:
            self._on_duration(time.monotonic() - started)
            self._idle.put(parser)

    def close(self) -> None:
        """Ends the processes; unfinished tasks are given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for parser in self._parsers:
            with suppress(ValueError):  # its own thread has just ended it
                if parser.process is not None:
                    parser.process.kill()  # its thread sees the closed pipe and returns
        self._threads.shutdown(wait=True)
        for parser in self._parsers:
            parser.kill()


def _serve_tasks(connection: Connection) -> None:
    """The child process: receives tasks and sends their outcomes, until the poller closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the poller handles Ctrl-C
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    connection.send("ready")
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        connection.send(_run_task(function, arguments))


def _run_task(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "done", function(*arguments)
    except Poison as poison:
        return "poison", (poison.reason, poison.detail)
    except Exception:
        return "bug", traceback.format_exc()


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

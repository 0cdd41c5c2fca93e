"""Parser processes: runs parsers in child processes with limits of time and memory, so that no page or feed can stop
the poller.

In: a parser function and its arguments. Out: its result, or Poison. A process that died, or that got no turn until the
deadline, says nothing about its task: perhaps it was killed or stopped. So the task runs once more, in a fresh process,
before it is given up. The processes are deaf to the signals that stop the poller: the poller ends them, and they end
with it, however it ends.
"""

import asyncio
import multiprocessing
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker, util
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from typing import TypeVar

from ingest.sandbox.parser_child import Outcome, Task, serve_tasks
from ingest.sandbox.process_time import ProcessTime, judge_lateness, read_process_time
from pipeline.failures import Backoff, Poison, Unavailable

T = TypeVar("T")
# until a new process is ready, perhaps on a busy machine
START_SECONDS = 120.0
# between two looks at the deadlines
LOOK_SECONDS = 0.1
# of a task whose process dies
ATTEMPTS = 2
# they are sent to a whole process group, or to all processes of a service
STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
RESTART = Backoff()


class ParserBug(Exception):
    """A parser raised something other than Poison; the text is its traceback."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a task: seconds, and bytes of memory of its process."""

    deadline_seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Reports:
    """Who is told what happens to the processes.

    `duration`: the seconds of each task, without its time in the queue, from any thread. `death`: why a process ended
    before its task was done, from any thread. `problem`: why none can be started, "" when one was; in the event loop.
    """

    duration: Callable[[float], None] = lambda _: None
    death: Callable[[str], None] = lambda _: None
    problem: Callable[[str], None] = lambda _: None


class _ParserProcess:
    """One child process, started at its first task and after it ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._deadline: _Deadline | None = None
        self._closed = False

    def run(self, task: Task) -> Outcome:
        """The outcome of a task: `died` when the process died or got no turn. Raises Unavailable: it does not start."""
        process, connection = self._started()
        self._deadline = deadline = _Deadline(process, self._limits.deadline_seconds)
        try:
            outcome = _exchange(connection, task)
        finally:
            self._deadline = None
        if outcome[0] == "died":
            self.end()
            return deadline.verdict or outcome
        return outcome

    def look_at_deadline(self, now: float) -> None:
        """Kills the process when it is late; to be called often, from another thread. `now`: monotonic seconds."""
        deadline = self._deadline
        if deadline is not None:
            deadline.look(now)

    def _started(self) -> tuple[SpawnProcess, Connection]:
        if self._process is not None and self._connection is not None and self._process.is_alive():
            return self._process, self._connection
        self.end()
        try:
            process, connection = self._process, self._connection = _spawn(self._limits.memory_bytes)
            if self._closed:
                process.kill()
            if not connection.poll(START_SECONDS):
                raise EOFError
            connection.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise Unavailable("parser", f"its process does not start: {error!r}") from error
        return process, connection

    def close(self) -> None:
        """Kills the process, from any thread: its own one sees the end of it. One that starts meanwhile is killed."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        """Ends the process at once: it holds nothing that must be saved."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is not None:
            process.kill()
            process.join()
        if connection is not None:
            connection.close()


def _spawn(memory_bytes: int) -> tuple[SpawnProcess, Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with theirs, _stop_signals_blocked():
        process = context.Process(target=serve_tasks, args=(theirs, memory_bytes), name="reader", daemon=True)
        process.start()
    return process, ours


@contextmanager
def _stop_signals_blocked() -> Iterator[None]:
    """A process that is started inside never hears the stop signals: it inherits what this thread blocks."""
    resource_tracker.ensure_running()  # before: it unblocks them when it starts (bpo-33613)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exchange(connection: Connection, task: Task) -> Outcome:
    try:
        connection.send(task)
        outcome: Outcome = connection.recv()
    except (EOFError, OSError):
        return "died", "the parser's process died"
    return outcome


class _Deadline:
    """Kills a process that is not done in time, whatever it hangs at: also while it takes its task or answers.

    `verdict` is the outcome of its task then: `poison`, or `died` where it got no turn.
    """

    def __init__(self, process: SpawnProcess, seconds: float) -> None:
        self.verdict: Outcome | None = None
        self._process, self._seconds = process, seconds
        self._began = time.monotonic()
        self._before: ProcessTime | None = None

    def look(self, now: float) -> None:
        """Ends the process when it is late."""
        used = read_process_time(self._process.pid)
        self._before = self._before or used
        spent = ProcessTime(used.computing - self._before.computing, used.queueing - self._before.queueing)
        if self.verdict is None and (verdict := judge_lateness(now - self._began, spent, self._seconds)):
            self.verdict = verdict
            self._process.kill()


class ParserProcesses:
    """`count` parser processes for one event loop."""

    def __init__(self, count: int, limits: Limits, reports: Reports | None = None) -> None:
        self._reports = reports or Reports()
        self._parsers = [_ParserProcess(limits) for _ in range(count)]
        self._idle: SimpleQueue[_ParserProcess] = SimpleQueue()
        for parser in self._parsers:
            self._idle.put(parser)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reader")
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._watch_deadlines, name="reader deadlines", daemon=True)
        self._watch.start()
        # else multiprocessing, at exit, asks them to end with a signal that they do not hear, and waits for that
        self._at_exit = util.Finalize(None, self.close, exitpriority=1)

    async def call(self, function: Callable[..., T], *arguments: object) -> T:
        """Runs `function(*arguments)` in an idle process. The function must be importable by name.

        Raises Poison (the function's own, or `unreadable_page` when it took too long or its process died twice),
        ParserBug, and CancelledError when the processes are closed meanwhile. Waits while none can be started.
        """
        outcome, value = await self._outcome((function, arguments))
        if outcome == "poison":
            raise Poison(*value)
        if outcome == "bug":
            raise ParserBug(value)
        result: T = value
        return result

    async def _outcome(self, task: Task) -> Outcome:
        attempt = 0
        while not self._stop.is_set():
            attempt += 1
            try:
                outcome = await asyncio.get_running_loop().run_in_executor(self._threads, self._run_on_idle, task)
                self._reports.problem("")
                if outcome[0] != "died":
                    return outcome
            except Unavailable as error:
                self._reports.problem(str(error))
                await asyncio.sleep(RESTART.delay(attempt, random.random()))
        raise asyncio.CancelledError

    def _run_on_idle(self, task: Task) -> Outcome:
        parser = self._idle.get()
        started = time.monotonic()
        try:
            return self._run(parser, task)
        finally:
            self._reports.duration(time.monotonic() - started)
            self._idle.put(parser)

    def _run(self, parser: _ParserProcess, task: Task) -> Outcome:
        """`died` only when the processes were closed."""
        for _ in range(ATTEMPTS):
            outcome = parser.run(task)
            if outcome[0] != "died" or self._stop.is_set():
                return outcome
            self._reports.death(outcome[1])
        return "poison", ("unreadable_page", f"{outcome[1]}, in each of {ATTEMPTS} attempts")

    def _watch_deadlines(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            for parser in self._parsers:
                parser.look_at_deadline(time.monotonic())

    def close(self) -> None:
        """Ends the processes; unfinished tasks are cancelled."""
        self._at_exit.cancel()
        self._stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for parser in self._parsers:
            parser.close()
        self._threads.shutdown(wait=True)
        for parser in self._parsers:
            parser.end()

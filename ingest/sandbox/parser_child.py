"""The inside of a parser process: receives tasks and sends their outcomes, until the poller closes the pipe or ends.

In: a parser function and its arguments, through a pipe. Out: an Outcome. Memory is limited; the process ends with its
poller even while a parser holds the interpreter (a long regular expression does), and is the first that a machine
without memory ends. The stop signals are blocked by who starts it (ingest/sandbox/parser_processes).
"""

import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipeline.failures import Poison

Task = tuple[Callable[..., Any], tuple[Any, ...]]
# (`done`, result), (`poison`, (reason, detail)), (`bug`, traceback), or (`died`, why): no verdict on the task yet
Outcome = tuple[str, Any]

PR_SET_PDEATHSIG = 1  # prctl.h
FIRST_TO_GO = "1000"  # proc_pid_oom_score_adj(5)


def serve_tasks(connection: Connection, memory_bytes: int) -> None:
    """Runs one task after the other, with at most so many bytes of address space."""
    _end_with_parent()
    _limit_memory(memory_bytes)
    connection.send("ready")
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(_run(task, memory_bytes))


def _run(task: Task, memory_bytes: int) -> Outcome:
    function, arguments = task
    try:
        return "done", function(*arguments)
    except Poison as poison:
        return "poison", (poison.reason, poison.detail)
    except MemoryError:  # perhaps for what earlier tasks have left behind
        return "died", f"more than {memory_bytes} bytes of memory"
    except Exception:
        return "bug", traceback.format_exc()


def _limit_memory(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash on each of many pages would fill the disk
    with suppress(OSError):  # Linux has it
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)


def _end_with_parent() -> None:
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

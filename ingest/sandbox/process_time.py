"""Process time: how long a process computed and how long it queued for a processor, and whether it is late.

In: a process, the seconds since it was given its task, its deadline. Out: nothing yet, or the outcome of its task. On a
machine with more to do than it can, a page that takes two seconds takes forty: so the time in which a process was ready
and no processor was free does not count, up to a limit (it was found by a soak beside seven other programs: pages that
were there were told from their feed).
"""

import os
from pathlib import Path
from typing import NamedTuple

from ingest.sandbox.parser_child import Outcome

# of the deadline: a process that computed for less was stopped, or got no turn
LEAST_COMPUTING_SHARE = 0.25
# of the deadline: later than that it is given up, whatever it waited for
MOST_PATIENCE = 6.0


class ProcessTime(NamedTuple):
    """Seconds in which a process computed, and in which its main thread was ready but no processor was free."""

    computing: float
    queueing: float


def judge_lateness(elapsed: float, spent: ProcessTime, deadline: float) -> Outcome | None:
    """The outcome of a task that is given up after so many seconds; None while there is time.

    `poison` where the process worked at it; `died`, which is no verdict on the task, where it hardly got a turn.
    """
    if elapsed - spent.queueing < deadline and elapsed < MOST_PATIENCE * deadline:
        return None
    detail = f"given up after {deadline:g} s"
    worked = spent.computing >= LEAST_COMPUTING_SHARE * deadline
    return ("poison", ("unreadable_page", detail)) if worked else ("died", detail)


def read_process_time(pid: int | None) -> ProcessTime:
    """The times of a process since its start; 0 where the system does not tell, or it is gone."""
    return ProcessTime(_computing_seconds(pid), _queueing_seconds(pid))


def _computing_seconds(pid: int | None) -> float:
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, ValueError):
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _queueing_seconds(pid: int | None) -> float:
    """Linux's schedstat (Documentation/scheduler/sched-stats): nanoseconds on a processor, then in its queue."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0

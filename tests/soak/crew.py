"""The crew of a soak: two of each stage as child processes, started again when they end, with their memory over time.

In: the environment of the processes. Out: processes that can be killed, terminated, frozen and woken by name; how often
each was started again, and how often one ended though nobody did anything to it.
"""

import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from embedded import ports
from embedded.child_process import ChildProcess
from newsloom.local_run.stage_order import STAGE_COMMANDS

OF_A_STAGE = 2
GRACE_SECONDS = 30.0
RESTART_SECONDS = 2.0


class Crew:
    """The workers by name: ingest-1, ingest-2, annotate-1 and so on. Times are monotonic seconds, passed in."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment, self._logs = environment, logs
        names = [f"{stage}-{number + 1}" for stage in STAGE_COMMANDS for number in range(OF_A_STAGE)]
        self.children = {name: self.make(name) for name in names}
        self.restarts: Counter[str] = Counter()
        self.ended_by_themselves: list[str] = []
        self.memory: dict[str, list[int]] = defaultdict(list)  # PSS in kB
        self.frozen: set[str] = set()
        self._touched: set[str] = set()  # somebody made it end
        self._due: dict[str, float] = {}

    def make(self, name: str) -> ChildProcess:
        """A process of a stage (the name up to "-"), not started yet."""
        [port] = ports.choose_ports({name: 0})
        command = [sys.executable, "-m", "newsloom", *STAGE_COMMANDS[name.partition("-")[0]]]
        environment = {**self._environment, "NEWSLOOM_SERVICE__HEALTH_PORT": str(port)}
        return ChildProcess(name, command, self._logs / f"{name}.log", environment, GRACE_SECONDS)

    def start(self) -> None:
        """Starts all, the last stage first."""
        for child in reversed(self.children.values()):
            child.start()

    def stop(self) -> None:
        """SIGTERM to all; returns when they have ended."""
        for name in list(self.frozen):
            self.wake(name)
        for child in self.children.values():
            child.begin_stop()
        for child in self.children.values():
            child.stop()

    def restart_dead(self, now: float) -> list[str]:
        """Starts those again that have ended, after a short wait; a line for each event."""
        return [line for name in self.children if (line := self._restart_if_dead(name, now))]

    def _restart_if_dead(self, name: str, now: float) -> str:
        child = self.children[name]
        if child.alive:
            return ""
        if name not in self._due:
            self._due[name] = now + RESTART_SECONDS
            if name in self._touched:
                return ""
            self.ended_by_themselves.append(f"{name} with {child.returncode}: {' / '.join(child.last_lines(3))[-600:]}")
            return f"{name} ended by itself with {child.returncode}"
        if now < self._due[name]:
            return ""
        del self._due[name]
        self._touched.discard(name)
        self.restarts[name] += 1
        child.start()
        return f"{name} started again"

    # --- what is done to them ---

    def kill(self, name: str) -> None:
        """SIGKILL to the process itself."""
        self._touched.add(name)
        self.signal_process(self.children[name].pid, signal.SIGKILL)

    def terminate(self, name: str) -> None:
        """SIGTERM, as a deploy does it; returns at once."""
        self._touched.add(name)
        self.children[name].begin_stop()

    def freeze(self, name: str) -> None:
        """SIGSTOP to the process and its children, as a paused container or a machine without memory."""
        self.frozen.add(name)
        self._signal_group(name, signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """SIGCONT."""
        self.frozen.discard(name)
        self._signal_group(name, signal.SIGCONT)

    def readers(self, name: str) -> list[int]:
        """The processes that a worker has started: of a poller those that read pages and feeds."""
        return children_of(self.children[name].pid)

    def _signal_group(self, name: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.children[name].pid, number)

    @staticmethod
    def signal_process(pid: int, number: signal.Signals) -> None:
        """A signal to one process alone: a worker's, or that of a child of it."""
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    # --- memory ---

    def sample_memory(self, others: Mapping[str, int]) -> None:
        """Notes the memory of every worker with its children, and of other processes by name and pid."""
        pids = {name: child.pid for name, child in self.children.items() if child.alive}
        for name, pid in {**pids, **others}.items():
            if kilobytes := sum(map(proportional_memory, [pid, *children_of(pid)])):
                self.memory[name].append(kilobytes)


def children_of(pid: int) -> list[int]:
    """The pids of a process' children."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def proportional_memory(pid: int) -> int:
    """PSS in kB: resident memory, with what is shared counted in parts; 0 when the process is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0

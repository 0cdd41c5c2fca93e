"""What the processes of a running pipeline cost: CPU seconds and memory, by part, from /proc.

In: the process that started all the others. Out: seconds of CPU time of each part since its start, with all threads and
with what ended meanwhile, and its memory. PSS is resident memory in which shared pages count in parts, so that the
parts add up.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 3.0
# the command line of a process, with spaces -> its part; the first that is found
PARTS = (
    (re.compile(r"elasticsearch_node"), "Elasticsearch"),
    (re.compile(r"\bkafka\.(Kafka|tools\.)"), "Kafka"),
    (re.compile(r"-m newsloom ingest\b"), "poller"),
    (re.compile(r"-m newsloom (?:enrich )?(\w+)"), r"\1"),
)
READERS = "page readers"  # what the poller has started


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its parent, its CPU seconds, and those of children that it has waited for."""

    pid: int
    parent: int
    own: float
    ended_children: float


def all_processes() -> dict[int, Process]:
    """Every process of this machine, by pid."""
    found: dict[int, Process] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):  # it has just ended
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            own, ended = (sum(map(int, fields[at : at + 2])) / TICKS for at in (11, 13))
            found[int(entry.name)] = Process(int(entry.name), int(fields[1]), own, ended)
    return found


def part_of(command: str, parent: str) -> str:
    """The part that a process belongs to, by its command line; `parent` is its parent's part."""
    for pattern, name in PARTS:
        if found := pattern.search(command):
            return found.expand(name)
    return READERS if parent == "poller" else parent


class PipelineProcesses:
    """The tree of processes below one, that of `newsloom run`."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._parts: dict[int, str] = {}

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, by part."""
        found: dict[str, float] = {}
        for part, process in self._tree():
            found[part] = found.get(part, 0.0) + process.own + process.ended_children
        return found

    def memory(self) -> Counter[str]:
        """PSS in bytes, by part."""
        found: Counter[str] = Counter()
        for part, process in self._tree():
            found[part] += proportional_memory(process.pid)
        return found

    def _tree(self) -> Iterator[tuple[str, Process]]:
        processes = all_processes()
        children: dict[int, list[Process]] = {}
        for each in processes.values():
            children.setdefault(each.parent, []).append(each)
        waiting = [(processes[self._root], "run")] if self._root in processes else []
        while waiting:
            process, parent = waiting.pop()
            part = self._part(process.pid, parent)
            yield part, process
            waiting += [(child, part) for child in children.get(process.pid, ())]

    def _part(self, pid: int, parent: str) -> str:
        """A process between fork and exec has its parent's command line, so only what is no guess is kept."""
        if pid not in self._parts:
            with suppress(OSError):
                command = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                part = part_of(command, parent)
                if part == parent or pid == self._root:
                    return part
                self._parts[pid] = part
        return self._parts.get(pid, parent)


def proportional_memory(pid: int) -> int:
    """PSS in bytes; 0 when the process is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class PeakMemory:
    """Watches the memory of the parts while a `with` block lasts: `bytes` is the most that each had, `total` that all
    had at one time."""

    def __init__(self, processes: PipelineProcesses) -> None:
        self._processes, self._over = processes, threading.Event()
        self.bytes: Counter[str] = Counter()
        self.total = 0
        self.samples: list[int] = []  # of all parts together, from the first to the last
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        seen = self._processes.memory()
        self.bytes |= seen
        self.samples.append(seen.total())
        self.total = max(self.samples)


def difference(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was added to each part."""
    return {part: value - before.get(part, 0) for part, value in after.items()}

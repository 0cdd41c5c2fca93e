"""`newsloom run` as a child process of a test, in a session of its own: what it says, and what it leaves running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from newsloom.local_run import run_addresses
from newsloom.local_run.pipeline_status import StatusSnapshot, now, take_snapshot

LOCAL = {
    "NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true",
    "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0",
    "NEWSLOOM_INGEST__CONTACT": "test@example.org",
    "NEWSLOOM_EMBEDDED__HEAP": "512m",
    "NEWSLOOM_SERVICE__LOG_FORMAT": "json",
}


def until(condition: Callable[[], bool], seconds: float, what: Callable[[], str] = lambda: "") -> float:
    """Waits until the condition is true; the seconds that it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"it never came true: {what()}"
        time.sleep(0.1)
    return time.monotonic() - began


@dataclass
class RunProcess:
    """A `newsloom run` on `data`; what it prints lies in a file."""

    process: subprocess.Popen[bytes]
    data: Path
    output: Path

    def says(self, text: str) -> bool:
        return text in self.text()

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def snapshot(self) -> StatusSnapshot:
        options = run_addresses.settings_with_addresses(self.data)  # also before it has written them
        found = run_addresses.read(self.data)
        return take_snapshot(options, found.health if found else {}, now())

    def states(self) -> dict[str, str]:
        return {stage: view.state for stage, view in self.snapshot().stages.items()}

    def works(self) -> bool:
        return run_addresses.read(self.data) is not None and set(self.states().values()) == {"working"}

    def ends(self, seconds: float) -> int:
        """Its exit code, when it ends in time."""
        return self.process.wait(seconds)


@contextmanager
def newsloom_run(data: Path, feeds: Path, *arguments: str, **environment: str) -> Iterator[RunProcess]:
    """Runs the pipeline for the block; at the end nothing of it is left, whatever happened."""
    output = data.with_name(f"{data.name}.output")
    command = [sys.executable, "-m", "newsloom", "run", "--data", str(data), "--feeds", str(feeds), *arguments]
    with output.open("ab") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env={**os.environ, **LOCAL, **environment}, start_new_session=True
        )
    try:
        yield RunProcess(process, data, output)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
        process.kill()
        process.wait()
        until(lambda: not processes_on(data), 60, lambda: str(processes_on(data)))


def processes_on(data: Path) -> dict[int, str]:
    """Every living process that has the data directory in its command line or environment, by its pid."""
    return {pid: line for pid, line in _command_lines().items() if str(data) in line}


def server_pid(data: Path, name: str) -> int:
    """The pid of the server ("kafka.Kafka" or "elasticsearch_node.py"), not of its reaper."""
    found = [
        pid
        for pid, line in processes_on(data).items()
        if name in line and "orphan_reaper" not in line and "python -m newsloom" not in line
    ]
    assert len(found) == 1, found
    return found[0]


def _command_lines() -> dict[int, str]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if (folder / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found

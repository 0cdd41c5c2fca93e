"""One child process that never outlives us: started, watched, stopped, killed.

In: a command, a log file, an environment. Out: a running process, its pid, return code and last log lines. It runs
under an orphan reaper (orphan_reaper.py), which ends it even when we are killed by SIGKILL. Nothing here is about Kafka
or Elasticsearch: `newsloom run` starts the stages with the same class.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, cast

from embedded.embedded_error import EmbeddedError

ORPHAN_REAPER = Path(__file__).with_name("orphan_reaper.py")
LARGEST_LOG = 20 * 1024 * 1024
_TAIL = 64 * 1024
_STEP = 0.05


class StartFailed(EmbeddedError):
    """A child did not start. The message names it, says why, and ends with its last log lines."""

    def __init__(self, name: str, reason: str, log: Path, lines: Sequence[str] = ()) -> None:
        shown = "".join(f"\n    {line}" for line in lines) or " (empty)"
        super().__init__(f"{name} {reason}. The last lines of {log}:{shown}")
        self.name, self.reason, self.log, self.lines = name, reason, log, list(lines)


class ChildProcess:
    """A process under an orphan reaper. `start` may be called again whenever the process is not alive.

    `environment` is the whole environment of the process (None: ours). `grace` is how many seconds the process has
    between SIGTERM and SIGKILL. Standard output and error are appended to `log`; standard input is empty.
    """

    def __init__(
        self, name: str, command: list[str], log: Path, environment: dict[str, str] | None = None, grace: float = 20
    ) -> None:
        self.name, self.command, self.log, self.environment, self.grace = name, command, log, environment, grace
        self._reaper: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._log_start = 0

    def start(self, keep_open: Sequence[int] = ()) -> None:
        """Starts the process and returns when it runs; `wait_until` waits until it is ready.

        `keep_open`: file descriptors that the reaper keeps open until the process has ended (a lock on what it uses).
        Raises StartFailed when the command cannot be run.
        """
        if self.alive:
            raise RuntimeError(f"{self.name} runs already (pid {self._pid})")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.rotate_log()
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._reaper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(ORPHAN_REAPER), str(self.grace), *self.command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                env=self.environment,
                pass_fds=keep_open,
                start_new_session=True,
            )
        self._read_pid(self._reaper)

    def _read_pid(self, reaper: subprocess.Popen[bytes]) -> None:
        with cast(IO[bytes], reaper.stdout) as output:
            line = output.readline()
        if not line:
            self._end(reaper)
            raise self.failure("could not be run")
        self._pid = int(line)

    def rotate_log(self, largest: int = LARGEST_LOG) -> None:
        """Makes the log that is there NAME.1, in place of the one before, when it has more than `largest` bytes.

        A process that runs writes on into the emptied file, which it has open for appending: no process has to be told,
        and Java could not be. A line that is written in the moment between the copy's end and the emptying is lost.
        """
        if not self.log.exists() or self.log.stat().st_size <= largest:
            return
        part = self.log.with_name(f"{self.log.name}.part")
        with self.log.open("rb") as source, part.open("wb") as target:
            shutil.copyfileobj(source, target)
            os.truncate(self.log, 0)
        self._log_start = 0
        part.replace(self.log.with_name(f"{self.log.name}.1"))

    @property
    def pid(self) -> int:
        """The process's own pid (not the reaper's), also after it has ended. 0 before the first start."""
        return self._pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._reaper is not None and self.returncode is None

    @property
    def returncode(self) -> int | None:
        """The return code as subprocess gives it: None while it runs or was never started, negative for a signal."""
        code = None if self._reaper is None else self._reaper.poll()
        if code is not None:
            self.begin_stop()  # there is nothing left to stop: this closes the pipe
        return code

    def wait_until(self, ready: Callable[[], bool], timeout: float) -> None:
        """Returns when `ready()` is true; raises StartFailed when the process ends first or `timeout` seconds pass."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive:
                raise self.failure(f"ended with {self._end_in_words()} before it was ready")
            if time.monotonic() > deadline:
                self.stop()
                raise self.failure(f"was not ready after {timeout:.0f} s and was stopped")
            time.sleep(_STEP)

    def wait(self, timeout: float) -> int | None:
        """Waits until the process has ended, at most `timeout` seconds: its return code, None when it still runs."""
        if self._reaper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._reaper.wait(timeout)
        return self.returncode

    def begin_stop(self) -> None:
        """Sends SIGTERM, and SIGKILL after the grace time; returns at once, so that several processes can end
        together."""
        if self._reaper is not None and self._reaper.stdin is not None:
            self._reaper.stdin.close()

    def stop(self) -> None:
        """Sends SIGTERM, and SIGKILL after the grace time; returns when the process and its children have ended."""
        if self._reaper is not None:
            self._end(self._reaper)

    def kill(self) -> None:
        """Sends SIGKILL now, like a power cut; returns when the process and its children have ended."""
        if self._reaper is not None and self._reaper.stdin is not None and self.alive:
            with contextlib.suppress(BrokenPipeError, ValueError):  # it has just ended, or is being stopped
                self._reaper.stdin.write(b"k")
            self.stop()

    def _end(self, reaper: subprocess.Popen[bytes]) -> None:
        self.begin_stop()
        try:
            reaper.wait(self.grace + 10)
        except subprocess.TimeoutExpired:  # never seen; the kernel kills the process with its reaper
            reaper.kill()
            reaper.wait()

    def last_lines(self, count: int) -> list[str]:
        """The last `count` lines that the process has logged since its last start."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            end = log.seek(0, 2)
            log.seek(max(self._log_start, end - _TAIL))
            return log.read().decode(errors="replace").splitlines()[-count:]
        return []

    def failure(self, reason: str) -> StartFailed:
        """A StartFailed error about this process, with its last log lines."""
        return StartFailed(self.name, reason, self.log, self.last_lines(15))

    def _end_in_words(self) -> str:
        code = self.returncode or 0
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

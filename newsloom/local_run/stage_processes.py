"""The four stages as child processes of `newsloom run`: started, started again when they die, stopped.

In: their environment, with the servers' addresses. Out: their health pages' addresses, and lines about what happened.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from embedded import ports
from embedded.child_process import ChildProcess
from newsloom.local_run.stage_order import STAGE_COMMANDS
from pipeline.failures import Backoff

# exit codes of newsloom/__main__ after which starting again would do the same again: a wrong setting, too many bugs
FATAL_EXIT_CODES = frozenset({2, 3})
# a stage that ran for so long before it died begins its backoff anew
STEADY_SECONDS = 60.0
GRACE_SECONDS = 30.0


class StageProcesses:
    """The child processes, by stage. As a context manager it starts them, the last stage first, and stops them."""

    def __init__(self, environment: Mapping[str, str], logs: Path, once: bool) -> None:
        chosen = dict(zip(STAGE_COMMANDS, ports.choose_ports(dict.fromkeys(STAGE_COMMANDS, 0)), strict=True))
        self.health = {stage: f"http://127.0.0.1:{port}" for stage, port in chosen.items()}
        self.children = {
            stage: ChildProcess(
                stage,
                [sys.executable, "-m", "newsloom", *command, *(("--once",) if once and stage == "ingest" else ())],
                logs / f"{stage}.log",
                {**environment, "NEWSLOOM_SERVICE__HEALTH_PORT": str(chosen[stage])},
                GRACE_SECONDS,
            )
            for stage, command in STAGE_COMMANDS.items()
        }
        self._once = once
        self._backoff = Backoff(1.0, 60.0)
        self._deaths = dict.fromkeys(STAGE_COMMANDS, 0)
        self._due = dict.fromkeys(STAGE_COMMANDS, 0.0)
        self._started_at = dict.fromkeys(STAGE_COMMANDS, 0.0)

    def __enter__(self) -> "StageProcesses":
        try:
            for stage in reversed(list(STAGE_COMMANDS)):
                self._start(stage, time.monotonic())
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Sends SIGTERM to all at once and waits; each finishes the batch that it has in hand."""
        for child in self.children.values():
            child.begin_stop()
        for child in self.children.values():
            child.stop()

    def restart_dead(self, now: float) -> list[str]:
        """Starts dead stages again, after a growing wait; returns a line for each event. `now`: monotonic seconds."""
        return [line for stage in STAGE_COMMANDS if (line := self._restart_if_dead(stage, now))]

    def finished(self, stage: str) -> bool:
        """Whether the stage is the poller and has ended its only round (`--once`)."""
        return self._once and stage == "ingest" and self.children[stage].returncode == 0

    def fatal_exit(self) -> str:
        """Why a stage ended that must not be started again, with its last log lines; "" when there is none."""
        for child in self.children.values():
            if not child.alive and child.returncode in FATAL_EXIT_CODES:
                return str(child.failure(f"stopped with exit code {child.returncode}"))
        return ""

    def _restart_if_dead(self, stage: str, now: float) -> str:
        child = self.children[stage]
        if child.alive or child.returncode in FATAL_EXIT_CODES or self.finished(stage):
            return ""
        if not self._due[stage]:
            steady = now - self._started_at[stage] > STEADY_SECONDS
            self._deaths[stage] = 1 if steady else self._deaths[stage] + 1
            self._due[stage] = now + self._backoff.delay(self._deaths[stage], 1.0)
            return f"{stage} ended with {child.returncode}; see {child.log}"
        if now >= self._due[stage]:
            self._start(stage, now)
            return f"{stage} started again"
        return ""

    def _start(self, stage: str, now: float) -> None:
        self._due[stage], self._started_at[stage] = 0.0, now
        self.children[stage].start()

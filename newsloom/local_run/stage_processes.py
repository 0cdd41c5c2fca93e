"""The four stages as child processes of `newsloom run`: started, watched, started again when they die, stopped.

In: the environment that tells them where everything is. Out: their health addresses, and what became of them.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from embedded import ports
from embedded.child_process import Child
from newsloom.local_run.stage_order import COMMANDS
from pipeline.failures import Backoff

# exit codes of newsloom/__main__ after which starting again would do the same again: a wrong setting, too many bugs
HOPELESS = frozenset({2, 3})
# a stage that ran for so long before it died begins its backoff anew
STEADY_SECONDS = 60.0
GRACE_SECONDS = 30.0


class Stages:
    """The children, by stage. A context manager: leaving it stops them, the first stage first."""

    def __init__(self, environment: Mapping[str, str], logs: Path, once: bool) -> None:
        chosen = dict(zip(COMMANDS, ports.choose(dict.fromkeys(COMMANDS, 0)), strict=True))
        self.health = {stage: f"http://127.0.0.1:{port}" for stage, port in chosen.items()}
        self.children = {
            stage: Child(
                stage,
                [sys.executable, "-m", "newsloom", *command, *(("--once",) if once and stage == "ingest" else ())],
                logs / f"{stage}.log",
                {**environment, "NEWSLOOM_SERVICE__HEALTH_PORT": str(chosen[stage])},
                GRACE_SECONDS,
            )
            for stage, command in COMMANDS.items()
        }
        self._once = once
        self._backoff = Backoff(1.0, 60.0)
        self._deaths = dict.fromkeys(COMMANDS, 0)
        self._due = dict.fromkeys(COMMANDS, 0.0)
        self._started_at = dict.fromkeys(COMMANDS, 0.0)

    def __enter__(self) -> "Stages":
        try:
            for stage in reversed(list(COMMANDS)):
                self._start(stage, time.monotonic())
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """SIGTERM to all at once; each finishes what it has in hand."""
        for child in self.children.values():
            child.begin_stop()
        for child in self.children.values():
            child.stop()

    def mend(self, now: float) -> list[str]:
        """Starts again what died, after a growing wait: a line for each event. `now`: monotonic seconds."""
        return [line for stage in COMMANDS if (line := self._mend(stage, now))]

    def finished(self, stage: str) -> bool:
        """Whether the poller has ended its one round."""
        return self._once and stage == "ingest" and self.children[stage].returncode == 0

    def hopeless(self) -> str:
        """Why a stage ended that must not be started again, with its last words; "" when there is none."""
        for child in self.children.values():
            if not child.alive and child.returncode in HOPELESS:
                return str(child.failure(f"stopped with exit code {child.returncode}"))
        return ""

    def _mend(self, stage: str, now: float) -> str:
        child = self.children[stage]
        if child.alive or child.returncode in HOPELESS or self.finished(stage):
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

"""The four stages, the watches and the page as child processes of `newsloom run`: started, restarted, stopped.

In: their environment, with the servers' addresses. Out: their health pages' addresses, and lines about what happened.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from embedded import ports
from embedded.child_process import ChildProcess
from newsloom.local_run.restarts import Restarts, end_in_words
from newsloom.local_run.stage_order import STAGE_COMMANDS
from pipeline.failures import Failure, WrongSetting

# exit codes of newsloom/__main__
WRONG_SETTING = 2
TOO_MANY_BUGS = 3  # starting again would put as many messages more into the dead letters
GRACE_SECONDS = 30.0


class StageStopped(Failure):
    """A stage ended before the work was done."""


class StageProcesses:
    """The child processes, by stage; a round that is to end (`once`) has no page. As a context manager it starts them,
    the last stage first, and stops them."""

    def __init__(self, environment: Mapping[str, str], logs: Path, once: bool) -> None:
        commands = {stage: command for stage, command in STAGE_COMMANDS.items() if not (once and stage == "web")}
        chosen = dict(zip(commands, ports.choose_ports(dict.fromkeys(commands, 0)), strict=True))
        self.health = {stage: f"http://127.0.0.1:{port}" for stage, port in chosen.items()}
        self.children = {
            stage: ChildProcess(
                stage,
                [sys.executable, "-m", "newsloom", *command, *(("--once",) if once and stage == "ingest" else ())],
                logs / f"{stage}.log",
                {**environment, "NEWSLOOM_SERVICE__HEALTH_PORT": str(chosen[stage])},
                GRACE_SECONDS,
            )
            for stage, command in commands.items()
        }
        self._once = once
        self._restarts = {stage: Restarts() for stage in commands}

    def __enter__(self) -> "StageProcesses":
        try:
            for stage in reversed(list(self.children)):
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
        return [line for stage in self.children if (line := self._restart_if_dead(stage, now))]

    def finished(self, stage: str) -> bool:
        """Whether the stage is the poller and has ended its only round (`--once`)."""
        return self._once and stage == "ingest" and self.children[stage].returncode == 0

    def problems(self, now: float) -> list[str]:
        """A line for each stage that does not run. `now`: monotonic seconds."""
        return [line for stage in self.children if (line := self._problem(stage, now))]

    def raise_if_stopped(self) -> None:
        """Raises WrongSetting or StageStopped, with the last log lines, when the run can't go on without a stage.

        That is a wrong setting at a stage's first start (later it waits for the operator, who may have a file in hand),
        and, in a round that is to end (`once`), everything that is not started again.
        """
        for stage, child in self.children.items():
            code = None if child.alive else child.returncode
            if code == WRONG_SETTING and (self._once or self._restarts[stage].starts == 1):
                raise WrongSetting(str(child.failure("can't run with these settings")))
            if code == TOO_MANY_BUGS and self._once:
                raise StageStopped(str(child.failure(f"stopped with exit code {code}")))

    def _problem(self, stage: str, now: float) -> str:
        child, restarts = self.children[stage], self._restarts[stage]
        if child.alive or self.finished(stage):
            return ""
        if child.returncode == TOO_MANY_BUGS:
            return f"{stage} stopped after too many bugs in a row, and is not started again; see {child.log}"
        why = f": {_last_line(child)}" if child.returncode == WRONG_SETTING else ""
        wait = restarts.seconds_left(now)
        return f"{stage} ended with {end_in_words(child.returncode)}{why}, starts again in {wait:.0f} s"

    def _restart_if_dead(self, stage: str, now: float) -> str:
        child, restarts = self.children[stage], self._restarts[stage]
        if child.alive:
            child.rotate_log()
        if child.alive or self.finished(stage):
            return ""
        if not restarts.is_waiting:
            restarts.note_death(now)
            return f"{self._problem(stage, now)}; see {child.log}"
        if restarts.seconds_left(now) or child.returncode == TOO_MANY_BUGS:
            return ""
        self._start(stage, now)
        return f"{stage} started again"

    def _start(self, stage: str, now: float) -> None:
        self._restarts[stage].started(now)
        self.children[stage].start()


def _last_line(child: ChildProcess) -> str:
    return next(iter(child.last_lines(1)), "")

"""Kafka and Elasticsearch of a `newsloom run`: started again when they die, with the same port and data.

In: the servers' child processes and how each is launched. Out: lines about what happened, and what does not run now. A
server that hangs is left alone: it may come back, and killing it would lose its way back. Where the settings name other
servers there are none here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from embedded.child_process import ChildProcess
from embedded.embedded_error import EmbeddedError
from newsloom.local_run.restarts import Restarts, end_in_words
from pipeline.failures import Failure

# deaths in a row, each within a minute of its start, after which starting again would do the same again
MOST_DEATHS = 5


class NotStarted(Failure):
    """Kafka or Elasticsearch could not be started, or not be kept running; the message says why and what to do."""


@dataclass
class OwnServer:
    """One server that this run owns. `launch` starts its process and does not wait until it is ready."""

    child: ChildProcess
    launch: Callable[[], None]
    restarts: Restarts = field(default_factory=Restarts)

    def restart_if_dead(self, now: float) -> str:
        """What happened, in a line; "" for nothing. Raises NotStarted."""
        if self.child.alive:
            self.child.rotate_log()
            return ""
        if not self.restarts.is_waiting:
            self.restarts.note_death(now)
            if self.restarts.deaths >= MOST_DEATHS:
                reason = f"ended {self.restarts.deaths} times in a row, at last with {self._end()}"
                raise NotStarted(str(self.child.failure(reason)))
            return f"{self.problem(now)}; see {self.child.log}"
        if self.restarts.seconds_left(now):
            return ""
        try:
            self.launch()
        except (EmbeddedError, OSError) as error:
            raise NotStarted(f"{self.child.name} can't be started again: {error}") from error
        self.restarts.started(now)
        return f"{self.child.name} started again"

    def problem(self, now: float) -> str:
        """Why it can't be used, when its process is not there; "" when it is."""
        if self.child.alive:
            return ""
        return f"{self.child.name} ended with {self._end()}, starts again in {self.restarts.seconds_left(now):.0f} s"

    def _end(self) -> str:
        return end_in_words(self.child.returncode)


class ServerProcesses:
    """The servers that this run owns."""

    def __init__(self, servers: Sequence[OwnServer], now: float) -> None:
        self._servers = servers
        for server in servers:
            server.restarts.started(now)

    def restart_dead(self, now: float) -> list[str]:
        """Starts dead servers again, after a growing wait; returns a line for each event. `now`: monotonic seconds.

        Raises NotStarted when one has died too often.
        """
        return [line for server in self._servers if (line := server.restart_if_dead(now))]

    def problems(self, now: float) -> list[str]:
        """A line for each server that does not run."""
        return [line for server in self._servers if (line := server.problem(now))]

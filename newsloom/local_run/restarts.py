"""When a child process that has died is started again: after a wait that grows with each death in a row.

In: its starts and deaths. Out: when it is due, and how often it has died. Knows no process; `now` is monotonic seconds.
"""

import signal

from pipeline.failures import Backoff

# a process that ran for so long before it died begins its backoff anew
STEADY_SECONDS = 60.0
BACKOFF = Backoff(1.0, 30.0)


class Restarts:
    """Starts and deaths of one child process."""

    def __init__(self) -> None:
        self.starts = 0
        self.deaths = 0  # in a row
        self._started_at = 0.0
        self._due_at: float | None = None

    def started(self, now: float) -> None:
        """It was started."""
        self.starts, self._started_at, self._due_at = self.starts + 1, now, None

    @property
    def is_waiting(self) -> bool:
        """Whether its death is noted and it has not been started again."""
        return self._due_at is not None

    def note_death(self, now: float) -> None:
        """It has died, and is due after the wait for so many deaths in a row."""
        steady = now - self._started_at > STEADY_SECONDS
        self.deaths = 1 if steady else self.deaths + 1
        self._due_at = now + BACKOFF.delay(self.deaths, 1.0)

    def seconds_left(self, now: float) -> float:
        """Until it is due; 0 when it is."""
        return max(0.0, (self._due_at or 0.0) - now)


def end_in_words(returncode: int | None) -> str:
    """How a process ended, from its return code as `subprocess` gives it."""
    code = returncode or 0
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

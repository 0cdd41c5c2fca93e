"""The failures that the pipeline distinguishes, what each means for the message in hand, and the waits between retries.

    Failure
    ├── Poison        this message will never work: dead letter, then go on
    ├── Unavailable   a server or the network is away: pause, keep the group membership, try again, lose nothing
    └── WrongSetting  the operator must change something: the process does not start

Anything else that is raised while a message is handled is a bug: that one message goes to the dead letters with its
traceback, and the worker stops after several in a row, so that a bad deploy can't drain a topic into the dead letters.
"""

from dataclasses import dataclass


class Failure(Exception):
    """Base of every failure that the pipeline knows by name."""


class Poison(Failure):
    """A message that will never work.

    `reason` is a short snake_case word that dead letters are counted and filtered by; `detail` is for a person.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Unavailable(Failure):
    """A server or resource can't be used now. `what` names it (kafka, elasticsearch, disk), `detail` says what
    happened."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(f"{what} is unavailable: {detail}")
        self.what = what
        self.detail = detail


class WrongSetting(Failure):
    """A setting, an argument or a configuration file that can't be used. The message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff: the wait after a failed attempt, in seconds, doubling from `first` and never above
    `most`."""

    first: float = 0.5
    most: float = 30.0

    def delay(self, attempt: int, jitter: float) -> float:
        """Seconds to wait after the failed attempt number `attempt` (from 1).

        `jitter` in [0, 1) is drawn by the caller: the wait lies between half and the whole of the doubled time ("equal
        jitter", AWS Architecture Blog 2015), so that workers do not retry all at the same moment.
        """
        whole = min(self.most, self.first * 2.0 ** min(attempt - 1, 60))
        return whole / 2 + whole / 2 * jitter

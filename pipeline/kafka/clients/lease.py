"""Whether a member of a consumer group may still act as the owner of its partitions.

A process that stood still (a suspended machine, SIGSTOP, a long pause) does not know it: its group has given its
partitions to another member, and it would go on until it hears of that. So what an owner sends, it sends under a lease
(Gray and Cheriton, 1989): each heartbeat that the group's coordinator has answered proves that nothing was given away
within the session that began when it was asked. A lease is one group member's, for one term: from an assignment of
partitions to the next.
"""

import threading
import time
from collections.abc import Callable

from pipeline import settings
from pipeline.failures import Unavailable

# what is sent under a lease arrives within this part of the session, or never: the rest is the lease
DELIVERY_SHARE = 0.5


def machine_seconds() -> float:
    """Seconds since the machine started, those included in which it was suspended, which `time.monotonic` leaves
    out on Linux."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """One member's lease. Any thread may use it. `clock` gives seconds that only grow.

    `deliver_seconds`: a message that is handed to a producer under this lease must be given up after so long.
    `confirm_seconds`: how long a sender may wait for a heartbeat to be answered.
    """

    def __init__(self, options: settings.Kafka, clock: Callable[[], float] = machine_seconds) -> None:
        session = options.session_timeout_seconds
        self.deliver_seconds = min(options.acknowledge_timeout_seconds, session * DELIVERY_SHARE)
        self._seconds = session - self.deliver_seconds
        self.confirm_seconds = session / 2
        self.clock = clock
        self._changed = threading.Condition()
        self._confirmed_at = -float("inf")
        self._term, self._begun = 0, -1

    @property
    def term(self) -> int:
        """The number of the present term."""
        return self._term

    @property
    def begun(self) -> int:
        """The number of the last term whose assignment was taken in: what is decided now is decided in that one."""
        return self._begun

    def begin_term(self, term: int) -> None:
        """What was lost with the terms before is given up: what is ours in this one may be acted on. Does nothing when
        the term has ended meanwhile."""
        with self._changed:
            self._begun = max(self._begun, term)
            self._changed.notify_all()

    def end_term(self) -> None:
        """The assignment changes: nothing is ours until that is taken in."""
        with self._changed:
            self._term += 1

    def confirm(self, asked_at: float) -> None:
        """The coordinator knew us as a member after `asked_at`, in seconds of the clock."""
        with self._changed:
            self._confirmed_at = asked_at
            self._changed.notify_all()

    def require(self, term: int, wait_seconds: float = 0.0) -> None:
        """Returns when what was ours in `term` still is. Waits so long for a heartbeat to be answered.

        Raises Unavailable: what was decided in that term may not be sent now, or never where it has ended.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_held(term) or term != self._term, wait_seconds)
            if not self._is_held(term):
                ended = "its group assigns the partitions anew"
                raise Unavailable("kafka", ended if term != self._term else "its group does not confirm what is ours")

    def is_held(self) -> bool:
        """Whether what is ours in the present term may be acted on."""
        with self._changed:
            return self._is_held(self._term)

    def _is_held(self, term: int) -> bool:
        return term == self._term == self._begun and self.clock() < self._confirmed_at + self._seconds

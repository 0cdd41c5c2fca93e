"""Batch pacing: how long a worker lets messages gather before it takes the next batch.

Each batch costs a publication, a commit and a request to the server whatever its size, so in a steady flow fewer and
larger batches cost less; but a lone article must not wait for company that does not come. In: the size of each batch
that was taken. Out: the seconds to wait before the next one.

    the last batch            wait before the next
    was full                  none: there is a backlog
    held one message          none: nothing flows
    held several              until `seconds` after the last one was taken

So a flow shows itself by the first batch that holds two messages, which comes soon where messages come faster than they
are handled, and pacing ends by itself when a batch holds one again.
"""

import time
from collections.abc import Callable


class BatchPacing:
    """The pace of one worker. `seconds`: from one batch to the next, 0 never waits; `most`: messages of a full batch.

    `clock` gives monotonic seconds.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._next_at = clock()

    def wait_seconds(self) -> float:
        """How long to wait from now on before the next batch is taken; 0.0 for no time."""
        return max(0.0, self._next_at - self._clock())

    def took(self, records: int) -> None:
        """Notes that a batch of so many messages was taken now."""
        flows = 1 < records < self._most
        self._next_at = self._clock() + (self._seconds if flows else 0.0)

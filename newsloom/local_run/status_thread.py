"""The thread that takes the pipeline's status again and again, so that nothing else waits for a server that hangs.

In: the settings and the health pages' addresses. Out: the two newest snapshots, for as long as a `with` block lasts.
"""

import threading
from collections.abc import Mapping
from typing import Self

import msgspec

from newsloom.local_run import pipeline_status
from newsloom.local_run.pipeline_status import StatusSnapshot
from pipeline.settings import Settings

# between two snapshots: each opens connections to the servers and asks them a dozen questions, 50 ms of processor time.
# Nobody looks at a screen that is not there
SCREEN_SECONDS, LOG_SECONDS = 2.0, 10.0
# a server that takes longer is named as a problem; the stages have more patience
ASK_SECONDS = 3.0


class StatusThread:
    """`newest` and `before`: the last snapshots, None until there are some."""

    def __init__(self, options: Settings, health: Mapping[str, str], seconds: float) -> None:
        """`seconds`: between two snapshots."""
        self._seconds = seconds
        replace = msgspec.structs.replace
        self._options = replace(
            options,
            kafka=replace(options.kafka, acknowledge_timeout_seconds=ASK_SECONDS),
            elasticsearch=replace(options.elasticsearch, timeout_seconds=ASK_SECONDS),
        )
        self._health = health
        self._end = threading.Event()
        self.newest: StatusSnapshot | None = None
        self.before: StatusSnapshot | None = None

    def __enter__(self) -> Self:
        # a daemon: at the end nobody waits for a question to a server that hangs
        threading.Thread(target=self._take_snapshots, name="status", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()

    def _take_snapshots(self) -> None:
        while not self._end.is_set():
            taken = pipeline_status.take_snapshot(self._options, self._health, pipeline_status.now())
            self.before, self.newest = self.newest, taken
            self._end.wait(self._seconds)

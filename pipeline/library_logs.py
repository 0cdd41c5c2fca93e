"""What borrowed libraries log, as our own events: warnings and errors only, and the same line rarely.

In: records of Python's `logging` (kafka-python's, aiohttp's). Out: one structured event for each line; a line that
comes again within half a minute is counted instead, and told with its count when the half minute is over and it comes
again. While a broker is away kafka-python says the same thing hundreds of times a minute.
"""

import logging
import re
import time
from collections.abc import Callable

import structlog

AGAIN_SECONDS = 30.0
FORGET_SECONDS = 10 * AGAIN_SECONDS
LONGEST = 500
# addresses of objects and sockets, numbers of requests, seconds: the same line all the same
_VARIABLE = re.compile(r"0x[0-9a-f]+|\d+")


class LibraryLogs(logging.Handler):
    """Turns log records into events named `library`. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._told: dict[tuple[str, int, str], tuple[float, int]] = {}  # line -> when it was told, how often since
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        """Tells the record, unless the same line was told just now. Called under the handler's lock."""
        try:
            self._tell(record, record.getMessage())
        except Exception:  # what can't be logged stops nobody: so do the handlers of `logging`
            self.handleError(record)

    def _tell(self, record: logging.LogRecord, text: str) -> None:
        again = self._note((record.name, record.levelno, _VARIABLE.sub("#", text)[:LONGEST]))
        if again is None:
            return
        more: dict[str, object] = {"again": again} if again else {}
        if record.exc_info:
            more["exc_info"] = record.exc_info
        tell = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        tell("library", library=record.name, detail=text[:LONGEST], **more)

    def _note(self, line: tuple[str, int, str]) -> int | None:
        """How often the line came untold since it was last told; None when it is not to be told now."""
        now = self._clock()
        told_at, untold = self._told.get(line, (now - AGAIN_SECONDS, 0))
        if now - told_at < AGAIN_SECONDS:
            self._told[line] = told_at, untold + 1
            return None
        # what has not come for long is forgotten: the table stays small
        self._told = {each: seen for each, seen in self._told.items() if now - seen[0] < FORGET_SECONDS}
        self._told[line] = now, 0
        return untold

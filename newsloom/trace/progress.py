"""Tells that something takes long, while it does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PROGRESS_SECONDS = 2.0  # what takes no longer is not told


@contextmanager
def told_when_slow(progress: Callable[[str], None], text: str, seconds: float = PROGRESS_SECONDS) -> Iterator[None]:
    """Calls `progress` with the text, once, when the block takes longer than so many seconds."""
    timer = threading.Timer(seconds, progress, (text,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

"""Memory settings for a process that holds millions of objects for days: Python's garbage collector and glibc's malloc.

In and out: nothing; the process's own settings change. The figures are measured: docs/decisions/0013 and 0017.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# With Python's default thresholds the search for reference cycles among so many lasting objects took a quarter of a
# process's CPU and stopped it for a third of a second at a time (docs/decisions/0013)
GARBAGE_THRESHOLDS = (10_000, 10, 50)
# Freed blocks above this size go back to the kernel at once. glibc raises its own threshold up to 32 MB after such a
# block was freed, and keeps what is smaller: 170 MB of 990 for a week of signatures (docs/decisions/0017)
MMAP_THRESHOLD_BYTES = 1 << 20
_M_MMAP_THRESHOLD = -3  # malloc.h


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Garbage collection is off inside the block, for filling memory with millions of objects.

    The objects made meanwhile are never searched for cycles afterwards (gc.freeze): that alone would stop the process
    for a second or more. They are still freed when nothing refers to them any longer.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def tune_for_large_memory() -> None:
    """Sets the thresholds above; to be called once at start. Leaves malloc alone where the C library has no mallopt."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)

"""What a process that holds millions of objects for days tells Python's garbage collector and the C library."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# What is held is large and lasts: with Python's own thresholds, looking it through again and again for cycles took a
# quarter of a process's CPU and stopped it for a third of a second (docs/decisions/0013)
GARBAGE_THRESHOLDS = (10_000, 10, 50)
# glibc moves its own threshold up to 32 MB once such a block was freed, and keeps what is freed below it: of a week of
# signatures 170 MB of 990 (docs/decisions/0017)
LARGE_BYTES = 1 << 20
_M_MMAP_THRESHOLD = -3  # malloc.h


@contextmanager
def filling() -> Iterator[None]:
    """Meanwhile nothing is looked through for cycles: millions of objects come, and hardly one goes.

    Nor afterwards what came meanwhile: that alone would stop the process for a second or more. It is freed when nothing
    refers to it any longer, as ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def hold_much() -> None:
    """Called once, before much is held. Does nothing where the C library has no such setting."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)

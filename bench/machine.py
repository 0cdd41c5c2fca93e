"""How fast this machine is now: printed beside absolute figures, for shared machines change from hour to hour.

In: nothing. Out: nanoseconds of processor time for a step of a bare loop, and for a small operation of numpy.
"""

import time
from typing import NamedTuple

import numpy as np

STEPS = 2_000_000
OPERATIONS = 100_000


class Pace(NamedTuple):
    """Nanoseconds of processor time."""

    step: float
    operation: float

    def __str__(self) -> str:
        steps = f"{self.step:.0f} ns for a step of a bare loop"
        return f"this machine now: {steps}, {self.operation:.0f} ns for numpy to add 1"


def pace() -> Pace:
    """Takes half a second."""
    started, total = time.process_time(), 0
    for number in range(STEPS):
        total += number & 3
    stepped, some = time.process_time(), np.arange(100)
    for _ in range(OPERATIONS):
        some + 1
    ended = time.process_time()
    return Pace((stepped - started) / STEPS * 1e9, (ended - stepped) / OPERATIONS * 1e9)


if __name__ == "__main__":
    print(pace())

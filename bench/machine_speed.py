"""Measures how fast this machine is now, to be printed beside absolute figures: shared machines vary from hour to hour.

In: nothing. Out: nanoseconds of processor time for a step of a bare loop, and for a small operation of numpy.
"""

import time
from typing import NamedTuple

import numpy as np

STEPS = 2_000_000
OPERATIONS = 100_000


class MachineSpeed(NamedTuple):
    """Nanoseconds of processor time: of a step of a bare Python loop, and of a small operation of numpy."""

    step: float
    operation: float

    def __str__(self) -> str:
        steps = f"{self.step:.0f} ns for a step of a bare loop"
        return f"this machine now: {steps}, {self.operation:.0f} ns for numpy to add 1"


def measure_loop_step(steps: int) -> float:
    """Nanoseconds of processor time for a step of a bare loop of so many steps; few are enough between measurements."""
    started, total = time.process_time(), 0
    for number in range(steps):
        total += number & 3
    return (time.process_time() - started) / steps * 1e9


def measure_speed() -> MachineSpeed:
    """Measures loop and numpy; takes half a second."""
    stepped = measure_loop_step(STEPS)
    started, some = time.process_time(), np.arange(100)
    for _ in range(OPERATIONS):
        some + 1
    return MachineSpeed(stepped, (time.process_time() - started) / OPERATIONS * 1e9)


if __name__ == "__main__":
    print(measure_speed())

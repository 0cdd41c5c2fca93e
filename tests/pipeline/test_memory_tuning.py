"""Memory settings: freed blocks go back to the kernel, and filled memory is not searched for cycles."""

import subprocess
import sys

import pytest

# blocks that the C library keeps once it has seen one freed, with something small that stays behind each
FREED = """
from pathlib import Path
from pipeline import memory_tuning

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

memory_tuning.tune_for_large_memory()
seen = bytearray(16_000_000)
del seen
blocks = [(bytearray(4_000_000), bytearray(60_000)) for _ in range(40)]
for block, _ in blocks:
    block[::4096] = b"1" * len(block[::4096])
full = resident()
kept = [small for _, small in blocks]
del blocks
print(full - resident())
"""

# objects that each collection looks at, as they come
FILLED = """
import gc
from pipeline import memory_tuning

looked_at = []

def collecting(phase, info):
    if phase == "start":
        looked_at.append(sum(map(len, map(gc.get_objects, range(info["generation"] + 1)))))

memory_tuning.tune_for_large_memory()
with memory_tuning.garbage_collection_paused():
    held = [[each] for each in range(1_000_000)]
gc.callbacks.append(collecting)
more = [[each] for each in range(250_000)]
print(len(held), max(looked_at))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel what a process holds")
def test_large_blocks_go_back_at_once() -> None:
    asked = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    assert float(asked.stdout) > 140  # megabytes of 160; without the setting none


def test_what_was_filled_in_is_not_looked_through_for_cycles() -> None:
    asked = subprocess.run([sys.executable, "-c", FILLED], capture_output=True, text=True, check=True)
    held, most = map(int, asked.stdout.split())
    assert held == 1_000_000
    assert most < 500_000

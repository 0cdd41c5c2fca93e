"""What is freed goes back to the system, in a process of its own."""

import subprocess
import sys

import pytest

# blocks that the C library keeps once it has seen one freed, with something small that stays behind each
FREED = """
from pathlib import Path
from pipeline import heap

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

heap.hold_much()
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


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel what a process holds")
def test_large_blocks_go_back_at_once() -> None:
    asked = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    assert float(asked.stdout) > 140  # megabytes of 160; without the setting none

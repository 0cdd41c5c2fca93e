"""The disk that a running pipeline uses.

In: a running pipeline and its data directory. Out: bytes of Elasticsearch's indices by kind, of its whole directory,
and of Kafka's; as the disk counts them, because Kafka reserves more of its files than it fills.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.whole.whole_run import WholeRun

BLOCK_BYTES = 512  # stat(2): the unit of st_blocks, whatever the file system
KIND = re.compile(r"^news-([a-z]+)")


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes of indices by kind, the number of indices of each kind, and bytes of the servers' directories."""

    index_bytes: dict[str, int]
    indices: dict[str, int]
    directories: dict[str, int]


def measure_disk(running: WholeRun, data: Path) -> DiskUse:
    """The disk's use now, after everything that was indexed has been written."""
    running.ask_elasticsearch("/news*/_flush")
    stores = running.ask_elasticsearch("/news*/_stats/store", method="GET")["indices"]
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for name, index in stores.items():
        kind = found[1] if (found := KIND.match(name)) else name
        sizes[kind] += index["primaries"]["store"]["size_in_bytes"]
        counts[kind] += 1
    directories = {name: _directory_bytes(data / name) for name in ("elasticsearch", "kafka")}
    return DiskUse(dict(sizes), dict(counts), directories)


def _directory_bytes(folder: Path) -> int:
    return sum(file.lstat().st_blocks * BLOCK_BYTES for file in folder.rglob("*"))

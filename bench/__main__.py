"""Every figure, one after the other, on servers of its own: `make bench`. In: the corpus, where it is. Out: lines.

Each part is a command too, with its own arguments: `python -m bench.index_write --help`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.machine_speed import pace
from embedded.stack import Stack
from pipeline.settings import ROOT


def parts(kafka: str, elasticsearch: str) -> list[list[str]]:
    """The benchmarks with the arguments that they need."""
    return [
        ["bench.http_clients"],
        ["bench.page_extraction"],
        ["bench.page_kinds"],
        ["bench.copies"],
        ["bench.stories"],
        ["bench.entities"],
        ["bench.feed_formats"],
        ["bench.kafka_compression", "--kafka", kafka],
        ["bench.index_write", "--url", elasticsearch],
        ["bench.restart", "--kafka", kafka],
    ]


def main() -> int:
    """Runs them all; 1 when one of them failed, after the others have run."""
    failed = 0
    folder = tempfile.TemporaryDirectory(prefix="newsloom-bench-")
    with folder, Stack(Path(folder.name), ROOT / "config" / "kafka.properties", say=print) as stack:
        for module, *arguments in parts(stack.bootstrap_servers, stack.elasticsearch_url):
            print(f"\n--- {module} ({pace()})", flush=True)
            failed |= subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())

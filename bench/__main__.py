"""`make bench`: runs the benchmarks, one after the other, on servers of its own, but for those that take long.
bench.poller, bench.silence and bench.whole are run by themselves.

In: the corpus, where it is on this machine. Out: lines of figures. Each benchmark is a command too, with its arguments:
`python -m bench.index_write --help`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.machine_speed import measure_speed
from embedded.stack import Stack
from pipeline.settings import ROOT


def benchmarks(kafka: str, elasticsearch: str) -> list[list[str]]:
    """The benchmarks: module and arguments of each."""
    return [
        ["bench.http_clients"],
        ["bench.page_extraction"],
        ["bench.page_kinds"],
        ["bench.dates"],
        ["bench.languages.headlines"],
        ["bench.copies"],
        ["bench.stories"],
        ["bench.entities"],
        ["bench.feed_formats"],
        ["bench.kafka_compression", "--kafka", kafka],
        ["bench.index_write", "--url", elasticsearch],
        ["bench.watches.looks", "--url", elasticsearch],
        ["bench.restart", "--kafka", kafka],
    ]


def main() -> int:
    """Runs them all; 1 when one of them failed, after the others have run."""
    failed = 0
    folder = tempfile.TemporaryDirectory(prefix="newsloom-bench-")
    with folder, Stack(Path(folder.name), ROOT / "config" / "kafka.properties", report_progress=print) as stack:
        for module, *arguments in benchmarks(stack.bootstrap_servers, stack.elasticsearch_url):
            print(f"\n--- {module} ({measure_speed()})", flush=True)
            failed |= subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())

"""What processes cost, read from /proc: of real ones, started here."""

import subprocess
import sys

import pytest

from bench.whole.process_cost import READERS, PipelineProcesses, difference, part_of

BUSY = "import time\nwhile time.process_time() < 0.3: pass\n"
CHILDREN = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BUSY!r}])
print("ended", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("command", "parent", "part"),
    [
        ("/v/bin/python -m newsloom run", "run", "run"),
        ("/v/bin/python -m newsloom ingest", "run", "poller"),
        ("/v/bin/python -m newsloom enrich annotate", "run", "annotate"),
        ("/v/bin/python -m newsloom enrich stories", "run", "stories"),
        ("/v/bin/python -m newsloom index", "run", "index"),
        ("/v/bin/python -I -S /b/embedded/orphan_reaper.py 30 /v/bin/python -m newsloom index", "run", "index"),
        ("/j/bin/java -cp /c/kafka_2.13-4.1.1.jar:/c/x.jar kafka.Kafka server.properties", "run", "Kafka"),
        ("/j/bin/java -cp /c/kafka_2.13-4.1.1.jar kafka.tools.StorageTool format", "run", "Kafka"),
        ("/v/bin/python -P /b/embedded/elasticsearch_node.py node.json", "run", "Elasticsearch"),
        ("/v/bin/python -c from multiprocessing.spawn import spawn_main", "poller", READERS),
        ("/v/bin/python -c from multiprocessing.spawn import spawn_main", READERS, READERS),
        ("/v/bin/python -c from multiprocessing.spawn import spawn_main", "annotate", "annotate"),
    ],
)
def test_a_process_belongs_to_a_part(command: str, parent: str, part: str) -> None:
    assert part_of(command, parent) == part


def test_what_has_ended_meanwhile_counts() -> None:
    with subprocess.Popen([sys.executable, "-c", CHILDREN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        processes = PipelineProcesses(process.pid)
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        assert processes.cpu()["run"] >= 0.3
        assert processes.memory()["run"] > 1_000_000
        process.stdin.close()
    assert processes.cpu() == {}


def test_a_part_that_is_new_began_with_nothing() -> None:
    assert difference({"index": 2.0}, {"index": 3.0, "annotate": 1.5}) == {"index": 1.0, "annotate": 1.5}

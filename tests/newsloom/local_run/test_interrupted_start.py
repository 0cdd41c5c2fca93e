"""Ctrl-C and SIGTERM while the servers start: answered at once, and nothing is left running."""

import signal
from pathlib import Path

import pytest

from tests.journeys.corpus_site import feed_list
from tests.newsloom.local_run.run_process import newsloom_run, processes_on, until

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.mark.parametrize(
    ("number", "program"),
    [
        (signal.SIGINT, "elasticsearch_node.py"),
        (signal.SIGTERM, "kafka.tools.StorageTool"),
        (signal.SIGTERM, "kafka.Kafka"),
    ],
)
def test_a_signal_during_the_start_is_answered_at_once(tmp_path: Path, number: signal.Signals, program: str) -> None:
    data = tmp_path / "data"
    feeds = feed_list(tmp_path / "feeds.toml", ["http://127.0.0.1:9/feed"])
    with newsloom_run(data, feeds) as running:
        until(lambda: any(program in line for line in processes_on(data).values()), 60, running.text)
        running.process.send_signal(number)
        assert running.ends(8) == 0, running.text()  # two seconds when nothing else runs
        assert processes_on(data) == {}
        assert running.text().splitlines()[-1] == "stopped before it had started"
        assert "Traceback" not in running.text()

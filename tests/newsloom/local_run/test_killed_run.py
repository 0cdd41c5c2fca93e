"""A run that was killed: the next one on its directory is as quick as a first one."""

import json
import signal
import time
from pathlib import Path

import pytest

from newsloom.demo.local_site import Site
from tests.newsloom.local_run.newspaper import print_papers
from tests.newsloom.local_run.run_process import newsloom_run, processes_on, until

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def once(data: Path, feeds: Path) -> float:
    """The seconds that a round takes from its start to its end."""
    began = time.monotonic()
    with newsloom_run(data, feeds, "--once", "--json") as running:
        assert running.ends(150) == 0, running.text()
        summary = json.loads(running.text().splitlines()[-2])
        assert (summary["searchable"], summary["complete"]) == (3, True), running.text()
    return time.monotonic() - began


def test_a_round_after_a_kill_takes_no_longer_than_a_first_one(tmp_path: Path) -> None:
    with Site() as site:
        feeds = print_papers(site, tmp_path / "feeds.toml")
        first = once(tmp_path / "fresh", feeds)
        data = tmp_path / "killed"
        with newsloom_run(data, feeds) as running:
            until(running.works, 120, running.text)
            until(lambda: running.snapshot().searchable == 3, 120, running.text)
            running.process.send_signal(signal.SIGKILL)
            running.process.wait()
            output = running.output
            output.unlink()
            again = once(data, feeds)
    print(f"first {first:.1f} s, after a kill {again:.1f} s")
    assert again < 2 * first + 20, f"first {first:.1f} s, after a kill {again:.1f} s"
    assert not processes_on(data)

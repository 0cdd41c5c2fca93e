"""A feed list that can't be read: told at once, also while the pipeline runs, and taken again when it is mended."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newsloom.demo.local_site import Site
from tests.newsloom.local_run.newspaper import TOWNS, print_papers
from tests.newsloom.local_run.run_process import LOCAL, RunProcess, newsloom_run, processes_on, until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("text", ["[[feeds]\n", "[[feeds]]\nurl = 'ftp://a'\nname = 'A'\n", "\0"])
def test_a_run_on_a_broken_list_ends_at_once(tmp_path: Path, text: str) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text(text)
    began = time.monotonic()
    with newsloom_run(tmp_path / "data", feeds) as running:
        assert running.ends(20) == 2
        assert time.monotonic() - began < 20
        assert running.text().startswith("newsloom: ingest.feeds: ")
        assert str(feeds) in running.text()
        assert processes_on(tmp_path / "data") == {}


def status_of(data: Path) -> str:
    """What is told; the exit status says that something is wrong."""
    command = [sys.executable, "-m", "newsloom", "status", "--data", str(data)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **LOCAL, "COLUMNS": "400"}
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.stack
def test_a_list_that_breaks_while_it_runs_is_told_and_a_mended_one_is_taken(tmp_path: Path) -> None:
    data, feeds = tmp_path / "data", tmp_path / "feeds.toml"
    with Site() as site, newsloom_run(data, print_papers(site, feeds)) as running:
        until(lambda: running.snapshot().searchable == len(TOWNS), 120, running.text)
        good = feeds.read_text()
        feeds.write_text("[[feeds]\n")
        until(lambda: is_told(running, "is not valid TOML"), 20, running.text)
        assert running.works()
        assert "the feed list of before goes on" in status_of(data)
        until(lambda: running.says("is not valid TOML"), 30, running.text)
        feeds.unlink()
        until(lambda: is_told(running, "can't be read: No such file"), 20, running.text)
        feeds.write_text(good)
        until(lambda: not is_told(running, "feed list"), 20, running.text)


def is_told(running: RunProcess, text: str) -> bool:
    return any(text in problem for problem in running.snapshot().problems)

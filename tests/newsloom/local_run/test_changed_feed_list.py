"""A feed list that a person changes by command while the pipeline runs: it is taken without a restart."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsloom.demo.local_site import Site
from tests.newsloom.local_run.newspaper import TOWNS, print_papers
from tests.newsloom.local_run.run_process import LOCAL, newsloom_run, until

pytestmark = pytest.mark.slow


def feeds(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "newsloom", "feeds", *arguments, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, **LOCAL})
    return done.stdout


@pytest.mark.stack
def test_what_is_added_is_polled_and_what_is_removed_is_not(tmp_path: Path) -> None:
    data, listed = tmp_path / "data", tmp_path / "feeds.toml"
    with Site() as site:
        print_papers(site, listed, TOWNS[:1])
        first = site.resources.pop("/rss.xml")
        print_papers(site, listed, TOWNS[1:])
        site.resources["/first.xml"] = first
        with newsloom_run(data, listed) as running:
            until(lambda: running.snapshot().searchable == 2, 120, running.text)
            said = feeds(data, "add", f"{site.url}/first.xml", "--name", "First")
            assert said == f"First was added to {listed}; the running pipeline takes that within seconds\n"
            until(lambda: running.snapshot().searchable == 3, 60, running.text)
            until(lambda: running.snapshot().feeds["active"] == 2, 60, running.text)  # told some seconds later
            feeds(data, "remove", "First")
            until(lambda: running.snapshot().feeds["active"] == 1, 60, running.text)

"""Addresses of a run: how other commands find its servers, and what they say when there are none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsloom.local_run import run_addresses
from newsloom.local_run.run_addresses import NotRunning, RunAddresses


@pytest.fixture(autouse=True)
def _no_servers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("NEWSLOOM_")]:
        monkeypatch.delenv(name)


def test_the_servers_of_a_run_are_found(tmp_path: Path) -> None:
    run_addresses.write(tmp_path, RunAddresses(kafka="k:1", elasticsearch="http://e:2", pid=os.getpid()))
    found = run_addresses.settings_for_run(tmp_path)
    assert (found.kafka.bootstrap_servers, found.elasticsearch.url) == ("k:1", "http://e:2")


def test_without_a_run_it_is_said_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match=f"^no pipeline runs on {tmp_path}: start `newsloom run`"):
        run_addresses.settings_for_run(tmp_path)


def test_a_killed_run_leaves_its_file_and_is_no_run(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run_addresses.write(tmp_path, RunAddresses(kafka="k:1", elasticsearch="http://e:2", pid=ended.pid))
    with pytest.raises(NotRunning):
        run_addresses.settings_for_run(tmp_path)
    assert run_addresses.settings_with_addresses(tmp_path).elasticsearch.url == ""


def test_servers_that_the_environment_names_need_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLOOM_ELASTICSEARCH__URL", "http://e:2")
    assert run_addresses.settings_for_run(tmp_path).elasticsearch.url == "http://e:2"


def test_the_feed_list_of_a_run_is_known(tmp_path: Path) -> None:
    assert run_addresses.feeds_of_run(tmp_path) is None
    addresses = RunAddresses(kafka="k:1", elasticsearch="http://e:2", pid=os.getpid(), feeds="/lists/mine.toml")
    run_addresses.write(tmp_path, addresses)
    assert run_addresses.feeds_of_run(tmp_path) == Path("/lists/mine.toml")

"""A run whose own Kafka or Elasticsearch dies starts it again, says so, and ends when that is of no use."""

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from embedded.child_process import ChildProcess
from newsloom.demo.local_site import Site
from newsloom.local_run import run_addresses
from newsloom.local_run.server_processes import MOST_DEATHS, NotStarted, OwnServer, ServerProcesses
from tests.newsloom.local_run.newspaper import TOWNS, print_papers
from tests.newsloom.local_run.run_process import RunProcess, newsloom_run, server_pid, until

OFTEN = {"NEWSLOOM_INGEST__INTERVAL_SECONDS": "2", "NEWSLOOM_INGEST__INTERVAL_LEAST_SECONDS": "1"} | {
    "NEWSLOOM_INGEST__INTERVAL_MOST_SECONDS": "2",
    "NEWSLOOM_INGEST__RETRY_FIRST_SECONDS": "1",
}
KAFKA, ELASTICSEARCH = "kafka.Kafka", "elasticsearch_node.py"


def finds(running: RunProcess, articles: int) -> None:
    until(lambda: running.snapshot().searchable == articles, 120, running.text)


@pytest.mark.stack
@pytest.mark.slow
def test_a_killed_server_is_started_again_and_the_stages_go_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Site() as site, newsloom_run(data, print_papers(site, tmp_path / "feeds.toml"), **OFTEN) as running:
        finds(running, len(TOWNS))
        addresses = run_addresses.read(data)
        for name, program in (("Kafka", KAFKA), ("Elasticsearch", ELASTICSEARCH)):
            os.kill(server_pid(data, program), signal.SIGKILL)
            until(lambda name=name: running.says(f"{name} ended with SIGKILL"), 10, running.text)  # type: ignore[misc]
            until(lambda name=name: running.says(f"{name} started again"), 20, running.text)  # type: ignore[misc]
        print_papers(site, tmp_path / "feeds.toml", (*TOWNS, "Ostwick"))
        finds(running, len(TOWNS) + 1)
        until(running.works, 120, running.text)
        assert run_addresses.read(data) == addresses


@pytest.mark.stack
@pytest.mark.slow
def test_a_server_that_hangs_is_named_and_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Site() as site, newsloom_run(data, print_papers(site, tmp_path / "feeds.toml")) as running:
        until(running.works, 120, running.text)
        for program, told in ((KAFKA, "! kafka is unavailable"), (ELASTICSEARCH, "! elasticsearch is unavailable")):
            os.kill(pid := server_pid(data, program), signal.SIGSTOP)
            try:
                until(lambda told=told: running.says(told), 60, running.text)  # type: ignore[misc]
            finally:
                os.kill(pid, signal.SIGCONT)
            assert server_pid(data, program) == pid
        until(running.works, 120, running.text)


@pytest.mark.stack
@pytest.mark.slow
def test_a_server_that_can_not_come_back_ends_the_run_with_one_message(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Site() as site, newsloom_run(data, print_papers(site, tmp_path / "feeds.toml")) as running:
        until(lambda: run_addresses.read(data) is not None, 120, running.text)
        found = run_addresses.read(data)
        assert found is not None
        pid = server_pid(data, KAFKA)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            os.kill(pid, signal.SIGKILL)
            until(lambda: _takes(taken, int(found.kafka.rpartition(":")[2])), 10, running.text)
            assert running.ends(120) == 1, running.text()
    assert running.text().count("newsloom: Kafka ended 5 times in a row, at last with exit code 1") == 1
    assert "Traceback" not in running.text()


def _takes(sock: socket.socket, port: int) -> bool:
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen()
    except OSError:
        return False
    return True


def test_a_server_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    child = ChildProcess("Kafka", [sys.executable, "-c", "print('no room'); raise SystemExit(3)"], tmp_path / "log")
    child.start()
    servers = ServerProcesses([OwnServer(child, child.start)], 0.0)
    lines: dict[float, str] = {}

    def watch() -> None:
        for now in range(1_000):
            child.wait(20)
            lines.update({float(now): line for line in servers.restart_dead(now)})

    with pytest.raises(NotStarted, match=r"(?s)Kafka ended 5 times in a row, at last with exit code 3.*no room"):
        watch()
    assert next(iter(lines.values())) == f"Kafka ended with exit code 3, starts again in 1 s; see {child.log}"
    assert list(lines.values()).count("Kafka started again") == MOST_DEATHS - 1
    assert 14 < max(lines) < 25  # seconds: 1 + 2 + 4 + 8


@pytest.mark.slow
def test_a_server_that_ran_for_long_begins_anew(tmp_path: Path) -> None:
    child = ChildProcess("Kafka", [sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "log")
    child.start()
    servers, now = ServerProcesses([OwnServer(child, child.start)], 0.0), 0.0
    for _ in range(3 * MOST_DEATHS):
        now += 100.0
        child.kill()
        assert "starts again in 1 s" in servers.restart_dead(now)[0]
        assert "Kafka ended with SIGKILL" in servers.problems(now)[0]
        now += 1.0
        assert servers.restart_dead(now) == ["Kafka started again"]
        assert servers.problems(now) == []
    child.kill()

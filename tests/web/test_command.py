"""`newsloom web` as its user starts and stops it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from embedded import ports
from index import mapping
from pipeline.settings import Settings
from tests.conftest import environment_of

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]


@pytest.fixture
def page(options: Settings) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command, and the address that it told."""
    mapping.install(options.elasticsearch)
    [port] = ports.choose_ports({"the page": 0})
    environment = environment_of(options) | {"NEWSLOOM_WEB__PORT": str(port), "NEWSLOOM_SERVICE__HEALTH_PORT": "0"}
    command = [sys.executable, "-m", "newsloom", "web"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running, told_address(running)
        finally:
            running.kill()


def told_address(running: subprocess.Popen[str]) -> str:
    assert running.stderr is not None
    for line in running.stderr:
        if (said := json.loads(line))["event"] == "listening":
            return str(said["addresses"][0])
    raise AssertionError("it ended without an address")


def test_it_tells_its_address_answers_there_and_ends_when_it_is_told_to(
    page: tuple[subprocess.Popen[str], str],
) -> None:
    running, address = page
    answer = httpx.get(address, timeout=30, trust_env=False)
    assert answer.status_code == 200
    assert "Newsloom" in answer.text
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 0

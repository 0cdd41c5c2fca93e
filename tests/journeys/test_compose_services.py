"""Each service with exactly the command and the environment that docker-compose.yml gives it, on the real servers.

Only the names `kafka` and `elasticsearch` lead elsewhere than in a container network: each service runs in a mount
namespace of its own, whose /etc/hosts says that they are addresses of this machine. There a door passes every
connection on to the servers of this test session. No other name resolves, so nothing leaves this machine.
"""

import os
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from embedded.process import Child
from embedded.stack import Stack
from index import search
from newsloom.path import SOURCES
from pipeline import backlog
from pipeline.messages import ARTICLES
from pipeline.publisher import Outgoing, Publisher
from pipeline.settings import Settings, load
from tests.contracts.test_compose import SERVICES
from tests.enrich.samples import article
from tests.journeys import island

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

ADDRESSES = {"kafka": ("127.66.0.1", 9092), "elasticsearch": ("127.66.0.2", 9200)}
PATH = ("ingest", "annotate", "stories", "index")  # of an article
TEXT = "The lighthouse of Port Sollen was lit again on Friday after nine dark weeks and a dispute about its lamp."


@pytest.fixture
def container(tmp_path: Path) -> list[str]:
    """The command that gives a process the names of the container network."""
    return island.command(tmp_path, {name: address for name, (address, _) in ADDRESSES.items()})


@pytest.fixture
def network(stack: Stack) -> Iterator[Settings]:
    """The servers of the session at the addresses that the names lead to; settings that reach them from outside."""
    url = urlsplit(stack.elasticsearch_url)
    kafka_host, _, kafka_port = stack.bootstrap_servers.rpartition(":")
    kafka, elasticsearch = (kafka_host, int(kafka_port)), (str(url.hostname), int(url.port or 0))
    outside = {
        "NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        "NEWSLOOM_ELASTICSEARCH__URL": stack.elasticsearch_url,
    }
    with door(ADDRESSES["kafka"], kafka), door(ADDRESSES["elasticsearch"], elasticsearch):
        yield load(outside)


def test_an_article_passes_through_the_services_of_the_file(
    container: list[str], network: Settings, tmp_path: Path
) -> None:
    """One service after the other, because on one machine they share one health port."""
    setup = [*container, *inside(SERVICES["setup"]["command"])]
    subprocess.run(setup, check=True, timeout=120, env=environment("setup"))
    publish(network)
    for name in PATH:
        with started(name, container, tmp_path) as service:
            check = [*container, *inside(SERVICES[name]["healthcheck"]["test"][1:])]
            service.wait_until(lambda check=check, name=name: succeeds(check, environment(name)), 120)  # type: ignore[misc]
            service.wait_until(lambda name=name: nothing_waits(network, name), 120)  # type: ignore[misc]
    search.refresh(network.elasticsearch)
    [hit] = search.search(network.elasticsearch, '"nine dark weeks"').hits
    assert hit.article.title == "The lamp of Port Sollen"


def inside(command: list[str]) -> list[str]:
    """A command of the file, with the `newsloom` that is installed here, as the image has it on its PATH."""
    program, *arguments = command
    return [str(Path(sys.executable).with_name(program)), *arguments]


def environment(name: str) -> dict[str, str]:
    """What the file gives the service, and nothing of ours but where programs are."""
    return {**SERVICES[name]["environment"], "PATH": os.defpath}


@contextmanager
def started(name: str, container: list[str], logs: Path) -> Iterator[Child]:
    """The service as a process, which ends by itself when it is told to."""
    command = [*container, *inside(SERVICES[name]["command"])]
    service = Child(name, command, logs / f"{name}.log", environment(name), grace=60)
    service.start()
    try:
        yield service
    finally:
        service.stop()
    assert service.returncode == 0, service.last_lines(20)


def succeeds(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def nothing_waits(options: Settings, stage: str) -> bool:
    return not any(backlog.lag(options.kafka, [(name, topic) for name, topic in SOURCES if name == stage]).values())


def publish(options: Settings) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(Outgoing(ARTICLES, article("a" * 32, "The lamp of Port Sollen", TEXT)))])
    publisher.close()


@contextmanager
def door(outside: tuple[str, int], within: tuple[str, int]) -> Iterator[None]:
    """Passes every connection to `outside` on to `within`."""

    class Passage(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(within) as other:
                back = threading.Thread(target=pour, args=(other, self.request))
                back.start()
                pour(self.request, other)
                back.join()

    with Door(outside, Passage) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield
        server.shutdown()


class Door(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


def pour(source: socket.socket, target: socket.socket) -> None:
    """Until the source ends; then the target is told so."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)

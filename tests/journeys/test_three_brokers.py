"""Three brokers as docker-compose.cluster.yml starts them: one may be away, and nothing acknowledged is lost."""

from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
import yaml

from embedded import ports
from embedded.child_process import ChildProcess
from pipeline.failures import Unavailable
from pipeline.kafka import broker
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.messages import ARTICLES
from pipeline.settings import Settings
from tests.contracts.test_compose import CLUSTER
from tests.pipeline import password_broker

pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HOST = "127.0.0.1"
NODES = (1, 2, 3)


def environments() -> dict[int, dict[str, str]]:
    """Of each node: as in the file, but for addresses and ports."""
    told = yaml.safe_load(CLUSTER.read_text(encoding="utf-8"))["services"]["kafka"]["environment"]
    chosen = ports.choose_ports({f"{name} of {node}": 0 for node in NODES for name in ("broker", "controller")})
    clients, controllers = chosen[::2], chosen[1::2]
    voters = ",".join(f"{node}@{HOST}:{port}" for node, port in zip(NODES, controllers, strict=True))
    assert told["KAFKA_VOTERS"].count("@") == voters.count("@")
    return {
        node: {
            "KAFKA_NODE": str(node),
            "KAFKA_VOTERS": voters,
            "KAFKA_REPLICAS": told["KAFKA_REPLICAS"],
            "KAFKA_NAME": HOST,
            "KAFKA_HOST": HOST,
            "KAFKA_PORT": str(clients[node - 1]),
            "KAFKA_CONTROLLER_PORT": str(controllers[node - 1]),
        }
        for node in NODES
    }


def started(exits: ExitStack, folder: Path, all_: dict[int, dict[str, str]]) -> dict[int, ChildProcess]:
    found = {}
    for node, environment in all_.items():
        own = folder / str(node)
        own.mkdir()
        found[node] = exits.enter_context(password_broker.running_broker(own, environment))
    return found


def publish(options: Settings, key: str) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([EncodedMessage(broker.topic_name(options.kafka, ARTICLES), key.encode(), b"{}")])
    publisher.close()


def test_one_of_three_may_be_away(tmp_path: Path) -> None:
    nodes = environments()
    servers = ",".join(f"{HOST}:{each['KAFKA_PORT']}" for each in nodes.values())
    options = password_broker.admin_settings(servers, replication_factor="3", partitions="3")
    with ExitStack() as exits:
        children = started(exits, tmp_path, nodes)
        children[1].wait_until(lambda: password_broker.answers(options), password_broker.SECONDS)
        children[1].wait_until(lambda: created(options), password_broker.SECONDS)
        publish(options, "before")
        children[2].kill()
        children[1].wait_until(lambda: written(options, "after"), password_broker.SECONDS)
        rest = msgspec.structs.replace(options.kafka, bootstrap_servers=f"{HOST}:{nodes[3]['KAFKA_PORT']}")
        assert {b"before", b"after"} <= {record.key for record in broker.read_topic(rest, ARTICLES)}


def created(options: Settings) -> bool:
    """Topics with three replicas need three brokers that are there."""
    try:
        broker.create_topics(options.kafka)
    except Unavailable:
        return False
    return True


def written(options: Settings, key: str) -> bool:
    """Until others lead the partitions of the broker that is away, writing fails and is tried again."""
    try:
        publish(options, key)
    except Unavailable:
        return False
    return True

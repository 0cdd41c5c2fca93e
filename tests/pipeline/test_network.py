"""kafka-python's sockets: none is left to the garbage collector."""

import gc
import socket
import warnings
from collections.abc import Iterator

import pytest

from pipeline.network import NetworkClient, closed_on_failure


@pytest.fixture
def deaf_server() -> Iterator[str]:
    """Connections to it are begun and never made: nobody accepts them, and its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"
        for each in waiting:
            each.close()


def begin(client: NetworkClient) -> None:
    client.maybe_connect(client.cluster.bootstrap_brokers()[0].node_id)
    client.poll(timeout_ms=50)


def test_a_connection_that_is_being_made_is_closed_with_its_client(deaf_server: str) -> None:
    client = NetworkClient(bootstrap_servers=[deaf_server])
    begin(client)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        client.close()
        client.close()
        del client
        gc.collect()
    assert [str(each.message) for each in said if each.category is ResourceWarning] == []


def test_an_owner_that_cannot_be_made_leaves_nothing_open(deaf_server: str) -> None:
    def owner(**config: object) -> None:
        begin(config.pop("kafka_client")(**config))  # type: ignore[operator]
        raise RuntimeError("no broker")

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        with pytest.raises(RuntimeError, match="no broker"):
            closed_on_failure(owner, bootstrap_servers=[deaf_server])
        gc.collect()
    assert [str(each.message) for each in said if each.category is ResourceWarning] == []

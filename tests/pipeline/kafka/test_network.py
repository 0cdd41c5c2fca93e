"""kafka-python's sockets: none is left to the garbage collector."""

import gc
import logging
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipeline.kafka.clients.network import NetworkClient, create_client, tls_context
from tests.pipeline import password_broker


@contextmanager
def nothing_left_open() -> Iterator[None]:
    """Fails when the garbage collector finds an open socket at the end of it."""
    gc.collect()  # what others left
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(each.message) for each in said if each.category is ResourceWarning] == []


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


@pytest.fixture
def strange_server(tmp_path: Path) -> Iterator[str]:
    """Its certificate is one that nobody knows: whoever looks at it goes away."""
    _, both = password_broker.certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)

    def greet(server: socket.socket) -> None:
        with suppress(OSError):  # the guest's going, and at the end the server's
            while True:
                guest, _ = server.accept()
                with guest, suppress(ssl.SSLError):
                    context.wrap_socket(guest, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        greeting = threading.Thread(target=greet, args=(server,))
        greeting.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        greeting.join()


def begin(client: NetworkClient) -> None:
    client.maybe_connect(client.cluster.bootstrap_brokers()[0].node_id)
    client.poll(timeout_ms=50)


@pytest.mark.slow
def test_a_connection_that_is_being_made_is_closed_with_its_client(deaf_server: str) -> None:
    with nothing_left_open():
        client = NetworkClient(bootstrap_servers=[deaf_server])
        begin(client)
        client.close()
        client.close()
        del client


@pytest.mark.slow
def test_a_connection_to_a_stranger_is_closed_when_he_is_found_out(
    strange_server: str, caplog: pytest.LogCaptureFixture
) -> None:
    """kafka-python forgets a socket whose handshake fails; its client may live for months."""
    caplog.set_level(logging.CRITICAL, "kafka")  # what is logged is kept, with the error, its frames and their socket
    tls = {"security_protocol": "SSL", "ssl_context": tls_context("")}
    with nothing_left_open():
        client = NetworkClient(bootstrap_servers=[strange_server], **tls)
        connection = client._manager.get_connection(client.cluster.bootstrap_brokers()[0].node_id)
        client.poll(timeout_ms=10_000, future=connection.init_future)
        assert "certificate verify failed" in str(connection.init_future.exception)
        client.close()
        del client, connection


@pytest.mark.slow
def test_an_owner_that_cannot_be_made_leaves_nothing_open(deaf_server: str) -> None:
    def owner(**config: object) -> None:
        begin(config.pop("kafka_client")(**config))  # type: ignore[operator]
        raise RuntimeError("no broker")

    with nothing_left_open(), pytest.raises(RuntimeError, match="no broker"):
        create_client(owner, bootstrap_servers=[deaf_server])

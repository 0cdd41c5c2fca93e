"""kafka-python's network client, closed whole.

kafka-python 3.0 forgets a socket whose TLS handshake fails, and one whose connection is still being made when its
client is closed, and leaves the client open when its owner's constructor finds no broker: sockets stay open until the
garbage collector meets them.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient

T = TypeVar("T")


class NetworkClient(KafkaNetClient):  # type: ignore[misc]  # kafka-python is not typed
    """The client that a consumer, producer or admin client is given as `kafka_client`."""

    def close(self, node_id: object = None) -> None:
        """Closes the connection to a node; without one all of them, those that are being made too."""
        if node_id is not None:
            super().close(node_id)
            return
        self._net.stop()  # its thread, or it would go on making connections
        watched = self._net._selector.get_map() or {}
        unfinished = [key.fileobj for key in watched.values() if isinstance(key.fileobj, socket.socket)]
        super().close()
        for each in unfinished:
            each.close()


def tls_context(ca_file: str) -> ssl.SSLContext:
    """How a broker is spoken to with TLS. `ca_file`: the authorities to believe; empty: those that the machine knows.

    Raises: OSError when the file can't be read or holds no certificate.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.sslsocket_class = _TlsSocket
    return context


class _TlsSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        """Closes the socket when it fails."""
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):  # it goes on
            raise
        except BaseException:
            self.close()
            raise


def closed_on_failure(owner: Callable[..., T], **config: Any) -> T:
    """What `owner` makes with a network client; when it raises, that client is closed."""
    opened: list[NetworkClient] = []

    def network(**settings: Any) -> NetworkClient:
        opened.append(NetworkClient(**settings))
        return opened[-1]

    try:
        return owner(**config, kafka_client=network)
    except BaseException:
        for each in opened:
            with suppress(Exception):  # what went wrong first is what is told
                each.close()
        raise

"""kafka-python's clients, mended: no socket stays open, no send unanswered, no consumer spins.

kafka-python 3.0 forgets a socket whose TLS handshake fails, and one whose connection is still being made when its
client is closed, and leaves the client open when its owner's constructor finds no broker: sockets stay open until the
garbage collector meets them. And `KafkaProducer.close(timeout=0)` of 3.0.12 raises in its flush before it ends the
sender: what was not sent goes on being sent later, and its futures never end. And while a heartbeat of KafkaConsumer
3.0.12 is overdue, which it is as long as its broker is silent, `poll` does not wait but spins, and each turn leaves
memory behind: measured with four consumers, 49 MB became 313 MB in half a minute, on a whole core. And a batch whose
time is over while its process stands still is told as expired by KafkaProducer 3.0.12, and sent all the same.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.heartbeat import Heartbeat
from kafka.net.compat import KafkaNetClient

from pipeline.kafka.clients.lease import Lease

T = TypeVar("T")
# how long the broker keeps a fetch that finds nothing; a message ends the wait at once. kafka-python's default of 0.5 s
# makes an idle pipeline ask ten times as often
FETCH_WAIT_SECONDS = 5.0
# how long a broker may take for the cheapest of answers, after a fetch that waits for news
ANSWER_SECONDS = FETCH_WAIT_SECONDS + 2.5
LEAVE_SECONDS = 5.0


class NetworkClient(KafkaNetClient):  # type: ignore[misc]  # kafka-python is not typed
    """Network client to be given to a consumer, producer or admin client as `kafka_client`."""

    def close(self, node_id: object = None) -> None:
        """Closes the connection to a node; without `node_id` all connections, also those that are still being made."""
        if node_id is not None:
            super().close(node_id)
            return
        self._net.stop()  # its thread, or it would go on making connections
        watched = self._net._selector.get_map() or {}
        unfinished = [key.fileobj for key in watched.values() if isinstance(key.fileobj, socket.socket)]
        super().close()
        for each in unfinished:
            each.close()


class Producer(KafkaProducer):  # type: ignore[misc]
    """A producer that can be abandoned, and that sends nothing that it has told as expired."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        create = self._sender._create_produce_requests

        def create_of_living(batches: dict[int, list[Any]]) -> Any:
            for of_node in batches.values():
                of_node[:] = [batch for batch in of_node if batch.final_state is None]
            return create(batches)

        self._sender._create_produce_requests = create_of_living

    def abandon(self) -> None:
        """Sends nothing more; the futures of what was not acknowledged fail. Returns at once, from any thread."""
        self._sender.force_close()


class Consumer(KafkaConsumer):  # type: ignore[misc]
    """A consumer that waits while its broker is silent. `lease`: that which its heartbeats renew, for a group's
    member."""

    def __init__(self, *topics: str, lease: Lease | None = None, **config: Any) -> None:
        super().__init__(*topics, fetch_max_wait_ms=int(FETCH_WAIT_SECONDS * 1000), **config)
        # heartbeats are sent by a thread of their own: no poll has to end early for them
        self._coordinator.time_to_next_poll = _never
        if lease is not None:
            self._coordinator.heartbeat = _LeaseHeartbeat(lease, self._coordinator.config)

    @property
    def member(self) -> str:
        """As whom the group knows us. Another one after the group has dropped us."""
        return str(self._coordinator.group_metadata().member_id)

    def require_answer(self, partitions: Sequence[TopicPartition]) -> None:
        """Asks the broker something cheap: `poll` brings nothing from a broker that is dead, and nothing from one that
        has no news. Raises KafkaError when there is no answer in time."""
        self.end_offsets(partitions, timeout_ms=int(ANSWER_SECONDS * 1000))

    def leave(self) -> None:
        """Closes the consumer, which leaves its group; waits for a silent broker no longer than LEAVE_SECONDS."""
        self.close(autocommit=False, timeout_ms=int(LEAVE_SECONDS * 1000))


def _never() -> float:
    return float("inf")


class _LeaseHeartbeat(Heartbeat):  # type: ignore[misc]
    """The heartbeats of a group's member: those that were answered renew its lease."""

    def __init__(self, lease: Lease, config: dict[str, Any]) -> None:
        super().__init__(**config)
        self._lease, self._asked_at = lease, lease.clock()

    def sent_heartbeat(self) -> None:
        self._asked_at = self._lease.clock()
        super().sent_heartbeat()

    def received_heartbeat(self) -> None:
        super().received_heartbeat()
        self._lease.confirm(self._asked_at)

    def time_to_next_heartbeat(self) -> float:
        """None was sent since the group was joined: one is sent at once, for the lease begins with its answer."""
        never_sent = self.last_send < self.last_reset and not self.heartbeat_failed
        return 0.0 if never_sent else float(super().time_to_next_heartbeat())

    def poll_timeout_expired(self) -> bool:
        """Whether nobody has polled for too long; the member leaves its group then."""
        expired = bool(super().poll_timeout_expired())
        if expired:
            self._lease.end_term()
        return expired


def tls_context(ca_file: str) -> ssl.SSLContext:
    """The TLS context for connections to a broker. `ca_file`: the authorities to trust; empty: those of the machine.

    Raises OSError when the file can't be read or holds no certificate.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.sslsocket_class = _TlsSocket
    return context


class _TlsSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        """Does the TLS handshake; closes the socket when it fails."""
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):  # it goes on
            raise
        except BaseException:
            self.close()
            raise


def create_client(client_class: Callable[..., T], **config: Any) -> T:
    """An instance of `client_class`, with our network client; that is closed when the constructor raises."""
    opened: list[NetworkClient] = []

    def network(**settings: Any) -> NetworkClient:
        opened.append(NetworkClient(**settings))
        return opened[-1]

    try:
        return client_class(**config, kafka_client=network)
    except BaseException:
        for each in opened:
            with suppress(Exception):  # the first error is the one to raise
                each.close()
        raise

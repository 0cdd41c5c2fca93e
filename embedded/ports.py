"""Chooses TCP ports on this machine: in: requested numbers (0 = any); out: ports nobody listens on, or a clear error.

Free ports are drawn from below the range that the kernel takes outgoing connections from (32768 and up on Linux,
49152 and up by IANA): a client that keeps reconnecting to a stopped server can otherwise be given the server's own
port as its source, connect to itself, and keep the server from coming back.
"""

import errno
import random
import socket

from embedded.embedded_error import EmbeddedError

LOWEST, HIGHEST = 20_000, 32_000


class PortTaken(EmbeddedError):
    """A port that was asked for by number is in use; the message names it and what to do."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `port` now (a connection in TIME_WAIT does not count, as for the servers)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose_ports(requested: dict[str, int]) -> list[int]:
    """One port for each name, in order: the requested one, or any free one where 0 is requested.

    Raises PortTaken when a requested port is in use.
    """
    for name, number in requested.items():
        if number and not is_free(number):
            raise PortTaken(
                f"port {number} for {name} is taken by another program: stop that program, "
                f"or give {name} another port (0 = any free one)"
            )
    drawn = random.sample(range(LOWEST, HIGHEST), 500)
    free = (port for port in drawn if port not in requested.values() and is_free(port))
    chosen = [number or next(free, 0) for number in requested.values()]
    if 0 in chosen:
        raise PortTaken(f"no free ports for {', '.join(requested)} among 500 tried between {LOWEST} and {HIGHEST}")
    return chosen

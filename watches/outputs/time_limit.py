"""Time limit: an end to a conversation in which the other side says a little again and again.

A socket's own timeout begins anew with each byte. In: seconds, and the socket. Out: it is shut down when they are over,
so that whoever waits for it goes on at once, and a TimeoutError.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def time_limit(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shuts the socket down when the block takes longer. `find_socket` is asked then; None when there is none yet.

    Raises TimeoutError at the end of such a block, however it ended: what was read last may be half an answer.
    """
    over = threading.Event()

    def shut_down() -> None:
        over.set()
        found = find_socket()
        if found is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut_down)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if over.is_set():
            raise TimeoutError(f"no whole answer in {seconds:g} s")

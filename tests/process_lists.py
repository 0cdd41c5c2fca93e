"""What `ps` would show to anybody on this machine, and what a process listens on: read from /proc."""

import ipaddress
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"  # the state in /proc/net/tcp


@contextmanager
def watched_for(secret: str) -> Iterator[set[str]]:
    """For the block: the command lines of all processes on this machine in which `secret` was seen."""
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            seen.update(line for line in command_lines() if secret in line)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def command_lines() -> Iterator[str]:
    for process in PROC.glob("[0-9]*"):
        with suppress(OSError):  # it has just ended
            yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def listens_on(pid: int) -> set[str]:
    """The addresses that a process listens on, without ports; an IPv4 address in IPv6 as the IPv4 address."""
    own = set()
    for descriptor in (PROC / str(pid) / "fd").iterdir():
        with suppress(OSError):
            own.add(str(descriptor.readlink()))
    return {address for inode, address in _listeners(pid) if f"socket:[{inode}]" in own}


def _listeners(pid: int) -> Iterator[tuple[str, str]]:
    for name in ("tcp", "tcp6"):
        for line in (PROC / str(pid) / "net" / name).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING:
                yield fields[9], _address(fields[1].partition(":")[0])


def _address(written: str) -> str:
    """/proc writes addresses as words of 32 bits, each in the order of this machine's bytes."""
    words = (int(written[at : at + 8], 16) for at in range(0, len(written), 8))
    packed = b"".join(struct.pack("=I", word) for word in words)
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    found = ipaddress.IPv6Address(packed)
    return str(found.ipv4_mapped or found)


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Whether `condition()` came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True

"""Orphan reaper: the small process between us and one server that ends the server when we end.

In: a grace time in seconds and a command as arguments; a pipe from the parent as standard input; the log as standard
error. Out: the server's pid as one line on standard output; then the reaper ends as the server ended (same exit code,
same signal).

The parent's end of the pipe closes when the parent ends, however it ends: the kernel closes it even after SIGKILL.
    end of file   SIGTERM to the server's process group, SIGKILL after the grace time
    one byte      SIGKILL at once
Should the reaper itself be killed, the kernel kills the server (PR_SET_PDEATHSIG, Linux only). That flag belongs to the
thread that starts the server, which is why the parent, which may have threads, does not use it and this process, which
has one, does.

Run by path with `python -I -S`: standard library only, nothing of ours on its import path, up in 50 ms.
"""

import contextlib
import ctypes
import os
import resource
import select
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
NOT_STARTED = 127
_STDIN = 0


def main(arguments: list[str]) -> None:
    """`arguments`: grace time in seconds, then the command. Does not return."""
    grace, command = float(arguments[0]), arguments[1:]
    wake = _wake_on_signals()
    try:
        server = _start(command)
    except OSError as error:
        print(f"cannot start {command[0]}: {error}", file=sys.stderr, flush=True)
        os._exit(NOT_STARTED)
    with contextlib.suppress(OSError):  # a parent that is gone shows as end of file below
        os.write(1, b"%d\n" % server.pid)
    order = _wait(server, wake)
    if order == b"":
        _stop(server, grace)
    _signal_group(server, signal.SIGKILL)  # also what a server that has ended left behind
    _end_like(server.wait())


def _wake_on_signals() -> int:
    """A file descriptor that becomes readable when the server ends or somebody signals the reaper to end."""
    wake, wakeup = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return wake


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        start_new_session=True,  # Ctrl-C in a terminal reaches us only, not the server
        preexec_fn=_die_with_the_reaper,  # noqa: PLW1509 - this process has one thread
    )


def _die_with_the_reaper() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(server: subprocess.Popen[bytes], wake: int) -> bytes | None:
    """Waits until the server ends (None), the parent sends a byte (that byte) or is gone (b"")."""
    while server.poll() is None:
        ready, _, _ = select.select([_STDIN, wake], [], [])
        if _STDIN in ready:
            return os.read(_STDIN, 1)
        if any(number != signal.SIGCHLD for number in os.read(wake, 512)):
            return b""
    return None


def _stop(server: subprocess.Popen[bytes], grace: float) -> None:
    """Asks the server to end and waits for that, at most `grace` seconds; what is left then is the caller's to kill."""
    _signal_group(server, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(grace)


def _signal_group(server: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, number)


def _end_like(returncode: int) -> None:
    if returncode < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):  # SIGKILL has no handler to reset
            signal.signal(-returncode, signal.SIG_DFL)
        os.kill(os.getpid(), -returncode)
    os._exit(returncode)


if __name__ == "__main__":
    main(sys.argv[1:])

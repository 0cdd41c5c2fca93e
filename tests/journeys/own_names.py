"""Runs a command with its own host names: it resolves no others, so that no request leaves this machine.

In: names and the addresses of this machine that they stand for. Out: the words to put before a command, so that it runs
in a mount namespace with its own /etc/hosts and without a name server.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

NAMESPACE = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
BIND = 'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"'


def command_with_names(folder: Path, names: Mapping[str, str]) -> list[str]:
    """The words to put before a command; skips the test where no mount namespace can be made."""
    lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items()), ""]
    (folder / "hosts").write_text("\n".join(lines), encoding="utf-8")
    (folder / "resolv.conf").write_text("nameserver 127.66.0.3\n", encoding="utf-8")  # where nobody is
    made = [*NAMESPACE, "sh", "-c", BIND, str(folder)]
    tried = subprocess.run([*made, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no mount namespace can be made here: {tried.stderr.strip()}")
    return made

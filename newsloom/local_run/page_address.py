"""The address of the page of a `newsloom run`: a data directory keeps its port, so that links stay right.

In: the settings, the data directory. Out: a port, and the address with it.
"""

from pathlib import Path

from embedded import ports
from pipeline import settings

FILE = "web.port"


def choose_port(options: settings.Web, data: Path) -> int:
    """The port of the settings; else that of the run before on this directory, while it is free; else a free one."""
    if options.port:
        return options.port
    before = _read(data)
    port = before if before and ports.is_free(before) else ports.choose_ports({"web": 0})[0]
    (data / FILE).write_text(f"{port}\n", encoding="utf-8")
    return port


def address(options: settings.Web, port: int) -> str:
    """Where a browser on this machine finds the page."""
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::", "") else options.host  # noqa: S104 - asked, not bound
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _read(data: Path) -> int:
    try:
        port = int((data / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 1 << 16 else 0

"""Host names: under which names this server answers, and which sites may send it a form. Pure.

In: a request's headers. Out: whether it is meant for us. A page elsewhere may let its own name lead to this machine
(DNS rebinding) and then read what we answer: such a request has that name in its Host header. An IP address has none.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

LOCAL = frozenset({"localhost"})


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is offered on this host."""
    return host in LOCAL or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_ours(host_header: str, names: frozenset[str]) -> bool:
    """Whether a Host header names this server: an IP address, localhost, or one of `names` (lower case)."""
    name = _host(f"//{host_header}")
    return bool(name) and (name in LOCAL or name in names or _is_address(name))


def comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether another site's page sent the request, by Fetch Metadata or by its origin; a client that is no browser
    sends neither.

    `headers`: a mapping that does not mind the case of names, as that of aiohttp.
    """
    site = headers.get("Sec-Fetch-Site")
    if site and site not in ("same-origin", "none"):
        return True
    origin = headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("Host")


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

"""Which URLs and addresses may be asked at all. Pure.

In: a URL as the client will ask it, or an IP address as DNS gave it. Out: whether, or why not. The poller asks what
feeds and redirects name, so strangers choose its URLs; it must not reach what only this machine can reach.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType, Self

from yarl import URL

from pipeline import settings
from pipeline.failures import WrongSetting

# all of IPv6 that is routed on the internet (RFC 4291, 2.4; IANA has given out nothing else)
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# carries an IPv4 address in its last 32 bits (RFC 6052); 64:ff9b:1::/48 is for local use (RFC 8215) and never public
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# the system's resolver reads "127.1", "0x7f.1" and "2130706433" as addresses (WHATWG URL, "ends in a number")
NUMBER = re.compile(r"(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?$")


# a URL that a guard has let pass
Checked = NewType("Checked", URL)


@dataclass(frozen=True, slots=True)
class Guard:
    """What an operator allows. `address` says whether an IP address may be asked; `ports` None: any."""

    address: Callable[[str], bool]
    ports: frozenset[int] | None

    @classmethod
    def of(cls, options: settings.Ingest) -> Self:
        """Raises WrongSetting."""
        try:
            ports = frozenset(int(port) for port in options.ports.replace(",", " ").split())
        except ValueError as error:
            raise WrongSetting(f"ingest.ports = {options.ports!r} must be port numbers with spaces between") from error
        if options.allow_private_addresses:
            return cls(lambda _: True, None)
        return cls(is_public, ports)

    def check(self, text: str) -> Checked | str:
        """A URL that may be asked, or why not. A host that is a name is checked again after DNS."""
        try:
            url = URL(text)
            return self._refusal(url) or Checked(url)
        except (ValueError, TypeError) as error:
            return f"{text[:200]!r} is no address: {error}"

    def _refusal(self, url: URL) -> str:
        host = url.raw_host
        if url.scheme not in ("http", "https") or not host:
            return f"{_shown(url)} is no http or https address"
        if url.raw_user is not None or url.raw_password is not None:
            return f"{_shown(url)} names a user: no credentials are sent"
        if self.ports is not None and url.port not in self.ports:
            return f"port {url.port} is not one of ingest.ports"
        if (":" in host or NUMBER.search(host)) and not self._is_allowed_address(host):
            return f"{host} is not an address of the public internet"
        return ""

    def _is_allowed_address(self, host: str) -> bool:
        return _parsed(host) is not None and self.address(host)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet.

    Not so: private, loopback, link-local, shared (CGNAT), reserved, multicast and unspecified addresses, and IPv6
    addresses that carry such an IPv4 address (6to4, NAT64) or are none of the routed ones.
    """
    found = _parsed(address)
    if found is None:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return _is_public4(found)
    if found in NAT64:
        return _is_public4(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    routed = found in GLOBAL_UNICAST and found.is_global and not found.is_multicast
    return routed and (found.sixtofour is None or _is_public4(found.sixtofour))


def _is_public4(address: ipaddress.IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


@lru_cache(4096)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _shown(url: URL) -> str:
    """Without its password, for logs."""
    return str(url.with_user(None) if url.raw_host else url)[:200]

"""Guard against server-side request forgery (SSRF): decides which URLs and IP addresses may be requested. Pure.

In: a URL before it is requested, or an IP address as DNS gave it. Out: whether it is allowed, or the reason why not.
The poller requests what feeds and redirects name, so strangers choose its URLs; it must not reach what only this
machine can reach (docs/decisions/0011).
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType, Self

from yarl import URL

from ingest.field_limits import MOST_ADDRESS, is_short_address
from pipeline import settings
from pipeline.failures import WrongSetting

# all of IPv6 that is routed on the internet (RFC 4291, 2.4; IANA has given out nothing else)
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# carries an IPv4 address in its last 32 bits (RFC 6052); 64:ff9b:1::/48 is for local use (RFC 8215) and never public
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# the system's resolver reads "127.1", "0x7f.1" and "2130706433" as addresses (WHATWG URL, "ends in a number")
NUMERIC_HOST = re.compile(r"(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?$")


# a URL that an AddressGuard has let pass
AllowedUrl = NewType("AllowedUrl", URL)


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """The checks for URLs and IP addresses.

    `is_allowed_address` says whether an IP address may be connected to; `ports` are the allowed ports, None: all.
    """

    is_allowed_address: Callable[[str], bool]
    ports: frozenset[int] | None

    @classmethod
    def from_settings(cls, options: settings.Ingest) -> Self:
        """The guard that the `ingest` settings ask for. Raises WrongSetting when `ports` are no port numbers."""
        try:
            ports = frozenset(int(port) for port in options.ports.replace(",", " ").split())
        except ValueError as error:
            raise WrongSetting(f"ingest.ports = {options.ports!r} must be port numbers with spaces between") from error
        if options.allow_private_addresses:
            return cls(lambda _: True, None)
        return cls(is_public_address, ports)

    def check_url(self, text: str) -> AllowedUrl | str:
        """The parsed URL if it may be requested, else the reason why not.

        Where the host is a name, its IP addresses are checked after DNS (ingest/web/resolver).
        """
        if not is_short_address(text):
            return f"an address of more than {MOST_ADDRESS} characters: {text[:200]!r}"
        try:
            url = URL(text)
            return self._find_refusal(url) or AllowedUrl(url)
        except (ValueError, TypeError) as error:
            return f"{text[:200]!r} is no address: {error}"

    def _find_refusal(self, url: URL) -> str:
        host = url.raw_host
        if url.scheme not in ("http", "https") or not host:
            return f"{_for_message(url)} is no http or https address"
        if url.raw_user is not None or url.raw_password is not None:
            return f"{_for_message(url)} names a user: no credentials are sent"
        if self.ports is not None and url.port not in self.ports:
            return f"port {url.port} is not one of ingest.ports"
        if (":" in host or NUMERIC_HOST.search(host)) and not self._is_allowed_ip_literal(host):
            return f"{host} is not an address of the public internet"
        return ""

    def _is_allowed_ip_literal(self, host: str) -> bool:
        return _parse_ip(host) is not None and self.is_allowed_address(host)


def is_public_address(address: str) -> bool:
    """Whether an IP address belongs to the public internet; False too for text that is no IP address.

    Not public: private, loopback, link-local, shared (CGNAT), reserved, multicast and unspecified addresses, and IPv6
    addresses that carry such an IPv4 address (6to4, NAT64) or are none of the routed ones.
    """
    ip = _parse_ip(address)
    if ip is None:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return _is_public_ipv4(ip)
    if ip in NAT64:
        return _is_public_ipv4(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    routed = ip in GLOBAL_UNICAST and ip.is_global and not ip.is_multicast
    return routed and (ip.sixtofour is None or _is_public_ipv4(ip.sixtofour))


def _is_public_ipv4(address: ipaddress.IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


@lru_cache(4096)
def _parse_ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _for_message(url: URL) -> str:
    """The URL without its user and password, shortened, for error messages."""
    return str(url.with_user(None) if url.raw_host else url)[:200]

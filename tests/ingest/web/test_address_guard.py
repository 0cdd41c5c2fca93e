"""Which URLs and IP addresses the address guard allows."""

import msgspec
import pytest
from yarl import URL

from ingest.web.address_guard import AddressGuard, is_public_address
from pipeline.failures import WrongSetting
from pipeline.settings import Settings


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e"])
def test_public_addresses(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "::1"),  # loopback
        *("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12::1", "fec0::1"),  # private
        *("169.254.169.254", "fe80::1", "fe80::1%eth0"),  # link-local: where clouds keep their secrets
        *("100.64.0.1", "100.127.255.255"),  # CGNAT
        *("0.0.0.0", "0.1.2.3", "::"),  # this host
        *("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),  # multicast
        *("240.0.0.1", "255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.1"),  # reserved, tests
        *("100::1", "2001:db8::1", "5f00::1", "4000::1"),
        *("::ffff:127.0.0.1", "::ffff:93.184.215.14", "::7f00:1"),  # IPv4 in IPv6
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::5db8:d70e", "64:ff9b:1:ffff::1"),  # NAT64
        *("2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe"),  # 6to4, Teredo
        *("", "example.org", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5"),  # no addresses
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.fixture
def guard(offline_options: Settings) -> AddressGuard:
    return AddressGuard.from_settings(offline_options.ingest)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a?b",
        "http://example.org:8080/",
        "https://example.org:8443/",
        "http://1.1.1.1/",
        "http://[2606:2800:21f:cb07::1]/",
        "http://7.example/",
        "http://b\u00fccher.example/",
    ],
)
def test_urls_that_are_asked(guard: AddressGuard, url: str) -> None:
    assert guard.check_url(url) == URL(url)


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://example.org/", "javascript:1", "/relative", "//example.org/", "data:,x", ""),
        *("http://example.org:22/", "https://example.org:6379/", "http://example.org:0/"),
        *("http://user:secret@example.org/", "http://user@example.org/", "http://:secret@example.org/"),
        *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/"),
        *(
            "http://017700000001/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://127.0.0.1./",
            "http://1.2.3.4.5/",
        ),
    ],
)
def test_urls_that_are_refused(guard: AddressGuard, url: str) -> None:
    reason = guard.check_url(url)
    assert isinstance(reason, str)
    assert "secret" not in reason


def test_the_ports_are_the_operator_s(offline_options: Settings) -> None:
    def with_knobs(**knobs: object) -> AddressGuard:
        return AddressGuard.from_settings(msgspec.structs.replace(offline_options.ingest, **knobs))

    assert with_knobs(ports="80, 81").check_url("http://example.org:81/") == URL("http://example.org:81/")
    assert with_knobs(allow_private_addresses=True).check_url("http://127.0.0.1:8081/") == URL("http://127.0.0.1:8081/")
    with pytest.raises(WrongSetting, match=r"ingest\.ports"):
        with_knobs(ports="http")

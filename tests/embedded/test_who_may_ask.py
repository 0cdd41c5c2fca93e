"""The embedded servers answer this machine only: they ask nobody for a password."""

import socket

import pytest

from embedded.stack import Stack
from tests.process_lists import is_loopback, listens_on

pytestmark = pytest.mark.stack


def test_every_port_of_the_servers_is_on_loopback(stack: Stack) -> None:
    for server in (stack.kafka, stack.elasticsearch):
        addresses = listens_on(server.child.pid)
        assert addresses, server
        assert [address for address in addresses if not is_loopback(address)] == []


def test_the_machines_own_addresses_are_not_answered(stack: Stack) -> None:
    others = {str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        for server in (stack.kafka, stack.elasticsearch):
            with socket.socket() as asked:
                asked.settimeout(2)
                assert asked.connect_ex((address, server.port)) != 0, address

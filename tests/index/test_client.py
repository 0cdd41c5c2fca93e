"""Settings that make no connection are named at the start, not when the first article comes."""

import msgspec
import pytest

from index.client import connect
from pipeline.failures import WrongSetting
from pipeline.settings import Settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "localhost"},
        {"url": "ftp://localhost:9200"},
        {"url": "https://localhost:9200", "ca_file": "/nowhere/ca.pem"},
        {"url": "https://localhost:9200", "ca_file": __file__},  # a file, but no certificate
        {"url": "http://localhost:9200", "username": "elastic", "password": "x", "api_key": "y"},
    ],
    ids=str,
)
def test_what_makes_no_connection_is_a_wrong_setting(offline_options: Settings, wrong: dict[str, str]) -> None:
    with pytest.raises(WrongSetting, match=r"elasticsearch\.url, username, api_key and ca_file"):
        connect(msgspec.structs.replace(offline_options.elasticsearch, **wrong))


def test_several_addresses_and_a_secret_are_taken(offline_options: Settings) -> None:
    options = msgspec.structs.replace(
        offline_options.elasticsearch,
        url="http://one:9200, http://two:9200",
        username="writer",
        password="x",  # noqa: S106
    )
    with connect(options) as client:
        assert len(client.transport.node_pool) == 2

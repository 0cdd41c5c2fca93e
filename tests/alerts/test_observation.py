"""What is observed of servers that do not answer, without any."""

import socket

import msgspec
import pytest

from alerts.observation import observe
from pipeline.settings import Settings
from tests.alerts.samples import NOON


@pytest.mark.slow
def test_a_server_that_hangs_is_not_asked_again_in_the_same_look(offline_options: Settings, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        options = msgspec.structs.replace(
            offline_options,
            elasticsearch=msgspec.structs.replace(offline_options.elasticsearch, url=url, timeout_seconds=0.2),
            kafka=msgspec.structs.replace(offline_options.kafka, bootstrap_servers=f"127.0.0.1:{free_port}"),
        )
        seen = observe(options, {60.0}, NOON)
        assert set(seen.away) == {"elasticsearch", "kafka"}
        assert (seen.silent, seen.dead_letters, seen.disks, seen.freshness) == (None, None, None, {})
        silent.setblocking(False)
        connections = 0
        try:
            while True:
                silent.accept()[0].close()
                connections += 1
        except BlockingIOError:
            assert connections == 1

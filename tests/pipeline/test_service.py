"""The health page says what a process does, and why it can't."""

import json
import os
import signal
import sys
import threading
import urllib.error
import urllib.request

import msgspec
import pytest

from pipeline.failures import WrongSetting
from pipeline.service import HUNG_SECONDS, Service, running_service
from pipeline.settings import Settings
from tests.process_lists import listens_on


def test_health_tells_working_problem_and_silence() -> None:
    clock = iter([0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0 + HUNG_SECONDS + 1])
    service = Service("index", clock=lambda: next(clock))
    assert service.health() == (503, {"stage": "index", "status": "starting"})
    service.heartbeat()
    assert service.health() == (200, {"stage": "index", "status": "working"})
    service.heartbeat(problem="kafka is unavailable")
    assert service.health()[0] == 503
    assert service.health() == (503, {"stage": "index", "status": "nothing done for 302 s"})


def test_a_service_of_parts_is_as_well_as_its_worst_part() -> None:
    clock = iter([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0 + HUNG_SECONDS, 6.0 + HUNG_SECONDS])
    service = Service("index", clock=lambda: next(clock))
    service.heartbeat("starting", part="articles")
    service.heartbeat(part="feeds")
    assert service.health() == (503, {"stage": "index", "status": "starting"})
    service.heartbeat(part="articles")
    assert service.health() == (200, {"stage": "index", "status": "working"})
    service.heartbeat(part="articles")
    assert service.health()[1]["status"] == "nothing done for 304 s"  # the feeds


def test_a_process_is_observable_and_stops_on_sigterm(offline_options: Settings, free_port: int) -> None:
    options = msgspec.structs.replace(offline_options.service, health_port=free_port)
    with running_service("index", options) as service:
        service.heartbeat()
        with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/healthz") as answer:
            assert json.load(answer)["status"] == "working"
        with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/metrics") as answer:
            assert b"newsloom_records_total" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="404") as error:
            urllib.request.urlopen(f"http://127.0.0.1:{free_port}/other")
        error.value.close()
        os.kill(os.getpid(), signal.SIGTERM)
        assert service.stop.wait(5)


def test_health_is_told_while_parts_begin_and_warn() -> None:
    """The page is asked for by a thread of its own, at any moment."""
    service = Service("run")

    def begin_parts() -> None:
        for number in range(2_000):
            service.heartbeat(part=str(number), heard_at=0.0)
            service.warnings[str(number)] = "look"

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    parts = threading.Thread(target=begin_parts)
    parts.start()
    try:
        while parts.is_alive():
            service.health()
    finally:
        parts.join()
        sys.setswitchinterval(before)
    assert service.health()[0] == 200


def test_a_taken_health_port_is_named(offline_options: Settings, free_port: int) -> None:
    options = msgspec.structs.replace(offline_options.service, health_port=free_port)
    message = f"health_port: 127.0.0.1:{free_port}"
    with (
        running_service("index", options),
        pytest.raises(WrongSetting, match=message),
        running_service("annotate", options),
    ):
        pass


def test_health_and_metrics_are_for_this_machine_unless_settings_say_otherwise(offline_options: Settings) -> None:
    assert offline_options.service.health_host == "127.0.0.1"
    before = listens_on(os.getpid())
    with running_service("index", offline_options.service):
        assert listens_on(os.getpid()) - before <= {"127.0.0.1"}
        assert "127.0.0.1" in listens_on(os.getpid())

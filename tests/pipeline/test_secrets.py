"""A password is in no log, in no answer of `doctor`, in no error and in no list of processes."""

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from embedded import ports
from pipeline.failures import WrongSetting
from pipeline.setting_rules.setting_section import SECRETS
from pipeline.settings import load
from tests.pipeline import password_broker
from tests.process_lists import until, watched_for

MARKED = "geheim-4711-of-the-test"
EVERY_SECRET = {f"NEWSLOOM_{section}__{name}".upper(): MARKED for section, name in SECRETS}
# servers that are not there: every command tells its errors
NOWHERE = {
    **EVERY_SECRET,
    "NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9",
    "NEWSLOOM_KAFKA__SECURITY": "password",
    "NEWSLOOM_KAFKA__USERNAME": "somebody",
    "NEWSLOOM_ELASTICSEARCH__URL": "http://127.0.0.1:9",
    "NEWSLOOM_ELASTICSEARCH__USERNAME": "somebody",
    "NEWSLOOM_KIBANA__URL": "http://127.0.0.1:9",
    "NEWSLOOM_KIBANA__USERNAME": "somebody",
    "NEWSLOOM_SERVICE__LOG_LEVEL": "debug",
}


def test_settings_do_not_show_their_secrets() -> None:
    """In a traceback that prints values, in a debugger, in a log line by mistake."""
    options = load(EVERY_SECRET)
    assert options.kafka.password == MARKED
    assert MARKED not in repr(options) + str(options) + repr(options.kafka) + f"{options.access}"
    assert "prefix='news'" in repr(options.kafka)
    assert load({}).kafka.password == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"NEWSLOOM_KAFKA__PASWORD": MARKED},  # misspelt
        {"NEWSLOOM_ELASTICSEARCH__URL": f"https://elastic:{MARKED}@search.example:9200"},
        {"NEWSLOOM_ELASTICSEARCH__URL": f"https://a.example:9200, https://elastic:{MARKED}@b.example:9200"},
        {"NEWSLOOM_KIBANA__URL": f"https://elastic:{MARKED}@kibana.example"},
    ],
)
def test_a_wrong_setting_with_a_secret_is_named_and_not_told(wrong: dict[str, str]) -> None:
    with pytest.raises(WrongSetting) as error:
        load(wrong)
    assert MARKED not in "".join(traceback.format_exception(error.value))


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["doctor", "setup", "dead list", "search x", "status", "index prune", "enrich annotate", "index"]
)
def test_no_command_tells_a_secret(command: str, tmp_path: Path) -> None:
    environment = {**os.environ, **NOWHERE}
    log = tmp_path / "log"
    options = [] if command in ("setup", "enrich annotate", "index") else ["--data", str(tmp_path)]
    arguments = [sys.executable, "-m", "newsloom", *command.split(), *options]
    with watched_for(MARKED) as seen, log.open("wb") as written:
        with subprocess.Popen(arguments, stdout=written, stderr=written, env=environment) as process:
            # a service goes on; what it says of servers that are away is what we want to read
            over = until(lambda: process.poll() is not None or b"unavailable" in log.read_bytes(), 45)
            process.terminate()
        assert over, log.read_text()
    assert len(log.read_text()) > 20
    assert MARKED not in log.read_text()
    assert seen == set()


@pytest.mark.stack
def test_a_broker_with_passwords_starts_without_showing_one(tmp_path: Path) -> None:
    """The first start tells Kafka's tool the password of the super user: by a file, not on its command line."""
    port, controller = ports.choose_ports({"Kafka": 0, "its controller": 0})
    environment = {
        "KAFKA_NAME": "127.0.0.1", "KAFKA_HOST": "127.0.0.1", "KAFKA_PORT": str(port),
        "KAFKA_CONTROLLER_PORT": str(controller),
    }  # fmt: skip
    options = password_broker.admin_settings(f"127.0.0.1:{port}")
    with (
        watched_for(password_broker.PASSWORD) as seen,
        password_broker.running_broker(tmp_path, environment) as child,
    ):
        child.wait_until(lambda: password_broker.answers(options), password_broker.SECONDS)
    assert seen == set()
    assert password_broker.PASSWORD not in (tmp_path / "kafka.log").read_text()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and readable_by_others(path)] == []


def readable_by_others(path: Path) -> bool:
    """Whether a file holds the password and others may read it."""
    return bool(path.stat().st_mode & 0o077) and password_broker.PASSWORD.encode() in path.read_bytes()

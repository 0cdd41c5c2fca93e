"""Every wrong setting stops the start with a message that names it."""

import re
from pathlib import Path

import msgspec
import pytest

from pipeline.failures import WrongSetting
from pipeline.setting_rules.setting_section import SECRETS
from pipeline.settings import DEFAULT_FILE, Settings, load


def test_the_defaults_are_whole() -> None:
    assert load({}).kafka.prefix == "news"


def test_variables_override_with_the_type_of_the_knob() -> None:
    settings = load(
        {
            "NEWSLOOM_KAFKA__PARTITIONS": "12",
            "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "2.5",
            "NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true",
            "NEWSLOOM_KAFKA__PREFIX": "press",
            "OTHER": "ignored",
        }
    )
    assert settings.kafka.partitions == 12
    assert settings.ingest.host_gap_seconds == 2.5
    assert settings.ingest.allow_private_addresses is True
    assert settings.kafka.prefix == "press"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"NEWSLOOM_KAFKA__PARTITONS": "3"},
            "NEWSLOOM_KAFKA__PARTITONS names no setting; did you mean kafka.partitions",
        ),
        ({"NEWSLOOM_KAFKA": "3"}, "NEWSLOOM_KAFKA names no setting"),
        ({"NEWSLOOM_NOTHING__AT_ALL": "3"}, "NEWSLOOM_NOTHING__AT_ALL names no setting"),
        ({"NEWSLOOM_KAFKA__PARTITIONS": "many"}, "NEWSLOOM_KAFKA__PARTITIONS='many' must be a whole number"),
        ({"NEWSLOOM_INGEST__HOST_GAP_SECONDS": "soon"}, "NEWSLOOM_INGEST__HOST_GAP_SECONDS='soon' must be a number"),
        ({"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "maybe"}, "'maybe' must be true or false"),
        ({"NEWSLOOM_KAFKA__PARTITIONS": "0"}, "kafka.partitions = 0 must be above zero"),
        ({"NEWSLOOM_KAFKA__PARTITIONS": "-1"}, "kafka.partitions = -1 must be above zero"),
        ({"NEWSLOOM_KAFKA__COMPRESSION": "brotli"}, "'brotli' - at `$.kafka.compression`"),
        ({"NEWSLOOM_DISPLAY__TIME_ZONE": "Berlin"}, "display.time_zone = 'Berlin' is no time zone"),
        ({"NEWSLOOM_DISPLAY__TIME_ZONE": "../secrets"}, "display.time_zone = '../secrets' is no time zone"),
        ({"NEWSLOOM_DISPLAY__TIME_ZONE": ""}, "display.time_zone = '' is no time zone"),
        ({"NEWSLOOM_INGEST__HOST_GAP_SECONDS": "nan"}, "ingest.host_gap_seconds = nan"),
        ({"NEWSLOOM_INGEST__HOST_GAP_SECONDS": "inf"}, "ingest.host_gap_seconds = inf"),
        ({"NEWSLOOM_ENRICH__STORY_THRESHOLD": "7"}, "enrich.story_threshold = 7.0 must be at most 1"),
        ({"NEWSLOOM_SERVICE__HEALTH_PORT": "70000"}, "service.health_port = 70000 must be at most 65535"),
        ({"NEWSLOOM_EMBEDDED__HEAP": "lots"}, "embedded.heap = 'lots' must be a size as Java writes it"),
        ({"NEWSLOOM_INGEST__PORTS": "web"}, "ingest.ports = 'web' must be port numbers"),
        ({"NEWSLOOM_ELASTICSEARCH__PREFIX": "News"}, "elasticsearch.prefix = 'News' must be lower-case letters"),
        (
            {"NEWSLOOM_INGEST__INTERVAL_LEAST_SECONDS": "90000"},
            "ingest.interval_least_seconds = 90000.0 must not be above ingest.interval_most_seconds = 7200.0",
        ),
        (
            {"NEWSLOOM_ENRICH__DUPLICATE_WINDOW_DAYS": "9"},
            "enrich.duplicate_window_days = 9 must not be above enrich.story_window_days = 7",
        ),
        ({"NEWSLOOM_SETTINGS": "/no/such/file.toml"}, "/no/such/file.toml can't be read"),
        ({"NEWSLOOM_SECRETS_FILE": "/no/such/secrets"}, "NEWSLOOM_SECRETS_FILE=/no/such/secrets can't be read"),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(WrongSetting, match=re.escape(message)):
        load(environment)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("partitions = 4", "partitons = 4"),
            "settings.toml names no setting; did you mean kafka.partitions?",
        ),
        (("[worker]", "[wokrer]"), "[wokrer] in"),
        (("[worker]", "[wokrer]"), "is no section of the settings; did you mean [worker]?"),
        (("[kafka]", "zzz = 1\n[kafka]"), "[zzz] in"),
        (("partitions = 4", 'partitions = "four"'), "$.kafka.partitions"),
        (("[worker]", "[wörker"), "not valid TOML"),
        (("[elasticsearch]", '[elasticsearch]\npassword = "secret"'), "NEWSLOOM_ELASTICSEARCH__PASSWORD"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(DEFAULT_FILE.read_text().replace(*change))
    with pytest.raises(WrongSetting, match=re.escape(message)):
        load({"NEWSLOOM_SETTINGS": str(path)})


def test_secrets_come_from_the_environment_or_a_file_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_text("# ours\nNEWSLOOM_ELASTICSEARCH__PASSWORD=a=b\n")
    path.chmod(0o600)
    assert load({"NEWSLOOM_SECRETS_FILE": str(path)}).elasticsearch.password == "a=b"
    assert load({"NEWSLOOM_ELASTICSEARCH__PASSWORD": "direct"}).elasticsearch.password == "direct"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602, 0o666])
def test_a_file_of_secrets_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secrets"
    path.write_text("NEWSLOOM_ELASTICSEARCH__PASSWORD=marked\n")
    path.chmod(mode)
    with pytest.raises(WrongSetting, match=rf"secrets can be read or written by others .*mode {mode:o}.*chmod 600"):
        load({"NEWSLOOM_SECRETS_FILE": str(path)})
    path.chmod(0o400)
    assert load({"NEWSLOOM_SECRETS_FILE": str(path)}).elasticsearch.password == "marked"


def test_a_file_of_secrets_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    with pytest.raises(WrongSetting, match="is no text in UTF-8"):
        load({"NEWSLOOM_SECRETS_FILE": str(path)})


def test_every_knob_has_its_meaning_in_the_file() -> None:
    knobs = [line for line in DEFAULT_FILE.read_text().splitlines() if re.match(r"\w+ += ", line)]
    assert [line for line in knobs if "#" not in line] == []
    sections = [field.type for field in msgspec.structs.fields(Settings)]
    assert len(knobs) == sum(len(msgspec.structs.fields(section)) for section in sections) - len(SECRETS)

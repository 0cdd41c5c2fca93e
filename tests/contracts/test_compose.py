"""docker-compose.yml and the Dockerfile: valid, closed to the outside, pinned, and starting commands that exist.

No container engine is needed. tests/journeys/test_compose_services.py runs each service with its command and
environment on real servers.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
import yaml

from index.analysis_plugins import COMPONENTS
from index.upkeep.rights import build_roles
from newsloom.__main__ import newsloom
from pipeline.kafka import rights
from pipeline.settings import ROOT, load

FILE = ROOT / "docker-compose.yml"
CLUSTER = ROOT / "docker-compose.cluster.yml"
SERVERS = {"kafka", "elasticsearch", "kibana"}
COMMANDS = {
    "setup": ["newsloom", "setup"],
    "dashboards": ["newsloom", "setup"],
    "ingest": ["newsloom", "ingest"],
    "annotate": ["newsloom", "enrich", "annotate"],
    "stories": ["newsloom", "enrich", "stories"],
    "index": ["newsloom", "index"],
    "watch": ["newsloom", "watch"],
    "web": ["newsloom", "web"],
}
JOBS = {"setup", "dashboards"}
SERVICES_OF_OURS = sorted(COMMANDS.keys() - JOBS)
STAGES = sorted(COMMANDS.keys() - JOBS - {"web"})  # the page has a port, and is there once
# ${NAME:-what is used when NAME is not set}
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
# ${NAME:?what is said when NAME is not set}: a secret
SECRET = re.compile(r"\$\{(\w+):\?[^}]*\}")


def services() -> dict[str, dict[str, Any]]:
    """The services of the file, by name, as they are with a .env file of nothing but secrets (see `secret`)."""
    found: dict[str, dict[str, Any]] = resolved(yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"])
    return found


def resolved(node: Any) -> Any:
    """A part of the file with the defaults of its variables, put in after parsing, as compose does it."""
    if isinstance(node, dict):
        return {key: resolved(value) for key, value in node.items()}
    if isinstance(node, list):
        return [resolved(value) for value in node]
    if not isinstance(node, str):
        return node
    return VARIABLE.sub(lambda found: found[2], SECRET.sub(lambda found: secret(found[1]), node)).replace("$$", "$")


def secret(name: str) -> str:
    """The password that stands for a variable of .env here."""
    return f"secret-{name.lower().replace('_', '-')}"


SERVICES = services()


@pytest.mark.parametrize("file", [FILE, CLUSTER], ids=lambda file: file.name)
def test_the_file_keeps_to_the_compose_specification(file: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_runs_the_servers_and_our_services_and_nothing_else() -> None:
    assert SERVICES.keys() == SERVERS | COMMANDS.keys()
    assert {name: SERVICES[name]["command"] for name in COMMANDS} == COMMANDS


@pytest.mark.parametrize("command", [*COMMANDS.values(), ["newsloom", "health"]], ids=" ".join)
def test_every_command_is_a_subcommand_that_needs_no_argument(command: list[str]) -> None:
    found: click.Command = newsloom
    for word in command[1:]:
        assert isinstance(found, click.Group)
        next_one = found.get_command(click.Context(found), word)
        assert next_one is not None, f"there is no {word} in {command}"
        found = next_one
    assert not isinstance(found, click.Group) or found.invoke_without_command
    assert not [parameter.name for parameter in found.params if parameter.required]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_variable_of_ours_names_a_setting(name: str) -> None:
    settings = load(SERVICES[name]["environment"])
    assert all(variable.startswith("NEWSLOOM_") for variable in SERVICES[name]["environment"])
    assert settings.kafka.bootstrap_servers == "kafka:9092"
    assert settings.elasticsearch.url == "http://elasticsearch:9200"
    assert (settings.service.health_host, settings.service.health_port) == ("0.0.0.0", 8080)


def test_every_variable_that_a_person_may_set_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    offered = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert offered == dict(VARIABLE.findall(FILE.read_text(encoding="utf-8")))


def test_kibana_and_the_commands_have_one_time_zone() -> None:
    overrides = yaml.safe_load((ROOT / "config" / "kibana" / "kibana.yml").read_text(encoding="utf-8"))
    assert overrides["uiSettings.overrides"] == {"dateFormat:tz": "${NEWSLOOM_DISPLAY__TIME_ZONE}"}
    assert {SERVICES[name]["environment"]["NEWSLOOM_DISPLAY__TIME_ZONE"] for name in ("kibana", "index")} == {"UTC"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", SERVICES[name]["image"])


def test_images_have_the_versions_that_the_rest_of_the_project_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    jars = (ROOT / "embedded" / "jars.lock").read_text(encoding="utf-8")
    tags = {name: SERVICES[name]["image"].rpartition(":")[2] for name in SERVICES}
    assert {tags[name] for name in COMMANDS} == {project["version"]}
    assert tags["elasticsearch"] == tags["kibana"]
    assert f" org.elasticsearch:elasticsearch:{tags['elasticsearch']}\n" in jars
    assert f" org.apache.kafka:kafka_2.13:{tags['kafka']}\n" in jars


def test_the_image_of_elasticsearch_is_made_with_the_plugins_that_the_analyzers_need() -> None:
    service = SERVICES["elasticsearch"]
    lines = (ROOT / service["build"]["dockerfile"]).read_text(encoding="utf-8")
    assert f"\nFROM elasticsearch:{service['image'].rpartition(':')[2]}\n" in lines
    assert set(re.findall(r"analysis-\w+", lines.partition("FROM")[2])) == set(COMPONENTS)


@pytest.mark.parametrize("name", [*SERVICES_OF_OURS, *sorted(SERVERS)])
def test_what_runs_long_is_watched_restarted_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_asked_itself_how_it_is_and_may_be_scaled(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"] == ["CMD", "newsloom", "health"]
    assert not {"container_name", "hostname", "ports"} & service.keys()
    assert service["depends_on"]["setup"]["condition"] == "service_completed_successfully"
    assert service["depends_on"]["kafka"]["condition"] == "service_healthy"


def test_what_sets_up_runs_once_when_what_it_needs_is_ready() -> None:
    assert {SERVICES[name]["restart"] for name in JOBS} == {"no"}
    waits_for = {name: {on: how["condition"] for on, how in SERVICES[name]["depends_on"].items()} for name in JOBS}
    assert waits_for["setup"] == {"kafka": "service_healthy", "elasticsearch": "service_healthy"}
    assert waits_for["dashboards"] == {**waits_for["setup"], "kibana": "service_healthy"}
    assert SERVICES["kibana"]["depends_on"]["setup"]["condition"] == "service_completed_successfully"


def test_every_server_asks_for_a_password_and_none_has_a_default() -> None:
    kafka, elasticsearch, kibana = (SERVICES[name]["environment"] for name in ("kafka", "elasticsearch", "kibana"))
    assert kafka["KAFKA_PASSWORD"] == secret("KAFKA_PASSWORD")
    assert (elasticsearch["xpack.security.enabled"], elasticsearch["ELASTIC_PASSWORD"]) == (
        "true",
        secret("ELASTIC_PASSWORD"),
    )
    assert (kibana["ELASTICSEARCH_USERNAME"], kibana["ELASTICSEARCH_PASSWORD"]) == (
        "kibana_system",
        secret("KIBANA_PASSWORD"),
    )
    keys = [value for name, value in kibana.items() if name.endswith("ENCRYPTIONKEY")]
    assert len(set(keys)) == len(keys) == 3
    text = FILE.read_text(encoding="utf-8")
    # that of a mail server may be missing: then no mail is sent
    assert not [line for line in text.splitlines() if re.search(r"(PASSWORD|KEY): (?!\$\{\w+:(\?|-\}))", line)]


@pytest.mark.parametrize("name", SERVICES_OF_OURS)
def test_a_stage_is_its_own_user_and_no_more(name: str) -> None:
    settings = load(SERVICES[name]["environment"])
    assert (settings.kafka.security, settings.kafka.username) == ("password", name)
    assert settings.kafka.password == secret(f"{name.upper()}_PASSWORD")
    assert name in rights.RIGHTS
    assert bool(settings.elasticsearch.password) == (name in ("index", "watch", "web"))
    assert not any(msgspec.structs.asdict(settings.access).values())
    assert settings.kafka.password == msgspec.structs.asdict(load(SERVICES["setup"]["environment"]).access)[name]


@pytest.mark.parametrize("name", ["index", "watch", "web"])
def test_who_asks_elasticsearch_is_the_user_that_set_up_makes(name: str) -> None:
    settings = load(SERVICES[name]["environment"])
    assert settings.elasticsearch.username == f"news_{name}"
    assert settings.elasticsearch.username in build_roles(settings.elasticsearch.prefix)
    made = msgspec.structs.asdict(load(SERVICES["setup"]["environment"]).access)
    assert settings.elasticsearch.password == made[name]


def test_the_page_asks_for_a_password_of_its_own() -> None:
    settings = load(SERVICES["web"]["environment"])
    assert (settings.web.host, settings.web.password) == ("0.0.0.0", secret("PAGE_PASSWORD"))
    assert SERVICES["web"]["ports"] == [f"127.0.0.1:8000:{settings.web.port}"]
    assert settings.web.password not in {settings.kafka.password, settings.elasticsearch.password}


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_has_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & service.keys()
    assert str(service.get("user", "image's own")).split(":")[0] not in ("0", "root")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_system_is_read_only_and_nobody_is_root(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert int(SERVICES[name]["user"].split(":")[0]) > 0


@pytest.mark.parametrize("name", COMMANDS)
def test_our_own_containers_can_write_nothing_but_a_scratch_folder(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108 - in the container
    assert all(volume.endswith(":ro") for volume in service["volumes"])


def test_ports_are_bound_to_this_machine_and_only_four_services_reach_beyond_the_inner_network() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert {name for name in SERVICES if SERVICES[name]["networks"] != ["inside"]} == {
        "ingest",
        "kibana",
        "watch",
        "web",
    }
    assert yaml.safe_load(FILE.read_text(encoding="utf-8"))["networks"]["inside"]["internal"] is True


def test_files_that_are_mounted_are_there() -> None:
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", ())]
    paths = [mount.partition(":")[0] for mount in mounts if mount.startswith("./")]
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_a_cluster_has_three_of_each_and_says_so_to_every_service() -> None:
    text = CLUSTER.read_text(encoding="utf-8")
    cluster = resolved(yaml.safe_load(text)["services"])
    for server, port in (("kafka", 9092), ("elasticsearch", 9200)):
        assert {name for name in cluster if name.startswith(server)} == {server, f"{server}-2", f"{server}-3"}
        for name in (f"{server}-2", f"{server}-3"):
            assert cluster[name]["extends"] == {"file": FILE.name, "service": server}
        said = {
            each for name in COMMANDS for each in cluster[name]["environment"].values() if f"{server}:{port}" in each
        }
        assert len(said) == 1
        assert all(f"{server}-{number}:{port}" in said.copy().pop() for number in (2, 3))
    for name in COMMANDS:
        settings = load({**SERVICES[name]["environment"], **cluster[name]["environment"]})
        assert (settings.kafka.replication_factor, settings.elasticsearch.replicas) == (3, 1)
    nodes = [cluster[name]["environment"] for name in ("kafka", "kafka-2", "kafka-3")]
    assert len({node.get("KAFKA_NODE", "1") for node in nodes}) == 3
    assert {node["KAFKA_VOTERS"] for node in nodes} == {"1@kafka:9093,2@kafka-2:9093,3@kafka-3:9093"}
    assert cluster["certificates"]["image"] == f"elasticsearch:{SERVICES['elasticsearch']['image'].rpartition(':')[2]}"
    mounted = {each.partition(":")[0] for service in cluster.values() for each in service.get("volumes", ())}
    assert mounted == yaml.safe_load(text)["volumes"].keys()


def test_the_image_is_pinned_and_runs_as_the_user_that_compose_names() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())
    assert users == ["10001:10001"]
    assert {SERVICES[name]["user"] for name in COMMANDS} == set(users)


def test_what_the_dockerfile_copies_is_there_and_let_through() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"^COPY ([\w.-]+) ", dockerfile, re.MULTILINE))
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_through
    assert not [name for name in copied if not (ROOT / name).exists()]


def test_no_secret_stands_on_a_command_line() -> None:
    """Those of health checks can be read by everybody on the machine; a file or a pipe can't. printf is the shell's."""
    for name, service in services().items():
        words = " ".join(map(str, service.get("healthcheck", {}).get("test", [])))
        told = [part for part in re.split(r"[|&]+", words) if "PASSWORD" in part]
        assert [part for part in told if "printf" not in part] == [], name

"""What is given to Prometheus, Grafana and systemd names metrics, labels and commands that are there."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from newsloom.__main__ import newsloom
from newsloom.local_run.stage_order import STAGE_COMMANDS
from newsloom.local_run.stage_processes import GRACE_SECONDS
from pipeline import observability
from pipeline.settings import ROOT

METRICS = [each for each in vars(observability).values() if isinstance(each, MetricWrapperBase)]
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
# what a series may be chosen or grouped by, beside the labels of its own metric
PROMETHEUS_LABELS = {"job", "instance", "le"}
RULES = yaml.safe_load((ROOT / "config" / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
SCRAPE = yaml.safe_load((ROOT / "config" / "prometheus" / "scrape.yml").read_text(encoding="utf-8"))
BOARD = json.loads((ROOT / "config" / "grafana" / "newsloom.json").read_text(encoding="utf-8"))
UNITS = sorted((ROOT / "config" / "systemd").glob("*.service"))
INSTALLED = "/opt/newsloom/.venv/bin/newsloom"


def series() -> dict[str, set[str]]:
    """The labels of each series that we offer, by its name."""
    return {
        f"{each._name}{suffix}": {*each._labelnames, *PROMETHEUS_LABELS}
        for each in METRICS
        for suffix in SUFFIXES[str(each._type)]
    }


def expressions() -> Iterator[tuple[str, str]]:
    """Each PromQL expression, and where it stands."""
    for group in RULES["groups"]:
        yield from ((rule["alert"], rule["expr"]) for rule in group["rules"])
    for panel in BOARD["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


def row(metric: MetricWrapperBase) -> str:
    name = metric._name + ("_total" if metric._type == "counter" else "")
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |"


def test_every_metric_is_documented_as_it_is() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `newsloom_")] == [row(each) for each in METRICS]


@pytest.mark.parametrize(("where", "expression"), list(expressions()), ids=lambda value: str(value)[:40])
def test_an_expression_asks_for_series_and_labels_that_are_there(where: str, expression: str) -> None:
    known = series()
    named = re.findall(r"\bnewsloom_\w+", expression)
    assert set(named) <= known.keys(), where
    assert named or re.search(r"\b(?:up|process_\w+)\b", expression)
    allowed = set().union(*(known[name] for name in named), PROMETHEUS_LABELS)
    chosen = re.findall(r"(\w+)\s*=~?\s*\"", expression)
    grouped = re.findall(r"\bby \(([^)]*)\)", expression)
    assert {*chosen, *(label.strip() for part in grouped for label in part.split(","))} <= allowed, where
    assert expression.count("(") == expression.count(")")
    assert all('job="newsloom"' in selector for selector in re.findall(r"\{([^}]*)\}", expression))


@pytest.mark.parametrize(
    "rule", [rule for group in RULES["groups"] for rule in group["rules"]], ids=lambda r: r["alert"]
)
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["annotations"].keys() == {"summary", "what_to_do"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    for command in re.findall(r"`newsloom ([a-z]+)", rule["annotations"]["what_to_do"]):
        assert command in newsloom.list_commands(click.Context(newsloom))


def test_what_is_scraped_are_composes_services_at_their_port() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    [job] = SCRAPE["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert job["job_name"] == "newsloom"
    assert set(found["names"]) == set(STAGE_COMMANDS) <= compose["services"].keys()
    ports = {compose["services"][name]["environment"]["NEWSLOOM_SERVICE__HEALTH_PORT"] for name in found["names"]}
    assert ports == {str(found["port"])}


def test_the_dashboard_has_no_panel_over_another() -> None:
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    cells = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in BOARD["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def test_there_is_a_unit_for_each_service_and_the_target_wants_all() -> None:
    target = unit(ROOT / "config" / "systemd" / "newsloom.target")
    assert target["Unit"]["Wants"].split() == [f"newsloom-{stage}.service" for stage in STAGE_COMMANDS]
    for stage, command in STAGE_COMMANDS.items():
        started = unit(ROOT / "config" / "systemd" / f"newsloom-{stage}.service")["Service"]["ExecStart"]
        assert started == f"{INSTALLED} {' '.join(command)}"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_waits_longer_than_a_service_needs_and_repeats_no_wrong_setting(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["RestartPreventExitStatus"].split()[0] == "2"
    if service["Type"] != "oneshot":
        assert float(service["TimeoutStopSec"]) > GRACE_SECONDS


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_finds_nothing_to_say_of_a_unit(path: Path, tmp_path: Path) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not installed here")
    for each in (ROOT / "config" / "systemd").iterdir():
        (tmp_path / each.name).write_text(each.read_text(encoding="utf-8").replace(INSTALLED, sys.executable))
    told = subprocess.run(
        [verifier, "verify", str(tmp_path / path.name)], capture_output=True, text=True, check=False, timeout=60
    )
    assert [line for line in (told.stderr + told.stdout).splitlines() if "newsloom" in line] == []

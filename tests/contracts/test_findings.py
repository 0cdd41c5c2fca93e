"""findings/: every script can be run, is in the index, and names neither a host nor a place of one machine.

The scripts themselves are not run here: they install packages, and tell of other people's software.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from pipeline.settings import ROOT

FOLDER = ROOT / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))
FILES = sorted(path for path in FOLDER.iterdir() if path.is_file())
# hosts of documentation, names of namespaces and types, no place to ask for packages
ALLOWED_HOSTS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)?(?:example\.(?:org|com)|schema\.org|www\.w3\.org)(?=[\"'/<>\s]|$)"
)
HOST_OR_MACHINE = re.compile(
    r"https?://|\b[\w-]+\.(?:org|com|net|io|dev)\b(?!\.)|index-url|find-links|(?<![\w.])/(?:home|root|work|tmp)/"
)


def test_there_are_findings() -> None:
    assert len(SCRIPTS) >= 8


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_finding_can_be_run_and_is_in_the_index(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert not subprocess.run(["bash", "-n", script], capture_output=True, check=False).returncode
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| [{script.name}]({script.name}) |" in index


def test_the_index_has_nothing_else() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[(.+?)\]", index, re.MULTILINE) == [script.name for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_finding_says_what_was_guessed_seen_and_why_it_matters(script: Path) -> None:
    lines = script.read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in lines if re.match(r"# [A-Z]\w+: ", line)] == ["Guess:", "Seen:", "Matters:"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_host_and_no_place_of_one_machine(path: Path) -> None:
    assert not HOST_OR_MACHINE.findall(ALLOWED_HOSTS.sub("", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_packages_are_pinned(script: Path) -> None:
    installed = re.findall(r"^install\w* ((?:.*\\\n)*.*)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    words = " ".join(installed).replace("\\\n", " ").split()
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", word) for word in words)

"""`make env`: a new password for every variable that needs one, and none replaced that is set already."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from newsloom import passwords
from pipeline.settings import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("docker-compose.yml", "docker-compose.cluster.yml", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def given(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def test_every_secret_is_made_once(folder: Path) -> None:
    made = passwords.write_env_file(folder)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    first = given(made.read_text())
    wanted = passwords.required_names(folder)
    assert {"KAFKA_PASSWORD", "ELASTIC_PASSWORD", "INGEST_PASSWORD", "READER_PASSWORD"} <= set(wanted) <= set(first)
    secrets = [first[name] for name in wanted]
    assert len(set(secrets)) == len(secrets)
    assert min(map(len, secrets)) >= 32
    assert given(passwords.write_env_file(folder).read_text()) == first


def test_what_a_person_has_written_stays_and_what_is_missing_is_added(folder: Path) -> None:
    (folder / ".env").write_text("KIBANA_PORT=5602\nELASTIC_PASSWORD=mine")
    told = given(passwords.write_env_file(folder).read_text())
    assert (told["KIBANA_PORT"], told["ELASTIC_PASSWORD"]) == ("5602", "mine")
    assert len(told["KAFKA_PASSWORD"]) >= 32


def test_it_needs_nothing_but_python(folder: Path) -> None:
    program = ROOT / "newsloom" / "passwords.py"
    bare = [sys.executable, "-I", "-S", str(program), str(folder)]
    done = subprocess.run(bare, capture_output=True, text=True, check=True, env={"PATH": os.defpath})
    assert "is complete" in done.stdout
    assert not any(secret in done.stdout for secret in given((folder / ".env").read_text()).values() if secret)


def test_no_secret_of_compose_is_committed() -> None:
    example = given((ROOT / ".env.example").read_text())
    assert not set(passwords.required_names(ROOT)) & set(example)
    assert ".env" in (ROOT / ".gitignore").read_text().split()

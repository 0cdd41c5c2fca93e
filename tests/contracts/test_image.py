"""What the Dockerfile copies is enough: its commands start from nothing but these files and the services' packages."""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline.settings import ROOT

SERVICES = ("setup", "ingest", "enrich annotate", "enrich stories", "index", "watch", "web", "health")
COMMANDS = (*SERVICES, "search x", "status", "dead list")  # the last three: what an operator asks in a container
# -S: without the editable installation of this project, through which everything would be found
START = (
    "import sys, runpy; sys.path[:0] = [sys.argv.pop(1), sys.argv.pop(1)]; "
    "runpy.run_module('newsloom', run_name='__main__', alter_sys=True)"
)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    for name in re.findall(r"^COPY ([\w.-]+) \1$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.stack  # eleven starts of Python: too slow for `make check`
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_all_that_it_imports(image: Path, command: str) -> None:
    packages = sysconfig.get_path("purelib")
    start = [sys.executable, "-S", "-c", START, str(image), packages, *command.split()]
    # a wrong setting is what it must find: after its imports, and before any server
    wrong = {"NEWSLOOM_KAFKA__NO_SUCH_KNOB": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(start, capture_output=True, text=True, check=False, cwd=image, env=wrong)
    assert "NO_SUCH_KNOB names no setting" in done.stderr, done.stderr
    assert done.returncode == 2

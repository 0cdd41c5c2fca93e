"""The locks of the images: the versions that were tested, hashed, and without a host."""

import re

from pipeline.settings import ROOT


def test_services_install_the_versions_that_were_tested() -> None:
    tested = pins("requirements.lock")
    installed = pins("requirements-services.lock")
    assert installed
    assert not {pin for pin in installed if pin not in tested}


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    text = (ROOT / "requirements-services.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--(index|extra|find|trusted)", text, re.MULTILINE)
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text.strip()))


def pins(lock: str) -> set[str]:
    """`name==version` of every package in a lock file."""
    return set(re.findall(r"^([\w.-]+==[\w.+!-]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))

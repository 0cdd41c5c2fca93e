"""axe-core, which finds what keeps people from a page (WCAG): fetched by npm, checked against a hash, never committed.

Out: its script. Where npm is not there or reaches nothing, the test is skipped with that word.
"""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

PACKAGE = "axe-core@4.14.1"  # MPL-2.0; a tool of the tests alone
SHA512 = (
    "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73"
    "4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5"
)
SECONDS = 60


def read_axe(folder: Path) -> str:
    """The script, fetched into `folder`."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm: what keeps people from a page was not looked for")
    command = [npm, "pack", "--silent", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode:
        pytest.skip(f"{PACKAGE} can't be fetched: what keeps people from a page was not looked for")
    [file] = folder.glob("axe-core-*.tgz")
    found = hashlib.sha512(file.read_bytes()).hexdigest()
    assert found == SHA512, f"{PACKAGE} is not what it was: {found}"
    with tarfile.open(file) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()

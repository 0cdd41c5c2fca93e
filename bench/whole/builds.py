"""The builds that are compared: the working tree, and an earlier commit with an environment of its own.

In: a commit. Out: a Build whose `newsloom` can be started. The earlier one is a worktree of git in a temporary folder,
with an environment made from that commit's own lock; both are removed afterwards, or kept where a folder for them is
named, so that the next run has them at once.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import ROOT

PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--quiet")


@dataclass(frozen=True, slots=True)
class Build:
    """A build: what it is called in the tables, its folder, and its Python."""

    name: str
    folder: Path
    python: Path

    def command(self, *arguments: str) -> list[str]:
        """The command line of its `newsloom` with these arguments, to be run from anywhere.

        Its processes start others with `python -m newsloom`, which takes what lies in the working directory first.
        """
        return ["env", "-C", str(self.folder), str(self.python), "-m", "newsloom", *arguments]


def this_build() -> Build:
    """The working tree, as it is."""
    return Build("this build", ROOT, Path(sys.executable))


@contextmanager
def earlier_build(commit: str, keep: Path | None) -> Iterator[Build]:
    """A build of `commit`, ready to run; below `keep` it stays. Raises SystemExit where there is no such commit."""
    full = _resolve(commit)
    with tempfile.TemporaryDirectory(prefix="newsloom-build-") as temporary:
        folder = (keep or Path(temporary)).resolve() / full[:7]
        try:
            python = folder / ".venv" / "bin" / "python"
            if not (folder / ".venv" / "ready").exists():
                _make(full, folder, python)
            yield Build(commit, folder, python)
        finally:
            if keep is None:
                _git("worktree", "remove", "--force", str(folder), check=False)


def environment(folder: Path, *requirements: str) -> Path:
    """A new virtual environment with these packages, by pip's arguments; returns its Python."""
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([python, *PIP, *requirements], check=True)
    return python


def _resolve(commit: str) -> str:
    found = _git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", check=False).stdout.strip()
    if not found:
        sys.exit(f"--against {commit}: there is no such commit here")
    return found


def _make(commit: str, folder: Path, python: Path) -> None:
    """As `make setup` does it, and the servers' jars, which would else be a part of what is measured."""
    print(f"building {commit[:7]} in an environment of its own", flush=True)
    if not folder.exists():
        _git("worktree", "add", "--detach", str(folder), commit)
    environment(folder / ".venv", "--require-hashes", "-r", str(folder / "requirements.lock"))
    subprocess.run([python, *PIP, "--no-deps", "--no-build-isolation", "-e", str(folder)], check=True)
    subprocess.run([python, "-m", "embedded", "setup"], cwd=folder, check=True)
    (folder / ".venv" / "ready").touch()


def _git(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=check, capture_output=True, text=True)

"""Long output goes through a pager on a terminal, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# a command of as many lines as it is told, on a terminal of 24 lines: what a person sees of it
ON_A_TERMINAL = """
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[1], *sys.argv[2:]])
told = b""
try:
    while piece := os.read(terminal, 1000):
        told += piece
except OSError:
    pass
os.waitpid(child, 0)
sys.stdout.buffer.write(told)
"""
PROGRAM = """
import sys
import click
from newsloom import terminal
from newsloom.__main__ import newsloom

@click.command()
@click.argument("lines", type=int)
@click.argument("pager", type=bool)
def show(lines, pager):
    with terminal.paged_screen(pager) as screen:
        for number in range(lines):
            screen.line(f"line {number} \\x1b[31m", "bold")

newsloom.get_command = lambda context, name: show
newsloom(sys.argv[1:])
"""


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A pager that says what it is."""
    program = tmp_path / "pager"
    program.write_text("#!/bin/sh\necho PAGED\ncat\n")
    program.chmod(0o700)
    return program


def printed(pager: Path, *arguments: str, terminal: bool = True) -> str:
    start = ["-c", ON_A_TERMINAL, PROGRAM] if terminal else ["-c", PROGRAM]
    environment = {**os.environ, "PAGER": str(pager), "LINES": "24", "COLUMNS": "80"}
    command = [sys.executable, *start, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


def test_only_what_is_longer_than_the_terminal_is_paged(pager: Path) -> None:
    long, short = printed(pager, "search", "60", "true"), printed(pager, "search", "5", "true")
    assert long.startswith("PAGED")
    assert "line 59 \\x1b[31m" in long
    assert "PAGED" not in short
    assert "line 4 " in short


@pytest.mark.parametrize("arguments", [("--no-pager", "search", "60", "true"), ("search", "60", "false")])
def test_nothing_is_paged_for_whom_that_is_no_help(pager: Path, arguments: tuple[str, ...]) -> None:
    shown = printed(pager, *arguments)
    assert "PAGED" not in shown
    assert "line 59 " in shown


def test_what_is_piped_is_never_paged(pager: Path) -> None:
    shown = printed(pager, "search", "60", "true", terminal=False)
    assert [line.split()[1] for line in shown.splitlines()] == [str(number) for number in range(60)]

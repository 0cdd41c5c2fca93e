"""A child process under its orphan reaper: it starts, is watched, and ends with us, however we end."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from embedded.child_process import ChildProcess, StartFailed

pytestmark = pytest.mark.slow

SLEEPER = "import time; print('awake', flush=True); time.sleep(600)"


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process of this pid exists and is more than an entry that nobody has read the end of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def python(log: Path, program: str, grace: float = 10) -> ChildProcess:
    return ChildProcess("sleeper", [sys.executable, "-c", program], log, grace=grace)


def said(child: ChildProcess, line: str) -> Callable[[], bool]:
    return lambda: line in child.last_lines(5)


def test_a_child_runs_until_it_is_stopped(tmp_path: Path) -> None:
    child = python(tmp_path / "log", SLEEPER)
    child.start()
    child.wait_until(said(child, "awake"), 20)
    assert runs(child.pid)
    child.stop()
    assert child.returncode == -signal.SIGTERM
    assert not child.alive
    assert not runs(child.pid)


def test_a_child_that_ends_by_itself_shows_its_exit_code(tmp_path: Path) -> None:
    child = python(tmp_path / "log", "raise SystemExit(7)")
    child.start()
    assert child.wait(20) == 7
    assert not child.alive


def test_a_killed_child_can_be_started_again(tmp_path: Path) -> None:
    child = python(tmp_path / "log", SLEEPER)
    child.start()
    os.kill(first := child.pid, signal.SIGKILL)
    wait_for(lambda: not child.alive)
    assert child.returncode == -signal.SIGKILL
    child.start()
    assert child.alive
    assert child.pid != first
    child.kill()
    assert child.returncode == -signal.SIGKILL


def test_deaf_to_sigterm_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER
    child = python(tmp_path / "log", deaf, grace=0.3)
    child.start()
    child.wait_until(said(child, "awake"), 20)
    child.stop()
    assert child.returncode == -signal.SIGKILL


def test_children_of_a_child_end_with_it(tmp_path: Path) -> None:
    parent = (
        "import subprocess, sys, time; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); " + SLEEPER
    )
    child = python(tmp_path / "log", parent)
    child.start()
    child.wait_until(said(child, "awake"), 20)
    grandchild = int(child.last_lines(5)[0])
    assert runs(grandchild)
    os.kill(child.pid, signal.SIGKILL)
    wait_for(lambda: not runs(grandchild))
    child.stop()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ends_when_we_are_killed(tmp_path: Path, number: signal.Signals) -> None:
    program = (
        "import sys, time; from pathlib import Path; from embedded.child_process import ChildProcess;"
        f"child = ChildProcess('sleeper', ['sleep', '600'], Path({str(tmp_path / 'log')!r})); child.start();"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert runs(pid)
        parent.send_signal(number)
    wait_for(lambda: not runs(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part in this is Linux's")
def test_a_child_ends_when_its_reaper_is_killed(tmp_path: Path) -> None:
    child = python(tmp_path / "log", SLEEPER)
    child.start()
    reaper = int(Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(reaper, signal.SIGKILL)
    wait_for(lambda: not runs(child.pid))
    assert not child.alive
    child.stop()


def test_what_the_reaper_holds_is_free_only_when_the_child_has_ended(tmp_path: Path) -> None:
    child = python(tmp_path / "log", SLEEPER)
    with (tmp_path / "lock").open("w") as ours, (tmp_path / "lock").open("w") as other:
        fcntl.flock(ours, fcntl.LOCK_EX)
        child.start([ours.fileno()])
        ours.close()
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        child.stop()
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_child_that_dies_before_it_is_ready_is_explained(tmp_path: Path) -> None:
    child = python(tmp_path / "log", "print('no such table: planets'); raise SystemExit(3)")
    child.start()
    with pytest.raises(StartFailed, match=r"(?s)sleeper ended with exit code 3 .*no such table: planets"):
        child.wait_until(lambda: False, 20)
    child.stop()


def test_a_child_that_never_gets_ready_is_stopped_and_explained(tmp_path: Path) -> None:
    child = python(tmp_path / "log", SLEEPER)
    child.start()
    with pytest.raises(StartFailed, match="sleeper was not ready after 0 s"):
        child.wait_until(lambda: False, 0.2)
    assert not runs(child.pid)


def test_only_the_lines_of_this_start_are_shown(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("an older run\n")
    child = python(tmp_path / "log", "print('this run')")
    child.start()
    child.wait(20)
    assert child.last_lines(10) == ["this run"]
    assert "an older run" in (tmp_path / "log").read_text()


def test_a_command_that_does_not_exist_is_an_error_that_names_it(tmp_path: Path) -> None:
    child = ChildProcess("nobody", ["/no/such/program"], tmp_path / "log")
    with pytest.raises(StartFailed, match=r"(?s)nobody could not be run.*/no/such/program"):
        child.start()
    assert not child.alive


def test_a_child_has_the_environment_that_it_was_given_and_no_other(tmp_path: Path) -> None:
    program = "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"
    child = ChildProcess("env", [sys.executable, "-c", program], tmp_path / "log", {"NEWSLOOM_X": "1"})
    child.start()
    child.wait(20)
    assert child.last_lines(1) == ["['NEWSLOOM_X']"]


def test_the_log_of_a_running_process_stays_small_and_its_newest_lines_are_there(tmp_path: Path) -> None:
    program = "import itertools, sys\nfor n in itertools.count(): sys.stdout.write(f'line {n}\\n'); sys.stdout.flush()"
    child = python(tmp_path / "log", program)
    child.start()
    log, older = tmp_path / "log", tmp_path / "log.1"
    for _ in range(3):
        child.wait_until(lambda: log.stat().st_size > 100_000, 60)
        size = log.stat().st_size
        child.rotate_log(100_000)
        assert older.stat().st_size >= size
        assert log.stat().st_size < older.stat().st_size
    child.wait_until(lambda: log.stat().st_size > 1_000, 60)
    child.stop()
    assert child.alive is False
    [newest] = child.last_lines(1)
    kept = older.read_bytes()
    assert b"\0" not in kept + log.read_bytes()
    numbers = [int(line.split()[1]) for line in kept.decode().splitlines()[1:-1]]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert int(newest.split()[1]) > numbers[-1]
    assert not (tmp_path / "log.part").exists()


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    child = python(tmp_path / "log", "print('a line')")
    child.rotate_log(10)
    child.start()
    child.wait(60)
    child.rotate_log(1_000)
    assert [each.name for each in tmp_path.iterdir()] == ["log"]

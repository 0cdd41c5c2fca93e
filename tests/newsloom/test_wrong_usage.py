"""What a person is told who mistypes a command, an option or a name."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from newsloom.__main__ import in_words, newsloom
from pipeline.failures import Poison, Unavailable


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(newsloom, arguments)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("serach",), "search"),
        (("feeds", "lst"), "list"),
        (("feeds", "staus"), "status"),
        (("index", "prun"), "prune"),
        (("index", "snapshot", "tak"), "take"),
        (("enrich", "anotate"), "annotate"),
        (("dead", "reply"), "replay"),
        (("try", "pge"), "page"),
    ],
)
def test_a_mistyped_command_names_the_nearest(typed: tuple[str, ...], meant: str) -> None:
    result = run(*typed)
    assert result.exit_code == 2
    assert "Did you mean" in result.output
    assert f"'{meant}'" in result.output


def test_a_mistyped_option_names_the_nearest() -> None:
    result = run("search", "--langauge", "en", "harbour")
    assert result.exit_code == 2
    assert "Did you mean" in result.output
    assert "--language" in result.output


def test_a_rewind_begins_at_one_time() -> None:
    result = run("rewind", "annotate", "--hours", "1", "--since", "2026-11-01")
    assert result.exit_code == 2
    assert "--hours or --since, not both" in result.output


def test_a_person_is_told_no_word_of_the_machine() -> None:
    assert in_words(Poison("no_such_story", "there is no story x")) == "there is no story x"
    assert in_words(Unavailable("kafka", "no answer")) == "kafka is unavailable: no answer"


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "offered"), [("newsloom sea", "search"), ("newsloom feeds rem", "remove")])
def test_the_shell_completes_commands(typed: str, offered: str) -> None:
    command = [sys.executable, "-c", "from newsloom.__main__ import main; main()"]
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1), "_NEWSLOOM_COMPLETE": "bash_complete"}
    done = subprocess.run(command, env={**os.environ, **words}, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines() == [f"plain,{offered}"]

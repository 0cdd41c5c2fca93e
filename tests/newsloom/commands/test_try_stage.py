"""`newsloom try`: what can't be read is said, and the exit status says it too."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from newsloom.__main__ import in_words, newsloom
from pipeline.failures import Failure

ITEM = "<item><title>B</title><link>https://a.example/b</link></item>"
RSS = f"<rss version='2.0'><channel><title>A</title>{ITEM}</channel></rss>"


def run(*arguments: str, lines: str = "") -> Result:
    return CliRunner().invoke(newsloom, ["try", *arguments], input=lines)


def told(result: Result) -> str:
    return in_words(result.exception) if isinstance(result.exception, Failure) else result.output


@pytest.mark.parametrize("stage", ["feed", "page", "text"])
def test_a_file_that_is_not_there_or_empty_is_no_success(tmp_path: Path, stage: str) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for path in (empty, tmp_path / "missing"):
        result = run(stage, str(path))
        assert result.exit_code == 1, (stage, path)
        assert "wrong_request:" not in told(result)
        assert "unreadable_page:" not in told(result)


def test_a_page_that_is_no_feed_is_said(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><p>no feed</p></html>")
    result = run("feed", str(page))
    assert result.exit_code == 1
    assert "an HTML page, not a feed" in result.stdout
    assert result.stderr == "nothing could be read\n"


def test_lines_succeed_when_one_of_them_could_be_read(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(RSS)
    good, bad = f'{{"file": "{feed}"}}\n', '{"file": "/no/such/file"}\n'
    assert run("feed", "--lines", lines=bad + good + bad).exit_code == 0
    for lines in ("", "\n\n", bad, "{broken\n"):
        result = run("feed", "--lines", lines=lines)
        assert (result.exit_code, result.stderr) == (1, "nothing could be read\n")

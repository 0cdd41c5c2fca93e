"""The lists of words that find each other are sound, and a line that is not is named."""

from pathlib import Path

import pytest

from index import synonyms
from pipeline.failures import WrongSetting


def test_the_lists_of_the_project_are_sound_and_say_nothing_twice() -> None:
    rules = synonyms.read()
    assert any("türkiye" in rule for rule in rules)
    assert any("truce" in rule for rule in rules)
    words = [word.strip() for rule in rules if "=>" not in rule for word in rule.split(",")]
    assert len(words) == len(set(words))


def test_files_are_read_in_order_without_comments_and_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "synonyms-b.txt").write_text("c => c, d  # one way\n", encoding="utf-8")
    (tmp_path / "synonyms-a.txt").write_text("# head\n\na, b\n", encoding="utf-8")
    (tmp_path / "countries.txt").write_text("another list", encoding="utf-8")
    assert synonyms.read(tmp_path) == ["a, b", "c => c, d"]


@pytest.mark.parametrize("line", ["alone", "a,", ", ,", "a => b => c", "=> b", "a =>"])
def test_a_line_that_is_no_rule_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "synonyms.txt").write_text(f"a, b\n{line}\n", encoding="utf-8")
    with pytest.raises(WrongSetting, match=r"synonyms\.txt, line 2"):
        synonyms.read(tmp_path)

"""The file of watches, and what brings the topic up to it."""

from pathlib import Path

import pytest

from pipeline.failures import WrongSetting
from pipeline.settings import Settings
from tests.watches.samples import NOON, SEPTEMBER, watch
from watches.watch_list import changes_of_file, checked, read_file

GOOD = """
[[watches]]
name = "harbour"
query = '"harbour clinic" | lighthouse'
mail = ["desk@example.org"]
revisions = true
"""


def test_the_file_that_comes_with_us_is_right(offline_options: Settings) -> None:
    assert read_file(offline_options.watches_file(), NOON) == {}


def test_a_file_is_read_and_none_is_no_watches(tmp_path: Path) -> None:
    assert read_file(tmp_path / "none.toml", NOON) == {}
    file = tmp_path / "watches.toml"
    file.write_text(GOOD, encoding="utf-8")
    [found] = read_file(file, NOON).values()
    assert (found.query, found.since, found.origin) == ('"harbour clinic" | lighthouse', NOON, "file")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[watches]]\nname = 'a'\nquery = 'b'\nlanguaeg = 'en'", "languaeg"),
        (GOOD + GOOD, "two watches called 'harbour'"),
        ("[[watches]", "is wrong"),
        ("[[watches]]\nname = '../etc'\nquery = 'b'", "is no name"),
        ("[[watches]]\nname = 'a'\nquery = ' '", "looks for nothing"),
        ("[[watches]]\nname = 'a'\nquery = 'b'\nmail = ['x@y, z@w']", "no mail address"),
        ("[[watches]]\nname = 'a'\nquery = 'b'\ncountry = 'Turkey'", "two letters"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "watches.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongSetting, match=reason):
        read_file(file, NOON)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "a.example", "http://", "http://a.example:x/", "http://u:p@a.example/", "http://a.example/ b",
     "http://a.example/\r\nx: y", "http://[::1", "http://a.example/" + "a" * 2_000],
)  # fmt: skip
def test_an_address_that_can_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match="webhook"):
        checked(watch("harbour", "harbour", webhook=url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/hits?a=b", "https://a.example", "http://[::1]:80/"])
def test_an_address_on_this_machine_is_one(url: str) -> None:
    assert checked(watch("harbour", "harbour", webhook=url)).webhook == url


def test_the_topic_is_brought_up_to_the_file_and_commands_are_left_alone() -> None:
    listed = {
        "old": watch("old", "x", origin="file"),
        "same": watch("same", "x", origin="file"),
        "changed": watch("changed", "x", origin="file"),
        "mine": watch("mine", "x"),
    }
    file = {
        name: watch(name, query, since=NOON, origin="file")
        for name, query in (("same", "x"), ("changed", "y"), ("new", "z"))
    }
    changes = {each.message.name: each for each in changes_of_file(file, listed)}  # type: ignore[attr-defined]
    assert {name: each.tombstone for name, each in changes.items()} == {"changed": False, "new": False, "old": True}
    assert changes["changed"].message == watch("changed", "y", since=SEPTEMBER, origin="file")
    assert changes["new"].message == file["new"]

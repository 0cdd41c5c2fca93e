"""`newsloom feeds` with a watched folder in the list, and `newsloom try feed` with a file of an agency."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.feeds.feed_list import Feed, read_feeds
from ingest.urls import folder_of, folder_url
from newsloom.commands.feeds.feed_group import feeds
from newsloom.commands.try_stage import trial
from pipeline.failures import Unavailable, WrongSetting
from tests.ingest.feeds.agency.invented_items import TITLE, as_json, message, news_item, ninjs3

LIST = '[[feeds]]\nurl = "https://a.example/rss"\nname = "A"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "wire one").mkdir()
    (tmp_path / "wire one" / "1.json").write_bytes(as_json([ninjs3(), ninjs3(uri="urn:p", type="picture")]))
    file = tmp_path / "feeds.toml"
    file.write_text(LIST)
    return file


def newsloom(*arguments: str | Path) -> Result:
    return CliRunner().invoke(feeds, [str(each) for each in arguments])


def test_a_folder_is_added_listed_tried_and_removed(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wire one"
    added = newsloom("add", folder, "--feeds", path, "--name", "Fenwire", "--language", "en")
    assert added.stdout == f"Fenwire was added to {path}\n"
    expected = Feed(url=folder_url(str(folder)), folder=str(folder), name="Fenwire", language="en")
    assert read_feeds(path)[1:] == [expected]
    assert newsloom("add", folder, "--feeds", path).stdout == f"{path} has this feed already\n"
    assert f"{folder}" in newsloom("list", "--feeds", path).stdout
    for named in ("Fenwire", folder):
        tried = newsloom("test", named, "--feeds", path).stdout
        assert "1 entries" in tried
        assert "no article: 1 picture" in tried
        assert TITLE in tried
    assert "wire" not in newsloom("export", "--feeds", path).stdout
    assert newsloom("remove", "Fenwire", "--feeds", path).exit_code == 0
    assert path.read_text().strip() == LIST.strip()


def test_a_folder_that_is_not_there_is_not_added(path: Path, tmp_path: Path) -> None:
    result = newsloom("add", tmp_path / "nothing", "--feeds", path)
    assert isinstance(result.exception, Unavailable)
    assert path.read_text() == LIST
    assert newsloom("add", tmp_path / "nothing", "--feeds", path, "--untested").exit_code == 0
    assert len(read_feeds(path)) == 2


def test_two_folders_are_two_feeds_and_one_written_in_two_ways_is_one(path: Path) -> None:
    path.write_text('[[feeds]]\nfolder = "a/b"\nname = "A"\n[[feeds]]\nfolder = "c"\nname = "C"\n')
    assert [(each.folder, folder_of(each.url), each.host) for each in read_feeds(path)] == [
        ("a/b", "a/b", "localhost"),
        ("c", "c", "localhost"),
    ]
    path.write_text('[[feeds]]\nfolder = "a/b"\nname = "A"\n[[feeds]]\nfolder = "./a/./b/"\nname = "B"\n')
    with pytest.raises(WrongSetting, match="the same folder as 'A'"):
        read_feeds(path)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('folder = "a"\nurl = "https://a.example/"', "url and folder are both given"),
        ("", "it has no url and no folder"),
        ('folder = "a\\u0000b"', "a character that no path has"),
        ('url = "urn:newsloom:folder:a"', "is no http or https address"),
        ('url = "file:///etc"', "is no http or https address"),
    ],
)
def test_a_feed_is_an_address_or_a_folder(path: Path, table: str, problem: str) -> None:
    path.write_text(f'[[feeds]]\nname = "A"\n{table}\n')
    with pytest.raises(WrongSetting, match=problem):
        read_feeds(path)


def test_an_agencys_file_is_tried(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_bytes(message(news_item(), "<packageItem/>"))
    found = json.loads(CliRunner().invoke(trial, ["feed", str(tmp_path / "1.xml")]).stdout)
    assert (found["version"], found["left_out"]) == ("newsml_g2", {"packageItem": 1})
    assert [(each["title"], each["delivery"]) for each in found["entries"]] == [(TITLE, {"version": 2})]

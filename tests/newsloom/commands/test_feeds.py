"""`newsloom feeds`, as a person uses it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.feeds.feed_list import Feed, read_feeds
from newsloom.commands.feeds import add_feeds, feeds
from newsloom.demo.local_site import Resource, Site
from pipeline.failures import WrongSetting

LIST = """# mine
[[feeds]]  # the first
url = "https://a.example/rss"
name = "A"
"""
OPML = b"""<opml><body><outline text="News">
    <outline text='The "B" \\ \x7f' xmlUrl="https://b.example/rss" language="de"/>
    <outline xmlUrl="http://www.a.example/rss/"/><outline xmlUrl="nonsense"/></outline></body></opml>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "feeds.toml"
    file.write_text(LIST)
    return file


def newsloom(*arguments: str | Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Result:
    return CliRunner(env=environment).invoke(feeds, [str(each) for each in arguments], input=stdin)


def test_import_adds_what_is_not_there_yet_and_keeps_the_rest_as_it_stands(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    (tmp_path / "other.opml").write_bytes(OPML)
    result = newsloom("import", tmp_path / "other.opml", "--into", link)
    assert (result.exit_code, result.stdout) == (0, f"{link}: 1 added, 1 known, 1 refused\n")
    assert result.stderr == "refused: outline 3: 'nonsense' is no http or https address\n"
    assert path.read_text().startswith(LIST + "\n# --- imported from other.opml ---\n\n[[feeds]]\n")
    assert read_feeds(path)[1:] == [
        Feed(url="https://b.example/rss", name='The "B" \\ \x7f', group="News", language="de")
    ]
    assert (path.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    again = path.read_text()
    assert newsloom("import", "-", "--into", link, stdin=OPML).stdout == f"{link}: 0 added, 2 known, 1 refused\n"
    assert path.read_text() == again
    assert sorted(file.name for file in tmp_path.iterdir()) == ["feeds.toml", "link.toml", "other.opml"]


def test_a_list_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    into = tmp_path / "new.toml"
    assert newsloom("import", "-", "--into", into, stdin=b"https://a.example/rss, A\n").exit_code == 0
    assert read_feeds(into) == [Feed(url="https://a.example/rss", name="A")]


def test_a_file_without_feeds_is_an_error(path: Path) -> None:
    result = newsloom("import", "-", "--into", path, stdin=b"<html>nothing</html>")
    assert (result.exit_code, path.read_text()) == (1, LIST)


def test_a_wrong_list_is_not_written_to(path: Path) -> None:
    path.write_text(LIST + "[[feeds]]\nurl = 7\n")
    with pytest.raises(WrongSetting, match="feed 2"):
        add_feeds(path, [Feed(url="https://b.example/", name="B")], "x")
    assert path.read_text() == LIST + "[[feeds]]\nurl = 7\n"


@pytest.mark.parametrize("form", ["opml", "list"])
def test_what_is_exported_can_be_imported(path: Path, tmp_path: Path, form: str) -> None:
    newsloom("import", "-", "--into", path, stdin=OPML.replace(b"\x7f", b""))
    exported = newsloom("export", "--format", form, "--feeds", path).stdout_bytes
    newsloom("import", "-", "--into", tmp_path / "copy.toml", stdin=exported)
    copy = read_feeds(tmp_path / "copy.toml")
    assert [each.url for each in copy] == [each.url for each in read_feeds(path)]
    assert form == "list" or sorted(copy, key=str) == sorted(read_feeds(path), key=str)


def test_discover(tmp_path: Path) -> None:
    options = {"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true", "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0"}
    rss = b"<rss version='2.0'><channel><title>All</title><item><link>/a</link></item></channel></rss>"
    with Site({"/rss": Resource(rss), "/": Resource(b"<html></html>")}) as site:
        people = newsloom("discover", site.url, environment=options)
        programs = newsloom("discover", f"{site.url}/rss", "--json", environment=options)
        site.resources.clear()
        nothing = newsloom("discover", site.url, environment=options)
    assert people.stdout.split() == ["feed", "well-known", "1", "entries", f"{site.url}/rss", "All"]
    assert json.loads(programs.stdout)[0]["how"] == "itself"
    assert (nothing.exit_code, nothing.stdout) == (1, "")

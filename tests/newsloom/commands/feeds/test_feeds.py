"""`newsloom feeds`, as a person uses it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.feeds.feed_list import Feed, read_feeds
from ingest.feeds.feed_list_edit import add_feeds
from newsloom.__main__ import in_words
from newsloom.__main__ import newsloom as command
from newsloom.demo.local_site import Resource, Site
from pipeline.failures import Failure, WrongSetting

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
    return CliRunner(env=environment).invoke(command, ["feeds", *map(str, arguments)], input=stdin)


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
    junk = b"\n".join([b"<html>", *(35 * [b"<p>nothing</p>"])])
    result = newsloom("import", "-", "--into", path, stdin=junk)
    assert (result.exit_code, path.read_text()) == (1, LIST)
    assert result.output == (
        "standard input is neither OPML nor a list of addresses: no feed was found in it "
        "(line 1: '<html>' is no http or https address)\n"
    )


def test_of_many_wrong_lines_the_first_are_told(path: Path) -> None:
    lines = ["https://b.example/rss, B", *(f"nonsense {number}" for number in range(35))]
    result = newsloom("import", "-", "--into", path, stdin="\n".join(lines).encode())
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-2:] == [
        "refused: line 6: 'nonsense 4' is no http or https address",
        "refused: 30 more",
    ]
    assert result.stdout == f"{path}: 1 added, 0 known, 35 refused\n"


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


# --- the list changed and looked at ---

LONG = """# The list of a person, in her order.

# --- the north ---

# slow, but the only one there
[[feeds]]
url = "https://a.example/rss"
name = "The Aldis Post"  # since May
group = "North"

[[feeds]]
name = "Merrow News"
# asked for the short form
url = "https://merrow.example/feed"
language = "en"

# --- the south ---

[[feeds]]
url = "https://halven.example/atom"
name = "Halven"
# the end
"""
OPEN = {"NEWSLOOM_INGEST__ALLOW_PRIVATE_ADDRESSES": "true", "NEWSLOOM_INGEST__HOST_GAP_SECONDS": "0"}
RSS = (
    b"<rss version='2.0'><channel><title>The Brome \x1b[31m Echo</title><language>en</language>"
    b"<item><title>Old</title><link>/a</link><pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate></item>"
    b"<item><title>New</title><link>/b</link><pubDate>Tue, 03 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"
)


@pytest.fixture
def long(tmp_path: Path) -> Path:
    file = tmp_path / "long.toml"
    file.write_text(LONG)
    return file


def words_of(result: Result) -> str:
    """What a person is told, whether it went well or not."""
    return in_words(result.exception) if isinstance(result.exception, Failure) else result.output


@pytest.mark.parametrize(
    "typed", ["Merrow News", "merrow news", "https://merrow.example/feed", "http://www.merrow.example/feed/"]
)
def test_a_feed_is_taken_off_and_every_other_line_stays(long: Path, typed: str) -> None:
    result = newsloom("remove", typed, "--feeds", long)
    assert result.output == f"Merrow News was taken off {long}\n"
    begin, end = LONG.index('[[feeds]]\nname = "Merrow'), LONG.index("# --- the south")
    assert long.read_text() == LONG[:begin] + LONG[end:]
    assert [each.name for each in read_feeds(long)] == ["The Aldis Post", "Halven"]


def test_the_first_and_the_last_feed_leave_the_comments_around_them(long: Path) -> None:
    newsloom("remove", "The Aldis Post", "--feeds", long)
    newsloom("remove", "Halven", "--feeds", long)
    assert [line for line in long.read_text().splitlines() if line.startswith("#")] == [
        "# The list of a person, in her order.",
        "# --- the north ---",
        "# slow, but the only one there",
        "# asked for the short form",
        "# --- the south ---",
        "# the end",
    ]
    result = newsloom("remove", "Merrow News", "--feeds", long)
    assert "Merrow News is the only feed" in words_of(result)
    assert len(read_feeds(long)) == 1


def test_a_feed_that_is_not_there_names_the_nearest(long: Path) -> None:
    assert "did you mean Merrow News?" in words_of(newsloom("remove", "Merow News", "--feeds", long))
    assert "did you mean The Aldis Post?" in words_of(newsloom("remove", "aldis", "--feeds", long))
    assert "`newsloom feeds list` shows them" in words_of(newsloom("remove", "zzzzzz", "--feeds", long))
    assert long.read_text() == LONG


def test_a_list_in_another_layout_is_left_alone(tmp_path: Path) -> None:
    inline = tmp_path / "inline.toml"
    text = 'feeds = [{url = "https://a.example/", name = "A"}, {url = "https://b.example/", name = "B"}]\n'
    inline.write_text(text)
    assert "edit it" in words_of(newsloom("remove", "A", "--feeds", inline))
    assert inline.read_text() == text


def test_a_feed_is_added_under_the_title_that_it_has(long: Path) -> None:
    with Site({"/rss": Resource(RSS), "/": Resource(b"<html><p>no feed</p></html>")}) as site:
        added = newsloom("add", f"{site.url}/rss", "--group", "West", "--feeds", long, environment=OPEN)
        again = newsloom("add", f"{site.url}/rss", "--feeds", long, environment=OPEN)
        page = newsloom("add", site.url, "--feeds", long, environment=OPEN)
        unasked = newsloom("add", f"{site.url}/later", "--name", "L", "--untested", "--feeds", long, environment=OPEN)
    assert added.output.startswith("The Brome")
    assert long.read_text().startswith(LONG)
    assert "has this feed already" in again.output
    assert f"is no feed: `newsloom feeds discover {site.url}`" in words_of(page)
    assert unasked.exit_code == 0
    assert [(each.name[:9], each.group) for each in read_feeds(long)[3:]] == [("The Brome", "West"), ("L", "")]


def test_what_is_no_address_is_not_added(long: Path) -> None:
    assert "is no http or https address" in words_of(newsloom("add", "ftp://a.example/", "--feeds", long))
    assert long.read_text() == LONG


def test_the_feeds_are_listed_in_their_order(long: Path) -> None:
    shown = newsloom("list", "--feeds", long).output
    assert [line for line in shown.splitlines() if not line.startswith(" ")] == [
        "The Aldis Post (North)",
        "Merrow News (en)",
        "Halven",
        f"3 feeds of {long}",
    ]
    (found,) = newsloom("list", "merrow", "--json", "--feeds", long).output.splitlines()
    assert json.loads(found) == {
        "url": "https://merrow.example/feed", "name": "Merrow News", "folder": "", "page": "", "selector": "",
        "group": "", "language": "en", "paused": False,
    }  # fmt: skip
    assert "no feed of" in words_of(newsloom("list", "nothing", "--feeds", long))


def test_a_feed_is_tried_without_being_added(long: Path) -> None:
    with Site({"/rss": Resource(RSS)}) as site:
        newsloom("add", f"{site.url}/rss", "--name", "Brome", "--untested", "--feeds", long, environment=OPEN)
        by_name = newsloom("test", "brome", "--feeds", long, environment=OPEN)
        by_address = newsloom("test", f"{site.url}/rss", "--feeds", long, environment=OPEN)
        missing = newsloom("test", f"{site.url}/nothing", "--feeds", long, environment=OPEN)
    assert by_name.output == by_address.output
    assert "rss20, language en, 2 entries" in by_name.output
    assert [line.split()[-1] for line in by_name.output.splitlines()[-2:]] == ["New", "Old"]
    assert "\x1b" not in by_name.output
    assert "404" in words_of(missing)
    assert missing.exit_code == 1


def test_the_list_is_shown_whole_or_by_a_part_of_name_or_address(path: Path) -> None:
    path.write_text(LIST + '[[feeds]]\nurl = "https://b.example/rss"\nname = "B"\n')
    whole = newsloom("list", "--feeds", path)
    assert whole.exit_code == 0
    assert all(address in whole.output for address in ("https://a.example/rss", "https://b.example/rss"))
    part = newsloom("list", "b.example", "--feeds", path)
    assert ("https://b.example/rss" in part.output, "https://a.example/rss" in part.output) == (True, False)


def test_a_feed_is_paused_and_polled_again(long: Path) -> None:
    assert newsloom("pause", "merrow news", "--feeds", long).output == "Merrow News is paused\n"
    assert "Merrow News (en, paused)" in newsloom("list", "--feeds", long).output
    assert [each.name for each in read_feeds(long) if each.paused] == ["Merrow News"]
    assert newsloom("resume", "Merrow News", "--feeds", long).output == "Merrow News is polled again\n"
    assert long.read_text() == LONG

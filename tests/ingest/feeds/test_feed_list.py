"""Reading the feed list: valid lists, and every mistake named."""

from pathlib import Path

import pytest

from ingest.feeds.feed_list import Feed, FeedList, read_feeds
from pipeline.failures import WrongSetting


def write_feed_list(folder: Path, text: str) -> Path:
    file = folder / "feeds.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_list_is_read_in_its_order(tmp_path: Path) -> None:
    text = """
    [[feeds]]
    url = "https://news.example/rss"
    name = "News"
    group = "Example"
    language = "en"
    [[feeds]]
    url = "http://other.example/feed?a=1"
    name = "Other"
    """
    first, second = read_feeds(write_feed_list(tmp_path, text))
    assert first == Feed(url="https://news.example/rss", name="News", group="Example", language="en")
    assert (second.url, second.host) == ("http://other.example/feed?a=1", "other.example")


def test_every_wrong_entry_is_named(tmp_path: Path) -> None:
    text = """
    feeds = [
      {name = "Nameless place"}, {url = "ftp://a.example/x", name = "Old"}, {url = "https://a.example/x", name = "A"},
      {url = "https://a.example/x", name = "Again"}, {url = "https://b.example/", name = "B", colour = "red"},
      {url = "https://c.example/", name = "C", language = "eng"}, {url = "https://d.example/", name = " "}, 7,
    ]
    """
    with pytest.raises(WrongSetting) as caught:
        read_feeds(write_feed_list(tmp_path, text))
    message = str(caught.value)
    for part in (
        "feed 1 (Nameless place)",
        "feed 2 (Old)",
        "feed 4 (Again)",
        "'A'",
        "colour",
        "'eng'",
        "feed 7",
        "feed 8",
    ):
        assert part in message
    assert "feed 3" not in message


@pytest.mark.parametrize("text", ["feeds = [", "feed = []", "feeds = 7", "[[feeds]]\nurl='https://a.example'\n[other]"])
def test_a_broken_list_is_a_wrong_setting(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongSetting, match=r"feeds\.toml"):
        read_feeds(write_feed_list(tmp_path, text))


def test_a_missing_list_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="No such file"):
        read_feeds(tmp_path / "feeds.toml")


def test_a_list_that_an_editor_empties_for_a_moment_does_not_retire_all_feeds(tmp_path: Path) -> None:
    path = write_feed_list(tmp_path, '[[feeds]]\nurl = "https://a.example/x"\nname = "A"\n')
    feeds = FeedList(path)
    before = feeds.read()
    path.write_text("")
    with pytest.raises(WrongSetting, match="has no feeds"):
        feeds.read_if_changed()
    assert feeds.read_if_changed() is None
    path.write_text('[[feeds]]\nurl = "https://a.example/x"\nname = "A"\n# as it was\n')
    assert feeds.read_if_changed() == before

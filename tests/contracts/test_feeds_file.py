"""config/feeds.toml keeps the promises of its own header."""

import re
import tomllib
from urllib.parse import urlsplit

from pipeline.settings import ROOT

FEEDS: list[dict[str, str]] = tomllib.loads((ROOT / "config" / "feeds.toml").read_text(encoding="utf-8"))["feeds"]
KEYS = {"url", "name", "group", "language"}


def test_every_feed_has_an_address_and_known_keys_only() -> None:
    wrong = [feed for feed in FEEDS if not {"url"} <= feed.keys() <= KEYS or not all(map(str.strip, feed.values()))]
    assert not wrong


def test_addresses_are_absolute_web_addresses() -> None:
    parts = {feed["url"]: urlsplit(feed["url"]) for feed in FEEDS}
    wrong = [url for url, part in parts.items() if part.scheme not in ("http", "https") or "." not in part.netloc]
    assert not wrong
    assert not [url for url in parts if re.search(r"\s", url)]


def test_no_feed_stands_there_twice() -> None:
    # one feed under http and https, or with and without a last slash, is polled and counted twice all the same
    bare = [feed["url"].partition("://")[2].rstrip("/").removeprefix("www.") for feed in FEEDS]
    assert sorted(bare) == sorted(set(bare))


def test_languages_are_two_letters() -> None:
    assert not [feed for feed in FEEDS if not re.fullmatch("[a-z]{2}", feed.get("language", "en"))]


def test_the_list_is_a_view_of_the_world_and_not_of_one_country() -> None:
    assert len(FEEDS) >= 60
    assert len({feed.get("language") for feed in FEEDS}) >= 6
    assert len({feed.get("group") for feed in FEEDS}) >= 10

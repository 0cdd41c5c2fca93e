"""Parsing of JSON Feeds: standard ones, sloppy ones, and hostile ones."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.json_feed import MOST_OBJECTS
from ingest.feeds.parse import ParsedFeed, parse_feed

URL = "https://news.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


def read(feed: Any) -> ParsedFeed:
    return parse_feed(json.dumps(feed).encode(), URL, {"content-type": "text/html"})


def test_a_json_feed() -> None:
    item = {
        "id": "7",
        "url": "/a",
        "title": "A &amp; B",
        "summary": "Short.",
        "content_html": "<p>One.</p><p>Two</p>",
        "content_text": "not this",
        "authors": [{"name": "Jane"}, {"name": "Joe"}],
        "tags": ["Towns", "Towns"],
        "date_published": "2024-11-05T10:00:00+02:00",
        "date_modified": "2024-11-06T10:00:00Z",
        "image": "/a.jpg",
        "language": "en-GB",
    }
    head = {"version": VERSION, "title": "News", "home_page_url": "https://news.example/", "language": "en"}
    found = read({**head, "items": [item, {"id": "8"}]})
    entry = found.entries[0]
    assert (found.kind, found.version, found.title, found.link) == ("feed", "json11", "News", "https://news.example/")
    assert (entry.identity, entry.url, entry.title) == ("7", "https://news.example/a", "A & B")
    assert (entry.summary, entry.content, entry.authors) == ("Short.", "One.\nTwo", ("Jane", "Joe"))
    assert (entry.tags, entry.image, entry.language) == (("Towns",), "https://news.example/a.jpg", "en")
    assert entry.published == datetime(2024, 11, 5, 8, tzinfo=UTC)
    assert entry.updated == datetime(2024, 11, 6, 10, tzinfo=UTC)
    assert found.error is None


def test_content_text_is_not_parsed_as_html() -> None:
    [entry] = read({"version": VERSION, "items": [{"id": "1", "content_text": "1 < 2 & <b>\n\n 3"}]}).entries
    assert entry.content == "1 < 2 & <b>\n3"


def test_version_1_0_and_its_author() -> None:
    version = "https://jsonfeed.org/version/1"
    found = read(
        {"version": version, "items": [{"id": 1, "external_url": "https://o.example/", "author": {"name": "J"}}]}
    )
    [entry] = found.entries
    assert (found.version, entry.identity, entry.authors) == ("json1", "1", ("J",))
    assert entry.url == "https://o.example/"


def test_a_feed_without_a_version_is_recognised_by_its_items() -> None:
    body = (
        b"\xef\xbb\xbf  " + json.dumps({"items": [{"url": "https://news.example/a"}, 7, None, {"title": []}]}).encode()
    )
    found = parse_feed(body, URL, {})
    assert (found.kind, found.error) == ("feed", None)
    assert [entry.url for entry in found.entries] == ["https://news.example/a", ""]


@pytest.mark.parametrize(
    "feed", [{}, {"items": []}, {"items": {"id": 1}}, {"items": [{"name": "x"}]}, {"error": "none"}]
)
def test_other_json_is_no_feed(feed: Any) -> None:
    found = read(feed)
    assert (found.kind, found.entries) == ("", ())
    assert "no feed" in (found.error or "")


def test_a_feed_without_items_is_a_feed() -> None:
    assert (read({"version": VERSION, "items": []}).kind, read({"version": VERSION, "items": []}).error) == (
        "feed",
        None,
    )


def test_a_truncated_feed_gives_its_complete_items() -> None:
    whole = json.dumps(
        {"version": VERSION, "title": "News", "items": [{"id": str(n), "title": "{]"} for n in range(3)]}
    )
    found = parse_feed(whole[:-20].encode(), URL, {})
    assert (found.title, [entry.identity for entry in found.entries]) == ("News", ["0", "1"])
    assert found.error


@pytest.mark.slow
@pytest.mark.parametrize(
    "inside",
    [
        "[" * 1_000_000,
        '{"a":' * 300_000,
        "{}," * MOST_OBJECTS,
        '"' + "\\" * 5_000_000,
        "1" * 5_000_000,
        '{"id":1},' * 200_000,
    ],
    ids=["lists", "objects", "empty", "escapes", "digits", "items"],
)
def test_a_hostile_feed_is_parsed_quickly(inside: str) -> None:
    started = time.process_time()
    found = parse_feed(f'{{"version": "{VERSION}", "items": [{inside}'.encode(), URL, {})
    assert found.error
    assert time.process_time() - started < 10


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "id",
    "url",
    "title",
    "summary",
    "content_html",
    "content_text",
    "authors",
    "author",
    "tags",
    "date_published",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), values, max_size=5) | values, max_size=4), values)
def test_fields_of_any_type_are_read_or_left_out(items: list[Any], title: Any) -> None:
    found = read({"version": VERSION, "title": title, "items": items})
    assert (found.kind, found.error) == ("feed", None)
    assert all(entry.identity for entry in found.entries)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from('{}[]",:\\ itemsd01'), max_size=80))
def test_any_text_gives_a_feed_or_an_error(text: str) -> None:
    found = parse_feed(f'{{"items": [{{"id": 1}}, {text}'.encode(), URL, {})
    assert found.kind == "feed"
    assert found.entries


def test_dates_that_are_numbers_or_of_no_zone() -> None:
    dates = [1730800800, "1730800800000", "2024-11-05T12:00:00", "soon", True]
    items = [{"id": str(at), "date_published": date} for at, date in enumerate(dates)]
    entries = parse_feed(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode(), URL, {}
    ).entries
    entries = tuple(sorted(entries, key=lambda each: each.identity))
    morning = datetime(2024, 11, 5, 10, tzinfo=UTC)
    assert [each.published for each in entries] == [morning, morning, morning.replace(hour=12), None, None]
    assert [each.published_zone_known for each in entries[:3]] == [True, True, False]


def test_an_item_is_in_its_own_language_else_in_its_feeds() -> None:
    items = [{"id": "1", "title": "A", "language": "ms"}, {"id": "2", "title": "B"}]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "language": "id-ID", "items": items}).encode()
    assert [each.language for each in parse_feed(body, "https://courier.example/feed.json", {}).entries] == ["ms", "id"]

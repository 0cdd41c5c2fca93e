"""ninjs: the same item is read the same in every version, and what is no article is said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.feeds.entry import Delivery, Entry, ParsedFeed
from ingest.feeds.parse import parse_feed
from tests.ingest.feeds.agency.invented_items import HTML, NITF, TEXT, TITLE, URN, as_json, ninjs1, ninjs2, ninjs3

URL = "https://feed.fenwire.example/news"


def read(document: Any) -> ParsedFeed:
    return parse_feed(document if isinstance(document, bytes) else as_json(document), URL, {})


def only(document: Any) -> Entry:
    [entry] = read(document).entries
    return entry


@pytest.mark.parametrize(("version", "item"), [("ninjs1", ninjs1()), ("ninjs2", ninjs2()), ("ninjs3", ninjs3())])
def test_the_same_item_is_read_the_same_in_every_version(version: str, item: dict[str, Any]) -> None:
    feed = read(item)
    assert (feed.version, feed.kind, feed.error, feed.left_out) == (version, "delivery", None, {})
    [entry] = feed.entries
    assert (entry.identity, entry.url, entry.title, entry.content) == (URN, "", TITLE, TEXT)
    assert (entry.summary, entry.language) == ("Boats go at noon.", "en")
    assert entry.authors == ("By Signe Dallow and Ruud Amsink",)
    assert entry.published == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert entry.updated == datetime(2026, 11, 30, 10, 30, tzinfo=UTC)
    assert entry.sources["published"] == ("firstcreated", 1.0)
    assert entry.tags == ("transport", "Ole Marn", "Lysmere Ferries", "Lysmere")
    assert entry.image == "https://media.fenwire.example/1.jpg"
    assert entry.delivery == Delivery(version=2)


def test_the_version_that_is_stated_is_told() -> None:
    assert read(ninjs3(standard={"name": "ninjs", "version": "2.1"})).version == "ninjs2"


@pytest.mark.parametrize(
    "document",
    [
        as_json([ninjs3(), ninjs3(uri="urn:b")]),
        as_json(ninjs3()) + b"\n" + as_json(ninjs3(uri="urn:b")) + b"\n",
        as_json({"_items": [ninjs3(), ninjs3(uri="urn:b")], "_meta": {"total": 2}}),
        as_json({"data": {"items": [{"item": ninjs3()}, {"item": ninjs3(uri="urn:b")}]}}),
        b"\xef\xbb\xbf" + as_json([ninjs3(), ninjs3(uri="urn:b")]),
    ],
)
def test_one_after_the_other_in_an_array_or_in_the_answer_of_an_api(document: bytes) -> None:
    feed = read(document)
    assert ([each.identity for each in feed.entries], feed.error) == ([URN, "urn:b"], None)


@pytest.mark.parametrize("kind", ["picture", "audio", "video", "graphic", "event", "planning", "component"])
def test_what_is_no_text_is_counted(kind: str) -> None:
    feed = read([ninjs3(uri="urn:a", type=kind), ninjs3()])
    assert ([each.identity for each in feed.entries], feed.left_out, feed.error) == ([URN], {kind: 1}, None)


def test_an_event_that_says_no_type_is_one() -> None:
    item = {"uri": "urn:e", "title": "Opening", "descriptions": [{"value": "At noon."}], "eventDetails": {"dates": {}}}
    assert read(item).left_out == {"event": 1}


def test_a_short_item_is_its_description() -> None:
    entry = only(ninjs3(bodies=[]))
    assert (entry.summary, entry.content) == ("Boats go at noon.", "")


@pytest.mark.parametrize(
    "body",
    [
        {"contentType": "text/vnd.IPTC.NITF", "value": '<?xml version="1.0" encoding="utf-8"?>' + NITF},
        {"contentType": "application/xhtml+xml", "value": HTML},
        {"contentType": "text/html5", "value": f"<article><h1>{TITLE}</h1>{HTML}<figure>A ferry.</figure></article>"},
        {"value": HTML},
        {"value": TEXT},
        {"role": "text", "contentType": "text/plain", "value": f"{TITLE}\r\n\r\n{TEXT}"},
    ],
)
def test_a_body_is_paragraphs_whatever_it_is_written_in(body: dict[str, str]) -> None:
    assert only(ninjs3(bodies=[body])).content == TEXT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("body_xhtml", "The <a href='https://a.example/' >ferry</a> runs<sup>1</sup> again."),
        ("body_html5", "The ferry runs<i>1</i> again."),
        ("body_main", "The <a rel='x'>ferry</a> runs1 again."),
        ("body_nitf", "<nitf><body><body.content><p>The ferry runs1 again.</p></body.content></body></nitf>"),
        ("body_text", "The ferry runs1 again."),
    ],
)
def test_the_name_of_a_body_tells_its_markup(name: str, value: str) -> None:
    """Markup without a single block, as in newsinjson's examples/1.4/businesswire-newsml-20130515006361.json."""
    item = {each: told for each, told in ninjs1().items() if not each.startswith("body_")}
    assert only({**item, name: value}).content == "The ferry runs1 again."


def test_characters_of_plain_text_are_no_markup() -> None:
    assert only(ninjs3(bodies=[{"contentType": "text/plain", "value": "a <b> & c"}])).content == "a <b> & c"


def test_a_body_that_is_not_understood_is_said() -> None:
    feed = read(ninjs3(bodies=[{"contentType": "application/x-private", "value": "<X/>"}]))
    assert feed.left_out == {}  # its description is told
    feed = read(ninjs3(bodies=[{"contentType": "application/x-private", "value": "<X/>"}], descriptions=[]))
    assert feed.left_out == {"text in application/x-private": 1}


@pytest.mark.parametrize(
    ("item", "status"),
    [
        (ninjs1(pubstatus="canceled"), "canceled"),
        (ninjs2(pubstatus="withheld"), "withheld"),
        (ninjs3(pubStatus="Cancelled"), "canceled"),
        (ninjs3(pubStatus="canceled", type="picture"), "canceled"),
        ({"uri": URN, "pubStatus": "canceled", "version": "3", "edNote": "Kill: wrong ship."}, "canceled"),
    ],
)
def test_a_withdrawn_item_is_an_entry_that_says_so(item: dict[str, Any], status: str) -> None:
    delivery = only(item).delivery
    assert delivery is not None
    assert delivery.status == status


@pytest.mark.parametrize("name", ["embargoed", "embargoedUntil"])
def test_an_embargo_under_either_of_its_names(name: str) -> None:
    """ninjs 3.0 renamed `embargoed` to `embargoedUntil` (specification/ninjs-schema_3.0.json)."""
    entry = only(ninjs3(**{name: "2026-12-01T06:00:00Z"}))
    ends = datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert entry.delivery == Delivery(version=2, embargoed=ends)
    assert (entry.published, entry.sources["published"]) == (ends, ("embargoed", 1.0))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"embargoedUntil": "until the minister has spoken"}, "embargoed item"),
        ({"pubStatus": "commissioned"}, "item of unknown status"),
        ({"uri": ""}, "item without a name"),
    ],
)
def test_what_can_not_be_obeyed_is_left_out_and_named(changes: dict[str, str], reason: str) -> None:
    feed = read([ninjs3(**changes), ninjs3(uri="urn:b")])
    assert ([each.identity for each in feed.entries], feed.left_out) == (["urn:b"], {reason: 1})
    assert feed.error


def test_of_two_versions_in_one_document_the_newer_is_read_wherever_it_stands() -> None:
    newer, older = ninjs3(version="10", title="new"), ninjs3(version="9")
    for document in ([older, newer], [newer, older]):
        feed = read(document)
        assert [each.delivery and each.delivery.version for each in feed.entries] == [10]
        assert feed.left_out == {"earlier or repeated version": 1}


def test_without_numbers_the_time_tells_which_version_is_newer() -> None:
    old = ninjs3(version="draft", versionCreated="2026-11-30T08:00:00Z")
    new = ninjs3(version="final", versionCreated="2026-11-30T08:00:01Z")
    for document in ([old, new], [new, old]):
        [entry] = read(document).entries
        assert entry.updated == datetime(2026, 11, 30, 8, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("separator", [b",", b"\n", b",\n  "])
@pytest.mark.parametrize("broken", [b'{"uri": "urn:x", "headline": "no end', b'{"uri": urn:x}', b'{"uri" "urn:x"}'])
def test_a_broken_item_in_the_middle_costs_nothing_else(broken: bytes, separator: bytes) -> None:
    items = [as_json(ninjs3(uri="urn:a")), broken, as_json(ninjs3(uri="urn:c"))]
    document = separator.join(items)
    feed = read(b"[" + document + b"]" if b"," in separator else document)
    assert [each.identity for each in feed.entries] == ["urn:a", "urn:c"]
    assert feed.left_out == {"broken item": 1}
    assert "item 2 is broken" in (feed.error or "")


def test_an_item_that_is_no_object_is_named() -> None:
    feed = read([ninjs3(), "a string", None])
    assert (len(feed.entries), feed.left_out) == (1, {"broken item": 2})


def test_an_associated_text_is_an_item_too_and_a_related_headline_is_none() -> None:
    inner = ninjs3(uri="urn:inner", associations=[])
    feed = read(
        ninjs3(type="composite", associations=[inner, {"uri": "urn:see-also", "type": "text", "title": "More"}])
    )
    assert [each.identity for each in feed.entries] == [URN, "urn:inner"]


def test_a_name_that_is_an_address_is_the_address() -> None:
    assert only(ninjs3(uri="https://fenwire.example/1")).url == "https://fenwire.example/1"


def test_json_feeds_stay_json_feeds() -> None:
    item = {"id": "1", "url": "https://a.example/1", "title": "A", "content_text": "B", "_x": {"uri": "urn:1"}}
    body = as_json({"version": "https://jsonfeed.org/version/1.1", "items": [item]})
    assert read(body).version == "json11"
    assert read(as_json({"items": [item]})).kind == "feed"


@pytest.mark.parametrize("body", [b"[]", b"{}", b"[1, 2]", b'{"uri', b'["uri"]', b"[" * 5_000, b'[{"uri": 5}]'])
def test_json_that_is_nothing_is_an_error_and_no_feed(body: bytes) -> None:
    feed = read(body)
    assert not feed.entries
    assert feed.error

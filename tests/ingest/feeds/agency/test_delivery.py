"""Whatever an agency sends, every item of it is an entry or is counted, and nothing is raised."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.agency.item_text import choose_body, read_body
from ingest.feeds.parse import parse_feed
from tests.fuzzing.mutations import mutated
from tests.ingest.feeds.agency.invented_items import (
    NITF,
    as_json,
    message,
    news_item,
    ninjs1,
    ninjs2,
    ninjs3,
)

URL = "https://feed.fenwire.example/news"
ROOM = 100  # characters around a mutated text
WORDS = st.text(max_size=20)
SEEDS = [
    as_json(ninjs1()),
    as_json([ninjs2(), ninjs3(uri="urn:b"), ninjs1(uri="urn:c", pubstatus="canceled")]),
    as_json(ninjs3()) + b"\n" + as_json(ninjs3(uri="urn:d", embargoedUntil="2030-01-01T00:00:00Z")),
    message(news_item(), news_item("urn:b", 3, status='<pubStatus qcode="stat:canceled"/>'), "<packageItem/>"),
    news_item(content='<inlineData contenttype="text/html">a</inlineData>').encode(),
]
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "uri": st.sampled_from(["urn:a", "urn:b", "https://fenwire.example/1", "", 7, None]),
        "type": st.sampled_from(["text", "composite", "picture", "event", "", None]),
        "version": st.sampled_from(["1", "2", 3, "x", None]),
        "pubStatus": st.sampled_from(["usable", "withheld", "canceled", "none", None]),
        "embargoedUntil": st.sampled_from(["2030-01-01T00:00:00Z", "later", None]),
        "versionCreated": st.sampled_from(["2026-11-30T10:00:00Z", "2026-11-30T11:00:00Z", "today", 5]),
        "headlines": st.just([{"value": "A"}]) | st.none() | st.lists(WORDS),
        "bodies": st.just([{"value": "<p>B</p>"}]) | st.just([{"contentType": "x/y", "value": "C"}]) | st.just({}),
        "descriptions": st.just([{"value": "D"}]) | st.integers(),
        "subjects": st.lists(st.dictionaries(WORDS, WORDS)),
    },
)
G2_ITEM = st.builds(
    news_item,
    st.sampled_from(["urn:a", "urn:b", ""]),
    st.sampled_from([1, 2, "x"]),
    kind=st.sampled_from(["", '<itemClass qcode="ninat:picture"/>', '<itemClass qcode="ninat:text"/>']),
    status=st.sampled_from(["", '<pubStatus qcode="stat:canceled"/>', '<pubStatus qcode="stat:new"/>', "<pubStatus/>"]),
    meta=st.sampled_from(["", "<embargoed/>", "<embargoed>2030-01-01T00:00:00Z</embargoed>"]),
    content=st.sampled_from(["", "<inlineXML><x/></inlineXML>", "<inlineXML/>", f"<inlineXML>{NITF}</inlineXML>"]),
)


@pytest.mark.slow
@given(mutated(SEEDS))
def test_no_delivery_raises_and_what_is_read_is_whole(body: bytes) -> None:
    feed = parse_feed(body, URL, {})
    assert feed.kind or feed.error
    assert len({each.identity for each in feed.entries}) == len(feed.entries)
    for each in feed.entries if feed.kind == "delivery" else ():
        assert each.identity
        assert each.delivery is not None
        assert each.content or each.summary or each.delivery.status != "usable"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise(body: bytes) -> None:
    for document in (body, b"[{" + body, b'{"uri":' + body, b"<newsItem " + body, b"<newsMessage><itemSet>" + body):
        parse_feed(document, URL, {})


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(ITEM, min_size=1, max_size=6))
def test_every_ninjs_item_is_an_entry_or_counted(items: list[object]) -> None:
    feed = parse_feed(as_json(items), URL, {})
    if feed.kind:
        assert len(feed.entries) + sum(feed.left_out.values()) == len(items)


@given(st.lists(G2_ITEM, min_size=1, max_size=6))
def test_every_item_of_a_news_message_is_an_entry_or_counted(items: list[str]) -> None:
    feed = parse_feed(message(*items), URL, {})
    assert len(feed.entries) + sum(feed.left_out.values()) == len(items)


@given(st.text(max_size=200), st.sampled_from(["", "text/plain", "text/html", "application/nitf+xml", "a/b"]))
def test_no_body_raises(value: str, media_type: str) -> None:
    body = read_body(value, media_type)
    assert choose_body([body] if body else []).text.strip() == choose_body([body] if body else []).text


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        b"<newsItem " * 60_000,
        b"<newsMessage><!--" + b"<!--" * 150_000,
        b"<newsMessage>" + b"<newsItem guid='a'>" * 20_000,
        b'[{"uri": ' + b"\n" * 500_000,
        b'[{"uri": 1} ' + b',{"uri": "' * 40_000,
        b'{"uri": "a"' + b"\n  {" * 100_000,
    ],
    ids=["starts", "comments", "items", "lines", "strings", "objects"],
)
def test_time_grows_with_the_length_of_a_document_and_not_with_its_square(body: bytes) -> None:
    started = process_time()
    parse_feed(body, URL, {})
    assert process_time() - started < 3  # seconds; with the square of it: minutes

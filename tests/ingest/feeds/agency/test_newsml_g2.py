"""NewsML-G2: an item with its text in NITF, XHTML or plain text, what is no article, what is broken."""

from datetime import UTC, datetime

import pytest

from ingest.feeds.entry import Delivery, Entry, ParsedFeed
from ingest.feeds.parse import parse_feed
from tests.ingest.feeds.agency.invented_items import HTML, NITF, TEXT, TITLE, URN, message, news_item

URL = "https://feed.fenwire.example/news"
NAMESPACED = NITF.replace("<nitf>", '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/">')
INDENTED = NITF.replace("</p><p>", "</p>  <p>").replace("The ferry", "The\n   <em>ferry</em>")
KINDS = ("packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem")


def read(document: bytes | str) -> ParsedFeed:
    return parse_feed(document if isinstance(document, bytes) else document.encode(), URL, {})


def only(document: bytes | str) -> Entry:
    [entry] = read(document).entries
    return entry


@pytest.mark.parametrize(
    "document",
    [
        message(news_item()),
        news_item(),
        news_item().replace(' xmlns="http://iptc.org/std/nar/2006-10-01/"', ""),
        message(news_item().replace(' xmlns="http://iptc.org/std/nar/2006-10-01/"', "")),
        '<?xml version="1.0"?><!DOCTYPE newsItem [<!ENTITY a "b">]><!-- <newsItem> -->' + news_item(),
        ('<?xml version="1.0" encoding="UTF-16"?>' + news_item()).encode("utf-16"),
    ],
)
def test_an_item_is_read_whether_it_travels_alone_or_in_a_message(document: bytes | str) -> None:
    feed = read(document)
    assert (feed.version, feed.kind, feed.left_out, feed.language) == ("newsml_g2", "delivery", {}, "en")
    [entry] = feed.entries
    assert (entry.identity, entry.url, entry.title, entry.content) == (URN, "", TITLE, TEXT)
    assert (entry.summary, entry.authors) == ("Boats go at noon.", ("By Signe Dallow and Ruud Amsink",))
    assert entry.published == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert entry.updated == datetime(2026, 11, 30, 10, 30, tzinfo=UTC)
    assert (entry.tags[:2], entry.language) == (("Lysmere", "transport"), "en")
    assert entry.delivery == Delivery(version=2)


@pytest.mark.parametrize(
    "content",
    [
        f'<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x'
        f"</title></head><body>{HTML}</body></html></inlineXML>",
        f'<inlineXML contenttype="application/xhtml+xml"><x:html xmlns:x="http://www.w3.org/1999/xhtml"><x:body>'
        f"{HTML.replace('<p>', '<x:p>').replace('</p>', '</x:p>')}</x:body></x:html></inlineXML>",
        f'<inlineData contenttype="text/plain">{TEXT}</inlineData>',
        f'<inlineData contenttype="text/html"><![CDATA[{HTML}]]></inlineData>',
        f'<inlineData contenttype="text/plain">{TEXT}</inlineData><inlineXML><X/></inlineXML>',
        f'<inlineXML contenttype="application/nitf+xml">{NAMESPACED}</inlineXML>',
        f"<inlineXML>{INDENTED}</inlineXML>",
    ],
)
def test_a_body_is_paragraphs_whatever_it_is_written_in(content: str) -> None:
    assert only(news_item(content=content)).content == TEXT


def test_without_headline_and_byline_those_of_the_nitf_are_taken() -> None:
    item = news_item(by="")
    item = item[: item.index("<headline")] + item[item.index("<description") :]
    entry = only(item)
    assert (entry.title, entry.authors) == (TITLE, ("By Signe Dallow",))


@pytest.mark.parametrize("kind", KINDS)
def test_other_items_are_counted(kind: str) -> None:
    feed = read(message(f'<{kind} guid="urn:k" version="1"><itemMeta/></{kind}>', news_item()))
    assert ([each.identity for each in feed.entries], feed.left_out, feed.error) == ([URN], {kind: 1}, None)
    alone = read(f'<{kind} xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:k" version="1"><itemMeta/></{kind}>')
    assert (alone.entries, alone.left_out) == ((), {kind: 1})


@pytest.mark.parametrize(
    "kind",
    [
        '<itemClass qcode="ninat:picture"/>',
        '<itemClass uri="http://cv.iptc.org/newscodes/ninature/picture"/>',
        '<itemClass uri="https://cv.iptc.org/newscodes/ninature/picture"/>',
        '<itemClass qcode="icls:picture"/>',
    ],
)
def test_a_picture_is_counted_however_its_class_is_written(kind: str) -> None:
    assert read(news_item(kind=kind)).left_out == {"picture": 1}


def test_a_catalog_in_the_document_says_what_its_alias_means() -> None:
    catalog = '<catalog><scheme alias="a" uri="http://cv.iptc.org/newscodes/pubstatusg2/"/></catalog>'
    item = news_item(status='<pubStatus qcode="a:canceled"/>').replace("<itemMeta>", f"{catalog}<itemMeta>")
    assert only(item).delivery == Delivery(version=2, status="canceled")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("", "usable"),
        ('<pubStatus qcode="stat:withheld"/>', "withheld"),
        ('<pubStatus qcode="stat:canceled"/>', "canceled"),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>', "canceled"),
    ],
)
def test_the_status_is_read(status: str, expected: str) -> None:
    delivery = only(news_item(status=status, content="")).delivery
    assert delivery is not None
    assert delivery.status == expected


@pytest.mark.parametrize("meta", ["<embargoed/>", "<embargoed>soon</embargoed>"])
def test_an_embargo_without_an_end_holds_the_item_back_and_names_it(meta: str) -> None:
    feed = read(message(news_item("urn:held", meta=meta), news_item()))
    assert ([each.identity for each in feed.entries], feed.left_out) == ([URN], {"embargoed item": 1})
    assert "urn:held" in (feed.error or "")


def test_an_embargo_and_a_note_are_read() -> None:
    meta = "<embargoed>2026-12-01T07:00:00+01:00</embargoed><edNote>Check against delivery.</edNote>"
    ends = datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert only(news_item(meta=meta)).delivery == Delivery(version=2, embargoed=ends, note="Check against delivery.")


def test_a_status_that_is_not_known_is_left_out_and_named() -> None:
    feed = read(news_item(status='<pubStatus qcode="stat:maybe"/>'))
    assert (feed.entries, feed.left_out) == ((), {"item of unknown status": 1})
    assert "'maybe'" in (feed.error or "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda item: item.replace("</headline>", "", 1),
        lambda item: item.replace("</newsItem>", ""),
        lambda item: item.replace("<urgency>", "<urgency & "),
    ],
)
def test_a_broken_item_in_the_middle_costs_nothing_else(spoil) -> None:  # type: ignore[no-untyped-def]
    feed = read(message(news_item("urn:a"), spoil(news_item("urn:b")), news_item("urn:c")))
    assert [each.identity for each in feed.entries] == ["urn:a", "urn:c"]
    assert feed.left_out == {"broken item": 1}
    assert "urn:b is broken" in (feed.error or "")


def test_a_stray_entity_breaks_no_item() -> None:
    feed = read(message(news_item().replace("The ferry", "Fish&nbsp;&chips; The ferry")))
    assert "Fish &chips; The ferry" in feed.entries[0].content


def test_a_document_that_ends_too_early_is_read_up_to_there() -> None:
    whole = message(news_item("urn:a"), news_item("urn:b"))
    feed = read(whole[: whole.index(b"urn:b") + 400])
    assert ([each.identity for each in feed.entries], feed.left_out) == (["urn:a"], {"broken item": 1})
    assert feed.error


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE newsItem [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    feed = read(bomb + news_item(content='<inlineData contenttype="text/plain">x &a; &b;</inlineData>'))
    assert [each.content for each in feed.entries] == ["x &a; &b;"]


@pytest.mark.parametrize("root", ["<NewsML Version='1.2'><NewsItem/></NewsML>", NITF])
def test_other_formats_of_agencies_are_refused_by_name(root: str) -> None:
    feed = read(root)
    assert (feed.kind, feed.entries) == ("", ())
    assert "NewsML 1 or NITF" in (feed.error or "")

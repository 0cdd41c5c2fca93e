"""Feeds as they are found, and bytes that are none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.parse import ParsedFeed, parse_feed, plain_text

URL = "https://news.example/feeds/all.xml"


def rss(items: str, head: str = "<title>News</title>") -> ParsedFeed:
    return parse_feed(f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode(), URL, {})


def test_an_rss_feed() -> None:
    items = """<item><title>A &lt;b&gt;bridge&lt;/b&gt; &amp;amp; a ferry</title><link>/a</link>
        <guid isPermaLink="false">7</guid><author>jane@example.org (Jane Doe)</author>
        <description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two&lt;br&gt;Three&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;
        </description><category>Towns</category><category>Towns</category>
        <enclosure url="/a.jpg" type="image/jpeg" length="1"/><pubDate>Tue, 05 Nov 2024 10:00:00 +0200</pubDate>
        </item>"""
    found = rss(items, "<title>News</title><language>en-GB</language><link>https://news.example/</link>")
    [entry] = found.entries
    assert (found.title, found.language, found.link, found.error) == ("News", "en", "https://news.example/", None)
    assert (entry.identity, entry.url, entry.title) == ("7", "https://news.example/a", "A bridge & a ferry")
    assert entry.summary == "One.\nTwo\nThree"
    assert entry.published == datetime(2024, 11, 5, 8, tzinfo=UTC)
    assert entry.tags == ("Towns",)
    assert entry.image == "https://news.example/a.jpg"


def test_an_atom_feed() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>N</title>
      <entry><id>tag:1</id><title>T</title><link href="https://news.example/t"/>
      <updated>2024-11-05T10:00:00Z</updated><author><name>A. Uthor</name></author>
      <content type="html">&lt;p&gt;Text&lt;/p&gt;</content></entry>
      <entry><id>tag:2</id><title>U</title><link href="u"/>
      <updated>2024-11-06T10:00:00+01:00</updated></entry></feed>"""
    first, second = parse_feed(body, URL, {}).entries
    assert (first.content, first.authors) == ("Text", ("A. Uthor",))
    assert first.published == first.updated == datetime(2024, 11, 5, 10, tzinfo=UTC)
    assert (second.url, second.updated) == ("https://news.example/feeds/u", datetime(2024, 11, 6, 9, tzinfo=UTC))


def test_a_feed_that_stamps_all_entries_alike_says_nothing_of_changes() -> None:
    entry = "<entry><id>{}</id><link href='/{}'/><updated>2024-11-05T10:00:00Z</updated></entry>"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry.format(1, 1)}{entry.format(2, 2)}</feed>".encode()
    assert [each.updated for each in parse_feed(body, URL, {}).entries] == [None, None]


def test_a_guid_is_an_address_where_it_is_a_whole_one() -> None:
    whole, part = rss(
        "<item><guid>https://news.example/a</guid></item><item><guid isPermaLink='false'>a7</guid></item>"
    ).entries
    assert (whole.url, part.url, part.identity) == ("https://news.example/a", "", "a7")


def test_pages_that_share_a_guid_are_told_apart_and_repeated_entries_are_one() -> None:
    items = "".join(f"<item><guid>same</guid><link>https://news.example/{path}</link></item>" for path in "aba")
    entries = rss(items).entries
    assert [entry.url[-1] for entry in entries] == ["a", "b"]
    assert len({entry.identity for entry in entries}) == 2


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://a.example/x", "mailto:a@example.org", "data:text/html,x", "http://[::1"]
)
def test_an_entry_without_a_page_has_no_address(link: str) -> None:
    [entry] = rss(f"<item><title>T</title><link>{link}</link></item>").entries
    assert not entry.url.startswith(("javascript", "ftp", "mailto", "data"))


def test_a_broken_feed_gives_every_entry_that_can_be_read_and_says_what_is_wrong() -> None:
    body = b"<rss version='2.0'><channel><item><title>A & B</title><link>/a</link></item><item><title>C</title><link>/c"
    found = parse_feed(body, URL, {"Content-Type": "text/html"})
    assert [entry.title for entry in found.entries] == ["A & B", "C"]
    assert found.error


@pytest.mark.parametrize(
    "date", ["yesterday", "Tue, 99 Foo 2024", "0000-00-00T00:00:00Z", "9999999999999", "2024-13-45"]
)
def test_a_date_that_is_none(date: str) -> None:
    [entry] = rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>").entries
    assert entry.published is None or entry.published.tzinfo is UTC


def test_external_and_exploding_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY f SYSTEM "file://{secret}"><!ENTITY e0 "boom">{levels}]>
      <rss version="2.0"><channel><item><title>&f;</title><description>&e9;</description></item></channel></rss>"""
    found = parse_feed(body.encode(), URL, {})
    assert "hidden words" not in repr(found)
    assert len(repr(found)) < 10_000


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(alphabet=st.sampled_from("<>/!?&;[]-=\"' abrsitemlk\0\ufffe"), max_size=300).map(str.encode),
    st.dictionaries(st.sampled_from(["Content-Type", "x"]), st.text(max_size=30)),
)
def test_any_bytes_give_a_feed_or_an_error(body: bytes, headers: dict[str, str]) -> None:
    found = parse_feed(body, URL, headers)
    assert found.entries or found.error


@settings(max_examples=100, deadline=None)
@given(st.text() | st.text(alphabet=st.sampled_from("<>/!?&;[]-pbrdiv \n\0\ud800"), max_size=200))
def test_any_markup_gives_tidy_text(markup: str) -> None:
    found = plain_text(markup)
    assert all(line == line.strip() != "" for line in found.split("\n")) or found == ""


def test_markup_without_end_is_read_all_the_same() -> None:
    assert plain_text("<div>" * 20_000 + "deep") in ("deep", "")


def test_every_feed_of_the_corpus_is_read(corpus: Path) -> None:
    files = [file for file in sorted(corpus.glob("feeds/*/*")) if file.name != "expected.jsonl"]
    assert len(files) > 1400
    found = [parse_feed(file.read_bytes(), URL, {}) for file in files]
    # read on 2026-11-23: a floor, so that a change that loses entries is seen
    assert sum(len(each.entries) for each in found) >= 1215
    assert sum(each.error is None for each in found) >= 1290
    assert not [each.error for each in found if each.error and each.error.startswith("unexpected shape")]
    times = [entry.published for each in found for entry in each.entries if entry.published]
    assert all(time.tzinfo is UTC for time in times)

"""Parsing of feeds: real-world RSS and Atom, broken and hostile documents, and bytes that are no feed."""

import gzip
import resource
import time
from datetime import UTC, datetime
from pathlib import Path

import lxml.etree
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds import content_type
from ingest.feeds.parse import ParsedFeed, PollingHints, parse_feed, plain_text
from ingest.feeds.polling_hints import read_polling_hints

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


@pytest.mark.parametrize(
    ("before", "error"),
    [
        (b"\n  \t", None),
        (b"\xef\xbb\xbf\n", None),
        (b"<br />\n<b>Warning</b>: mysql_connect() in /home/x.php\n", "54 bytes before the document"),
    ],
)
@pytest.mark.parametrize("declared", [b"", b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE rss>'])
def test_junk_before_a_document_is_skipped(before: bytes, error: str | None, declared: bytes) -> None:
    text = "<rss version='2.0'><channel><item><title>Café</title><link>/a</link></item></channel></rss>"
    found = parse_feed(before + declared + text.encode("latin-1" if declared else "utf-8"), URL, {})
    assert [entry.title for entry in found.entries] == ["Café"]
    assert (found.kind, found.error) == ("feed", error)


def test_elements_in_comments_do_not_decide_the_format() -> None:
    body = b"<!-- <urlset> <html> --><rss version='2.0'><channel><item><link>/a</link></item></channel></rss>"
    assert (parse_feed(body, URL, {}).kind, len(parse_feed(body, URL, {}).entries)) == ("feed", 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_utf_32(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><rss version='2.0'><channel><title>Łódź</title></channel></rss>"
    assert parse_feed(text.encode(encoding), URL, {"content-type": f"text/xml; charset={encoding}"}).title == "Łódź"


def test_a_gzipped_feed_is_read_whatever_the_server_says() -> None:
    body = b"<rss version='2.0'><channel><item><link>/a</link></item><item><link>/b</link></item></channel></rss>"
    members = gzip.compress(body[:50]) + gzip.compress(body[50:])
    for packed in (members, gzip.compress(members), members + b"\0\0\0", members + b"junk"):
        found = parse_feed(packed, URL, {"content-type": "text/html"})
        assert ([entry.url[-1] for entry in found.entries], found.error) == (["a", "b"], None)


def test_a_truncated_gzipped_feed_gives_the_entries_before_its_end() -> None:
    items = "".join(f"<item><link>/{n * 7919}</link></item>" for n in range(200))
    packed = gzip.compress(f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    found = parse_feed(packed[: len(packed) // 2], URL, {})
    assert len(found.entries) > 20
    assert "gzip" in (found.error or "")


@pytest.mark.slow
def test_a_gzip_bomb_is_refused_and_costs_no_memory() -> None:
    bomb = gzip.compress(gzip.compress(b"<rss>" + b" " * 60_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = parse_feed(bomb, URL, {}, most_bytes=1_000_000)
    assert found == ParsedFeed(error="more than 1000000 bytes when decompressed")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kB


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<!doctype html><html><head><title>Rss</title><body><rss version='2.0'>", "an HTML page, not a feed"),
        (b"\n<HTML lang=en>", "an HTML page, not a feed"),
        (b"<opml version='2.0'><body/></opml>", "an OPML list of feeds, not a feed: `newsloom feeds import` reads it"),
        (b"<h1>Bad gateway</h1>", "no feed: no known format and no entries"),
        (b"", "no feed: no known format and no entries"),
    ],
)
def test_a_document_that_is_no_feed_gives_an_error(body: bytes, error: str) -> None:
    found = parse_feed(body, URL, {"content-type": "application/rss+xml"})
    assert found.kind == ""
    assert error in (found.error or "")


def test_a_body_that_is_a_file_name_does_not_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text("<rss version='2.0'><channel><title>From the disk</title></channel></rss>")
    found = parse_feed(str(file).encode(), URL, {})
    assert (found.kind, found.title) == ("", "")


def test_polling_hints_of_a_channel() -> None:
    head = """<ttl> 90 </ttl>
        <skipHours><hour>0</hour><hour>23</hour><hour>24</hour><hour>99</hour><hour>x</hour></skipHours>
        <skipDays><day>Sunday</day><day>Caturday</day><day> MONDAY </day></skipDays>"""
    assert rss("", head).polling_hints == PollingHints(ttl_seconds=5400, skip_hours=(0, 23), skip_days=(0, 6))
    named = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    head = "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
    body = f"<rss version='2.0' {named}><channel>{head}</channel></rss>"
    assert parse_feed(body.encode(), URL, {}).polling_hints == PollingHints(ttl_seconds=1800)


@pytest.mark.parametrize(
    ("ttl", "period", "frequency", "seconds"),
    [
        ("", "dayly", "4", 6 * 3600),
        ("", "Hourly", "0.5", 7200),
        ("10", "hourly", "1", 3600),
        ("", "weekly", "", 24 * 3600),
        ("99999999", "", "", 24 * 3600),
        ("", "always", "1", None),
        ("", "", "24", 3600),
        ("0", "", "", None),
        ("-5", "soon", "often", None),
        ("", "hourly", "0", 3600),
    ],
)
def test_ttl_and_update_period_as_sites_write_them(
    ttl: str, period: str, frequency: str, seconds: float | None
) -> None:
    assert read_polling_hints(b"", ttl, period, frequency).ttl_seconds == seconds


def test_skip_hours_that_leave_no_hour_are_ignored() -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    assert rss("", f"<skipHours>{hours}</skipHours>").polling_hints == PollingHints()


def test_feedburner_links_are_replaced_by_the_original_link() -> None:
    named = "xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'"
    item = "<item><link>https://feeds.example/~r/1</link><feedburner:origLink>https://a.example/1</feedburner:origLink></item>"
    [entry] = parse_feed(f"<rss version='2.0' {named}><channel>{item}</channel></rss>".encode(), URL, {}).entries
    assert entry.url == "https://a.example/1"


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


def test_an_update_time_that_all_entries_share_is_dropped() -> None:
    entry = "<entry><id>{}</id><link href='/{}'/><updated>2024-11-05T10:00:00Z</updated></entry>"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry.format(1, 1)}{entry.format(2, 2)}</feed>".encode()
    assert [each.updated for each in parse_feed(body, URL, {}).entries] == [None, None]


def test_a_guid_is_the_url_where_it_is_an_absolute_url() -> None:
    whole, part = rss(
        "<item><guid>https://news.example/a</guid></item><item><guid isPermaLink='false'>a7</guid></item>"
    ).entries
    assert (whole.url, part.url, part.identity) == ("https://news.example/a", "", "a7")


def test_pages_that_share_a_guid_get_their_own_identities_and_repeated_entries_are_one() -> None:
    items = "".join(f"<item><guid>same</guid><link>https://news.example/{path}</link></item>" for path in "aba")
    entries = rss(items).entries
    assert [entry.url[-1] for entry in entries] == ["a", "b"]
    assert len({entry.identity for entry in entries}) == 2


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://a.example/x", "mailto:a@example.org", "data:text/html,x", "http://[::1"]
)
def test_links_that_are_no_web_address_are_dropped(link: str) -> None:
    [entry] = rss(f"<item><title>T</title><link>{link}</link></item>").entries
    assert not entry.url.startswith(("javascript", "ftp", "mailto", "data"))


def test_a_broken_feed_gives_its_readable_entries_and_an_error() -> None:
    body = b"<rss version='2.0'><channel><item><title>A & B</title><link>/a</link></item><item><title>C</title><link>/c"
    found = parse_feed(body, URL, {"Content-Type": "text/html"})
    assert [entry.title for entry in found.entries] == ["A & B", "C"]
    assert found.error


@pytest.mark.parametrize(
    "date", ["yesterday", "Tue, 99 Foo 2024", "0000-00-00T00:00:00Z", "9999999999999", "2024-13-45"]
)
def test_invalid_dates(date: str) -> None:
    [entry] = rss(f"<item><title>T</title><pubDate>{date}</pubDate></item>").entries
    assert entry.published is None or entry.published.tzinfo is UTC


@pytest.mark.slow
def test_external_and_exploding_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY f SYSTEM "file://{secret}"><!ENTITY e0 "boom">{levels}]>
      <rss version="2.0"><channel><item><title>&f;</title><description>&e9;</description></item></channel></rss>"""
    found = parse_feed(body.encode(), URL, {})
    assert "hidden words" not in repr(found)
    assert len(repr(found)) < 10_000


ITEM = "<item><title>A</title><link>https://news.example/a</link></item>"
HOSTILE = {
    "never closed": "<a>" * 500_000,
    "nested": "<a>" * 200_000 + "</a>" * 200_000,
    "namespaces": "".join(f"<n{n}:a xmlns:n{n}='urn:{n}'>" for n in range(40_000)),
    "one attribute": f"<x a='{'y' * 10_000_000}'/>",
    "attributes": "<x " + " ".join(f"a{n}='1'" for n in range(200_000)) + "/>",
    "one text": f"<item><description>{'x' * 10_000_000}</description></item>",
    "brackets": "<" * 1_000_000,
    "open tags": "<a b=" * 500_000,
    "comments": "<!--" * 300_000,
    "cdata": "<![CDATA[" * 300_000,
    "an author": f"<item><author>{'a.a-' * 500_000}</author></item>",
    "a date": f"<item><pubDate>{'1 ' * 500_000}</pubDate></item>",
}


@pytest.mark.slow
@pytest.mark.parametrize("inside", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_feed_is_parsed_quickly_and_the_entries_before_it_are_kept(inside: str) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = rss(ITEM + inside)
    assert found.entries[0].url == "https://news.example/a"
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_a_too_large_feed_is_cut_between_two_entries() -> None:
    entries = "".join(f"<entry><id>{n}</id><title>T{n}</title><link href='/{n}'/></entry>" for n in range(12_000))
    body, error = content_type.apply_parser_limits(
        f"<a:feed xmlns:a='http://www.w3.org/2005/Atom'>{entries}</a:feed>".encode()
    )
    assert 5_000 < len(lxml.etree.fromstring(body)) < 12_000
    assert "too large a document" in (error or "")


def test_declared_entities_are_not_expanded() -> None:
    item = f"{ITEM}<item><title>{'&a;' * 20_000}</title></item>"
    body = f"<!DOCTYPE rss [<!ENTITY a '{'x' * 100_000}'>]><rss version='2.0'><channel>{item}</channel></rss>"
    found = parse_feed(body.encode(), URL, {})
    assert found.entries[0].url == "https://news.example/a"
    assert len(repr(found)) < 1_000_000


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


def test_soft_hyphens_and_zero_width_spaces_are_removed() -> None:
    title, summary = "Ge&#173;schlechts&shy;eintrag", "Na\u200bme &lt;b&gt;am\xadt&lt;/b&gt;"
    item = f"<item><title>{title}</title><description>{summary}</description></item>"
    (entry,) = parse_feed(f"<rss version='2.0'><channel>{item}</channel></rss>".encode(), URL, {}).entries
    assert (entry.title, entry.summary) == ("Geschlechtseintrag", "Name amt")


def test_very_deeply_nested_markup() -> None:
    assert plain_text("<div>" * 20_000 + "deep") in ("deep", "")

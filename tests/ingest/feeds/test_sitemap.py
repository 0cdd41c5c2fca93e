"""Parsing of sitemaps, news sitemaps and sitemap indexes: standard ones, broken ones, and hostile ones."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.parse import ChildSitemap, ParsedFeed, parse_feed
from ingest.feeds.sitemap import MOST_ENTRIES

URL = "https://news.example/sitemaps/news.xml"
NAMES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = """<news:news><news:publication><news:name>The Example</news:name><news:language>en-gb</news:language>
    </news:publication><news:publication_date>2024-11-05T10:00+02:00</news:publication_date>
    <news:title>A bridge &amp; a ferry</news:title><news:keywords>Towns, Rivers,Towns,</news:keywords></news:news>"""


def urlset(urls: str) -> ParsedFeed:
    return parse_feed(f'<?xml version="1.0" encoding="UTF-8"?><urlset {NAMES}>{urls}</urlset>'.encode(), URL, {})


def test_a_news_sitemap() -> None:
    image = "<image:image><image:title>Not this</image:title><image:loc>/a.jpg</image:loc></image:image>"
    found = urlset(
        f"<url><loc>https://news.example/a?x=1&amp;y=2</loc>{image}{NEWS}<lastmod>2024-11-06</lastmod></url>"
        "<url><loc>https://news.example/about</loc></url>"
    )
    entry, other = found.entries
    assert (found.kind, found.title, found.language, found.error) == ("news_sitemap", "The Example", "en", None)
    assert (entry.url, entry.identity) == ("https://news.example/a?x=1&y=2",) * 2
    assert (entry.title, entry.language, entry.tags) == ("A bridge & a ferry", "en", ("Towns", "Rivers"))
    assert entry.image == "https://news.example/a.jpg"
    assert (entry.published, entry.updated) == (
        datetime(2024, 11, 5, 8, tzinfo=UTC),
        datetime(2024, 11, 6, tzinfo=UTC),
    )
    assert (entry.address_only, other.address_only) == (False, True)


def test_a_plain_sitemap_lists_addresses_and_dates() -> None:
    found = urlset("<url><loc>/a</loc><lastmod>2024-11-05</lastmod></url><url><loc>/b</loc></url>")
    first, second = found.entries
    assert found.kind == "sitemap"
    assert first.address_only
    assert (first.url, first.published) == ("https://news.example/a", None)
    assert (first.updated, second.updated) == (datetime(2024, 11, 5, tzinfo=UTC), None)


def test_an_empty_sitemap_that_declares_the_news_namespace_is_a_news_sitemap() -> None:
    found = urlset("")
    assert (found.kind, found.entries, found.error) == ("news_sitemap", (), None)


def test_a_sitemap_index_names_sitemaps() -> None:
    body = b"""<ns:sitemapindex xmlns:ns="http://www.google.com/schemas/sitemap/0.84"><ns:sitemap><ns:loc>
        https://news.example/1.xml.gz </ns:loc><ns:lastmod>2024-11</ns:lastmod></ns:sitemap>
        <ns:sitemap><ns:loc>2.xml</ns:loc></ns:sitemap></ns:sitemapindex>"""
    found = parse_feed(body, URL, {})
    assert found.kind == "sitemap_index"
    assert found.child_sitemaps == (
        ChildSitemap("https://news.example/1.xml.gz", datetime(2024, 11, 1, tzinfo=UTC)),
        ChildSitemap("https://news.example/sitemaps/2.xml"),
    )


def test_a_truncated_sitemap_gives_its_complete_entries() -> None:
    whole = "".join(f"<url><loc>https://news.example/{n}</loc>{NEWS}</url>" for n in range(3))
    for text in (whole + "<url><loc>https://news.example/half", whole + "<url><loc>https://news.example/3</loc>"):
        found = parse_feed(f"<urlset {NAMES}>{text}".encode(), URL, {})
        assert [entry.url[-1] for entry in found.entries] == ["0", "1", "2"]
        assert (found.kind, found.entries[0].tags) == ("news_sitemap", ("Towns", "Rivers"))
        assert found.error


def test_broken_xml_is_repaired() -> None:
    found = urlset(
        "<url><loc>https://news.example/?a=1&b=2&copy=3</loc></url></oops><url><loc><![CDATA[/c?d&e]]></loc>"
        "<news:news><news:title>Caf&eacute;&nbsp;&amp; bar &unknown; &</news:title></news:news></url>"
    )
    first, second = found.entries
    assert first.url == "https://news.example/?a=1&b=2&copy=3"
    assert (second.url, second.title) == ("https://news.example/c?d&e", "Café & bar &unknown; &")
    assert found.error


def test_the_encodings_of_a_sitemap() -> None:
    text = "<urlset><url><loc>https://news.example/é</loc></url></urlset>"
    spelt = [text.encode("utf-16"), text.encode("utf-8-sig"), b"\n \n" + text.encode()]
    spelt.append(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + text.encode("latin-1"))
    for body in spelt:
        found = parse_feed(body, URL, {"Content-Type": "text/html"})
        assert ([entry.url for entry in found.entries], found.error) == (["https://news.example/é"], None)


@pytest.mark.slow
def test_sitemaps_beyond_the_limit_are_left_out() -> None:
    names = "".join(f"<sitemap><loc>https://news.example/{n}</loc></sitemap>" for n in range(MOST_ENTRIES + 10))
    found = parse_feed(f"<sitemapindex>{names}</sitemapindex>".encode(), URL, {})
    assert (len(found.child_sitemaps), found.cut, found.error) == (MOST_ENTRIES, 10, None)


@pytest.mark.slow
@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_sitemap_beyond_the_limit_the_newest_are_kept(newest_first: bool) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    urls = [
        f"<url><loc>https://news.example/{n}</loc><lastmod>{(start + timedelta(minutes=n)).isoformat()}</lastmod></url>"
        for n in range(MOST_ENTRIES + 10)
    ]
    body = "".join(reversed(urls) if newest_first else urls)
    found = parse_feed(f"<urlset>{body}</urlset>".encode(), URL, {})
    assert (len(found.entries), found.cut) == (MOST_ENTRIES, 10)
    assert found.entries[0].url == f"https://news.example/{MOST_ENTRIES + 9}"


def test_a_document_type_is_never_read() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    kind = f'<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY e0 "boom">{levels}]>'
    url = "<url><loc>https://news.example/a</loc><news:news><news:title>&f; &e9;</news:title></news:news></url>"
    [entry] = parse_feed(f"{kind}<urlset {NAMES}>{url}</urlset>".encode(), URL, {}).entries
    assert entry.title == "&f; &e9;"


@pytest.mark.slow
@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 200_000,
        "<a>" * 200_000 + "</a>" * 200_000,
        f'<x y="{"z" * 11_000_000}"/>',
        f"<x>{'z' * 11_000_000}</x>",
        "<url>" * 200_000,
        "<![CDATA[" * 200_000,
        "<!--" * 200_000,
        "&" * 300_000,
        "<x " + " ".join(f'a{n}=""' for n in range(100_000)) + "/>",
    ],
    ids=["open", "nested", "attribute", "text", "entries", "cdata", "comments", "references", "attributes"],
)
@pytest.mark.timeout(30)
def test_a_hostile_sitemap_is_parsed_quickly_and_the_entries_before_it_are_kept(inside: str) -> None:
    body = f"<urlset><url><loc>https://news.example/a</loc></url>{inside}".encode()
    found = parse_feed(gzip.compress(body), URL, {})
    assert found.entries[0].url == "https://news.example/a"
    assert found.error


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/!?&;[]-=\"' urlsetocnw:\0\ufffe"), max_size=200))
def test_any_text_gives_a_sitemap_or_an_error(text: str) -> None:
    found = parse_feed(f"<urlset>{text}".encode(), URL, {})
    assert found.kind in ("sitemap", "news_sitemap")
    assert found.entries or found.error


def test_a_zone_of_one_date_of_an_entry_settles_the_other() -> None:
    [entry] = parse_feed(
        b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
        <url><loc>https://news.example/a</loc><lastmod>2024-11-05 12:00</lastmod><news:news><news:title>A</news:title>
        <news:publication_date>2024-11-05T10:00:00+02:00</news:publication_date></news:news></url></urlset>""",
        URL,
        {},
    ).entries
    assert (entry.published, entry.updated) == (
        datetime(2024, 11, 5, 8, tzinfo=UTC),
        datetime(2024, 11, 5, 10, tzinfo=UTC),
    )
    assert entry.sources == {"published": ("publication_date", 1.0), "updated": ("lastmod", 0.9)}

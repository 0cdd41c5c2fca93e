"""No field that strangers fill is longer than it may be, whatever feed or page it comes from; and no document that is
made of one is refused for a term that is too long."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import asdict

from enrich.annotate import annotate
from enrich.stories import StoryAssigner
from index import mapping
from index.writing.article_document import build_article_document
from ingest.article import Origin, article_from_feed, article_from_page
from ingest.feeds.entry_limits import limit_entry
from ingest.feeds.parse import Entry, parse_feed
from ingest.field_limits import CUT, MOST_ADDRESS, MOST_NAME, MOST_NAMES, MOST_SUMMARY, MOST_TITLE, is_short_address
from ingest.page.extract import read_page
from ingest.urls import canonical_url
from ingest.web.address_guard import AddressGuard
from pipeline.messages import Article, encode
from pipeline.settings import Settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ORIGIN = Origin("https://a.example/rss", "A")
LONG = "Lorem Ipsum " * 3_000
NO_SPACE = "ü" * 20_000
URL = "https://a.example/news/harbour"
LONG_URL = "https://a.example/news/" + "x" * 40_000
WIDE_URL = "https://a.example/news/" + "新" * 4_000  # nine characters of each when it is sent
MOST_TERM = 32_766  # bytes: what Lucene takes
TEXT = "<p>The harbour of Velm is open again, and ships may enter it from Monday, said the council.</p>" * 8


def rss(link: str = URL) -> bytes:
    tags = "".join(f"<category>tag {number} {NO_SPACE[:500]}</category>" for number in range(500))
    authors = "".join(f"<dc:creator>Person {number} {LONG[:5000]}</dc:creator>" for number in range(100))
    return (
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/'>"
        f"<channel><title>{LONG}</title><link>{LONG_URL}</link><item><title>{LONG}</title><link>{link}</link>"
        f"<guid isPermaLink='false'>{LONG}</guid><description>{LONG}</description>{tags}{authors}"
        f"<media:content medium='image' url='{LONG_URL}'/></item></channel></rss>"
    ).encode()


def json_feed(link: str = URL) -> bytes:
    item = {
        "id": LONG, "url": link, "title": NO_SPACE, "summary": LONG, "content_text": LONG, "image": LONG_URL,
        "tags": [f"{number} {LONG}" for number in range(100)], "authors": [{"name": NO_SPACE}] * 3,
    }  # fmt: skip
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": LONG, "items": [item]}).encode()


def news_sitemap(link: str = URL) -> bytes:
    return (
        "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9' xmlns:image='http://x/image'>"
        f"<url><loc>{link}</loc><news:news><news:publication><news:name>{LONG}</news:name></news:publication>"
        f"<news:title>{LONG}</news:title><news:keywords>{LONG},{NO_SPACE}</news:keywords></news:news>"
        f"<image:image><image:loc>{LONG_URL}</image:loc></image:image></url></urlset>"
    ).encode()


def page() -> bytes:
    linked = {
        "@type": "NewsArticle", "headline": LONG, "articleSection": NO_SPACE,
        "keywords": [LONG, NO_SPACE, *map(str, range(500))],
        "author": [{"name": f"Jane {number} Doe"} for number in range(100)], "image": LONG_URL, "description": LONG,
        "publisher": {"name": NO_SPACE},
    }  # fmt: skip
    return (
        f"<html lang='en'><head><title>{LONG}</title><link rel='canonical' href='{LONG_URL}'>"
        f"<meta property='og:image' content='{LONG_URL}'><meta name='robots' content='{'noai,' * 10_000}'>"
        f"<script type='application/ld+json'>{json.dumps(linked)}</script></head>"
        f"<body><article>{TEXT}</article></body></html>"
    ).encode()


FEEDS = {"rss": rss, "json": json_feed, "news sitemap": news_sitemap}


def articles(options: Settings) -> Iterator[Article]:
    entries = [parse_feed(make(), "https://a.example/rss", {}).entries[0] for make in FEEDS.values()]
    found = read_page(page(), URL, {"x-robots-tag": "noai," * 10_000}, entries[0])
    for entry in (*entries, None):
        yield article_from_page(found, entry, ORIGIN, NOW, options.ingest.max_text_chars)
        from_feed = article_from_feed(entry, ORIGIN, NOW, options.ingest.max_text_chars) if entry else None
        if from_feed:
            yield from_feed


@pytest.mark.parametrize("form", FEEDS)
def test_every_field_of_an_entry_is_bounded(form: str) -> None:
    feed = parse_feed(FEEDS[form](), "https://a.example/rss", {})
    [entry] = feed.entries
    check(asdict(entry))
    assert entry.url == URL
    assert entry.title.endswith(CUT)
    assert len(feed.title) <= MOST_TITLE
    assert is_short_address(feed.link)


@pytest.mark.slow
@pytest.mark.parametrize("form", FEEDS)
@pytest.mark.parametrize("link", [LONG_URL, WIDE_URL])
def test_an_entry_whose_address_is_too_long_is_refused_and_the_feed_says_so(form: str, link: str) -> None:
    feed = parse_feed(FEEDS[form](link), "https://a.example/rss", {})
    assert [entry.url for entry in feed.entries] == [""]
    assert f"1 addresses of more than {MOST_ADDRESS} characters were left out" in (feed.error or "")


def test_long_identities_that_differ_at_their_ends_stay_different() -> None:
    item = "<item><guid isPermaLink='false'>{0}{1}</guid><link>https://a.example/{1}</link></item>"
    items = "".join(item.format(LONG, number) for number in range(3))
    feed = parse_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), URL, {})
    assert len({entry.identity for entry in feed.entries}) == 3


@pytest.mark.slow
def test_every_field_of_a_page_is_bounded() -> None:
    found = read_page(page(), URL, {})
    check({**asdict(found), "text": "", "sources": {}})
    assert found.canonical_url is None
    assert found.image is None
    assert (found.title.endswith(CUT), (found.section or "").endswith(CUT)) == (True, True)


def check(fields: dict[str, Any]) -> None:
    for name in ("authors", "tags"):
        assert len(fields[name]) <= MOST_NAMES
        assert all(len(each) <= MOST_NAME for each in fields[name])
    for name in ("summary", "description"):
        assert len(fields.get(name, "")) <= MOST_SUMMARY
    for name in ("title", "identity", "section", "site"):
        assert len(fields.get(name) or "") <= 2 * MOST_TITLE
    for name in ("url", "image", "canonical_url"):
        assert is_short_address(fields.get(name) or "")


def test_too_long_an_address_is_neither_canonical_nor_asked() -> None:
    guard = AddressGuard(lambda _: True, None)
    for url in (LONG_URL, WIDE_URL):
        assert canonical_url(url) is None
        assert f"more than {MOST_ADDRESS} characters" in str(guard.check_url(url))
    assert canonical_url(URL + "?" + "y" * 3_000) is not None


@pytest.mark.slow  # it annotates
def test_no_document_of_an_article_has_a_term_that_is_too_long(offline_options: Settings) -> None:
    template = json.loads((mapping.TEMPLATE_FOLDER / "index_templates" / "articles.json").read_text())
    fields = template["template"]["mappings"]["properties"]
    stories = StoryAssigner(offline_options.enrich)
    found = list(articles(offline_options))
    assert len(found) > 5
    for article in annotate(found, offline_options.enrich.entity_words):
        enriched = stories.place(article).enriched
        assert len(encode(enriched)) < offline_options.kafka.max_message_bytes
        body = build_article_document(enriched, "news", NOW).body
        assert list(too_long(msgspec.to_builtins(body), fields)) == []


def too_long(value: Any, fields: dict[str, Any]) -> Iterator[str]:
    """The keyword fields with a value that Elasticsearch would refuse the document for."""
    for name, each in value.items():
        kind = fields[name]
        for part in each if isinstance(each, list) else [each]:
            if isinstance(part, dict):
                yield from too_long(part, kind["properties"])
            elif kind.get("type") == "keyword" and kind.get("index", True) and isinstance(part, str):
                ignored = len(part) > kind.get("ignore_above", len(part))
                if not ignored and len(part.encode()) > MOST_TERM:
                    yield f"{name}: {len(part.encode())} bytes"


def test_an_entry_within_its_bounds_is_not_touched() -> None:
    entry = Entry(identity="a", url=URL, title="Title", tags=("a", "b"), image=URL)
    assert limit_entry(entry) is entry

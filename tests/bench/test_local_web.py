"""The local web of the whole bench: pages of a corpus, served on many hosts."""

import gzip
import http.client
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.whole.web.corpus_pages import CorpusPages, page_html
from bench.whole.web.local_web import LocalFeed, LocalWeb, feed_list, serving, spread_sites
from ingest.feeds.feed_list import read_feeds
from ingest.feeds.parse import Entry, parse_feed
from ingest.page.extract import read_page
from tests.bench.invented_corpus import write_corpus

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
URL = "http://127.16.0.1:8000/news/some-article-000001.html"


@pytest.fixture
def corpus(tmp_path: Path) -> CorpusPages:
    return CorpusPages(write_corpus(tmp_path / "corpus", pages=6, articles=20))


def ask(url: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", parts.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_pages_are_different_and_of_each_kind(corpus: CorpusPages) -> None:
    pages = [*corpus.pages(30), *corpus.framed(4), *corpus.in_frames([("Ein Titel", ("Ein Absatz.", "Noch einer."))])]
    kinds = [page.kind for page in pages]
    assert [kinds.count(kind) for kind in ("real", "framed", "mixed", "foreign")] == [5, 20, 9, 1]
    assert len({page.title for page in pages}) == len(pages)
    assert [page.title for page in corpus.pages(0)] == []


def test_a_page_is_read_as_an_article_of_the_last_days_under_its_local_address(corpus: CorpusPages) -> None:
    published = NOW - timedelta(days=2)
    for page in (*corpus.pages(20), *corpus.in_frames([("Ein “Titel”", ("Ein Absatz.",) * 9)])):
        found = read_page(page_html(page, URL, published), URL, {"content-type": "text/html"})
        assert found.title == page.title
        assert found.published is not None
        assert found.published.date() == published.date()
        assert (page.paragraphs or ("The council",))[0] in found.text


def test_pages_of_a_site_share_a_host_and_hosts_are_even(corpus: CorpusPages) -> None:
    pages = corpus.pages(30)
    hosts = spread_sites(pages, 3)
    assert sorted(page.title for host in hosts for page in host) == sorted(page.title for page in pages)
    assert all(len({number for number, host in enumerate(hosts) if page in host}) == 1 for page in pages)
    sites = [{page.site for page in host} for host in hosts]
    assert sum(map(len, sites)) == len(set().union(*sites))
    assert max(map(len, hosts)) - min(map(len, hosts)) <= 10
    assert len(spread_sites(pages[:1], 3)) == 1


def entries_of(feed: LocalFeed) -> list[Entry]:
    status, _, body = ask(feed.url, {})
    assert status == 200
    return list(parse_feed(body, feed.url, {}).entries)


def test_feeds_lead_to_pages(corpus: CorpusPages, tmp_path: Path) -> None:
    web = LocalWeb(tmp_path / "web", NOW)
    first = web.add_feeds("first", corpus.pages(12), 2)
    with serving(web):
        second = web.add_feeds("second", corpus.framed(3), 1)  # while it is served
        feeds = [*first, *second]
        assert [feed.pages for feed in feeds] == [len(entries_of(feed)) for feed in feeds]
        assert sum(feed.pages for feed in first) == 12
        assert [kind for _, kind in web.pages].count("framed") == len(web.pages) - 2 == 13
        for entry in (entry for feed in feeds for entry in entries_of(feed)):
            assert entry.published is not None
            assert timedelta(days=1) <= NOW - entry.published <= timedelta(days=4)
            status, headers, body = ask(entry.url, {"Accept-Encoding": "gzip"})
            assert (status, headers["content-encoding"]) == (200, "gzip")
            assert entry.title.encode() in gzip.decompress(body)


def test_a_feed_that_is_as_it_was_is_not_sent_again(corpus: CorpusPages, tmp_path: Path) -> None:
    web = LocalWeb(tmp_path / "web", NOW)
    [feed] = web.add_feeds("only", corpus.pages(2), 1)
    with serving(web):
        tag = ask(feed.url, {})[1]["etag"]
        assert ask(feed.url, {"If-None-Match": tag})[0] == 304
        assert ask(feed.url, {"If-None-Match": '"another"'})[0] == 200
        host = urlsplit(feed.url).netloc
        assert ask(f"http://{host}/robots.txt", {})[0] == 404
        assert ask(f"http://{host}/../feed.xml", {})[0] == 404


def test_the_feed_list_is_one_that_newsloom_reads(tmp_path: Path) -> None:
    feeds = [LocalFeed(f"http://127.16.0.{number}:8000/feed-a-{number}.xml", f"a-{number}", 3) for number in (1, 2)]
    (tmp_path / "feeds.toml").write_text(feed_list(feeds))
    assert [feed.url for feed in read_feeds(tmp_path / "feeds.toml")] == [feed.url for feed in feeds]

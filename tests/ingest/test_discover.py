"""Feed discovery on a local server that is built like a newspaper's site."""

import asyncio
import gzip
from collections.abc import Iterator

import msgspec
import pytest

from ingest.discover import MOST_REQUESTS, DiscoveredFeed, discover_feeds
from ingest.web.fetch import Fetcher
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.failures import Unavailable
from pipeline.settings import Settings

HTML = "text/html; charset=utf-8"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def rss(title: str, path: str) -> Resource:
    item = f"<item><title>T</title><link>{path}</link></item>"
    body = f"<rss version='2.0'><channel><title>{title}</title>{item}</channel></rss>"
    return Resource(body.encode(), HTML)  # as many servers do


def sitemap(path: str, news: bool) -> bytes:
    tags = "<n:news><n:title>T</n:title></n:news>" if news else ""
    return f"<urlset xmlns:n='sitemap-news'><url><loc>{path}</loc>{tags}</url></urlset>".encode()


def page(head: str = "", body: str = "") -> Resource:
    return Resource(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode())


def discover_on(options: Settings, url: str, gap_seconds: float = 0.0) -> list[DiscoveredFeed]:
    async def run_discovery() -> list[DiscoveredFeed]:
        knobs = msgspec.structs.replace(options.ingest, allow_private_addresses=True)
        async with Fetcher(knobs) as fetcher:
            return await discover_feeds(fetcher, url, gap_seconds)

    return asyncio.run(run_discovery())


def test_a_feed_is_its_own_answer(site: Site, offline_options: Settings) -> None:
    site.resources["/old"] = rss("All", "/a")
    site.behaviours["/moved"] = Behaviour(301, headers={"Location": "/old"})
    site.resources["/moved"] = page()
    found = discover_on(offline_options, f"{site.url}/moved")
    assert found == [DiscoveredFeed(f"{site.url}/old", "All", "feed", "itself", 1)]
    assert site.paths() == ["/moved", "/old"]


def test_link_tags_of_every_type_and_robots_txt(site: Site, offline_options: Settings) -> None:
    head = """<base href="/x/"><link rel="alternate" type="application/rss+xml; charset=utf-8" href="rss">
        <link rel="alternate" type="application/rss+xml" href="comments"><link rel=stylesheet href="/no.css">
        <link rel="Alternate Home" type="application/feed+json" href="/f.json">
        <link rel="alternate" hreflang="de" href="/de">
        <link rel="alternate" type="application/json" href="/wp-json/posts/1">
        <link rel="alternate" type="application/atom+xml" href="/same">
        <link rel="alternate" type="text/xml" href="/gone">"""
    site.resources.update(
        {
            "/": page(head, "<a href='/rss-help'>RSS</a>"),
            "/x/comments": rss("Comments on: All", "/c"),
            "/x/rss": rss("All", "/a"),
            "/same": rss("All of it again", "/a"),
            "/f.json": Resource(b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "/j"}]}'),
            "/robots.txt": Resource(
                b"User-agent: *\nSITEMAP: /maps/index.xml\nSitemap: /other.xml # old\nSitemap: /news.xml.gz\n"
            ),
            "/news.xml.gz": Resource(gzip.compress(sitemap("/a", True)), "application/octet-stream"),
        }
    )
    found = discover_on(offline_options, site.url)
    assert [(each.url.removeprefix(site.url), each.kind, each.how) for each in found] == [
        ("/x/rss", "feed", "link"),
        ("/f.json", "feed", "link"),
        ("/x/comments", "feed", "link"),
        ("/news.xml.gz", "news_sitemap", "robots"),
    ]
    assert not {"/wp-json/posts/1", "/rss-help", "/de", "/no.css", "/feed", "/sitemap.xml"} & set(site.paths())


def test_anchors_where_there_are_no_link_tags(site: Site, offline_options: Settings) -> None:
    body = """<a href="/newsletter">News</a><a href="/xmlrpc-help">Our <b>RSS</b> service</a>
        <a href="/out.php?t=rss">x</a>
        <a href="https://elsewhere.example/rss">partner</a><a href="mailto:feed@example.org">feed</a>"""
    site.resources.update({"/": page(body=body), "/out.php?t=rss": rss("All", "/a"), "/xmlrpc-help": page()})
    found = discover_on(offline_options, f"{site.url}/")
    assert [(each.title, each.how) for each in found] == [("All", "anchor")]
    assert "/newsletter" not in site.paths()


def test_well_known_paths_are_tried_until_one_answers(site: Site, offline_options: Settings) -> None:
    site.resources.update(
        {
            "/section/story": page(),
            "/": page(),
            "/feed": page(),  # says 200 to everything
            "/rss.xml": rss("All", "/a"),
            "/sitemap.xml": Resource(
                b"<sitemapindex><sitemap><loc>/pages-1.xml</loc></sitemap><sitemap><loc>/x/news-2024.xml</loc></sitemap>"
                b"<sitemap><loc>/x/news.xml</loc></sitemap></sitemapindex>"
            ),
            "/x/news.xml": Resource(sitemap("/a", True)),
            "/pages-1.xml": Resource(sitemap("/b", False)),
        }
    )
    found = discover_on(offline_options, f"{site.url}/section/story")
    assert [(each.url.removeprefix(site.url), each.kind) for each in found] == [
        ("/rss.xml", "feed"),
        ("/x/news.xml", "news_sitemap"),
        ("/sitemap.xml", "sitemap_index"),
    ]
    requested = site.paths()
    assert "/section/story/feed" in requested
    assert "/atom.xml" not in requested
    assert requested.index("/x/news.xml") < requested.index("/x/news-2024.xml")
    assert len(requested) == len(set(requested)) <= MOST_REQUESTS


def test_a_site_without_a_feed_gets_a_bounded_number_of_requests(site: Site, offline_options: Settings) -> None:
    links = "".join(f"<link rel=alternate type=application/rss+xml href='/f{n}'>" for n in range(100))
    anchors = "".join(f"<a href='/rss/{n}'>feed</a>" for n in range(100))
    site.resources.update({"/": page(links, anchors), "/start": page(links, anchors)})
    assert discover_on(offline_options, f"{site.url}/start") == []
    assert 20 < len(site.requests) <= MOST_REQUESTS


def test_requests_to_one_host_are_spaced_by_the_gap(site: Site, offline_options: Settings) -> None:
    site.resources.update(
        {
            "/": page("<link rel=feed href=/f>"),
            "/f": rss("All", "/a"),
            "/sitemap.xml": Resource(sitemap("/a", True)),
        }
    )
    discover_on(offline_options, site.url, gap_seconds=0.05)
    times = [request.at for request in site.requests]
    assert len(times) > 3
    assert times[-1] - times[0] >= 0.045 * (len(times) - 2)  # the first may have been late


def test_a_host_that_refuses_connections_is_unavailable(offline_options: Settings, free_port: int) -> None:
    with pytest.raises(Unavailable, match=f"http://127.0.0.1:{free_port}"):
        discover_on(offline_options, f"http://127.0.0.1:{free_port}")


def test_a_page_of_links_is_offered_where_nothing_else_is_there(site: Site, offline_options: Settings) -> None:
    cards = "".join(f"<li><a href='/news/471{n}'>The bridge of Velm is open again</a></li>" for n in range(5))
    site.resources["/"] = page("<title>Front</title>", f"<ul>{cards}</ul>")
    assert discover_on(offline_options, site.url) == [DiscoveredFeed(site.url, "Front", "hub_page", "itself", 5)]
    site.resources["/feed"] = rss("All", "/a")
    assert [each.kind for each in discover_on(offline_options, site.url)] == ["feed"]


def test_a_page_of_few_links_is_not_offered(site: Site, offline_options: Settings) -> None:
    site.resources["/"] = page("", "<a href='/news/4711'>The bridge of Velm is open again</a>")
    assert discover_on(offline_options, site.url) == []

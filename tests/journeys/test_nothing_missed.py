"""The whole poller on feeds as they are: sitemaps, items without a page, addresses and validators that change."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.pages import MOST_REFRESHES
from newsloom.commands.feeds import feed_status
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Paper, Story, articles, asked, letters, once, states, with_feeds

pytestmark = pytest.mark.stack
RSS = "application/rss+xml"


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Site() as site:
        yield Paper(site, {})


def put(paper: Paper, path: str, body: str, content_type: str = RSS, **headers: str) -> None:
    paper.site.resources[path] = Resource(body.encode(), content_type, headers)


def put_feed(paper: Paper, items: str, **headers: str) -> None:
    put(paper, "/one.xml", f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>", **headers)


def put_pages(paper: Paper, *names: str) -> None:
    for name in names:
        paper.site.resources[f"/{name}.html"] = Resource(Story(name).html())


def item(paper: Paper, name: str, guid: str, query: str = "", date: str = "") -> str:
    published = f"<pubDate>{date}</pubDate>" if date else ""
    link = f"<link>{paper.site.url}/{name}.html{query}</link>"
    title = f"<title>{Story(guid).title}</title>"
    return f"<item>{title}{link}<guid isPermaLink='false'>{guid}</guid>{published}</item>"


def lastmod(time: datetime | None) -> str:
    return f"<lastmod>{time.isoformat()}</lastmod>" if time else ""


def urlset(paper: Paper, *entries: tuple[str, datetime | None]) -> str:
    urls = (f"<url><loc>{paper.site.url}/{name}.html</loc>{lastmod(time)}</url>" for name, time in entries)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(urls)}</urlset>"


def index_of(paper: Paper, *children: tuple[str, datetime | None]) -> str:
    listed = (f"<sitemap><loc>{paper.site.url}{path}</loc>{lastmod(time)}</sitemap>" for path, time in children)
    return f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(listed)}</sitemapindex>"


def poller(paper: Paper, options: Settings, tmp_path: Path) -> Settings:
    return with_feeds(options, tmp_path, [f"{paper.site.url}/one.xml"])


def names(options: Settings) -> Counter[str]:
    return Counter(article.url.rpartition("/")[2].removesuffix(".html") for article in articles(options))


def test_an_index_without_dates_has_its_sitemaps_read_at_each_poll(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    put_pages(paper, "Arden", "Brome", "Corby")
    now = datetime.now(UTC)
    put(paper, "/one.xml", index_of(paper, ("/a.xml", None), ("/b.xml", None)), "application/xml")
    put(paper, "/a.xml", urlset(paper, ("Arden", now)))
    put(paper, "/b.xml", urlset(paper, ("Brome", now)))
    options = poller(paper, options, tmp_path)
    for _ in range(4):
        once(options)
    put(paper, "/b.xml", urlset(paper, ("Brome", now), ("Corby", now)))
    once(options)
    assert Counter(asked(paper))["/a.xml"] == Counter(asked(paper))["/b.xml"] == 5
    assert names(options) == {"Arden": 1, "Brome": 1, "Corby": 1}


def test_of_twelve_sitemaps_every_one_is_read(paper: Paper, options: Settings, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    towns = [f"Town{number}" for number in range(12)]
    put_pages(paper, *towns)
    changed = [now - timedelta(hours=20 - number) for number in range(12)]  # the oldest first
    paths = [f"/{number}.xml" for number in range(12)]
    put(paper, "/one.xml", index_of(paper, *zip(paths, changed, strict=True)), "application/xml")
    for path, town, time in zip(paths, towns, changed, strict=True):
        put(paper, path, urlset(paper, (town, time)))
    options = poller(paper, options, tmp_path)
    once(options)
    assert set(names(options)) >= set(towns[-4:])
    [state] = states(options).values()
    assert "4 of its 12 sitemaps not read yet" in feed_status.health(state, datetime.now(UTC))
    once(options)
    assert names(options) == dict.fromkeys(towns, 1)
    once(options)
    assert Counter(path for path in asked(paper) if path in paths) == dict.fromkeys(paths, 1)


def test_of_a_sitemap_that_is_too_long_todays_news_is_published_and_the_cut_is_shown(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    put_pages(paper, "Arden", "Brome")
    old = [(f"old/{number}", now - timedelta(days=1000, minutes=-number)) for number in range(9_000)]
    put(paper, "/one.xml", urlset(paper, *old, ("Arden", now), ("Brome", now)), "application/xml")
    options = poller(paper, options, tmp_path)
    once(options)
    assert names(options) == {"Arden": 1, "Brome": 1}
    [state] = states(options).values()
    assert state.cut == 1_002
    assert state.events[-1].detail == "1002 too many, the oldest, were left out"
    assert "1002 too many" in feed_status.health(state, datetime.now(UTC))


def test_items_without_a_link_are_published_from_their_text(paper: Paper, options: Settings, tmp_path: Path) -> None:
    alert = "<item><title>Ferry</title><description>{}</description><guid isPermaLink='false'>{}</guid></item>"
    put_feed(paper, alert.format("The ferry is late.", 1) + alert.format("The bridge is closed.", 2))
    options = poller(paper, options, tmp_path)
    once(options)
    once(options)
    put_feed(paper, alert.format("The ferry has come.", 1) + alert.format("The bridge is closed.", 2))
    once(options)
    found = sorted(articles(options), key=lambda each: (each.revision, each.text))  # partitions have no common order
    assert [(each.text, each.revision) for each in found] == [
        ("The bridge is closed.", 1),
        ("The ferry is late.", 1),
        ("The ferry has come.", 2),
    ]
    assert found[1].id == found[2].id != found[0].id
    assert all(each.url.startswith("urn:newsloom:") and each.source == "127.0.0.1" for each in found)
    assert set(asked(paper)) == {"/one.xml"}
    assert letters(options) == []
    assert not any(state.pending for state in states(options).values())


def test_the_same_guid_with_a_corrected_address_that_redirects_is_no_second_article(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    put_pages(paper, "Ardn")
    put_feed(paper, item(paper, "Ardn", "Arden"))
    paper.site.resources["/Ardn.html"] = Resource(Story("Arden").html())
    options = poller(paper, options, tmp_path)
    once(options)
    corrected = Story("Arden", text=Story("Arden").text + "\nCorrection: Arden is spelled with an e.")
    paper.site.resources["/news/arden.html"] = Resource(corrected.html())
    for path in ("/Ardn.html", "/Arden.html"):
        paper.site.behaviours[path] = Behaviour(301, headers={"location": "/news/arden.html"})
    put_feed(paper, item(paper, "Arden", "Arden"))
    once(options)
    once(options)
    first, second = articles(options)
    assert (first.id, first.revision, second.id, second.revision) == (first.id, 1, first.id, 2)
    assert second.url == f"{paper.site.url}/news/arden.html"


def test_a_new_tag_on_an_equal_body_is_kept(paper: Paper, options: Settings, tmp_path: Path) -> None:
    put_pages(paper, "Arden")
    put_feed(paper, item(paper, "Arden", "Arden"), etag='"first"')
    options = poller(paper, options, tmp_path)
    once(options)
    put_feed(paper, item(paper, "Arden", "Arden"), etag='"second"')
    once(options)
    once(options)
    sent = [each.headers.get("if-none-match") for each in paper.site.requests if each.path == "/one.xml"]
    assert sent == [None, '"first"', '"second"']


def test_an_address_whose_tracking_changes_at_each_poll_is_fetched_once(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    put_pages(paper, "Arden", "Brome")
    options = poller(paper, options, tmp_path)
    for number in range(10):
        query = f"?utm_term={number}&amp;id=7"
        put_feed(paper, item(paper, "Arden", "Arden", query) + item(paper, "Brome", "Brome", query))
        once(options)
    assert len([path for path in asked(paper) if path != "/one.xml"]) == 2
    assert len(articles(options)) == 2


def test_a_feed_sorted_oldest_first_has_its_newest_fetched_first(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    towns = [f"Town{number}" for number in range(6)]
    put_pages(paper, *towns)
    dates = [f"Tue, 0{number + 1} Nov 2024 10:00:00 GMT" for number in range(6)]
    put_feed(paper, "".join(item(paper, town, town, date=date) for town, date in zip(towns, dates, strict=True)))
    once(with_feeds(options, tmp_path, [f"{paper.site.url}/one.xml"], connections_per_host=1))
    fetched = [path for path in asked(paper) if path != "/one.xml"]
    assert fetched == [f"/{town}.html" for town in reversed(towns)]


def test_an_alerts_link_is_fetched_at_its_target(paper: Paper, options: Settings, tmp_path: Path) -> None:
    put_pages(paper, "Arden")
    target = f"{paper.site.url}/Arden.html".replace(":", "%3A").replace("/", "%2F")
    link = f"https://www.google.com/url?rct=j&amp;sa=t&amp;url={target}&amp;ct=ga"
    put_feed(paper, f"<item><title>Arden</title><link>{link}</link><guid isPermaLink='false'>tag:1</guid></item>")
    options = poller(paper, options, tmp_path)
    once(options)
    assert names(options) == {"Arden": 1}
    assert asked(paper) == ["/one.xml", "/Arden.html"]


def refresh(paper: Paper, path: str, to: str) -> None:
    page = f"<html><head><meta http-equiv='refresh' content='0; url={to}'></head><body><p>One moment.</p></body></html>"
    paper.site.resources[path] = Resource(page.encode())


def test_a_page_that_only_sends_its_readers_on_is_followed(paper: Paper, options: Settings, tmp_path: Path) -> None:
    put_pages(paper, "Brome")
    put_feed(paper, item(paper, "Arden", "Arden"))
    refresh(paper, "/Arden.html", "/Wait.html")
    refresh(paper, "/Wait.html", "/Brome.html")
    once(poller(paper, options, tmp_path))
    [article] = articles(options)
    assert (article.url, article.text_from) == (f"{paper.site.url}/Brome.html", "page")
    assert letters(options) == []


def test_pages_that_send_readers_in_a_ring_are_asked_for_a_few_times(
    paper: Paper, options: Settings, tmp_path: Path
) -> None:
    put_feed(paper, item(paper, "Arden", "Arden"))
    refresh(paper, "/Arden.html", "/Wait.html")
    refresh(paper, "/Wait.html", "/Arden.html")
    once(poller(paper, options, tmp_path))
    [letter] = letters(options)
    assert (letter.reason, "sends readers on to" in letter.detail) == ("unreadable_page", True)
    assert len(asked(paper)) == 1 + 1 + MOST_REFRESHES  # the feed, the page, and what it leads to

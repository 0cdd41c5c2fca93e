"""Every search is a feed: read by our own reader and by the rules of Atom and JSON Feed, on the real server."""

from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree

from index import mapping, write
from index.searching.article_search import refresh
from ingest.feeds.parse import parse_feed
from pipeline.messages import Enriched
from pipeline.settings import Settings
from tests.index.samples import NOVEMBER, OCTOBER, enriched
from tests.web.served import browsing, read, served, text_of
from web.follow.conditional_answer import answer

pytestmark = pytest.mark.stack
ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOSTILE = '"><script>alert(1)</script> & ]]>'


def index(options: Settings, *articles: Enriched) -> None:
    write.stage(options.elasticsearch).handle(list(articles))
    refresh(options.elasticsearch)


@pytest.fixture(scope="module")
def filled(shared_options: Settings) -> Settings:
    mapping.install(shared_options.elasticsearch)
    index(
        shared_options,
        enriched("old"),
        enriched("new", published_at=NOVEMBER, first_seen_at=NOVEMBER, fetched_at=NOVEMBER, title=f"Harbour {HOSTILE}"),
        enriched("copy", duplicate_of="old", duplicate_kind="exact"),
        enriched("de", title="Hafen offen", text="Schiffe.", language="de", source="b.example"),
    )
    return shared_options


def test_a_search_is_an_atom_feed(client: httpx.Client, url: str) -> None:
    found = client.get("/feed.atom", params={"q": "harbour language:english"})
    assert found.headers["Content-Type"] == "application/atom+xml"
    feed = etree.fromstring(found.content)
    assert [each.text for each in feed.findall("a:entry/a:id", ATOM)] == [
        "urn:newsloom:article:new",
        "urn:newsloom:article:old",
    ]
    [own] = feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM)
    assert client.get(own).content == found.content
    assert own.startswith(url)
    assert feed.findtext("a:entry/a:title", namespaces=ATOM) == f"Harbour {HOSTILE}"
    for required in ("id", "title", "updated"):
        assert feed.findtext(f"a:{required}", namespaces=ATOM)
        assert all(each.findtext(f"a:{required}", namespaces=ATOM) for each in feed.findall("a:entry", ATOM))
    assert all(each.findtext("a:author/a:name", namespaces=ATOM) for each in feed.findall("a:entry", ATOM))
    assert len(parse_feed(found.content, own, {}).entries) == 2


def test_a_search_is_a_json_feed(client: httpx.Client, url: str) -> None:
    found = client.get("/feed.json", params={"q": "harbour"})
    assert found.headers["Content-Type"] == "application/feed+json"
    told = found.json()
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == f"{url}/feed.json?q=harbour"
    assert told["home_page_url"] == f"{url}/?q=harbour"
    assert [each["id"] for each in told["items"]] == ["new", "old"]
    assert told["items"][0]["date_published"] == NOVEMBER.isoformat()
    assert "⟨" not in found.text


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
def test_what_a_reader_has_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path, params={"q": "harbour"})
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert modified == "Sun, 01 Nov 2026 00:10:00 GMT"
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-Modified-Since": modified},
        {"If-None-Match": tag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        again = client.get(path, params={"q": "harbour"}, headers=headers)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Sat, 31 Oct 2026 00:10:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert client.get(path, params={"q": "harbour"}, headers=headers).status_code == 200


def test_a_changed_article_is_told_as_changed_under_its_id(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    index(options, enriched("a"))
    with served(options) as url, browsing(url) as client:
        before = client.get("/feed.json").json()["items"]
        known = client.get("/feed.json").headers["Last-Modified"]
        index(options, enriched("a", revision=2, title="Shut again", fetched_at=NOVEMBER))
        changed = client.get("/feed.json", headers={"If-Modified-Since": known})
    [was], [is_] = before, changed.json()["items"]
    assert (was["id"], was["date_modified"]) == ("a", OCTOBER.isoformat())
    assert (is_["id"], is_["date_modified"], is_["title"]) == ("a", NOVEMBER.isoformat(), "Shut again")


def test_a_feed_of_a_query_that_is_not_understood_is_refused(client: httpx.Client) -> None:
    refused = client.get("/feed.atom", params={"q": "harbour language:klingonish"})
    assert refused.status_code == 400
    assert "no language is called klingonish" in text_of(refused)


def test_the_page_of_a_search_names_its_feeds_and_files(client: httpx.Client) -> None:
    page = read(client.get("/", params={"q": 'harbour "is & open"'}))
    heads = page.xpath("//head/link[@rel='alternate']/@href")
    feet = page.xpath("//ul[@aria-label='Follow this search']//a/@href")
    assert [urlsplit(each).path for each in heads] == ["/feed.atom", "/feed.json"]
    assert [urlsplit(each).path for each in feet] == [
        *("/feed.atom", "/feed.json", "/export.csv", "/export.jsonl", "/watches"),
    ]
    assert client.get(heads[1]).json()["title"] == 'harbour "is & open" (Newsloom)'


def test_where_nothing_is_known_to_have_changed_only_the_tag_counts() -> None:
    sent = answer({"If-Modified-Since": "Sun, 01 Nov 2026 00:10:00 GMT"}, b"nothing", "text/plain", None)
    assert (sent.status, "Last-Modified" in sent.headers) == (200, False)

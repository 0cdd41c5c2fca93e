"""Feeds, dead letters and status, as somebody sees and changes them who runs the pipeline, on the real servers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from index import mapping, write
from index.searching.article_search import refresh
from index.searching.feed_search import FeedRow
from ingest.feeds.feed_list import read_feeds
from newsloom.commands.web import RunOperations
from newsloom.demo.local_site import Resource, Site
from pipeline.alert_message import Alert
from pipeline.feed_state import FeedError, FeedEvent
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ALERTS, ARTICLES, DEAD, FEEDS, DeadLetter, FeedState
from pipeline.settings import Settings
from tests.index.samples import enriched
from tests.newsloom.hostile_text import HOSTILE
from tests.web.forms import fill
from tests.web.served import browsing, read, served, text_of
from web.operate.feed_health import describe_health
from web.operate.feed_list_forms import FEEDS_PATH
from web.parts.search_link import write_time

NOW = datetime.now(UTC)
LATE = NOW - timedelta(minutes=40)
SCRIPT = "<script>alert(1)</script>"
FINE = FeedState(
    url="https://a.example/rss?a=1&b=2", host="a.example", name=f"The A {SCRIPT}", group="North", polls=3,
    interval=900.0, last_poll_at=NOW, next_poll_at=LATE, day_expected=12.0, day_seen=9.0,
    events=(FeedEvent(at=NOW, outcome="changed", new=3, shown=20), FeedEvent(at=NOW, outcome="gap", detail=SCRIPT)),
)  # fmt: skip
FAILING = FeedState(
    url="https://b.example/rss", host="b.example", name="B", polls=3, failures=4, last_poll_at=NOW,
    error=FeedError(kind="http", detail=HOSTILE, at=NOW),
)  # fmt: skip
LISTED = """[[feeds]]
url = "https://a.example/rss?a=1&b=2"
name = "The A"

[[feeds]]
url = "https://c.example/"
name = "C"
"""
OPML = b"""<opml version="2.0"><body><outline text="D" xmlUrl="https://d.example/"/><outline xmlUrl="ftp://e"/></body>
</opml>"""
RSS = (
    b"<rss version='2.0'><channel><title>The Brome Echo</title><item><title>Old &lt;b&gt;</title><link>/a</link>"
    b"<pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"
)


def letter(id_: str, /, **fields: object) -> DeadLetter:
    subject = f"article {id_}"
    plain = DeadLetter(id=id_ * 32, stage="annotate", reason="bug", detail=SCRIPT, failed_at=NOW, subject=subject)
    return msgspec.structs.replace(plain, **fields)


def publish(options: Settings, *messages: OutgoingMessage) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([publisher.encode(each) for each in messages])
    publisher.close()


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.toml"
    path.write_text(LISTED)
    return path


@pytest.fixture
def filled(options: Settings, listed: Path) -> Settings:
    mapping.install(options.elasticsearch)
    articles, _, feeds, _ = write.stages(options.elasticsearch)
    articles.handle([enriched("a", feed_url=FINE.url, title=f"Harbour {SCRIPT}")])
    feeds.handle([FINE, FAILING])
    refresh(options.elasticsearch)
    publish(options, OutgoingMessage(FEEDS, FINE))
    return msgspec.structs.replace(options, ingest=msgspec.structs.replace(options.ingest, feeds=str(listed)))


@pytest.fixture
def client(filled: Settings, tmp_path: Path) -> Iterator[httpx.Client]:
    operations = OwnList(filled, tmp_path)
    with served(filled, None, operations) as url, browsing(url, headers={"Origin": url}) as found:
        yield found


class OwnList(RunOperations):
    """The operations of a run whose feed list is the one of these settings."""

    def feed_list(self) -> Path:
        return self._options.feeds_file()


@pytest.mark.stack
def test_feeds_are_listed_with_their_health_and_looked_for(client: httpx.Client) -> None:
    page = client.get(FEEDS_PATH)
    assert SCRIPT not in page.text
    rows = [" ".join(each.text_content().split()) for each in read(page).xpath("//tbody/tr")]
    assert [row.split()[0] for row in rows] == ["B", "The", "C"]
    assert "4 failures, the last: http:" in rows[0]
    assert f"should have been polled at {write_time(LATE)}: does a poller run? 12, 9 0 15 min" in rows[1]
    assert "not polled yet" in rows[2]
    for part, names in {"b.EXAMPLE": 1, "north": 1, "*": 0, "?a=1": 1, "example": 2}.items():
        assert len(read(client.get(FEEDS_PATH, params={"part": part})).xpath("//tbody/tr")) == names
    assert len(read(client.get(FEEDS_PATH, params={"troubled": "1"})).xpath("//tbody/tr")) == 1


@pytest.mark.parametrize(("minutes", "late"), [(29, False), (31, True)])
def test_a_feed_is_overdue_after_half_an_hour_as_for_the_command(minutes: int, late: bool) -> None:
    row = FeedRow(url=FINE.url, name="A", polls=1, next_poll_at=NOW - timedelta(minutes=minutes))
    assert ("does a poller run?" in describe_health(row, NOW)) == late
    paused = msgspec.structs.replace(row, active=False)
    assert describe_health(paused, NOW) == "not on the list, or paused"


@pytest.mark.stack
def test_one_feed_shows_its_events_and_articles(client: httpx.Client) -> None:
    [there] = [each for each in read(client.get(FEEDS_PATH)).xpath("//tbody//a/@href") if "a.example" in each]
    page = client.get(there)
    assert SCRIPT not in page.text
    shown = text_of(page)
    assert "9, usually 12" in shown
    assert read(page).xpath("//tbody/tr/td[2]/text()") == ["gap", "changed"]
    assert read(page).xpath("//a[starts-with(@href, '/articles/')]/@href") == ["/articles/a"]
    nothing = client.get("/feeds/one", params={"url": "https://nothing.example/"})
    assert (nothing.status_code, "was polled yet" in text_of(nothing)) == (404, True)


@pytest.mark.stack
def test_a_feed_is_paused_and_polled_again_on_the_list(client: httpx.Client, listed: Path) -> None:
    assert fill(client, client.get(FEEDS_PATH), "/feeds/pause").status_code == 303
    assert [(each.name, each.paused) for each in read_feeds(listed)] == [("The A", True), ("C", False)]
    page = client.get(FEEDS_PATH)
    assert "paused" in text_of(page)
    last = fill(client, page, "/feeds/pause", url="https://c.example/", paused="true")
    assert (last.status_code, "was done" in text_of(last)) == (400, True)
    assert fill(client, page, "/feeds/pause").status_code == 303
    assert listed.read_text() == LISTED
    gone = fill(client, page, "/feeds/pause", url="https://nothing.example/")
    assert "no such feed on the list" in text_of(gone)


@pytest.mark.stack
def test_a_feed_is_tried_and_added(client: httpx.Client, listed: Path) -> None:
    with Site({"/rss": Resource(RSS), "/": Resource(b"<html></html>")}) as site:
        page = client.get(FEEDS_PATH)
        tried = fill(client, page, "/feeds/add", url=f"{site.url}/rss")
        assert tried.status_code == 303
        assert [each.name for each in read_feeds(listed)][-1] == "The Brome Echo"
        form = dict(next(each for each in read(page).forms if each.action == "/feeds/add").form_values())
        shown = client.post("/feeds/test", data={**form, "url": f"{site.url}/rss"})
        assert "1 entries" in text_of(shown)
        assert "2026-11-02 08:00 Old" in text_of(shown)
        for url, why in (
            (site.url, "is no feed"),
            (f"{site.url}/nothing", "404"),
            ("file:///etc/passwd", "is no http or https address"),
            ("/etc", "is no http or https address"),
            ("", "is no http or https address"),
        ):
            refused = client.post("/feeds/add", data={**form, "url": url})
            assert (refused.status_code, why in text_of(refused)) == (400, True), text_of(refused)
    assert len(read_feeds(listed)) == 3


@pytest.mark.stack
def test_a_list_is_imported(client: httpx.Client, listed: Path) -> None:
    page = client.get(FEEDS_PATH)
    form = dict(next(each for each in read(page).forms if each.action == "/feeds/import").form_values())
    done = client.post("/feeds/import", data=form, files={"list": ("list.opml", OPML)})
    assert "1 added, 0 known, 1 refused" in text_of(done)
    assert [each.name for each in read_feeds(listed)] == ["The A", "C", "D"]
    empty = client.post("/feeds/import", data=form, files={"list": ("list.opml", b"\xff\x00")})
    assert (empty.status_code, "Nothing was done" in text_of(empty)) == (400, True)
    assert client.post("/feeds/import", files={"list": ("list.opml", OPML)}).status_code == 403


@pytest.mark.stack
def test_dead_letters_are_shown_and_sent_again(options: Settings) -> None:
    topic = broker.topic_name(options.kafka, ARTICLES)
    articles = [letter(id_, topic=topic, key=b"k", original=id_.encode(), original_size=1) for id_ in "ab"]
    other = letter("c", stage="ingest", reason=f"odd {SCRIPT}", subject="https://a.example/")
    publish(options, *(OutgoingMessage(DEAD, each) for each in (*articles, other, articles[0])))
    with served(options) as url, browsing(url, headers={"Origin": url}) as client:
        page = client.get("/dead")
        assert SCRIPT not in page.text
        assert "annotate bug 3" in text_of(page)
        only = client.get("/dead", params={"stage": "ingest", "reason": other.reason})
        assert len(read(only).xpath("//ul[@class='rows']/li")) == 1
        assert "came from the web" in text_of(fill(client, page, "/dead/replay", stage="ingest", reason=other.reason))
        done = fill(client, page, "/dead/replay", stage="annotate", reason="bug")
        assert "2 messages are on the way again" in text_of(done)
        for wrong in ({"stage": "annotate", "reason": ""}, {"id": "nothing"}):
            assert fill(client, page, "/dead/replay", **wrong).status_code == 400
    again = list(broker.read_topic(options.kafka, ARTICLES))
    assert sorted(each.value or b"" for each in again) == [b"a", b"b"]


@pytest.mark.stack
def test_the_status_tells_stages_alerts_and_problems(options: Settings, tmp_path: Path) -> None:
    text = f"index is behind {SCRIPT}"
    wrong = Alert(rule="backlog", subject="index", text=text, seen_at=NOW, began_at=NOW)
    publish(options, OutgoingMessage(ALERTS, wrong))
    with served(options, None, RunOperations(options, tmp_path)) as url, browsing(url) as client:
        page = client.get("/status")
    assert SCRIPT not in page.text
    assert "index is behind" in text_of(page)
    assert read(page).xpath("//tbody/tr/td[1]/text()")[:2] == ["ingest", "annotate"]


def test_without_servers_the_pages_say_so(offline_options: Settings, free_port: int, tmp_path: Path) -> None:
    replace = msgspec.structs.replace
    away = f"127.0.0.1:{free_port}"
    options = replace(
        offline_options,
        elasticsearch=replace(offline_options.elasticsearch, url=f"http://{away}"),
        kafka=replace(offline_options.kafka, bootstrap_servers=away),
    )
    with served(options) as url, browsing(url) as client:
        assert client.get(FEEDS_PATH).status_code == 503
        assert client.get("/status").status_code == 404

"""An agency's wire over HTTP, through the real poller: versions, withdrawals, embargoes, broken items."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest import poll
from newsloom.demo.local_site import Resource, Site
from pipeline.service import Service
from pipeline.settings import Settings
from tests.ingest.feeds.agency.invented_items import TEXT, URN, as_json, message, news_item, ninjs1, ninjs3
from tests.ingest.local_newspaper import HURRY, articles, once, states, until, with_feeds

pytestmark = pytest.mark.stack
WIRE = "/wire"


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


def told(options: Settings) -> list[tuple[int, str, str]]:
    return [(each.revision, each.kind, each.title) for each in articles(options)]


def show(site: Site, body: bytes, media_type: str = "application/json") -> None:
    site.resources[WIRE] = Resource(body, media_type)


def test_versions_come_in_any_order_and_a_kill_leaves_nothing(site: Site, options: Settings, tmp_path: Path) -> None:
    options = with_feeds(options, tmp_path, [site.url + WIRE])
    for item in (
        ninjs3(version="2"),
        ninjs3(version="1", headlines=[{"value": "Ferry late"}], versionCreated="2026-11-30T08:00:00Z"),
        ninjs3(version="3", headlines=[{"value": "Ferry on time"}], versionCreated="2026-11-30T12:00:00Z"),
        ninjs3(version="4", pubStatus="canceled", edNote="Kill.", versionCreated="2026-11-30T13:00:00Z"),
        ninjs3(version="3", headlines=[{"value": "Ferry on time"}], versionCreated="2026-11-30T12:00:00Z"),
    ):
        show(site, as_json([item]))
        once(options)
    sent = articles(options)
    assert [(each.revision, each.kind) for each in sent] == [(2, "article"), (3, "article"), (4, "withdrawn")]
    assert {each.id for each in sent} == {sent[0].id}
    assert (sent[0].text, sent[0].text_from, sent[1].title) == (TEXT, "agency", "Ferry on time")
    assert "ferry" not in sent[2].text.lower().replace(URN, "")
    [state] = states(options).values()
    assert [event.detail for event in state.events if "earlier" in event.detail]
    assert {each.path for each in site.requests} == {WIRE, "/robots.txt"}  # no page is asked for


def test_a_message_of_many_items_loses_nothing_to_a_broken_one(site: Site, options: Settings, tmp_path: Path) -> None:
    options = with_feeds(options, tmp_path, [site.url + WIRE])
    broken = news_item("urn:b").replace("</headline>", "", 1)
    picture = news_item("urn:p", kind='<itemClass qcode="ninat:picture"/>')
    show(site, message(news_item("urn:a"), broken, picture, news_item("urn:c")), "application/xml")
    once(options)
    assert [each.text for each in articles(options)] == [TEXT, TEXT]
    [state] = states(options).values()
    assert state.error is not None
    assert "urn:b is broken" in state.error.detail
    assert state.events[-1].new == 2
    show(site, message(news_item("urn:a"), news_item("urn:b"), picture, news_item("urn:c")), "application/xml")
    once(options)
    assert len(articles(options)) == 3
    [state] = states(options).values()
    assert state.error is None


def test_only_pictures_are_no_failing_feed(site: Site, options: Settings, tmp_path: Path) -> None:
    options = with_feeds(options, tmp_path, [site.url + WIRE])
    show(site, as_json([ninjs1(type="picture")]))
    once(options)
    [state] = states(options).values()
    assert (state.failures, state.error, articles(options)) == (0, None, [])
    assert state.events[-1].detail == "no article: 1 picture"


def test_an_embargo_ends_while_the_poller_runs_though_the_item_is_no_longer_shown(
    site: Site, options: Settings, tmp_path: Path
) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=15)  # later than the first look, on a busy machine too
    show(site, as_json([ninjs3(embargoedUntil=ends.isoformat()), ninjs3(uri="urn:free")]))
    options = with_feeds(options, tmp_path, [site.url + WIRE], **HURRY)
    once(options)  # asks for everything that waits, and publishes what is free
    assert len(articles(options)) == 1
    [state] = states(options).values()
    assert [each.due_at for each in state.pending] == [ends]
    show(site, as_json([ninjs3(uri="urn:free")]))
    service = Service("ingest")
    poller = threading.Thread(target=poll.run, args=(options, service))
    poller.start()
    try:
        until(lambda: len(articles(options)) == 2)
    finally:
        service.stop.set()
        poller.join(30)
    [late] = [each for each in articles(options) if each.published_at == ends]
    assert late.fetched_at >= ends
    assert late.text == TEXT


# --- watched folders ---


def watching(options: Settings, tmp_path: Path, folder: str) -> Settings:
    options = with_feeds(options, tmp_path, [])
    (tmp_path / "feeds.toml").write_text(f'[[feeds]]\nfolder = "{folder}"\nname = "Fenwire"\nlanguage = "en"\n')
    return options


def age(path: Path, seconds: int = 3_600) -> None:
    time = datetime.now(UTC).timestamp() - seconds
    os.utime(path, (time, time))


def test_files_of_a_folder_become_articles_once_and_stay_as_they_are(options: Settings, tmp_path: Path) -> None:
    wire = tmp_path / "wires" / "fenwire"
    (wire / "sports").mkdir(parents=True)
    (wire / "a.json").write_bytes(as_json([ninjs3(uri="urn:newsml:fenwire.example:2026:a", version="1")]))
    (wire / "sports" / "b.xml").write_bytes(message(news_item("urn:b")))
    (wire / "broken.xml").write_bytes(b"<newsMessage><itemSet><newsItem guid='urn:c'>")
    age(wire / "broken.xml")
    options = watching(options, tmp_path, "wires/../wires/fenwire")
    once(options)
    first = articles(options)
    assert sorted(each.source for each in first) == ["Fenwire", "fenwire.example"]
    assert {each.text for each in first} == {TEXT}
    assert {each.feed_url for each in first} == {"urn:newsloom:folder:wires/fenwire"}
    [state] = states(options).values()
    assert state.error is not None
    assert "broken.xml: urn:c is broken" in state.error.detail
    once(options)
    assert len(articles(options)) == 2
    (wire / "c.json").write_bytes(
        as_json(ninjs3(uri="urn:newsml:fenwire.example:2026:a", version="2", pubStatus="canceled"))
    )
    once(options)
    assert [each.kind for each in articles(options)][2:] == ["withdrawn"]
    assert sorted(path.name for path in wire.rglob("*.*")) == ["a.json", "b.xml", "broken.xml", "c.json"]
    [state] = states(options).values()
    assert (state.gaps, state.failures, state.articles) == (0, 0, 3)


def test_a_folder_of_more_than_one_polls_share_loses_nothing(options: Settings, tmp_path: Path) -> None:
    wire = tmp_path / "wire"
    wire.mkdir()
    for number in range(30):
        text = f"Paragraph of item {number}.\n" * 4_000
        item = ninjs3(uri=f"urn:{number}", bodies=[{"contentType": "text/plain", "value": text}])
        (wire / f"{number}.json").write_bytes(as_json(item))
    options = watching(options, tmp_path, "wire")
    for _ in range(4):
        once(options)
    found = [each.text[:25].split(".")[0] for each in articles(options)]
    assert sorted(found) == sorted(f"Paragraph of item {number}" for number in range(30))
    [state] = states(options).values()
    assert not state.pending


def test_a_folder_that_is_not_there_is_an_error_that_says_what_to_do(options: Settings, tmp_path: Path) -> None:
    options = watching(options, tmp_path, "nothing")
    once(options)
    [state] = states(options).values()
    assert state.error is not None
    assert (state.failures, state.error.kind) == (1, "folder")
    assert "nothing: No such file or directory: make the folder" in state.error.detail

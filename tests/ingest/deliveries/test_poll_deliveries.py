"""An agency's wire over HTTP, through the real poller: versions, withdrawals, embargoes, broken items."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest import poll
from newsloom.demo.local_site import Resource, Site
from pipeline.messages import Article
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
    ends = datetime.now(UTC) + timedelta(seconds=6)
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
    late: Article = articles(options)[1]
    assert late.fetched_at >= ends
    assert (late.text, late.published_at) == (TEXT, ends)

"""`newsloom feeds status`: names everything that may be wrong with a feed."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from rich.console import Console

from newsloom.commands.feeds import feed_status
from pipeline.feed_state import FeedError, FeedEvent, PublishingRhythm, ReadSitemap
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import FEEDS, FeedState
from pipeline.settings import Settings
from tests.conftest import environment_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
FINE = FeedState(url="https://a.example/rss", host="a.example", name="A", polls=3, interval=900.0)
UNREAD = ReadSitemap(sitemap="s")
ERROR = FeedError(kind="timeout", detail="no answer", at=NOW)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (FINE, "fine"),
        (replace(FINE, polls=0), "not polled yet"),
        (replace(FINE, active=False), "not on the list, or paused"),
        (replace(FINE, active=False, gone_at=NOW), "gone (410) since 2026-05-04 UTC"),
        (replace(FINE, failures=4, error=ERROR), "4 failures, the last: timeout: no answer"),
        (replace(FINE, error=replace(ERROR, kind="parse")), "broken, read as far as it goes: no answer"),
        (replace(FINE, cut=1_002), "1002 too many, the oldest, left out"),
        (replace(FINE, sitemaps=(UNREAD, replace(UNREAD, read_at=NOW))), "1 of its 2 sitemaps not read yet"),
        (replace(FINE, location="https://b.example/"), "moved to https://b.example/"),
        (replace(FINE, distrusted=True, gaps=2), "its 304 is not believed; 2 gaps"),
        (
            replace(FINE, silent_since=NOW - timedelta(hours=9), rhythm=PublishingRhythm(missing=61.4)),
            "silent since 2026-05-04 03:00 UTC, usually 61 new entries in this time",
        ),
        (replace(FINE, last_article_at=NOW - timedelta(days=9)), "fine"),
        (replace(FINE, next_poll_at=NOW - timedelta(minutes=29)), "fine"),
        (
            replace(FINE, next_poll_at=NOW - timedelta(hours=3)),
            "should have been polled at 2026-05-04 09:00 UTC: does a poller run?",
        ),
    ],
)
def test_health_in_words(state: FeedState, said: str) -> None:
    assert feed_status.health(state, NOW) == said


def test_the_table_says_when_a_feed_is_polled_next() -> None:
    console = Console(width=200, record=True, file=None)
    with console.capture() as shown:
        console.print(feed_status.states_table([replace(FINE, next_poll_at=NOW + timedelta(minutes=7))], NOW))
    assert "15 min" in shown.get()
    assert "in 7 min" in shown.get()


def test_the_table_says_what_usually_comes_once_that_is_known() -> None:
    console = Console(width=200, record=True, file=None)
    known = replace(FINE, day_expected=61.2, day_seen=58.7)
    with console.capture() as shown:
        console.print(feed_status.states_table([FINE, known], NOW))
    assert shown.get().count("usually") == 1
    assert "59 new in about a day, usually 61" in shown.get()


@pytest.mark.stack
def test_the_newest_state_of_each_feed_is_read_from_the_topic(options: Settings) -> None:
    event = FeedEvent(at=NOW, outcome="gap", new=20, shown=20, detail="3 more found in the news sitemap")
    other = FeedState(url="https://b.example/rss", host="b.example", name="B", polls=1, failures=1, error=ERROR)
    publisher = Publisher(options.kafka)
    quiet = replace(FINE, url="https://c.example/rss", name="C", silent_since=NOW, rhythm=PublishingRhythm(week=b"x"))
    for state in (FINE, replace(FINE, polls=4, events=(event,)), other, quiet):
        publisher.publish([publisher.encode(OutgoingMessage(FEEDS, state))])
    publisher.close()
    assert [(each["name"], each["polls"]) for each in listed(options)] == [("A", 4), ("B", 1), ("C", 3)]
    assert [each["name"] for each in listed(options, "--failing")] == ["B"]
    assert [each["name"] for each in listed(options, "--silent")] == ["C"]
    assert [each["name"] for each in listed(options, "--silent", "--failing")] == ["B", "C"]
    assert "3 more found in the news sitemap" in said(options, "a.example")


def listed(options: Settings, *arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said(options, "--json", *arguments).splitlines()]


def said(options: Settings, *arguments: str) -> str:
    command = [sys.executable, "-m", "newsloom", "feeds", "status", *arguments]
    environment = {**environment_of(options), "COLUMNS": "200"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout

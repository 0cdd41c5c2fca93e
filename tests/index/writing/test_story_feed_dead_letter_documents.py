"""Stories, feeds and dead letters as documents: made for people, and on the real server at their newest."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from index import mapping, write
from index.client import connect
from index.writing import dead_letter_document, feed_document, story_document
from index.writing.document_kinds import KINDS, DocumentKind, KindName
from pipeline import settings
from pipeline.failures import Poison
from pipeline.feed_state import FeedError, FeedEvent, PageStatistics
from pipeline.kafka.stage import StageOutput
from pipeline.messages import DeadLetter, FeedState, Message, Story
from pipeline.settings import Settings
from tests.index.samples import NOVEMBER, OCTOBER

NOW = NOVEMBER + timedelta(hours=1)
LATER = OCTOBER + timedelta(hours=3)
STORY = Story(
    id="s", language="en", headline="The lamp", size=2, sources=("a.example", "b.example"),
    first_seen_at=OCTOBER, last_seen_at=LATER,
)  # fmt: skip
FEED = FeedState(
    url="https://a.example/feed", host="a.example", name="A", last_poll_at=OCTOBER, polls=3,
    events=(FeedEvent(at=OCTOBER, outcome="unchanged"), FeedEvent(at=OCTOBER, outcome="gap", new=4)),
    error=FeedError(kind="timeout", detail="no answer", at=OCTOBER),
    page_statistics=PageStatistics(length=8.0, empty=0.25),
)  # fmt: skip
LETTER = DeadLetter(id="d", stage="annotate", reason="bug", detail="KeyError", failed_at=OCTOBER, original=b"{}")


def kind(name: KindName) -> DocumentKind:
    return next(each for each in KINDS if each.name == name)


def test_a_story_tells_how_long_and_how_wide_it_is() -> None:
    made = story_document.build_story_document(STORY, "news", NOW)
    assert (made.index, made.id) == ("news-stories-2026.11", "s")  # NOW's month, however old its articles are
    assert (made.body.outlets, made.body.hours) == (2, 3.0)


def test_a_feed_tells_its_last_poll_and_what_its_pages_are_like() -> None:
    made = feed_document.build_feed_document(FEED, "news", NOW)
    assert made.index == "news-feeds-list"
    assert (made.body.last_outcome, made.body.last_new) == ("gap", 4)
    assert (made.body.usual_length, made.body.usual_empty) == (2980, 0.25)
    endless = msgspec.structs.replace(FEED, url="https://a.example/" + "x" * 5_000)
    assert len(feed_document.build_feed_document(endless, "news", NOW).id) == 32


def test_a_feed_tells_what_is_missing_and_since_when_it_is_silent() -> None:
    silent = msgspec.structs.replace(FEED, silent_since=NOW, day_expected=20.0, day_seen=2.5)
    body = feed_document.build_feed_document(silent, "news", NOW).body
    assert (body.silent_since, body.day_expected, body.day_seen, body.day_missing) == (NOW, 20.0, 2.5, 17.5)
    more = msgspec.structs.replace(silent, silent_since=None, day_seen=40.0)
    assert feed_document.build_feed_document(more, "news", NOW).body.day_missing == 0


@pytest.mark.parametrize(
    ("subject", "original", "source"),
    [
        ("https://www.ledger.example/a", b"<html>", "ledger.example"),
        ("5f2b8e", b'{"schema":1,"source":"ledger.example"}', "ledger.example"),
        ("https://elsewhere.example/a", b'{"source":"ledger.example"}', "ledger.example"),
        ("5f2b8e", b"", ""),
        ("http://[::1", b'{"source":7}', ""),
        ("urn:newsloom:5f2b8e", b"[" * 100_000, ""),
        ("", b'{"source":"\xff"}', ""),
        ("5f2b8e", b'{"source":"' + b"x" * 10_000 + b'"}', "x" * 1_000),
    ],
)
def test_a_dead_letter_names_its_source_where_that_is_known(subject: str, original: bytes, source: str) -> None:
    letter = msgspec.structs.replace(LETTER, subject=subject, original=original)
    assert dead_letter_document.build_dead_letter_document(letter, "news", NOW).body.source == source


def test_an_id_that_would_fail_the_whole_request_is_poison() -> None:
    with pytest.raises(Poison, match="an id must have"):
        story_document.build_story_document(msgspec.structs.replace(STORY, id=""), "news", NOW)


def stored(options: settings.Elasticsearch, name: KindName) -> list[dict[str, Any]]:
    alias = kind(name).alias(options.prefix)
    with connect(options) as client:
        client.indices.refresh(index=alias)
        return [dict(hit["_source"]) for hit in client.search(index=alias)["hits"]["hits"]]


@pytest.mark.stack
@pytest.mark.parametrize(
    ("name", "older", "newer", "field"),
    [
        ("stories", STORY, msgspec.structs.replace(STORY, size=3, last_seen_at=LATER + timedelta(hours=1)), "size"),
        ("feeds", FEED, msgspec.structs.replace(FEED, polls=4, last_poll_at=LATER), "polls"),
    ],
)
def test_the_newest_stays_whatever_comes_again(
    options: Settings, name: KindName, older: Message, newer: Message, field: str
) -> None:
    mapping.install(options.elasticsearch)
    stage = write.stage(options.elasticsearch, kind=kind(name))
    for batch in ([older, newer], [older], [newer, older]):
        assert list(stage.handle(batch)) == [StageOutput()] * len(batch)
    [one] = stored(options.elasticsearch, name)
    assert one[field] == getattr(newer, field)


def test_a_feed_that_fails_says_since_when_and_one_with_gaps_when_the_last_was() -> None:
    fine = msgspec.structs.replace(FEED, failures=0, last_success_at=NOVEMBER, events=())
    failing = msgspec.structs.replace(fine, failures=2)
    event = FeedEvent(at=LATER, outcome="dns")
    never = msgspec.structs.replace(failing, last_success_at=None, events=(event,))
    gaps = tuple(FeedEvent(at=NOVEMBER + timedelta(hours=hour), outcome="gap") for hour in (1, 3, 2))
    bodies = [feed_document.build_feed_document(each, "news", LATER).body for each in (fine, failing, never)]
    assert [each.failing_since for each in bodies] == [None, NOVEMBER, LATER]
    gappy = feed_document.build_feed_document(msgspec.structs.replace(fine, events=(*gaps, event)), "news", LATER).body
    assert (gappy.last_gap_at, bodies[0].last_gap_at) == (NOVEMBER + timedelta(hours=3), None)


@pytest.mark.stack
def test_a_story_whose_beginning_moves_to_another_month_stays_one_document(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    write.stage(options.elasticsearch, kind=kind("stories")).handle([STORY])
    other = write.stage(options.elasticsearch, kind=kind("stories"))
    other.assigned(frozenset({0}))
    other.handle([msgspec.structs.replace(STORY, first_seen_at=NOVEMBER, last_seen_at=NOVEMBER + timedelta(hours=5))])
    assert len(stored(options.elasticsearch, "stories")) == 1


@pytest.mark.stack
def test_a_dead_letter_is_indexed_and_never_makes_another_one(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    stage = write.stage(options.elasticsearch, kind=kind("dead"))
    nameless = msgspec.structs.replace(LETTER, id="")
    assert list(stage.handle([LETTER, nameless])) == [StageOutput(), StageOutput()]
    [one] = stored(options.elasticsearch, "dead")
    assert (one["reason"], one["stage"]) == ("bug", "annotate")

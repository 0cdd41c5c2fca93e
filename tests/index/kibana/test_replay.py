"""Every panel's request on the real server, over the demo's articles: answered in full, and with something to show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from enrich.annotate import annotate
from enrich.stories import StoryAssigner
from index import mapping, write
from index.client import connect
from index.kibana import saved_objects
from index.writing.document_kinds import KINDS
from newsloom.commands.demo import DEMO_FOLDER
from newsloom.demo.newspaper import Newspaper
from pipeline.entity import Place
from pipeline.feed_state import FeedError, FeedEvent, PageStatistics
from pipeline.messages import Article, DeadLetter, Enriched, FeedState, Message, Story
from pipeline.settings import Settings
from tests.enrich.samples import article
from tests.index.kibana.replay import Request, requests

pytestmark = pytest.mark.stack

HARBOUR = Place(name="Aarhus", kind="city", country="DK", latitude=56.2, longitude=10.2, geoname=2624652)
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def articles() -> Iterator[Article]:
    """The demo's, as they would be read from their pages. Its places are invented: where they lie is made up too."""
    newspaper = Newspaper(DEMO_FOLDER, {}, NOW)
    for told in sorted(newspaper.articles, key=lambda each: -int(each["minutes_ago"])):
        seen = NOW - timedelta(minutes=told["minutes_ago"])
        yield article(
            told["slug"], told["title"], "\n".join(told["paragraphs"]), published_at=seen, first_seen_at=seen,
            fetched_at=NOW - timedelta(seconds=5), source=f"{told['outlet']}.example",
            source_name=newspaper.outlets[told["outlet"]]["name"], feed_url=f"https://{told['outlet']}.example/feed.xml",
        )  # fmt: skip


def enriched(options: Settings) -> Iterator[Enriched | Story]:
    stories = StoryAssigner(options.enrich)
    for each in annotate(list(articles()), options.enrich.entity_words):
        placed = stories.place(each)
        yield msgspec.structs.replace(placed.enriched, places=(HARBOUR,), countries=("DK",), main_country="DK")
        if placed.story:
            yield placed.story


def feeds() -> Iterator[FeedState]:
    """One that is well, and one of each trouble."""
    well = FeedState(
        url="https://well.example/feed", host="well.example", name="Well", interval=900.0, polls=9, articles=12,
        last_poll_at=NOW, last_success_at=NOW, last_article_at=NOW - HOUR, page_statistics=PageStatistics(length=8.0),
        events=(FeedEvent(at=NOW, outcome="changed", new=2),),
    )  # fmt: skip
    error = FeedError(kind="timeout", detail="no answer", at=NOW)
    troubles: dict[str, dict[str, Any]] = {
        "silent": {"silent_since": NOW - DAY, "day_expected": 20.0, "day_seen": 2.0},
        "failing": {"failures": 3, "error": error, "events": (FeedEvent(at=NOW, outcome="timeout"),)},
        "gaps": {"gaps": 4},
        "drifting": {"page_statistics": PageStatistics(length=8.0, empty=0.4, drifting_since=NOW - DAY)},
    }
    yield well
    for name, trouble in troubles.items():
        yield msgspec.structs.replace(well, url=f"https://{name}.example/feed", name=name, **trouble)


def letters() -> Iterator[DeadLetter]:
    for number, reason in enumerate(("no_text", "bug")):
        yield DeadLetter(id=f"d{number}", stage="ingest", reason=reason, detail="-", failed_at=NOW - HOUR,
                         subject="https://well.example/a")  # fmt: skip


@pytest.fixture(scope="module")
def world() -> list[Message]:
    """Everything that the four stages are given; recognised once."""
    from pipeline.settings import load  # noqa: PLC0415 - options of no server

    return [*enriched(load({})), *feeds(), *letters()]


@pytest.fixture
def filled(options: Settings, world: list[Message]) -> Settings:
    mapping.install(options.elasticsearch)
    for kind in KINDS:
        own = [each for each in world if type(each) is kind.message]
        write.stage(options.elasticsearch, kind=kind).handle(own)
    with connect(options.elasticsearch) as client:
        client.indices.refresh(index=f"{options.elasticsearch.prefix}-*")
    return options


def test_every_panel_is_answered_in_full_and_has_something_to_show(filled: Settings) -> None:
    prefix = filled.elasticsearch.prefix
    asked = list(requests(saved_objects.build_saved_objects(prefix), "now-30d"))
    assert len(asked) > 40
    wrong = {}
    with connect(filled.elasticsearch) as client:
        for each in asked:
            answer = client.search(index=each.index, body=each.body).body
            if answer["_shards"]["failed"] or answer["timed_out"]:
                wrong[each.panel] = str(answer["_shards"])
            elif not shows(each, answer):
                wrong[each.panel] = f"nothing: {answer.get('aggregations')}"
    assert wrong == {}


def shows(request: Request, answer: dict[str, Any]) -> bool:
    """Whether there are documents and, where something is counted, values and bucket with documents."""
    if request.hits:
        return bool(answer["hits"]["hits"])
    counted = answer.get("aggregations", {})
    return answer["hits"]["total"]["value"] > 0 and all(map(_full, counted.values()))


def _full(counted: dict[str, Any]) -> bool:
    if "buckets" in counted:
        buckets = counted["buckets"]
        return any(each["doc_count"] for each in (buckets.values() if isinstance(buckets, dict) else buckets))
    if "doc_count" in counted:
        return bool(counted["doc_count"])
    found = counted.get("values", {"value": counted.get("value")})
    return all(value is not None for value in found.values())


def test_what_shows_nothing_is_noticed(options: Settings) -> None:
    mapping.install(options.elasticsearch)
    [letter, *_] = letters()
    write.stage(options.elasticsearch, kind=KINDS[-1]).handle([letter])
    first = next(requests(saved_objects.build_saved_objects(options.elasticsearch.prefix), "now-30d"))
    with connect(options.elasticsearch) as client:
        answer = client.search(index=f"{options.elasticsearch.prefix}-dead", body=first.body).body
    assert not shows(first, answer)

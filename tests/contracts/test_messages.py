"""Old messages on the topics stay readable: a golden file of every message in every version that was ever published."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.alert_message import Alert
from pipeline.entity import Entity, Place
from pipeline.failures import Poison
from pipeline.feed_state import FeedError, FeedEvent, Move, PageStatistics, PendingEntry, ReadSitemap, SeenEntry
from pipeline.messages import (
    TOPICS,
    UPGRADES,
    Annotated,
    Article,
    DeadLetter,
    EarlierCopy,
    Enriched,
    FeedState,
    Fingerprint,
    Message,
    Story,
    decode,
    encode,
)
from pipeline.watch_messages import Watch, WatchHit, WatchProgress
from tests.contracts.rhythm_example import RHYTHM

FOLDER = Path(__file__).parent.parent / "data" / "messages"
KINDS = {topic.name: topic.message for topic in TOPICS}
GOLDEN = sorted(FOLDER.glob("v*/*.json"))
MORNING, NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)

_ARTICLE: dict[str, Any] = {
    "id": "5f2b8e0c9d3a4b1e8f7a6c5d4e3f2a1b",
    "revision": 2,
    "url": "https://ledger.example/news/harbour-clinic",
    "source": "ledger.example",
    "source_name": "The Brennick Ledger",
    "feed_url": "https://ledger.example/feed.xml",
    "title": "Harbour clinic gets a new ward – „endlich“",
    "text": "The harbour clinic is to be given a new ward.\nWork begins in spring.",
    "text_from": "page",
    "summary": "A new ward in spring.",
    "authors": ("Signe Dallow",),
    "section": "Coast",
    "tags": ("health", "budget"),
    "image": "https://ledger.example/ward.jpg",
    "claimed_language": "en",
    "claimed_by": "page",
    "feed_languages": ("en", "de"),
    "published_at": MORNING,
    "modified_at": NOON,
    "first_seen_at": MORNING,
    "found_at": MORNING,
    "fetched_at": NOON,
    "truncated": True,
    "changed": ("title", "text"),
    "kind": "teaser",
    "free": False,
    "opt_outs": ("noai", "robots.txt: GPTBot"),
    "alternative_titles": ("A ward for spring",),
    "belonging": 0.999,
    "belonging_reasons": ("own_address", "headline_same"),
    "page_answer": "200",
    "other_urls": ("https://ledger.example/go/17",),
}
_ANNOTATED: dict[str, Any] = {
    **_ARTICLE,
    "annotator": 1,
    "language": "en",
    "language_confidence": 0.998,
    "language_source": "text",
    "entities": (
        Entity(
            name="Dallow",
            key="signe dallow",
            type="person",
            count=2,
            canonical="Signe Dallow",
            offsets=((4, 10), (40, 46)),
            salience=0.75,
            country="NZ",
        ),
    ),
    "entities_by": "model",
    "places": (
        Place(
            name="Auckland",
            kind="city",
            country="NZ",
            latitude=-36.84853,
            longitude=174.76349,
            geoname=2193733,
            count=2,
        ),
    ),
    "main_country": "NZ",
    "countries": ("NZ", "AU"),
    "content_hash": "0d1e2f",
    "sketch": bytes(range(16)),
}
_COPY: dict[str, Any] = {"duplicate_of": "a" * 32, "duplicate_kind": "near", "resemblance": 0.91, "containment": 0.97}
CURRENT: dict[str, Message] = {
    "articles": Article(**_ARTICLE),
    "annotated": Annotated(**_ANNOTATED),
    "enriched": Enriched(**_ANNOTATED, enricher=1, story="c" * 32, **_COPY),
    "fingerprints": Fingerprint(
        id=_ARTICLE["id"],
        revision=2,
        language="en",
        source="ledger.example",
        title="Harbour clinic",
        published_at=MORNING,
        first_seen_at=MORNING,
        content_hash="0d1e2f",
        sketch=bytes(range(16)),
        report=bytes(range(28)),
        terms={"harbour": 2.386, "clinic": 2.386},
        entities=("signe dallow",),
        numbers=("2", "3.5"),
        number_codes=bytes(range(4)),
        title_codes=bytes(range(4, 8)),
        story="c" * 32,
        **_COPY,
        copies=(EarlierCopy(id="e" * 32, duplicate_kind="near", resemblance=0.8, containment=0.9),),
        merged=("f" * 32,),
    ),
    "stories": Story(
        id="c" * 32,
        language="en",
        headline="Harbour clinic",
        size=3,
        sources=("ledger.example", "lysmere.example"),
        first_seen_at=MORNING,
        last_seen_at=NOON,
        entities=("signe dallow",),
        merged_into="d" * 32,
    ),
    "feeds": FeedState(
        url="https://ledger.example/feed.xml",
        host="ledger.example",
        name="The Brennick Ledger",
        group="Coast",
        language="en",
        active=False,
        location="https://ledger.example/new.xml",
        move=Move(to="https://ledger.example/newer.xml", since=MORNING),
        gone_at=NOON,
        conditional_polls=3,
        distrusted=True,
        interval=900.0,
        arrivals=2.5,
        observed=3600.0,
        shown=20,
        cut=4,
        sitemaps=(ReadSitemap(sitemap="s1", read_at=MORNING, modified=MORNING),),
        hint_seconds=600.0,
        skip_hours=(1, 2),
        skip_days=(6,),
        trouble=1.5,
        gaps=1,
        page_statistics=PageStatistics(
            pages=80,
            lines=bytes(range(20)),
            length=7.5,
            spread=0.25,
            empty=0.125,
            gone=0.25,
            recent_length=7.25,
            recent_empty=0.5,
            recent_gone=0.75,
            drifting_since=MORNING,
        ),
        rhythm=RHYTHM,
        day_expected=24.5,
        day_seen=20.0,
        silent_since=MORNING,
        events=(FeedEvent(at=MORNING, outcome="timeout", new=1, shown=20, detail="no answer in 30 s"),),
        etag='"abc"',
        last_modified="Mon, 23 Nov 2026 06:30:00 GMT",
        body_hash="9a",
        next_poll_at=NOON,
        last_poll_at=MORNING,
        last_success_at=MORNING,
        last_article_at=MORNING,
        failures=3,
        error=FeedError(kind="timeout", detail="no answer in 30 s", at=MORNING),
        polls=20,
        articles=7,
        seen=(
            SeenEntry(
                entry="e1",
                digest="d1",
                article="a" * 32,
                content="c1",
                revision=1,
                first_seen_at=MORNING,
                address="0123456789abcdef",
                answer="robots",
                outcome="robots, new from feed",
            ),
        ),
        pending=(
            PendingEntry(
                entry="e2",
                url="https://ledger.example/2",
                attempts=1,
                due_at=NOON,
                found_at=MORNING,
                error=FeedError(kind="503", detail="status 503", at=MORNING),
                published_as=SeenEntry(
                    entry="e2", digest="d2", article="b" * 32, content="c2", revision=1, first_seen_at=MORNING
                ),
                feed_entry=b'{"title":"Two"}',
            ),
        ),
    ),
    "watches": Watch(
        name="harbour",
        query='"harbour clinic"',
        source="ledger.example",
        language="en",
        country="NZ",
        entity="Signe Dallow",
        revisions=True,
        webhook="http://127.0.0.1:8000/hits",
        mail=("desk@ledger.example",),
        since=MORNING,
        origin="file",
    ),
    "watch-hits": WatchHit(
        id="1" * 32,
        watch="harbour",
        article=_ARTICLE["id"],
        group="a" * 32,
        revision=2,
        url=_ARTICLE["url"],
        title=_ARTICLE["title"],
        source="ledger.example",
        source_name="The Brennick Ledger",
        language="en",
        date=MORNING,
        found_at=NOON,
        changed=("text", "title"),
        outputs=("webhook", "mail"),
    ),
    "watch-progress": WatchProgress(name="webhook harbour", offsets={"0": 42}),
    "alerts": Alert(
        rule="silence",
        subject=_ARTICLE["feed_url"],
        text="The Brennick Ledger has been silent since 2026-11-23 06:30 UTC",
        seen_at=MORNING,
        began_at=MORNING,
        absent_since=NOON,
        ended_at=NOON,
        told_begin=("mail desk@ledger.example",),
        told_end=("mail desk@ledger.example",),
    ),
    "dead": DeadLetter(
        id="f" * 32,
        stage="index",
        reason="rejected_document",
        detail="immense term",
        failed_at=NOON,
        attempt=2,
        subject=_ARTICLE["id"],
        traceback="Traceback ...",
        topic="news.enriched",
        partition=1,
        offset=42,
        key=b"key",
        original=b"\x00\xff",
        original_size=2,
    ),
}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_messages_of_every_version_are_read(path: Path) -> None:
    assert isinstance(decode(path.read_bytes(), KINDS[path.stem]), KINDS[path.stem])


@pytest.mark.parametrize("name", KINDS)
def test_what_is_written_today_is_the_newest_golden_file(name: str) -> None:
    """A field that was renamed, or got another type, would make the messages of the last weeks unreadable."""
    golden = FOLDER / f"v{KINDS[name].SCHEMA}" / f"{name}.json"
    assert json.loads(encode(CURRENT[name])) == json.loads(golden.read_bytes())
    assert decode(golden.read_bytes(), KINDS[name]) == CURRENT[name]


@pytest.mark.parametrize("name", KINDS)
def test_the_golden_file_has_every_field(name: str) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(KINDS[name])}
    assert json.loads(encode(CURRENT[name])).keys() == fields


@pytest.mark.parametrize("name", KINDS)
def test_every_version_has_its_golden_file_and_its_upgrade(name: str) -> None:
    kind = KINDS[name]
    versions = range(1, kind.SCHEMA + 1)
    assert [version for version in versions if not (FOLDER / f"v{version}" / f"{name}.json").is_file()] == []
    assert [version for version in versions[:-1] if (kind, version) not in UPGRADES] == []


def test_a_message_of_the_future_says_so() -> None:
    with pytest.raises(Poison, match="Article of schema 9; this program reads 1 to 1") as caught:
        decode(encode(CURRENT["articles"]).replace(b'"schema":1', b'"schema":9'), Article)
    assert caught.value.reason == "unknown_schema"

"""Invented facts about an article, and what its way tells of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from index.searching.trace_search import IndexedArticle
from index.writing.article_document import build_article_document
from ingest.urls import article_id
from newsloom.trace import way
from newsloom.trace.facts import Facts, OnTopic, ShownBy
from newsloom.trace.question import read_question
from newsloom.trace.step import Way
from pipeline.feed_state import PendingEntry, SeenEntry
from pipeline.kafka.dead_letter import letter_id
from pipeline.messages import Annotated, Article, DeadLetter, Enriched, FeedState
from tests.index.samples import enriched

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AN_HOUR_AGO = NOW - timedelta(hours=1)
URL = "https://paper.example/harbour"
ID = article_id(URL)
QUESTION = read_question(URL)
FEED = FeedState(
    url="https://paper.example/rss", host="paper.example", name="The Paper", interval=900.0, shown=20,
    last_poll_at=AN_HOUR_AGO, last_success_at=AN_HOUR_AGO, next_poll_at=NOW,
)  # fmt: skip
SEEN = SeenEntry(entry="e", digest="d", article=ID, revision=1, first_seen_at=AN_HOUR_AGO)
PENDING = PendingEntry(entry="e", url=URL, due_at=NOW, found_at=AN_HOUR_AGO)
ENRICHED = enriched(
    ID, url=URL, first_seen_at=AN_HOUR_AGO, fetched_at=AN_HOUR_AGO, page_answer="200", belonging=0.99,
    belonging_reasons=("own_address", "headline_same"),
)  # fmt: skip


def as_kind(kind: type[Any], **changes: Any) -> Any:
    fields = {name: getattr(ENRICHED, name) for name in kind.__struct_fields__}
    return kind(**{**fields, **changes})


def on_topic(kind: type[Any], topic: str, handled: bool | None = True, before: int = 0, **changes: Any) -> OnTopic[Any]:
    return OnTopic(as_kind(kind, **changes), AN_HOUR_AGO, topic, 1, 7, handled, before)


def published(handled: bool = True, **changes: Any) -> OnTopic[Article]:
    return on_topic(Article, "news.articles", handled, **changes)


def indexed(**changes: Any) -> IndexedArticle:
    document = build_article_document(msgspec.structs.replace(ENRICHED, **changes), "news", NOW)
    return IndexedArticle(index=document.index, article=document.body)


def letter(stage: str, topic: str = "", **changes: Any) -> DeadLetter:
    id_ = letter_id(stage, topic, 1, 7)
    made = DeadLetter(id=id_, stage=stage, reason="bug", detail="a bug", failed_at=AN_HOUR_AGO, subject=ID, topic=topic)
    return msgspec.structs.replace(made, **changes)


SHOWN = (ShownBy(FEED, SEEN),)
ANNOTATED, ON_ENRICHED = on_topic(Annotated, "news.annotated"), on_topic(Enriched, "news.enriched")


def told(**facts: Any) -> Way:
    return way.tell(Facts(QUESTION, **{"shown_by": SHOWN, "months": ("2026.11",), **facts}), NOW, UTC)


def ends(found: Way) -> tuple[str, str, str]:
    """The ending, and the name and state of the last step."""
    return found.ending, found.steps[-1].name, found.steps[-1].state


def lines(found: Way) -> str:
    return "\n".join("\n".join((each.text, *each.notes, each.do)) for each in found.steps)

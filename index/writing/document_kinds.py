"""Document kinds: the four kinds of documents (articles, stories, feeds, dead letters), and what belongs to each.

Out: a `DocumentKind` with its topic, its document builder, and the names of its alias and indices on the server.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

import msgspec

from index.mapping import search_alias
from index.writing import article_document, dead_letter_document, edits, feed_document, story_document
from index.writing.document import Document
from pipeline.messages import DEAD, ENRICHED, FEEDS, STORIES, Message, Topic

KindName = Literal["articles", "stories", "feeds", "dead"]
# of stories and feeds: their indices are refreshed each 5 seconds
UNHURRIED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of documents. `stage` is also the name of its consumer group.

    `build`: message, index prefix and present time -> document; raises Poison.
    `restore`: _source of an indexed document -> body as this program writes it.
    `can_change_month`: a later message may belong to another month, so where the document is has to be looked up.
    `version_identifies_message`: two messages with equal versions are equal.
    `batch_seconds`: in a steady flow, from one batch to the next; None: as settings say. A story and a feed change with
    each of their articles, and only the last state of a batch is written.
    `replaces`: whether a body is completed with what the document has that it replaces; None: none is.
    `complete`: body and those `earlier_fields` of that document, or None where there is none -> the whole body.
    """

    name: KindName
    stage: str
    topic: Topic
    build: Callable[[Any, str, datetime], Document[Any]]
    restore: Callable[[Mapping[str, Any]], msgspec.Struct]
    can_change_month: bool = False
    version_identifies_message: bool = False
    batch_seconds: float | None = None
    replaces: Callable[[Any], bool] | None = None
    complete: Callable[[Any, Mapping[str, Any] | None], Any] = lambda body, _source: body
    earlier_fields: tuple[str, ...] = ()

    @property
    def message(self) -> type[Message]:
        """The type of the messages on its topic."""
        return self.topic.message

    def alias(self, prefix: str) -> str:
        """The alias that searches use: `news` for articles, `news-stories` and so on for the other kinds."""
        return search_alias(prefix, self.name)

    def pattern(self, prefix: str) -> str:
        """Pattern of all indices of this kind, including those outside the alias (replaced, or being built)."""
        return f"{prefix}-{self.name}-*"


def _body_reader(body: type[msgspec.Struct]) -> Callable[[Mapping[str, Any]], msgspec.Struct]:
    return partial(msgspec.convert, type=body, strict=False)


ARTICLES = DocumentKind(
    "articles",
    "index",
    ENRICHED,
    article_document.build_article_document,
    article_document.body_from_source,
    can_change_month=True,
    version_identifies_message=True,
    replaces=article_document.is_revision,
    complete=article_document.complete_article,
    earlier_fields=edits.FIELDS,
)
KINDS: tuple[DocumentKind, ...] = (
    ARTICLES,
    DocumentKind(
        "stories",
        "index-stories",
        STORIES,
        story_document.build_story_document,
        _body_reader(story_document.StoryBody),
        can_change_month=True,
        batch_seconds=UNHURRIED_SECONDS,
    ),
    DocumentKind(
        "feeds",
        "index-feeds",
        FEEDS,
        feed_document.build_feed_document,
        _body_reader(feed_document.FeedBody),
        batch_seconds=UNHURRIED_SECONDS,
    ),
    DocumentKind(
        "dead",
        "index-dead",
        DEAD,
        dead_letter_document.build_dead_letter_document,
        _body_reader(dead_letter_document.DeadLetterBody),
    ),
)

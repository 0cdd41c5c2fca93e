"""The four kinds of documents: which topic each comes from, and what makes its documents.

In: nothing. Out: a `Kind` for each, and the names of what belongs to it on the server.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

import msgspec

from index.mapping import alias_of
from index.writing import dead_letter_document, feed_document, story_document
from index.writing.article_document import document, restored
from index.writing.document import Document
from pipeline.messages import DEAD, ENRICHED, FEEDS, STORIES, Message, Topic

Name = Literal["articles", "stories", "feeds", "dead"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of documents. `stage` is also the name of its consumer group.

    `restore` gives the fields of a document that was read from an index, as they are written today.
    `moves`: a later message can name another month than the first one, so that has to be asked where the document is.
    `exact`: an equal version is an equal message.
    """

    name: Name
    stage: str
    topic: Topic
    make: Callable[[Any, str, datetime], Document[Any]]
    restore: Callable[[Mapping[str, Any]], msgspec.Struct]
    moves: bool = False
    exact: bool = False

    @property
    def message(self) -> type[Message]:
        """The type of what is on its topic."""
        return self.topic.message

    def alias(self, prefix: str) -> str:
        """What is searched: `news` for articles, `news-stories` and so on for the others."""
        return alias_of(prefix, self.name)

    def pattern(self, prefix: str) -> str:
        """Every index of this kind, those that are no longer or not yet searched too."""
        return f"{prefix}-{self.name}-*"


def _as(body: type[msgspec.Struct]) -> Callable[[Mapping[str, Any]], msgspec.Struct]:
    return partial(msgspec.convert, type=body, strict=False)


ARTICLES = Kind("articles", "index", ENRICHED, document, restored, moves=True, exact=True)
KINDS: tuple[Kind, ...] = (
    ARTICLES,
    Kind("stories", "index-stories", STORIES, story_document.story, _as(story_document.StoryBody), moves=True),
    Kind("feeds", "index-feeds", FEEDS, feed_document.feed, _as(feed_document.FeedBody)),
    Kind("dead", "index-dead", DEAD, dead_letter_document.dead, _as(dead_letter_document.DeadBody)),
)

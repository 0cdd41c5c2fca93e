"""The four kinds of documents: which topic each comes from, and what makes its documents.

In: nothing. Out: a `Kind` for each, and the names of what belongs to it on the server.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from index import reports
from index.document import Document, document
from pipeline.messages import DEAD, ENRICHED, FEEDS, STORIES, Message, Topic

Name = Literal["articles", "stories", "feeds", "dead"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of documents. `stage` is also the name of its consumer group.

    `moves`: a later message can name another month than the first one, so that has to be asked where the document is.
    """

    name: Name
    stage: str
    topic: Topic
    message: type[Message]
    make: Callable[[Any, str, datetime], Document[Any]]
    moves: bool

    def alias(self, prefix: str) -> str:
        """What is searched: `news` for articles, `news-stories` and so on for the others."""
        return prefix if self.name == "articles" else f"{prefix}-{self.name}"

    def pattern(self, prefix: str) -> str:
        """Every index of this kind, those that are no longer or not yet searched too."""
        return f"{prefix}-{self.name}-*"


ARTICLES = Kind("articles", "index", ENRICHED, ENRICHED.message, document, moves=True)
KINDS: tuple[Kind, ...] = (
    ARTICLES,
    Kind("stories", "index-stories", STORIES, STORIES.message, reports.story, moves=True),
    Kind("feeds", "index-feeds", FEEDS, FEEDS.message, reports.feed, moves=False),
    Kind("dead", "index-dead", DEAD, DEAD.message, reports.dead, moves=False),
)

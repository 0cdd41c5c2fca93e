"""What is known of an article's way: the facts that are gathered (newsloom/trace/gather) and told (newsloom/trace/way).

Everything in here is a value: no server is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from index.searching.trace_search import IndexedArticle
from newsloom.trace.question import Question
from pipeline.feed_state import PendingEntry, SeenEntry
from pipeline.messages import Annotated, Article, DeadLetter, Enriched, FeedState

M = TypeVar("M", bound=Article)


@dataclass(frozen=True, slots=True)
class ShownBy:
    """A feed that showed the article: what it remembers of the entry, which waits (`pending`), or is dealt with."""

    feed: FeedState
    seen: SeenEntry | None = None
    pending: PendingEntry | None = None

    @property
    def since(self) -> datetime:
        """When it was first seen."""
        times = [
            each for each in (self.pending and self.pending.found_at, self.seen and self.seen.first_seen_at) if each
        ]
        return min(times)

    @property
    def article(self) -> str:
        """The id of the article that it became; "" for none."""
        published = self.pending.published_as if self.pending else None
        return (published.article if published else "") or (self.seen.article if self.seen else "")

    @property
    def revision(self) -> int:
        """The newest revision that its feed knows to be published; 0 for none."""
        published = self.pending.published_as if self.pending else None
        return max(each.revision if each else 0 for each in (published, self.seen))


@dataclass(frozen=True, slots=True)
class OnTopic(Generic[M]):
    """The article as a message: when it was written, and where.

    `handled`: whether the stage that reads the topic is past it; None where that is not known. `before`: how many
    messages of its partition this stage still has to handle before.
    """

    message: M
    at: datetime
    topic: str
    partition: int
    offset: int
    handled: bool | None = None
    before: int = 0


@dataclass(frozen=True, slots=True)
class Searched:
    """What was read of a topic: so many messages, of so many that are there; `cut`: more of them might have been."""

    topic: str
    read: int
    whole: int
    cut: bool

    def in_words(self) -> str:
        """For people."""
        return f"{self.topic}: read {self.read} of {self.whole} messages{', no more than that' if self.cut else ''}"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known. A server that could not be asked stands in `problems`: its name, and what it said.

    `feeds`: those of the site of the address, whether they showed it or not. `letters`: the dead letters about it, the
    newest last. `months`: those that the index still has, "2026.11". `others`: further articles that may be meant.
    """

    question: Question
    shown_by: tuple[ShownBy, ...] = ()
    feeds: tuple[FeedState, ...] = ()
    published: OnTopic[Article] | None = None
    annotated: OnTopic[Annotated] | None = None
    enriched: OnTopic[Enriched] | None = None
    indexed: IndexedArticle | None = None
    original: IndexedArticle | None = None
    letters: tuple[DeadLetter, ...] = ()
    months: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    searched: tuple[Searched, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    def problem(self, server: str) -> str:
        """Why a server ("kafka", "elasticsearch") could not be asked; "" where it was."""
        return dict(self.problems).get(server, "")

    @property
    def article(self) -> str:
        """The article's id; "" where none was published."""
        return next(self._ids(), "")

    @property
    def revision(self) -> int:
        """The newest revision that anything knows of."""
        known = [each.message.revision for each in (self.published, self.annotated, self.enriched) if each]
        indexed = self.indexed.article.revision if self.indexed else 0
        return max([*known, indexed, *(each.revision for each in self.shown_by)], default=0)

    def _ids(self) -> Iterator[str]:
        if self.indexed:
            yield self.indexed.article.id
        yield from (each.message.id for each in (self.published, self.annotated, self.enriched) if each)
        yield from (each.article for each in self.shown_by if each.article)
        question, subjects = self.question, [each.subject for each in self.letters if each.topic]
        yield from (each for each in subjects if each in question.ids)
        yield from (each for each in subjects if question.beginning and each.startswith(question.beginning))

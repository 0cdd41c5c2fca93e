"""The revisions of an article that Kafka still has, and what changed from each to the next.

In: an article's id and when it was first seen. Out: a Revision for each. The words are compared here, where both texts
are: a poller and the index know the newest text only.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime

import msgspec

from index.writing.word_changes import changes_in_words
from newsloom.trace.topic_search import TopicSearch
from pipeline import settings
from pipeline.kafka.broker import decode_or_none
from pipeline.messages import ARTICLES, Article


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One revision. `title` and `text`: what changed since the one before that is known; empty for the first."""

    revision: int
    fetched_at: datetime
    changed: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


def read_revisions(
    options: settings.Kafka, article: str, first_seen_at: datetime, progress: Callable[[str], None]
) -> list[Revision]:
    """The revisions on the topic, the first first. Raises Unavailable, WrongSetting."""
    search = TopicSearch(options, True, progress)
    try:
        partitions, mark = {search.partition_of(ARTICLES, article)}, article.encode()
        found: list[Article] = []
        with closing(search.read(ARTICLES, partitions, since=first_seen_at)) as records:
            for record in records:
                message = decode_or_none(record.value, Article) if record.value and mark in record.value else None
                if message is not None and message.id == article:
                    found.append(message)
        return compare_revisions(found)
    finally:
        search.close()


def compare_revisions(found: Iterable[Article]) -> list[Revision]:
    """The revisions of one article, each held against the one before; of one that came twice, the last counts."""
    newest = {each.revision: each for each in found}
    ordered = [newest[number] for number in sorted(newest)]
    return [_compared(before, each) for before, each in zip([None, *ordered], ordered, strict=False)]


def _compared(before: Article | None, after: Article) -> Revision:
    bare = Revision(revision=after.revision, fetched_at=after.fetched_at, changed=after.changed)
    if before is None:
        return bare
    title, text = changes_in_words(before.title, after.title), changes_in_words(before.text, after.text)
    return msgspec.structs.replace(bare, title=tuple(title), text=tuple(text))

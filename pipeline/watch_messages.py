"""The messages of the watches: what is watched, what a watch has found, and how far it was looked and told.

In: nothing. Out: message types for the topics `watches`, `watch-hits` and `watch-progress` (pipeline/messages.py).
"""

from typing import Literal

from pipeline.feed_state import UtcTime
from pipeline.message import Message

OutputKind = Literal["webhook", "mail"]


class Watch(Message, frozen=True, kw_only=True):
    """A saved search that every newly indexed article is held against. Only what was fetched from `since` on counts."""

    name: str  # small letters, digits and hyphens: the key, and the name of its feed files
    query: str  # as typed to `newsloom search`
    source: str | None = None  # the filters of `newsloom search`
    language: str | None = None
    country: str | None = None
    entity: str | None = None
    revisions: bool = False  # tell again of an article whose title or text has changed
    webhook: str = ""  # URL
    mail: tuple[str, ...] = ()  # addresses
    since: UtcTime
    origin: Literal["command", "file"] = "command"


class WatchHit(Message, frozen=True, kw_only=True):
    """An article that a watch has found, with what is told of it."""

    id: str  # of watch, article and revision: the same after a repetition, so that receivers can know one
    watch: str
    article: str
    group: str  # the original's id: copies of it are not told
    revision: int
    url: str
    title: str
    source: str
    source_name: str
    language: str
    date: UtcTime  # of publication
    found_at: UtcTime
    changed: tuple[Literal["title", "text"], ...] = ()  # why it is told again; () for the first time
    outputs: tuple[OutputKind, ...] = ()  # that it is to be delivered to


class WatchProgress(Message, frozen=True, kw_only=True):
    """How far something has come: offsets by partition.

    `name` is "looked" (on the topic of enriched articles), or an output and its watch as in "webhook harbour" (on the
    topic of hits), or "alerts": then the pipeline was looked at, and there are no offsets.
    """

    name: str
    offsets: dict[str, int]  # the next one to be read
    unknown: tuple[str, ...] = ()  # of a look at the pipeline: the rules about what a server did not answer
    unjudged: tuple[str, ...] = ()  # and those for which there was nothing to judge by, such as no article

"""Looking: holds all watches against the articles that were indexed since the last look.

In: the topic of enriched articles up to where the index stage has finished it, the watches, what was told before. Out:
new hits and how far was looked; on the topics, acknowledged: the hits first, then the position. So a kill at any moment
repeats a look, and what it repeats is known from the hits that are on the topic. No clock decides what is new: an
article is held against the watches after it was written, however late, and by its id.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice

import msgspec

from index.searching.watch_search import WatchSearcher
from pipeline import settings
from pipeline.kafka import broker
from pipeline.kafka.broker import Record
from pipeline.kafka.consumer_lag import TopicFollower
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import ENRICHED, WATCH_HITS, WATCH_PROGRESS, Enriched
from pipeline.watch_messages import Watch, WatchHit, WatchProgress
from watches import last_look
from watches.new_hits import ToldArticles, indexed_articles, new_hits
from watches.watch_list import read_topic, search_of

LOOKED = last_look.ARTICLES  # the name of its WatchProgress


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one look has found: new hits, where the next look begins, how many messages and watches there were."""

    hits: tuple[WatchHit, ...]
    positions: dict[int, int]  # by partition
    messages: int
    watches: dict[str, Watch]
    refused: dict[str, str] = {}  # watch -> why Elasticsearch can't search for it
    complete: bool  # false: there is more to look at, at once


class Looker:
    """Holds the connections of the looks. To be used by one thread."""

    def __init__(self, options: settings.Settings, publisher: Publisher) -> None:
        self._options, self._publisher = options, publisher
        self._follower = TopicFollower(options.kafka, ENRICHED)
        self._searcher = WatchSearcher(options.elasticsearch)

    def find(self, positions: Mapping[int, int], told: ToldArticles, now: datetime) -> Found:
        """Looks at what comes next, at most `watches.articles_at_a_time` messages. Raises Unavailable, WrongSetting."""
        finished = self._follower.finished_by("index")
        # the list after the end: a watch that is not on it yet begins with articles that are not finished yet
        watches = read_topic(self._options.kafka)
        if not watches:
            return Found(hits=(), positions=furthest(positions, finished), messages=0, watches={}, complete=True)
        most = self._options.watches.articles_at_a_time
        records = list(islice(self._follower.read(positions, finished), most))
        articles = indexed_articles(
            message for each in records if (message := broker.decode_or_none(each.value, Enriched)) is not None
        )
        searches = {name: search_of(watch) for name, watch in watches.items()}
        oldest = min(watch.since for watch in watches.values())
        matches = self._searcher.find(searches, [each.id for each in articles.values() if each.fetched_at >= oldest])
        complete = len(records) < most
        return Found(
            hits=tuple(new_hits(matches.found, watches, articles, told, now)),
            positions=furthest(positions, finished if complete else after(records)),
            messages=len(records),
            watches=watches,
            refused=matches.refused,
            complete=complete,
        )

    def record_hits(self, found: Found) -> None:
        """Publishes the hits of a look. Raises Unavailable, Poison."""
        self._publisher.publish([self._publisher.encode(OutgoingMessage(WATCH_HITS, hit)) for hit in found.hits])

    def record_positions(self, found: Found) -> None:
        """Publishes how far was looked, which must come after the hits. Raises Unavailable, Poison."""
        offsets = {str(partition): offset for partition, offset in found.positions.items()}
        progress = WatchProgress(name=LOOKED, offsets=offsets)
        self._publisher.publish([self._publisher.encode(OutgoingMessage(WATCH_PROGRESS, progress))])

    def close(self) -> None:
        """Closes the connections; those to Kafka are made anew at the next look."""
        self._follower.close()

    def end(self) -> None:
        """Closes all connections for good."""
        self._follower.close()
        self._searcher.close()


def after(records: list[Record]) -> dict[int, int]:
    """By partition, the offset after the last of these records. Pure."""
    return {each.partition: each.offset + 1 for each in sorted(records, key=lambda record: record.offset)}


def furthest(before: Mapping[int, int], now: Mapping[int, int]) -> dict[int, int]:
    """By partition, the greater of two offsets: an index stage that was rewound makes nothing new. Pure."""
    return {each: max(before.get(each, 0), now.get(each, 0)) for each in {**before, **now}}


def read_progress(options: settings.Kafka) -> dict[str, dict[int, int]]:
    """How far everything has come, by its name: offsets by partition. Raises Unavailable, WrongSetting."""
    found: dict[str, dict[int, int]] = {}
    for record in broker.read_topic(options, WATCH_PROGRESS):
        progress = broker.decode_or_none(record.value, WatchProgress)
        if progress is not None:
            found[progress.name] = {int(partition): offset for partition, offset in progress.offsets.items()}
    return found


def articles_behind(options: settings.Kafka) -> int:
    """How many messages of the index stage no look has taken in yet; 0 when nothing is watched.

    Raises Unavailable, WrongSetting.
    """
    if not read_topic(options):
        return 0
    follower = TopicFollower(options, ENRICHED)
    try:
        finished, looked = follower.finished_by("index"), read_progress(options).get(LOOKED, {})
        return sum(max(0, end - looked.get(partition, 0)) for partition, end in finished.items())
    finally:
        follower.close()


def present() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)

"""Finds single messages on topics of any size: by key's partition and by time, and never more than so many of them.

In: a topic, and what is known of where and when. Out: Records, and in words what was read. What takes long is told
while it goes on. The one file of this room that reads Kafka's records.
"""

import time
from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsloom.trace.facts import Searched
from newsloom.trace.progress import PROGRESS_SECONDS
from pipeline import settings
from pipeline.kafka.broker import Record, topic_name
from pipeline.kafka.consumer_lag import TopicFollower
from pipeline.kafka.publisher import partition_for
from pipeline.messages import Topic

MOST_READ = 50_000  # messages of a topic, unless all are wanted: some seconds
# a message carries the time of the machine that wrote it; what is known of it may be from another one
CLOCKS_APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a topic: by partition, the first offset and that behind the last.

    `whole`: how many messages there are before it was chosen; `cut`: it was to have more.
    """

    starts: Mapping[int, int]
    ends: Mapping[int, int]
    whole: int
    cut: bool = False

    @property
    def size(self) -> int:
        """How many messages it may hold at most."""
        return sum(self.ends[each] - start for each, start in self.starts.items())


@dataclass
class TopicSearch:
    """Reads topics of one Kafka. To be closed. `progress` is told what goes on when it takes more than two seconds."""

    options: settings.Kafka
    everything: bool
    progress: Callable[[str], None]
    searched: list[Searched] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._followers: dict[str, TopicFollower] = {}

    def partition_of(self, topic: Topic, text: str) -> int:
        """The partition in which messages of this key lie. Raises Unavailable, WrongSetting."""
        return partition_for(text, len(self._follower(topic).begins()))

    def count(self, topic: Topic) -> int:
        """How many messages a topic has at most. Raises Unavailable, WrongSetting."""
        follower = self._follower(topic)
        return sum(follower.ends().values()) - sum(follower.begins().values())

    def handled(self, topic: Topic, stage: str) -> Mapping[int, int]:
        """By partition, the offset before which the stage has handled everything. Raises Unavailable, WrongSetting."""
        return self._follower(topic).finished_by(stage)

    def read(
        self,
        topic: Topic,
        partitions: Collection[int] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Generator[Record, None, None]:
        """The records of these partitions (None: of all) between two times, in the order of each partition.

        Where they are more than MOST_READ: the first from `since` on; without it, the newest. What was read is noted
        in `searched` when the reading ends. Raises Unavailable, WrongSetting.
        """
        follower = self._follower(topic)
        span = self._span(follower, partitions, since, until)
        name, read, begun = topic_name(self.options, topic), 0, time.monotonic()
        told = begun
        try:
            for record in follower.read(span.starts, span.ends) if span.size else ():
                read += 1
                if (now := time.monotonic()) - told > PROGRESS_SECONDS:
                    told = now
                    self.progress(f"reading {name}: {read} of {span.size} messages")
                yield record
        finally:
            self.searched.append(Searched(name, read, span.whole, span.cut and read >= span.size))

    def _span(
        self,
        follower: TopicFollower,
        partitions: Collection[int] | None,
        since: datetime | None,
        until: datetime | None,
    ) -> Span:
        begins, ends = follower.begins(), follower.ends()
        chosen = begins.keys() if partitions is None else begins.keys() & set(partitions)
        first = follower.offsets_at(since - CLOCKS_APART) if since else begins
        last = follower.offsets_at(until + CLOCKS_APART) if until else ends
        starts = {each: max(begins[each], first[each]) for each in chosen}
        whole = sum(ends[each] - begins[each] for each in chosen)
        span = Span(starts, {each: max(starts[each], last[each]) for each in chosen}, whole)
        return span if self.everything else shortened(span, MOST_READ, newest=since is None)

    def _follower(self, topic: Topic) -> TopicFollower:
        if topic.name not in self._followers:
            self._followers[topic.name] = TopicFollower(self.options, topic)
        return self._followers[topic.name]

    def close(self) -> None:
        """Closes the connections."""
        for each in self._followers.values():
            each.close()


def shortened(span: Span, most: int, *, newest: bool) -> Span:
    """The span with at most `most` messages, as many of each partition: the newest, or the first."""
    if span.size <= most:
        return span
    share, starts, ends = most // len(span.starts), span.starts, span.ends
    if newest:
        starts = {each: max(start, ends[each] - share) for each, start in starts.items()}
    else:
        ends = {each: min(ends[each], start + share) for each, start in starts.items()}
    return Span(starts, ends, span.whole, cut=True)

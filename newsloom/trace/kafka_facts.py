"""What Kafka knows of an article's way: the feeds that showed it, its messages between the stages, its dead letters.

In: a TopicSearch and a Question. Out: ShownBy, OnTopic and DeadLetters. Messages that can't be read are passed over.
"""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.feeds.entry import Entry
from ingest.frontier.known_entries import entry_key
from ingest.frontier.visit_record import ADDRESS_DIGITS
from ingest.urls import canonical_url, site_of
from newsloom.trace.facts import M, OnTopic, ShownBy
from newsloom.trace.question import Question
from newsloom.trace.topic_search import MOST_READ, TopicSearch
from pipeline.failures import Poison
from pipeline.kafka import dead_letter
from pipeline.kafka.broker import Record, decode_or_none
from pipeline.messages import DEAD, FEEDS, DeadLetter, FeedState, Topic, decode

# --- the feeds ---


def read_feeds(
    search: TopicSearch, question: Question, ids: Collection[str], hosts: Collection[str]
) -> list[FeedState]:
    """The feeds that may have shown the article, and those of its site, as the poller left them.

    Of a topic that is large only the partitions of these hosts are read. Raises Unavailable, WrongSetting.
    """
    whole = search.everything or search.count(FEEDS) <= MOST_READ
    partitions = None if whole else {search.partition_of(FEEDS, host) for host in hosts} or None
    marks = _marks(question, ids)
    newest: dict[bytes | None, bytes | None] = {}
    for record in search.read(FEEDS, partitions):
        interesting = record.value is not None and any(mark in record.value for mark in marks)
        newest[record.key] = record.value if interesting else None
    states = (decode_or_none(value, FeedState) for value in newest.values() if value)
    return sorted((state for state in states if state is not None), key=lambda state: state.url)


def _marks(question: Question, ids: Collection[str]) -> list[bytes]:
    """What the state of such a feed has in its bytes: one of these."""
    site = site_of(question.addresses[0]) if question.addresses else ""
    digits = [each[:ADDRESS_DIGITS] for each in (*ids, *question.ids)]
    marks = [*digits, *_entry_keys(question), question.beginning, site, '"pending":']
    return [each.encode() for each in dict.fromkeys(marks) if each]


def _entry_keys(question: Question) -> set[str]:
    """What entries are known by whose identity is their address."""
    return {entry_key(Entry(identity=each)) for each in (question.typed, *question.addresses)}


def of_site(states: Sequence[FeedState], question: Question) -> list[FeedState]:
    """The feeds of the site of the address."""
    site = site_of(question.addresses[0]) if question.addresses else ""
    return [each for each in states if site and site in (site_of(each.url), site_of(each.location or ""))]


def shown_by(states: Sequence[FeedState], question: Question, ids: Collection[str]) -> list[ShownBy]:
    """The feeds that showed the article, each with what it remembers of the entry; the first that did comes first."""
    found = [shown for state in states if (shown := _shown(state, question, {*ids, *question.ids}))]
    return sorted(found, key=lambda shown: shown.since)


def _shown(state: FeedState, question: Question, ids: Collection[str]) -> ShownBy | None:
    keys, digits = _entry_keys(question), {each[:ADDRESS_DIGITS] for each in question.ids}

    def is_meant(article: str) -> bool:
        return article in ids or bool(question.beginning and article.startswith(question.beginning))

    pending = next(
        (
            each
            for each in state.pending
            if each.entry in keys
            or canonical_url(each.url) in question.addresses
            or (each.published_as and is_meant(each.published_as.article))
        ),
        None,
    )
    seen = [each for each in state.seen if each.entry in keys or each.address in digits or is_meant(each.article)]
    same = [each for each in seen if pending and each.entry == pending.entry] or seen[-1:]
    return ShownBy(state, same[0] if same else None, pending) if pending or same else None


# --- the messages between the stages ---


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that is looked for: of the article with one of these ids, or whose id begins so.

    `revision`: the one to stop at; 0 where it is not known. It was written between `since` and `until`, where known.
    """

    ids: Sequence[str]
    beginning: str = ""
    revision: int = 0
    since: datetime | None = None
    until: datetime | None = None

    def is_meant(self, article: str) -> bool:
        """Whether this is the article's id."""
        return article in self.ids or bool(not self.ids and self.beginning and article.startswith(self.beginning))


def find_message(
    search: TopicSearch, topic: Topic, kind: type[M], stage: str, wanted: Wanted, partition_keys: Sequence[str]
) -> OnTopic[M] | None:
    """The article's newest message on a topic; None where it is not there, or was not found in what was read.

    `stage` reads the topic. `partition_keys`: keys in whose partitions it lies; none: it may lie in any. Raises
    Unavailable, WrongSetting.
    """
    partitions = {search.partition_of(topic, key) for key in partition_keys} or None
    newest: OnTopic[M] | None = None
    with closing(_records_of(search, topic, wanted, partitions)) as records:
        for record in records:
            message = decode_or_none(record.value, kind)
            if message is None or not wanted.is_meant(message.id):
                continue
            if newest is None or message.revision >= newest.message.revision:
                newest = _on_topic(record, message)
            if wanted.revision and message.revision >= wanted.revision:
                break
    return _with_progress(newest, search.handled(topic, stage)) if newest else None


def _records_of(
    search: TopicSearch, topic: Topic, wanted: Wanted, partitions: Collection[int] | None
) -> Generator[Record, None, None]:
    """The records that hold one of the ids in their bytes: most need not be decoded."""
    marks = [each.encode() for each in (*wanted.ids, *([] if wanted.ids else [wanted.beginning]))]
    with closing(search.read(topic, partitions, wanted.since, wanted.until)) as records:
        for record in records:
            if record.value and any(mark in record.value for mark in marks):
                yield record


def _on_topic(record: Record, message: M) -> OnTopic[M]:
    return OnTopic(message, _time(record), record.topic, record.partition, record.offset)


def _time(record: Record) -> datetime:
    try:
        return datetime.fromtimestamp((record.timestamp_ms or 0) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _with_progress(found: OnTopic[M], handled: Mapping[int, int]) -> OnTopic[M]:
    offset = handled.get(found.partition, 0)
    return OnTopic(
        found.message,
        found.at,
        found.topic,
        found.partition,
        found.offset,
        offset > found.offset,
        max(0, found.offset - offset),
    )


# --- the dead letters ---


def read_letters(search: TopicSearch, since: datetime | None, wanted: Callable[[DeadLetter], bool]) -> list[DeadLetter]:
    """The dead letters that are wanted, oldest first. Raises Unavailable, WrongSetting."""
    found: dict[str, DeadLetter] = {}
    for record in search.read(DEAD, since=since):
        letter = _letter(record)
        if letter is not None and wanted(letter):
            found[letter.id] = letter
    return sorted(found.values(), key=lambda letter: letter.failed_at)


def _letter(record: Record) -> DeadLetter | None:
    if record.value is None:
        return None
    try:
        return decode(record.value, DeadLetter)
    except Poison as poison:
        return dead_letter.unreadable(record, poison)

"""Asks Elasticsearch and Kafka for all that is known of an article's way.

In: the settings, a Question. Out: the Facts. Elasticsearch comes first, for what it knows is found at once; on Kafka
then only the places are read where a message must lie. A server that is away is a problem in the facts, and the other
one is asked all the same; messages that can't be read are passed over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from index.searching import trace_search
from index.searching.trace_search import IndexedArticle, find_articles
from index.writing.document import shared_fields
from ingest.urls import canonical_url, host_of, site_of
from newsloom.trace import kafka_facts
from newsloom.trace.facts import Facts, M, OnTopic, ShownBy
from newsloom.trace.kafka_facts import find_message, read_letters
from newsloom.trace.progress import told_when_slow
from newsloom.trace.question import Question
from newsloom.trace.topic_search import TopicSearch
from pipeline.failures import Failure, Poison
from pipeline.kafka.dead_letter import letter_id
from pipeline.messages import (
    ANNOTATED,
    ARTICLES,
    ENRICHED,
    Annotated,
    Article,
    DeadLetter,
    Enriched,
    FeedState,
    Topic,
)
from pipeline.settings import Settings

T = TypeVar("T")
STAGES = frozenset({"annotate", "stories", "index"})  # whose messages hold an article


def gather(options: Settings, question: Question, everything: bool, progress: Callable[[str], None]) -> Facts:
    """All that is known. `everything`: topics are read as a whole; `progress` is told what takes long."""
    search = TopicSearch(options.kafka, everything, progress)
    try:
        return _Gathering(options, search, question).run()
    finally:
        search.close()


class _Gathering:
    """One question. `_problems`: what the servers said that could not be asked; they are not asked again."""

    def __init__(self, options: Settings, search: TopicSearch, question: Question) -> None:
        self._elasticsearch, self._search, self._question = options.elasticsearch, search, question
        self._problems: dict[str, str] = {}

    def run(self) -> Facts:
        facts = self._from_index(Facts(self._question), self._question.ids, self._question.addresses)
        facts = self._from_feeds(facts)
        if facts.indexed is None and facts.article and not facts.others:
            facts = self._from_index(facts, (facts.article,), ())
        if not facts.others or facts.article:
            facts = self._from_topics(facts)
            facts = self._with_letters(facts)
        facts = self._with_surroundings(facts)
        return replace(facts, searched=tuple(self._search.searched), problems=tuple(self._problems.items()))

    def _ask(self, server: str, action: Callable[[], T]) -> T | None:
        """What the action returns; None from a server that can't be asked."""
        if server in self._problems:
            return None
        try:
            with told_when_slow(self._search.progress, f"asking {server}"):
                return action()
        except Poison:  # of a document that can't be read
            return None
        except Failure as failure:
            self._problems[server] = str(failure)
            return None

    # --- Elasticsearch ---

    def _articles(self, ids: Sequence[str], urls: Sequence[str] = (), beginning: str = "") -> list[IndexedArticle]:
        found = self._ask("elasticsearch", lambda: find_articles(self._elasticsearch, ids, urls, beginning))
        return found or []

    def _from_index(self, facts: Facts, ids: Sequence[str], urls: Sequence[str]) -> Facts:
        beginning = "" if urls or ids else self._question.beginning
        found = self._articles(ids, urls, beginning)
        named = tuple(f"{each.article.id}: {each.article.title} ({each.article.url})" for each in found)
        if beginning and len(found) > 1:
            return replace(facts, others=named)
        return replace(facts, indexed=found[0] if found else None, others=named[1:])

    def _with_surroundings(self, facts: Facts) -> Facts:
        """What else is told of an article: its original; where it is not in the index, what the index keeps."""
        if facts.indexed is None:
            months = self._ask("elasticsearch", lambda: trace_search.months_of_articles(self._elasticsearch))
            return replace(facts, months=tuple(months or ()))
        original = facts.indexed.article.duplicate_of
        found = self._articles([original]) if original else []
        return replace(facts, original=found[0] if found else None)

    # --- feeds ---

    def _from_feeds(self, facts: Facts) -> Facts:
        """The feeds, from Kafka; where that is away, without their entries, from Elasticsearch."""
        if facts.others and not facts.indexed:
            return facts
        question, urls = self._question, [facts.indexed.article.feed_url] if facts.indexed else []
        domain = site_of(question.addresses[0]) if question.addresses else ""
        listed = self._ask("elasticsearch", lambda: trace_search.find_feeds(self._elasticsearch, urls, domain)) or []
        ids = [facts.indexed.article.id] if facts.indexed else []
        hosts = {*map(host_of, (*question.addresses, *urls)), *(each.host for each in listed)} - {""}
        states = self._ask("kafka", lambda: kafka_facts.read_feeds(self._search, question, ids, hosts))
        if states is None:
            states = [FeedState(**shared_fields(each, FeedState)) for each in listed]
        return _with_feeds(facts, states, kafka_facts.shown_by(states, question, ids))

    # --- messages ---

    def _from_topics(self, facts: Facts) -> Facts:
        if facts.shown_by and not facts.article:
            return facts  # its feed knows that nothing was published
        facts = replace(facts, published=self._message(facts, ARTICLES, Article, "annotate"))
        if self._has_passed("annotate", facts.published):
            facts = replace(facts, annotated=self._message(facts, ANNOTATED, Annotated, "stories"))
            if self._has_passed("stories", facts.annotated):
                facts = replace(facts, enriched=self._message(facts, ENRICHED, Enriched, "index"))
        return facts

    def _has_passed(self, stage: str, found: OnTopic[M] | None) -> bool:
        """Whether a stage may have handed on what it read: not what it has not handled, nor what died in it."""
        if found is None:
            return True
        place = letter_id(stage, found.topic, found.partition, found.offset)
        return bool(found.handled) and not self._listed_letters([place], (), ())

    def _message(self, facts: Facts, topic: Topic, kind: type[M], stage: str) -> OnTopic[M] | None:
        known = facts.article
        if topic is not ARTICLES and not known:
            return None
        wanted = kafka_facts.Wanted(
            (known,) if known else self._question.ids,
            "" if known else self._question.beginning,
            facts.revision,
            _written_since(facts),
            _written_until(facts),
        )
        keys = _partition_keys(facts, topic, wanted.ids)
        return self._ask("kafka", lambda: find_message(self._search, topic, kind, stage, wanted, keys))

    # --- dead letters ---

    def _with_letters(self, facts: Facts) -> Facts:
        """The dead letters, from Elasticsearch; from Kafka what it does not have, while the article is not there."""
        about, since = LettersAbout.of(facts), _written_since(facts)
        letters = [each for each in self._listed_letters(*about.asked()) if about.is_meant(each)]
        if self._may_lack_letters(facts, about, letters):
            letters = self._ask("kafka", lambda: read_letters(self._search, since, about.is_meant)) or letters
        return replace(facts, letters=tuple(letters))

    def _may_lack_letters(self, facts: Facts, about: "LettersAbout", letters: Sequence[DeadLetter]) -> bool:
        """Whether Kafka may have a dead letter that tells the end of the article, and the index does not."""
        if "elasticsearch" in self._problems:
            return True
        told = any(each.id in about.ids for each in letters) if about.ids else bool(letters)
        return not told and not is_searchable(facts) and not _waits(facts)

    def _listed_letters(
        self, ids: Sequence[str], subjects: Sequence[str], beginnings: Sequence[str]
    ) -> list[DeadLetter]:
        found = self._ask(
            "elasticsearch", lambda: trace_search.find_letters(self._elasticsearch, ids, subjects, beginnings)
        )
        return [DeadLetter(**shared_fields(each, DeadLetter)) for each in found or []]


def _waits(facts: Facts) -> bool:
    """Whether it goes on by itself: then it has not died."""
    messages = (facts.published, facts.annotated, facts.enriched)
    waits_for_page = any(each.pending for each in facts.shown_by) and not facts.article
    return waits_for_page or any(each is not None and each.handled is False for each in messages)


def _with_feeds(facts: Facts, states: list[FeedState], shown: list[ShownBy]) -> Facts:
    articles = dict.fromkeys(each.article for each in shown if each.article)
    if facts.question.beginning and facts.indexed is None and len(articles) > 1:
        return replace(facts, others=tuple(articles))
    known = facts.indexed.article.id if facts.indexed else ""  # at one of the other addresses may be another article
    ours = tuple(each for each in shown if not known or each.article in ("", known))
    return replace(facts, shown_by=ours, feeds=tuple(kafka_facts.of_site(states, facts.question)))


def is_searchable(facts: Facts) -> bool:
    """Whether the newest revision that anything knows of is in the index."""
    return facts.indexed is not None and facts.indexed.article.revision >= facts.revision


def _written_since(facts: Facts) -> datetime | None:
    """The time before which no message about the newest revision was written; None where that is not known."""
    if facts.published:
        return facts.published.at
    if facts.indexed:  # a newer revision is younger
        return facts.indexed.article.fetched_at
    return min((each.since for each in facts.shown_by), default=None)


def _written_until(facts: Facts) -> datetime | None:
    return facts.indexed.article.indexed_at if facts.indexed and is_searchable(facts) else None


def _partition_keys(facts: Facts, topic: Topic, ids: Sequence[str]) -> Sequence[str]:
    """The keys in whose partitions a message lies: the ids, but on `annotated` the language, where it is known."""
    if topic is not ANNOTATED:
        return ids
    return [facts.indexed.article.language] if facts.indexed else []


@dataclass(frozen=True, slots=True)
class LettersAbout:
    """What dead letters about an article are told by: their ids, what they are about, or what was in the message."""

    ids: frozenset[str]
    articles: tuple[str, ...]
    addresses: tuple[str, ...]

    @classmethod
    def of(cls, facts: Facts) -> "LettersAbout":
        """Of the article of the facts."""
        places = (("annotate", facts.published), ("stories", facts.annotated), ("index", facts.enriched))
        ids = (letter_id(stage, at.topic, at.partition, at.offset) for stage, at in places if at)
        waiting = [canonical_url(each.pending.url) for each in facts.shown_by if each.pending]
        indexed = (facts.indexed.article.url, *facts.indexed.article.other_urls) if facts.indexed else ()
        published = (facts.published.message.url, *facts.published.message.other_urls) if facts.published else ()
        addresses = filter(None, (*facts.question.addresses, *waiting, *indexed, *published))
        articles = (facts.article,) if facts.article else facts.question.ids
        return cls(frozenset(ids), articles, tuple(dict.fromkeys(addresses)))

    def asked(self) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        """Ids, subjects, and beginnings of subjects, to search by."""
        return sorted(self.ids), (*self.articles, *self.addresses), [f"{each}?" for each in self.addresses]

    def is_meant(self, letter: DeadLetter) -> bool:
        """Whether a letter is about the article."""
        if letter.id in self.ids or letter.subject in self.articles:
            return True
        if not letter.topic:
            return (canonical_url(letter.subject) or letter.subject) in self.addresses
        return letter.stage in STAGES and any(each.encode() in letter.original for each in self.articles)

"""THE PATH of the second hop: Annotated -> Enriched, with what other articles tell: whose copy, which story.

One owner for each language. What must be remembered of an article is its Fingerprint: placing an article is deciding
(which changes nothing) and remembering (which decides nothing), so a restart reads the fingerprints back, remembers
each, and stands where it stood. Fingerprints are acknowledged before anything that follows from them is published.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from enrich.entities.entity_linking import EntityLinker
from enrich.recent_articles import Recent
from enrich.window import Memory, decision_of, enriched_of
from pipeline import memory_tuning, observability, settings
from pipeline.failures import Poison, WrongSetting
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.kafka.stage import Result, Stage, StageOutput
from pipeline.messages import (
    ANNOTATED,
    ENRICHED,
    FINGERPRINTS,
    STORIES,
    Annotated,
    Enriched,
    Fingerprint,
    M,
    Story,
    decode,
)
from pipeline.settings import Settings

REMEMBERED = 20_000  # articles whose text is kept, for the original that comes after its copy: about 60 MB


class Placed(NamedTuple):
    """An article in its place. `story` is None when it is closed; `outcome` is "known" when nothing was decided.

    `again`: earlier articles of which something else is true since this one has come: they are copies of it.
    """

    enriched: Enriched
    fingerprint: Fingerprint
    story: Story | None
    outcome: Literal["known", "joined", "opened"]
    again: tuple[Enriched, ...] = ()
    merged: tuple[Story, ...] = ()  # stories that have become a part of this one


def stage(options: Settings) -> Stage[Annotated]:
    """The stage `stories`: from `annotated` to `enriched` and `stories`, remembering `fingerprints`.

    Raises WrongSetting.
    """
    memory_tuning.tune_for_large_memory()
    hop = _Hop(options)
    return Stage("stories", ANNOTATED, Annotated, hop.handle, hop.assigned)


class _Hop:
    """The stage's state: the assigner of the partitions that we own."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._assigner = StoryAssigner(options.enrich)
        self._log = observability.get_logger("stories")

    def assigned(self, partitions: frozenset[int]) -> None:
        """Remembers what the fingerprints of our partitions say, and their last articles. Raises Unavailable.

        From the beginning each time: a partition that was ours before may have been another's in between.
        """
        assigner, kafka, remembered, recalled = StoryAssigner(self._options.enrich), self._options.kafka, 0, 0
        if partitions:
            last = REMEMBERED // len(partitions)
            fingerprints = broker.read_topic(kafka, FINGERPRINTS, partitions)
            with memory_tuning.garbage_collection_paused():
                remembered = self._take(fingerprints, Fingerprint, assigner.remember)
                recalled = self._take(broker.read_topic(kafka, ANNOTATED, partitions, last), Annotated, assigner.recall)
        self._assigner = assigner
        self._log.info("rebuilt", partitions=sorted(partitions), fingerprints=remembered, articles=recalled)

    def _take(self, records: Iterable[broker.Record], kind: type[M], take: Callable[[M], None]) -> int:
        """Has every message taken; returns how many were. What cannot be is named, and left out."""
        taken = 0
        for record in records:
            try:
                take(decode(record.value, kind))
                taken += 1
            except Poison as poison:
                where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                self._log.warning("forgotten", **where, detail=poison.detail)
        return taken

    def handle(self, batch: Sequence[Annotated]) -> list[Result]:
        """Places each article, in order."""
        return [self._handled(self._assigner.place(each)) for each in batch]

    def _handled(self, placed: Placed) -> StageOutput:
        if placed.outcome != "known":
            observability.STORIES.labels(placed.outcome).inc()
            if placed.enriched.duplicate_kind is not None:
                observability.DUPLICATES.labels(placed.enriched.duplicate_kind).inc()
        story = [OutgoingMessage(STORIES, each) for each in (placed.story, *placed.merged) if each]
        # also when it is known: we may know it from a batch whose fingerprints Kafka never acknowledged
        remember = (OutgoingMessage(FINGERPRINTS, placed.fingerprint),)
        articles = [OutgoingMessage(ENRICHED, each) for each in (placed.enriched, *placed.again)]
        return StageOutput(remember=remember, publish=(*articles, *story))


class StoryAssigner:
    """Places articles of any language, in order of arrival. Knows no Kafka."""

    def __init__(self, options: settings.Enrich) -> None:
        if options.duplicate_window_days > options.story_window_days:
            raise WrongSetting(
                f"enrich.duplicate_window_days = {options.duplicate_window_days} must not be above "
                f"enrich.story_window_days = {options.story_window_days}: a copy joins the story of its original"
            )
        self._options = options
        self._languages: dict[str, Memory] = {}
        self._linkers: defaultdict[str, EntityLinker] = defaultdict(EntityLinker)
        self._recent = Recent(REMEMBERED)

    def place(self, article: Annotated) -> Placed:
        """Decides whose copy the article is and which story it belongs to, and remembers it.

        An article that is known keeps its story, and in the same revision also what it is a copy of.
        """
        language, article = self._of(article.language), self._named(article)
        outcome, fingerprint = language.decide(article)
        self.remember(fingerprint)
        self._recent.put(article)
        again = tuple(self._again(language, each.id) for each in fingerprint.copies)
        told = language.story(fingerprint.story)
        merged = language.ended(fingerprint.merged)
        enriched = enriched_of(article, decision_of(fingerprint))
        return Placed(enriched, fingerprint, told, outcome, tuple(each for each in again if each), merged)

    def remember(self, fingerprint: Fingerprint) -> None:
        """Takes over what was decided. The same revision, or an earlier one, again changes nothing. Raises Poison."""
        self._of(fingerprint.language).remember(fingerprint)
        self._linkers[fingerprint.language].remember(fingerprint)

    def recall(self, article: Annotated) -> None:
        """Keeps an article of before a restart, to tell what has become of it when its original comes."""
        self._recent.put(self._named(article))

    def _again(self, language: Memory, article: str) -> Enriched | None:
        """An earlier article as it is now; None when it came too long ago to be told again."""
        recent, decision = self._recent.get(article), language.decision(article)
        return enriched_of(recent, decision) if recent and decision else None

    def _named(self, article: Annotated) -> Annotated:
        linker = self._linkers[article.language]
        return msgspec.structs.replace(article, entities=linker.link(article.entities))

    def _of(self, language: str) -> Memory:
        if language not in self._languages:
            self._languages[language] = Memory(language, self._options)
        return self._languages[language]

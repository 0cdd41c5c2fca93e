"""The stage `stories`, THE PATH of an article through it: decides whose copy an article is and which story it joins.

In: Annotated articles from the topic `annotated`. Out: Enriched articles, the Story messages that changed, and a
Fingerprint of each article, which is the stage's memory.

An article travels: `stage` -> `_StoriesStage.handle` -> `StoryAssigner.place` -> `LanguageWindow.decide` and `remember`
(enrich/window; the decision itself is in enrich/copies and enrich/clustering) -> `_build_result`.

All articles of a language are in one partition, so one worker owns a language. Deciding changes nothing and remembering
decides nothing, so after a restart the worker reads the fingerprints back, remembers each, and has the state it had.
Fingerprints are acknowledged by Kafka before anything that follows from them is published.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from enrich.entities.entity_linking import EntityLinker
from enrich.recent_articles import RecentArticles
from enrich.window import LanguageWindow, build_enriched, read_decision
from pipeline import memory_tuning, observability, settings
from pipeline.failures import Poison
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

RECENT_ARTICLES = 20_000  # whose text is kept, to publish a copy again when its original arrives late: about 60 MB


class PlacedArticle(NamedTuple):
    """What follows from one article: the enriched article, its fingerprint, and the message about its story (None when
    the story is closed).

    `outcome` is "known" when the article was placed before, "opened" when it opens a story, "joined" when it joins one.
    `changed` are earlier articles that have become copies of this one; `merged` are stories that were merged into its
    story.
    """

    enriched: Enriched
    fingerprint: Fingerprint
    story: Story | None
    outcome: Literal["known", "joined", "opened"]
    changed: tuple[Enriched, ...] = ()
    merged: tuple[Story, ...] = ()

    @property
    def stories(self) -> tuple[Story, ...]:
        """The messages about its story and those merged into it."""
        return (*((self.story,) if self.story else ()), *self.merged)


def stage(options: Settings) -> Stage[Annotated]:
    """The stage `stories`: from `annotated` to `enriched` and `stories`, with `fingerprints` as its memory."""
    memory_tuning.tune_for_large_memory()
    running = _StoriesStage(options)
    return Stage("stories", ANNOTATED, Annotated, running.handle, running.rebuild)


class _StoriesStage:
    """The running stage. Its state is the StoryAssigner of the partitions that this worker owns."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._assigner = StoryAssigner(options.enrich)
        self._log = observability.get_logger("stories")

    def rebuild(self, partitions: frozenset[int]) -> None:
        """Rebuilds the state from the fingerprints and the last articles of our partitions. Raises Unavailable.

        Called at each new assignment, always from the beginning: a partition that was ours before may have been
        another worker's in between.
        """
        assigner, kafka, remembered, recalled = StoryAssigner(self._options.enrich), self._options.kafka, 0, 0
        if partitions:
            last = RECENT_ARTICLES // len(partitions)
            fingerprints = broker.read_topic(kafka, FINGERPRINTS, partitions)
            with memory_tuning.garbage_collection_paused():
                remembered = self._replay(fingerprints, Fingerprint, assigner.remember)
                articles = broker.read_topic(kafka, ANNOTATED, partitions, last)
                recalled = self._replay(articles, Annotated, assigner.recall_article)
        self._assigner = assigner
        self._log.info("rebuilt", partitions=sorted(partitions), fingerprints=remembered, articles=recalled)

    def handle(self, batch: Sequence[Annotated]) -> list[Result]:
        """Places each article, in order, and returns what to publish for each: of a story only its last state."""
        placed = [self._assigner.place(each) for each in batch]
        last = {story.id: story for each in placed for story in each.stories}
        return [_build_result(each, [story for story in each.stories if last[story.id] is story]) for each in placed]

    def _replay(self, records: Iterable[broker.Record], kind: type[M], take: Callable[[M], None]) -> int:
        """Calls `take` with each decoded record; returns how many it took. Broken records are logged and left out."""
        taken = 0
        for record in records:
            try:
                take(decode(record.value, kind))
                taken += 1
            except Poison as poison:
                where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                self._log.warning("forgotten", **where, detail=poison.detail)
        return taken


class StoryAssigner:
    """Places articles of all languages, in order of arrival: the stage without Kafka."""

    def __init__(self, options: settings.Enrich) -> None:
        self._options = options
        self._windows: dict[str, LanguageWindow] = {}
        self._aliases: defaultdict[str, EntityLinker] = defaultdict(EntityLinker)
        self._recent = RecentArticles(RECENT_ARTICLES)

    def place(self, article: Annotated) -> PlacedArticle:
        """Decides whose copy the article is and which story it belongs to, and remembers it.

        An article that was placed before keeps its story, and in the same revision also what it is a copy of.
        """
        window, article = self._window_for(article.language), self._link_entities(article)
        outcome, fingerprint = window.decide(article)
        self.remember(fingerprint)
        self._recent.put(article)
        changed = tuple(self._current_version(window, each.id) for each in fingerprint.copies)
        story = window.story_message(fingerprint.story)
        merged = window.merged_stories(fingerprint.merged)
        enriched = build_enriched(article, read_decision(fingerprint))
        return PlacedArticle(enriched, fingerprint, story, outcome, tuple(each for each in changed if each), merged)

    def remember(self, fingerprint: Fingerprint) -> None:
        """Applies the decision in a fingerprint, also one that is read back after a restart. Raises Poison.

        A fingerprint of the same or an earlier revision as before changes nothing.
        """
        self._window_for(fingerprint.language).remember(fingerprint)
        self._aliases[fingerprint.language].remember(fingerprint)

    def recall_article(self, article: Annotated) -> None:
        """Keeps an article from before a restart, so that it can be published again when its original arrives."""
        self._recent.put(self._link_entities(article))

    def _current_version(self, window: LanguageWindow, article: str) -> Enriched | None:
        """An earlier article as it is now; None when it came too long ago to be published again."""
        recent, decision = self._recent.get(article), window.decision(article)
        return build_enriched(recent, decision) if recent and decision else None

    def _link_entities(self, article: Annotated) -> Annotated:
        aliases = self._aliases[article.language]
        return msgspec.structs.replace(article, entities=aliases.link(article.entities))

    def _window_for(self, language: str) -> LanguageWindow:
        if language not in self._windows:
            self._windows[language] = LanguageWindow(language, self._options)
        return self._windows[language]


def _build_result(placed: PlacedArticle, stories: Iterable[Story]) -> StageOutput:
    """The messages that follow from a placed article: its fingerprint first, then all that is published."""
    if placed.outcome != "known":
        observability.STORIES.labels(placed.outcome).inc()
        if placed.enriched.duplicate_kind is not None:
            observability.DUPLICATES.labels(placed.enriched.duplicate_kind).inc()
    story = [OutgoingMessage(STORIES, each) for each in stories]
    # also of a known article: it may be known from a batch whose fingerprints Kafka never acknowledged
    remember = (OutgoingMessage(FINGERPRINTS, placed.fingerprint),)
    articles = [OutgoingMessage(ENRICHED, each) for each in (placed.enriched, *placed.changed)]
    return StageOutput(remember=remember, publish=(*articles, *story))

"""THE PATH of the second hop: Annotated -> Enriched, with what other articles tell: whose copy, which story.

One owner for each language. What must be remembered of an article is its Fingerprint: placing an article is deciding
(which changes nothing) and remembering (which decides nothing), so a restart reads the fingerprints back, remembers
each, and stands where it stood. Fingerprints are acknowledged before anything that follows from them is published.

Times are the articles' own: when published, or when first seen where that is earlier or the other is missing. No clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, NamedTuple

import msgspec

from enrich import clusters, duplicates
from enrich.fingerprint import numbers
from enrich.recent import Recent
from enrich.tally import Tally
from pipeline import broker, observe, settings
from pipeline.failures import Poison, WrongSetting
from pipeline.messages import (
    ANNOTATED,
    ENRICHED,
    FINGERPRINTS,
    STORIES,
    Annotated,
    Copied,
    DuplicateKind,
    Enriched,
    Fingerprint,
    Story,
    decode,
)
from pipeline.publisher import Outgoing
from pipeline.settings import Settings
from pipeline.stage import Handled, Result, Stage

VERSION = 1  # grows when the same article would be placed differently
REMEMBERED = 20_000  # articles whose text is kept, for the original that comes after its copy: about 60 MB
DECISION_DAYS = 14  # what was decided is known for as long as `annotated` can be replayed
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # an earlier date of publication is an error of the page
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Placed(NamedTuple):
    """An article in its place. `story` is None when it is closed; `outcome` is "known" when nothing was decided.

    `again`: earlier articles of which something else is true since this one has come: they are copies of it.
    """

    enriched: Enriched
    fingerprint: Fingerprint
    story: Story | None
    outcome: Literal["known", "joined", "opened"]
    again: tuple[Enriched, ...] = ()


def stage(options: Settings) -> Stage[Annotated]:
    """The stage `stories`: from `annotated` to `enriched` and `stories`, remembering `fingerprints`.

    Raises WrongSetting.
    """
    hop = _Hop(options)
    return Stage("stories", ANNOTATED, Annotated, hop.handle, hop.assigned)


class _Hop:
    """The stage's state: the assigner of the partitions that we own."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._assigner = StoryAssigner(options.enrich)
        self._log = observe.get_logger("stories")

    def assigned(self, partitions: frozenset[int]) -> None:
        """Remembers what the fingerprints of our partitions say, and nothing else. Raises Unavailable.

        From the beginning each time: a partition that was ours before may have been another's in between.
        """
        assigner, remembered = StoryAssigner(self._options.enrich), 0
        for record in broker.read_back(self._options.kafka, FINGERPRINTS, partitions) if partitions else ():
            try:
                assigner.remember(decode(record.value, Fingerprint))
                remembered += 1
            except Poison as poison:
                self._log.warning("forgotten", partition=record.partition, offset=record.offset, detail=poison.detail)
        self._assigner = assigner
        self._log.info("rebuilt", partitions=sorted(partitions), fingerprints=remembered)

    def handle(self, batch: Sequence[Annotated]) -> list[Result]:
        """Places each article, in order."""
        return [self._handled(self._assigner.place(each)) for each in batch]

    def _handled(self, placed: Placed) -> Handled:
        if placed.outcome != "known":
            observe.STORIES.labels(placed.outcome).inc()
            if placed.enriched.duplicate_kind is not None:
                observe.DUPLICATES.labels(placed.enriched.duplicate_kind).inc()
        story = (Outgoing(STORIES, placed.story),) if placed.story else ()
        # also when it is known: we may know it from a batch whose fingerprints Kafka never acknowledged
        remember = (Outgoing(FINGERPRINTS, placed.fingerprint),)
        articles = [Outgoing(ENRICHED, each) for each in (placed.enriched, *placed.again)]
        return Handled(remember=remember, publish=(*articles, *story))


class StoryAssigner:
    """Places articles of any language, in order of arrival. Knows no Kafka."""

    def __init__(self, options: settings.Enrich) -> None:
        if options.duplicate_window_days > options.story_window_days:
            raise WrongSetting(
                f"enrich.duplicate_window_days = {options.duplicate_window_days} must not be above "
                f"enrich.story_window_days = {options.story_window_days}: a copy joins the story of its original"
            )
        self._options = options
        self._languages: dict[str, _Language] = {}
        self._recent = Recent(REMEMBERED)

    def place(self, article: Annotated) -> Placed:
        """Decides whose copy the article is and which story it belongs to, and remembers it.

        An article that is known keeps its story, and in the same revision also what it is a copy of.
        """
        language = self._of(article.language)
        outcome, fingerprint = language.decide(article)
        self.remember(fingerprint)
        self._recent.put(article)
        again = tuple(self._again(language, each.id) for each in fingerprint.copies)
        told = language.story(fingerprint.story)
        enriched = _enriched(article, _decision(fingerprint))
        return Placed(enriched, fingerprint, told, outcome, tuple(each for each in again if each))

    def remember(self, fingerprint: Fingerprint) -> None:
        """Takes over what was decided. The same revision, or an earlier one, again changes nothing."""
        self._of(fingerprint.language).remember(fingerprint)

    def _again(self, language: "_Language", article: str) -> Enriched | None:
        """An earlier article as it is now; None when it came too long ago to be told again."""
        recent, decision = self._recent.get(article), language.decision(article)
        return _enriched(recent, decision) if recent and decision else None

    def _of(self, language: str) -> "_Language":
        if language not in self._languages:
            self._languages[language] = _Language(language, self._options)
        return self._languages[language]


class _Decision(NamedTuple):
    """What stays known of an article after its fingerprint has gone."""

    revision: int
    story: str
    duplicate_of: str | None
    duplicate_kind: DuplicateKind | None
    resemblance: float | None
    containment: float | None
    copies: tuple[Copied, ...] = ()
    merged: tuple[str, ...] = ()


class _Language:
    """What is remembered of one language."""

    def __init__(self, language: str, options: settings.Enrich) -> None:
        self._language = language
        self._window = duplicates.Window(options.duplicate_window_days)
        self._clusters = clusters.Clusters(options.story_threshold, options.story_window_days)
        self._stories: dict[str, Tally] = {}
        self._decisions: dict[str, _Decision] = {}
        self._decided_on: dict[int, list[str]] = {}
        self._day = 0

    def story(self, story: str) -> Story | None:
        """The story as it stands; None when it is closed."""
        tally = self._stories.get(story)
        return tally.message(story, self._language) if tally else None

    def decision(self, article: str) -> "_Decision | None":
        """What was decided of an article."""
        return self._decisions.get(article)

    # --- deciding ---

    def decide(self, article: Annotated) -> tuple[Literal["known", "joined", "opened"], Fingerprint]:
        """The article's fingerprint with its place. Changes nothing."""
        terms = clusters.weigh(article.title, article.text, article.language)
        draft = _fingerprint(article, terms)
        known = self._decisions.get(article.id)
        if known is not None and known.revision >= article.revision:
            return "known", msgspec.structs.replace(draft, **known._replace(revision=article.revision)._asdict())
        match = self._window.find(_signature(draft))
        story = known.story if known else self._story_of(draft, match)
        opened = known is None and story not in self._clusters
        copy = match.copy._asdict() if match and match.copy else {}
        copies = match.copies if match else ()
        return "opened" if opened else "joined", msgspec.structs.replace(draft, story=story, copies=copies, **copy)

    def _story_of(self, draft: Fingerprint, match: duplicates.Match | None) -> str:
        original = self._decisions.get(match.recognised) if match else None
        return original.story if original else self._clusters.choose(_report(draft)) or _story_id(draft.id)

    # --- remembering ---

    def remember(self, fingerprint: Fingerprint) -> None:
        """Takes over what was decided."""
        known = self._decisions.get(fingerprint.id)
        if known is not None and known.revision >= fingerprint.revision:
            return
        self._advance(_day(fingerprint.first_seen_at))
        partial = fingerprint.containment if fingerprint.duplicate_kind == "partial" else None
        self._window.add(_signature(fingerprint), fingerprint.duplicate_of or fingerprint.id, partial)
        self._window.turn(fingerprint.id, fingerprint.copies)
        for each in fingerprint.copies:
            self._turn(fingerprint.id, each)
        if known is None:
            self._join(fingerprint)
            self._decided_on.setdefault(_day(fingerprint.first_seen_at), []).append(fingerprint.id)
        elif fingerprint.story in self._stories and fingerprint.story == _story_id(fingerprint.id):
            self._stories[fingerprint.story].headline = fingerprint.title
        self._decisions[fingerprint.id] = _decision(fingerprint)

    def _turn(self, original: str, copy: Copied) -> None:
        known = self._decisions.get(copy.id)
        if known is not None:
            said = msgspec.structs.asdict(copy)
            del said["id"]
            self._decisions[copy.id] = known._replace(duplicate_of=original, **said)

    def _join(self, fingerprint: Fingerprint) -> None:
        story = fingerprint.story
        if fingerprint.duplicate_of is None or story not in self._clusters:
            self._clusters.add(story, _report(fingerprint))
        else:  # its words are its original's: counting them again would draw the story towards what is copied most
            self._clusters.touch(story, _day(fingerprint.first_seen_at))
        tally = self._stories.setdefault(story, Tally(fingerprint.title, _time(fingerprint)))
        tally.count(fingerprint, _time(fingerprint))

    def _advance(self, day: int) -> None:
        if day <= self._day:
            return
        self._day = day
        self._window.advance(day)
        for closed in self._clusters.advance(day):
            del self._stories[closed]
        for old in [each for each in self._decided_on if each < day - DECISION_DAYS]:
            for article in self._decided_on.pop(old):
                del self._decisions[article]


def _story_id(first_article: str) -> str:
    """A story is named by its first article: the same message gives the same story again."""
    return sha256(f"story {first_article}".encode()).hexdigest()[:32]


def _fingerprint(article: Annotated, terms: dict[str, float]) -> Fingerprint:
    return Fingerprint(
        id=article.id,
        revision=article.revision,
        language=article.language,
        source=article.source,
        title=article.title,
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        content_hash=article.content_hash,
        sketch=article.sketch,
        terms=terms,
        numbers=numbers(article.title, article.text),
        entities=tuple(entity.key for entity in article.entities),
        story="",
    )


def _decision(fingerprint: Fingerprint) -> _Decision:
    return _Decision(*(getattr(fingerprint, name) for name in _Decision._fields))


def _enriched(article: Annotated, decision: _Decision) -> Enriched:
    fields = msgspec.structs.asdict(article) | {"sketch": b"", "enricher": VERSION}
    decided = decision._asdict()
    return Enriched(**fields | {name: decided[name] for name in Enriched.__struct_fields__ if name in decided})


def _signature(fingerprint: Fingerprint) -> duplicates.Signature:
    time, day = _time(fingerprint).timestamp(), _day(fingerprint.first_seen_at)
    return duplicates.signature(fingerprint, time, day)


def _report(fingerprint: Fingerprint) -> clusters.Report:
    time, day = _time(fingerprint).timestamp(), _day(fingerprint.first_seen_at)
    return clusters.report(fingerprint.terms, fingerprint.entities, time, day)


def _time(fingerprint: Fingerprint) -> datetime:
    published, seen = fingerprint.published_at, fingerprint.first_seen_at
    return min(published, seen) if published is not None and published >= OLDEST else seen


def _day(time: datetime) -> int:
    return (time - EPOCH) // timedelta(days=1)

"""What the stories hop remembers of one language: fingerprints in, and for each article whose copy and which story.

`decide` changes nothing and `remember` decides nothing, so what was decided can be read back and stands as it stood.
Times are the articles' own: when published, or when first seen where that is earlier or the other is missing. No clock.
"""

from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, NamedTuple

import msgspec

from enrich.clustering import clusters, report_embedding, vectors
from enrich.clustering.story_summary import Tally
from enrich.copies import duplicates
from enrich.copies.shingles import codes, numbers, title_words
from pipeline import settings
from pipeline.messages import Annotated, DuplicateKind, EarlierCopy, Enriched, Fingerprint, Story

VERSION = 5  # grows when the same article would be placed differently
DECISION_DAYS = 14  # what was decided is known for as long as `annotated` can be replayed
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)  # an earlier date of publication is an error of the page
DAY_SECONDS = 86_400.0
LATELY = 1_000  # more than a batch: a fingerprint that was not acknowledged is published again as it was


class Decision(NamedTuple):
    """What stays known of an article after its fingerprint has gone."""

    revision: int
    story: str
    duplicate_of: str | None
    duplicate_kind: DuplicateKind | None
    resemblance: float | None
    containment: float | None
    copies: tuple[EarlierCopy, ...] = ()
    merged: tuple[str, ...] = ()


class Memory:
    """What is remembered of one language."""

    def __init__(self, language: str, options: settings.Enrich) -> None:
        self._language = language
        self._window = duplicates.Window(options.duplicate_window_days)
        self._clusters = clusters.Clusters(options.story_threshold, options.story_window_days, options.story_most_open)
        self._stories: dict[str, Tally] = {}
        self._merged: dict[str, Story] = {}  # until what they became a part of is closed
        self._decisions: dict[str, Decision] = {}
        self._decided_on: dict[int, list[str]] = {}
        self._lately: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._day = 0

    def story(self, story: str) -> Story | None:
        """The story as it stands; None when it is closed."""
        tally = self._stories.get(self._present(story))
        return tally.message(self._present(story), self._language) if tally else None

    def ended(self, stories: tuple[str, ...]) -> tuple[Story, ...]:
        """Of these stories, those that have become a part of another, as they were then."""
        return tuple(self._merged[each] for each in stories if each in self._merged)

    def decision(self, article: str) -> Decision | None:
        """What was decided of an article."""
        return self._decisions.get(article)

    # --- deciding ---

    def decide(self, article: Annotated) -> tuple[Literal["known", "joined", "opened"], Fingerprint]:
        """The article's fingerprint with its place. Changes nothing."""
        report = report_of(article, _time(article), _day(article.first_seen_at))
        said = self._lately.get((article.id, article.revision)) or self._clusters.pack(report)
        draft = _fingerprint(article, said)
        known = self._decisions.get(article.id)
        if known is not None and known.revision >= article.revision:
            return "known", msgspec.structs.replace(draft, **known._replace(revision=article.revision)._asdict())
        match = self._window.find(duplicates.signature(draft, report.time, report.day))
        story, merged = (known.story, ()) if known else self._story_of(draft.id, report, match)
        opened = known is None and story not in self._clusters
        copy = match.copy._asdict() if match and match.copy else {}
        decided = {**copy, "story": story, "merged": merged, "copies": match.copies if match else ()}
        return "opened" if opened else "joined", msgspec.structs.replace(draft, **decided)

    def _story_of(
        self, article: str, report: vectors.Report, match: duplicates.Match | None
    ) -> tuple[str, tuple[str, ...]]:
        """The story, and those that turn out to be the same."""
        original = self._decisions.get(match.recognised) if match else None
        if original:
            return self._present(original.story), ()
        return self._clusters.choose(report) or clusters.Choice(_story_id(article))

    def _present(self, story: str) -> str:
        """What the story has become a part of, or itself."""
        while (told := self._merged.get(story)) and told.merged_into:
            story = told.merged_into
        return story

    # --- remembering ---

    def remember(self, fingerprint: Fingerprint) -> None:
        """Takes over what was decided. Raises Poison, and keeps nothing of it, when it cannot be what `decide` made."""
        known = self._decisions.get(fingerprint.id)
        if known is not None and known.revision >= fingerprint.revision:
            return
        time, day = _time(fingerprint), _day(fingerprint.first_seen_at)
        self._advance(day)
        if known is None:
            self._join(fingerprint, time, day)  # first: it is what may raise Poison
            self._decided_on.setdefault(day, []).append(fingerprint.id)
        elif fingerprint.story in self._stories and fingerprint.story == _story_id(fingerprint.id):
            self._stories[fingerprint.story].headline = fingerprint.title
        partial = fingerprint.containment if fingerprint.duplicate_kind == "partial" else None
        self._window.add(
            duplicates.signature(fingerprint, time, day), fingerprint.duplicate_of or fingerprint.id, partial
        )
        self._window.turn(fingerprint.id, fingerprint.copies)
        for each in fingerprint.copies:
            self._turn(fingerprint.id, each)
        self._decisions[fingerprint.id] = decision_of(fingerprint)
        self._lately[fingerprint.id, fingerprint.revision] = fingerprint.report
        if len(self._lately) > LATELY:
            self._lately.popitem(last=False)

    def _turn(self, original: str, copy: EarlierCopy) -> None:
        known = self._decisions.get(copy.id)
        if known is not None:
            said = msgspec.structs.asdict(copy)
            del said["id"]
            self._decisions[copy.id] = known._replace(duplicate_of=original, **said)

    def _join(self, fingerprint: Fingerprint, time: float, day: int) -> None:
        story = fingerprint.story
        if fingerprint.duplicate_of is None or story not in self._clusters:
            self._clusters.add(story, self._packed(fingerprint, time, day), time, day)
        else:  # its words are its original's: counting them again would draw the story towards what is copied most
            self._clusters.touch(story, day)
        tally = self._stories.setdefault(story, Tally(fingerprint.title, time))
        tally.count(fingerprint, time)
        for other in fingerprint.merged:
            self._merge(story, other)

    def _packed(self, fingerprint: Fingerprint, time: float, day: int) -> bytes:
        if fingerprint.report:
            return fingerprint.report
        title = vectors.title_terms(fingerprint.title, fingerprint.language)  # written before 2026-11-24
        return self._clusters.pack(vectors.report(fingerprint.terms, fingerprint.entities, time, day, title))

    def _merge(self, story: str, other: str) -> None:
        if self._clusters.merge(story, other):
            gone = self._stories.pop(other)
            self._merged[other] = msgspec.structs.replace(gone.message(other, self._language), merged_into=story)
            self._stories[story].absorb(gone)

    def _advance(self, day: int) -> None:
        if day <= self._day:
            return
        self._day = day
        self._window.advance(day)
        closed = set(self._clusters.advance(day))
        for story in closed:
            del self._stories[story]
        if closed:
            self._merged = {one: told for one, told in self._merged.items() if self._present(one) not in closed}
        for old in [each for each in self._decided_on if each < day - DECISION_DAYS]:
            for article in self._decided_on.pop(old):
                del self._decisions[article]


def _story_id(first_article: str) -> str:
    """A story is named by its first article: the same message gives the same story again."""
    return sha256(f"story {first_article}".encode()).hexdigest()[:32]


def _fingerprint(article: Annotated, report: bytes) -> Fingerprint:
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
        report=report,
        number_codes=codes(numbers(article.title, article.text)),
        title_codes=codes(title_words(article.title)),
        entities=tuple(entity.key for entity in article.entities),
        story="",
    )


def decision_of(fingerprint: Fingerprint) -> Decision:
    """What its fingerprint says was decided of an article."""
    return Decision(
        fingerprint.revision,
        fingerprint.story,
        fingerprint.duplicate_of,
        fingerprint.duplicate_kind,
        fingerprint.resemblance,
        fingerprint.containment,
        fingerprint.copies,
        fingerprint.merged,
    )


def enriched_of(article: Annotated, decision: Decision) -> Enriched:
    """The article with what was decided."""
    fields = msgspec.structs.asdict(article) | {"sketch": b"", "enricher": VERSION}
    decided = decision._asdict()
    return Enriched(**fields | {name: decided[name] for name in Enriched.__struct_fields__ if name in decided})


def report_of(article: Annotated, time: float, day: int) -> vectors.Report:
    """What an article is compared by, when it was published at `time` (seconds) and arrived on `day`."""
    language = article.language
    terms = vectors.weigh(article.title, article.text, language)
    names = (entity.key for entity in article.entities)
    said = report_embedding.gist(terms, f"{article.title}\n{article.text[: vectors.LEAD_CHARACTERS]}", language)
    return vectors.report(terms, names, time, day, vectors.title_terms(article.title, language), said)


def _time(article: Annotated | Fingerprint) -> float:
    """Seconds."""
    published, seen = article.published_at, article.first_seen_at
    return (min(published, seen) if published is not None and published >= OLDEST else seen).timestamp()


def _day(time: datetime) -> int:
    return int(time.timestamp() // DAY_SECONDS)

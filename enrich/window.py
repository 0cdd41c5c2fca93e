"""The window of one language: decides for each article whose copy it is and which story it joins, and remembers that.

In: annotated articles in order of arrival; after a restart, their fingerprints. Out: a Fingerprint with the decision
about each; Story messages, and the decisions made before.

`decide` changes nothing and `remember` decides nothing, so the state can be rebuilt from fingerprints. No clock is
read: the time of an article is when it was published, or first seen if that is earlier or the other is missing.
"""

from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, NamedTuple

import msgspec

from enrich.clustering import clusters, report_embedding, vectors
from enrich.clustering.story_summary import StorySummary
from enrich.copies import duplicates
from enrich.copies.shingles import extract_numbers, extract_title_words, pack_codes
from pipeline import settings
from pipeline.messages import Annotated, DuplicateKind, EarlierCopy, Enriched, Fingerprint, Story

ENRICHER_VERSION = 5  # to be increased when the same article would be placed differently
DECISION_DAYS = 14  # decisions are kept for as long as `annotated` can be replayed
EARLIEST_PUBLICATION = datetime(1990, 1, 1, tzinfo=UTC)  # an earlier date of publication is an error of the page
DAY_SECONDS = 86_400.0
RECENT_REPORTS = 1_000  # more than a batch: a fingerprint that was not acknowledged is published again unchanged


class Decision(NamedTuple):
    """What was decided about an article, as in its Fingerprint: its story, of what it is a copy and of which kind
    (resemblance and containment 0 to 1), which earlier articles are its copies, and which stories it merged.
    """

    revision: int
    story: str
    duplicate_of: str | None
    duplicate_kind: DuplicateKind | None
    resemblance: float | None
    containment: float | None
    copies: tuple[EarlierCopy, ...] = ()
    merged: tuple[str, ...] = ()


class LanguageWindow:
    """The articles and stories of one language that are not too old, by the windows in `options`."""

    def __init__(self, language: str, options: settings.Enrich) -> None:
        self._language = language
        self._duplicates = duplicates.DuplicateIndex(options.duplicate_window_days)
        self._clusters = clusters.Clusters(options.story_threshold, options.story_window_days, options.story_most_open)
        self._stories: dict[str, StorySummary] = {}
        self._merged: dict[str, Story] = {}  # merged story -> its last message, until the story it is part of is closed
        self._decisions: dict[str, Decision] = {}  # by article
        self._decided_on: dict[int, list[str]] = {}  # day -> articles
        self._recent_reports: OrderedDict[tuple[str, int], bytes] = OrderedDict()  # by article and revision, packed
        self._day = 0

    def story_message(self, story: str) -> Story | None:
        """The message about the story as it is now, or the one it was merged into; None when it is closed."""
        summary = self._stories.get(self._follow_merges(story))
        return summary.to_message(self._follow_merges(story), self._language) if summary else None

    def merged_stories(self, stories: tuple[str, ...]) -> tuple[Story, ...]:
        """The last messages of those of these stories that were merged into another."""
        return tuple(self._merged[each] for each in stories if each in self._merged)

    def decision(self, article: str) -> Decision | None:
        """What was decided about an article; None when it is unknown or too long ago."""
        return self._decisions.get(article)

    # --- deciding ---

    def decide(self, article: Annotated) -> tuple[Literal["known", "joined", "opened"], Fingerprint]:
        """The article's fingerprint with the decision about it. Changes nothing.

        Returned with it: "known" when this or a later revision was decided before, "opened" when the article opens a
        story, "joined" when it joins one.
        """
        report = build_article_report(article, _publication_time(article), _day_of(article.first_seen_at))
        packed = self._recent_reports.get((article.id, article.revision)) or self._clusters.pack(report)
        draft = _build_fingerprint(article, packed)
        earlier = self._decisions.get(article.id)
        if earlier is not None and earlier.revision >= article.revision:
            return "known", msgspec.structs.replace(draft, **earlier._replace(revision=article.revision)._asdict())
        match = self._duplicates.find(duplicates.build_signature(draft, report.time, report.day))
        if article.kind == "withdrawn":  # its words are ours: they make it neither a copy nor part of another story
            match = None
        story, merged = self._story_of(article, earlier, report, match)
        opened = earlier is None and story not in self._clusters
        copy = match.copy._asdict() if match and match.copy else {}
        decided = {**copy, "story": story, "merged": merged, "copies": match.copies if match else ()}
        return "opened" if opened else "joined", msgspec.structs.replace(draft, **decided)

    def _story_of(
        self, article: Annotated, earlier: Decision | None, report: vectors.Report, match: duplicates.Match | None
    ) -> tuple[str, tuple[str, ...]]:
        """The story that the article has already, or is put into; one that was withdrawn joins no other."""
        if earlier is not None or article.kind == "withdrawn":
            return earlier.story if earlier else _story_id(article.id), ()
        return self._choose_story(article.id, report, match)

    def _choose_story(
        self, article: str, report: vectors.Report, match: duplicates.Match | None
    ) -> tuple[str, tuple[str, ...]]:
        """The story of an article, and the stories to merge into it. A copy joins the story of its original."""
        original = self._decisions.get(match.matched) if match else None
        if original:
            return self._follow_merges(original.story), ()
        return self._clusters.choose(report) or clusters.StoryChoice(_story_id(article))

    def _follow_merges(self, story: str) -> str:
        """The story that this one was merged into in the end, or itself."""
        while (message := self._merged.get(story)) and message.merged_into:
            story = message.merged_into
        return story

    # --- remembering ---

    def remember(self, fingerprint: Fingerprint) -> None:
        """Applies the decision in a fingerprint; one of the same or an earlier revision as before changes nothing.

        Raises Poison, and applies nothing, when its `report` is broken, so that `decide` cannot have made it.
        """
        earlier = self._decisions.get(fingerprint.id)
        if earlier is not None and earlier.revision >= fingerprint.revision:
            return
        time, day = _publication_time(fingerprint), _day_of(fingerprint.first_seen_at)
        self._advance(day)
        if earlier is None:
            self._add_to_story(fingerprint, time, day)  # first, because it may raise Poison
            self._decided_on.setdefault(day, []).append(fingerprint.id)
        elif fingerprint.story in self._stories and fingerprint.story == _story_id(fingerprint.id):
            self._stories[fingerprint.story].headline = fingerprint.title
        partial = fingerprint.containment if fingerprint.duplicate_kind == "partial" else None
        self._duplicates.add(
            duplicates.build_signature(fingerprint, time, day), fingerprint.duplicate_of or fingerprint.id, partial
        )
        self._duplicates.reassign_copies(fingerprint.id, fingerprint.copies)
        for each in fingerprint.copies:
            self._update_copy(fingerprint.id, each)
        self._decisions[fingerprint.id] = read_decision(fingerprint)
        self._recent_reports[fingerprint.id, fingerprint.revision] = fingerprint.report
        if len(self._recent_reports) > RECENT_REPORTS:
            self._recent_reports.popitem(last=False)

    def _update_copy(self, original: str, copy: EarlierCopy) -> None:
        decision = self._decisions.get(copy.id)
        if decision is not None:
            changed = msgspec.structs.asdict(copy)
            del changed["id"]
            self._decisions[copy.id] = decision._replace(duplicate_of=original, **changed)

    def _add_to_story(self, fingerprint: Fingerprint, time: float, day: int) -> None:
        story = fingerprint.story
        if fingerprint.duplicate_of is None or story not in self._clusters:
            self._clusters.add(story, self._pack_report(fingerprint, time, day), time, day)
        else:  # a copy has the words of its original, which would draw the story towards what is copied most
            self._clusters.touch(story, day)
        summary = self._stories.setdefault(story, StorySummary(fingerprint.title, time))
        summary.add_article(fingerprint, time)
        for other in fingerprint.merged:
            self._merge(story, other)

    def _pack_report(self, fingerprint: Fingerprint, time: float, day: int) -> bytes:
        if fingerprint.report:
            return fingerprint.report
        title = vectors.extract_title_terms(fingerprint.title, fingerprint.language)  # written before 2026-11-24
        return self._clusters.pack(vectors.build_report(fingerprint.terms, fingerprint.entities, time, day, title))

    def _merge(self, story: str, other: str) -> None:
        if self._clusters.merge(story, other):
            gone = self._stories.pop(other)
            self._merged[other] = msgspec.structs.replace(gone.to_message(other, self._language), merged_into=story)
            self._stories[story].absorb(gone)

    def _advance(self, day: int) -> None:
        if day <= self._day:
            return
        self._day = day
        self._duplicates.advance(day)
        closed = set(self._clusters.advance(day))
        for story in closed:
            del self._stories[story]
        if closed:
            merged = self._merged.items()
            self._merged = {story: last for story, last in merged if self._follow_merges(story) not in closed}
        for old in [each for each in self._decided_on if each < day - DECISION_DAYS]:
            for article in self._decided_on.pop(old):
                del self._decisions[article]


def _story_id(first_article: str) -> str:
    """The id of the story that an article opens: made of the article's id, so a replay gives the same story."""
    return sha256(f"story {first_article}".encode()).hexdigest()[:32]


def _build_fingerprint(article: Annotated, report: bytes) -> Fingerprint:
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
        number_codes=pack_codes(extract_numbers(article.title, article.text)),
        title_codes=pack_codes(extract_title_words(article.title)),
        entities=tuple(entity.key for entity in article.entities),
        story="",
    )


def read_decision(fingerprint: Fingerprint) -> Decision:
    """The decision about an article that its fingerprint holds."""
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


def build_enriched(article: Annotated, decision: Decision) -> Enriched:
    """The annotated article with the decision about it, without its sketch."""
    fields = msgspec.structs.asdict(article) | {"sketch": b"", "enricher": ENRICHER_VERSION}
    decided = decision._asdict()
    return Enriched(**fields | {name: decided[name] for name in Enriched.__struct_fields__ if name in decided})


def build_article_report(article: Annotated, time: float, day: int) -> vectors.Report:
    """The report by which an article is compared with stories; published at `time` (seconds), arrived on `day`."""
    language = article.language
    terms = vectors.weigh_terms(article.title, article.text, language)
    names = (entity.key for entity in article.entities)
    lead = f"{article.title}\n{article.text[: vectors.LEAD_CHARACTERS]}"
    embedding = report_embedding.embed_report(terms, lead, language)
    title = vectors.extract_title_terms(article.title, language)
    return vectors.build_report(terms, names, time, day, title, embedding)


def _publication_time(article: Annotated | Fingerprint) -> float:
    """When the article was published, in seconds since 1970."""
    published, seen = article.published_at, article.first_seen_at
    return (min(published, seen) if published is not None and published >= EARLIEST_PUBLICATION else seen).timestamp()


def _day_of(time: datetime) -> int:
    return int(time.timestamp() // DAY_SECONDS)

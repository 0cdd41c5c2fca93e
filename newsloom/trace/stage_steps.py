"""The later steps of an article's way: annotate, stories, index, with the dead letters of each. Pure.

In: Facts and the present time. Out: Steps.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from index.writing.article_document import ArticleBody
from newsloom.trace.facts import Facts, OnTopic
from newsloom.trace.source_steps import first_time, letter_step
from newsloom.trace.step import Step, StepName
from newsloom.trace.words import count_of
from pipeline.kafka.dead_letter import letter_id
from pipeline.messages import ARTICLES, Annotated, Article, DeadLetter, Enriched

# what a stage handled is searchable, or on the next topic, within so many seconds
SETTLING = timedelta(seconds=30)
COMMANDS = {"annotate": "newsloom enrich annotate", "stories": "newsloom enrich stories", "index": "newsloom index"}
Source = OnTopic[Article] | OnTopic[Annotated] | OnTopic[Enriched]  # what a stage reads


def stage_steps(facts: Facts, now: datetime) -> Iterator[Step]:
    """How far it came, up to the first stage that it has not passed."""
    indexed = facts.indexed.article if facts.indexed else None
    newest = indexed if indexed and indexed.revision >= facts.revision else None
    if facts.published is None and facts.annotated is None and facts.enriched is None and newest is None:
        if indexed is not None:
            yield _index_done(facts, indexed)
        yield from _without_messages(facts, now)
        return
    yield from _annotate(facts, newest, now)
    yield from _stories(facts, newest, now)
    yield from _index(facts, newest, now)


def _annotate(facts: Facts, newest: ArticleBody | None, now: datetime) -> Iterator[Step]:
    found = facts.annotated.message if facts.annotated else facts.enriched.message if facts.enriched else newest
    if found is None:
        yield from _not_yet(facts, "annotate", facts.published, now)
        return
    names = count_of(len(found.entities), "name") + ("" if found.entities_by != "rules" else " (by rules, no model)")
    text = f"language {found.language}, {names}, by annotator {found.annotator}"
    yield from _letters(facts, "annotate", ended=False)
    yield Step(name="annotate", state="done", text=text, at=facts.annotated.at if facts.annotated else None)


def _stories(facts: Facts, newest: ArticleBody | None, now: datetime) -> Iterator[Step]:
    found = newest or (facts.enriched.message if facts.enriched else None)
    if found is None:
        if facts.annotated is not None:
            yield from _not_yet(facts, "stories", facts.annotated, now)
        return
    copy = _copy_in_words(facts, found) if found.duplicate_of else "no copy of another article"
    yield from _letters(facts, "stories", ended=False)
    at = facts.enriched.at if facts.enriched else None
    yield Step(name="stories", state="done", text=f"{copy}; story {found.story}", at=at)


def _copy_in_words(facts: Facts, found: ArticleBody | Enriched) -> str:
    share = f", {found.containment:.0%} of the shorter text" if found.containment is not None else ""
    original = f", {facts.original.article.url}" if facts.original else ""
    return f"a copy ({found.duplicate_kind}{share}) of article {found.duplicate_of}{original}"


def _index(facts: Facts, newest: ArticleBody | None, now: datetime) -> Iterator[Step]:
    if newest is not None:
        yield from _letters(facts, "index", ended=False)
        yield _index_done(facts, newest)
    else:
        if facts.indexed is not None:
            yield _index_done(facts, facts.indexed.article)
        if facts.enriched is not None:
            yield from _not_yet(facts, "index", facts.enriched, now)


def _index_done(facts: Facts, body: ArticleBody) -> Step:
    name = facts.indexed.index if facts.indexed else ""
    older = "" if body.revision >= facts.revision else f"; revision {facts.revision} is not"
    text = f"searchable in {name}: revision {body.revision}{older}"
    return Step(name="index", state="done", text=text, at=body.indexed_at)


# --- not there (yet) ---


def _not_yet(
    facts: Facts,
    stage: StepName,
    source: OnTopic[Article] | OnTopic[Annotated] | OnTopic[Enriched] | None,
    now: datetime,
) -> Iterator[Step]:
    """Why the stage has not handed on what is on its source topic."""
    place = letter_id(stage, source.topic, source.partition, source.offset) if source else ""
    died = any(each.stage == stage and (not place or each.id == place) for each in facts.letters)
    yield from _letters(facts, stage, ended=died)
    if died:
        return
    if source is not None and not source.handled:
        before = f"{count_of(source.before, 'message')} of its partition before it" if source.before else "it is next"
        do = f"newsloom status shows whether the stage runs ({COMMANDS[stage]}) and how it moves on"
        yield Step(name=stage, state="waiting", text=f"waits for {stage}: {before}", at=source.at, do=do)
    elif stage == "index":
        yield _not_in_index(facts, now, source.at if source else None)
    elif source is not None:
        text = f"{stage} has handled it; what came of it was not found in what was read of Kafka"
        yield Step(name=stage, state="unknown", text=text, do="newsloom trace --all reads the topics as a whole")


def _without_messages(facts: Facts, now: datetime) -> Iterator[Step]:
    """Its feed knows that it was published, and nothing else does."""
    if facts.article and facts.indexed is None:
        letters = [step for stage in ("annotate", "stories", "index") for step in _letters(facts, stage, ended=True)]
        yield from letters or [_not_in_index(facts, now, None)]


def _not_in_index(facts: Facts, now: datetime, handled_at: datetime | None) -> Step:
    if facts.problem("elasticsearch"):
        return Step(name="index", state="unknown", text="Elasticsearch can't be asked whether it has the article")
    if handled_at is not None and now - handled_at < SETTLING:
        return Step(name="index", state="waiting", text="written, and searchable within seconds", at=handled_at)
    if is_deleted(facts, now):
        text = f"deleted with the index of its month by retention: the index has {_months(facts)}"
        return Step(name="index", state="ended", text=text, do="elasticsearch.keep_months says how many are kept")
    do = "newsloom rewind index --hours N writes again what is still on Kafka"
    return Step(name="index", state="ended", text="not in the index, and nothing tells why", do=do)


def _months(facts: Facts) -> str:
    return f"{facts.months[0]} to {facts.months[-1]}" if facts.months else "no article"


def is_deleted(facts: Facts, now: datetime) -> bool:
    """Whether the index of its month is gone: older than those that are there, or nothing so old is kept anywhere."""
    first = first_time(facts)
    if first is None or facts.indexed or facts.problem("elasticsearch"):
        return False
    if not facts.months:
        return now - first > timedelta(days=ARTICLES.retention_days)
    return f"{first.astimezone(UTC):%Y.%m}" < facts.months[0]


def _letters(facts: Facts, stage: str, ended: bool) -> Iterator[Step]:
    """The stage's dead letters about it; of several about one message the last."""
    of_stage: dict[str, DeadLetter] = {each.id: each for each in facts.letters if each.stage == stage}
    for letter in of_stage.values():
        yield letter_step(letter, ended)

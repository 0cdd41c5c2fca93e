import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from enrich import stories
from enrich.stories import PlacedArticle, StoryAssigner
from pipeline import settings
from pipeline.kafka.publisher import OutgoingMessage, Publisher, partition_for
from pipeline.kafka.stage import StageOutput
from pipeline.messages import (
    ANNOTATED,
    ENRICHED,
    FINGERPRINTS,
    STORIES,
    Annotated,
    Enriched,
    Fingerprint,
    Story,
    decode,
    encode,
)
from pipeline.settings import Settings
from tests.enrich.samples import AUGUST, annotated

FLOOD = (
    "Heavy rain flooded the harbour of Velm overnight and hundreds of residents were moved to the school on the hill, "
    "where volunteers served soup. The mayor said that the old sea wall had broken in two places before midnight, and "
    "that divers would look at the damage when the water falls. Fishermen lost boats and nets worth two million crowns."
)
REPORT = (
    "Residents of Velm were taken to a school after rain flooded the harbour. The sea wall broke in two places, the "
    "mayor said, and fishermen lost their boats. Divers wait for the water to fall before they look at the damage."
)
VOTE = "Parliament in Ostrava voted to abolish the dog tax after a debate of nine hours about municipal budgets."


@pytest.fixture
def assigner(offline_options: Settings) -> StoryAssigner:
    return StoryAssigner(offline_options.enrich)


def flood(id_: str = "flood", /, **fields: Any) -> Annotated:
    return annotated(id_, "Flood in Velm", FLOOD, **{"names": ["Velm"], **fields})


def report(id_: str = "report", /, **fields: Any) -> Annotated:
    return annotated(
        id_, "Velm: hundreds moved after flood", REPORT, **{"names": ["Velm"], "source": "b.example", **fields}
    )


def vote(id_: str = "vote", /, **fields: Any) -> Annotated:
    return annotated(id_, "Dog tax abolished", VOTE, **{"names": ["Ostrava"], **fields})


def story_message(placed: PlacedArticle) -> Story:
    assert placed.story is not None
    return placed.story


def test_two_reports_share_a_story_and_a_third_does_not(assigner: StoryAssigner) -> None:
    first, second, third = [assigner.place(each) for each in (flood(), report(), vote())]
    assert [each.outcome for each in (first, second, third)] == ["opened", "joined", "opened"]
    assert first.enriched.story == second.enriched.story != third.enriched.story
    assert second.enriched.duplicate_of is None
    story = story_message(second)
    assert (story.headline, story.size, story.sources) == ("Flood in Velm", 2, ("a.example", "b.example"))


def test_a_copy_joins_the_story_of_its_original(assigner: StoryAssigner) -> None:
    original = assigner.place(flood())
    later = AUGUST + timedelta(hours=3)
    copy = assigner.place(flood("copy", source="c.example", first_seen_at=later, published_at=later))
    assert (copy.enriched.duplicate_of, copy.enriched.duplicate_kind) == ("flood", "exact")
    assert copy.enriched.story == original.enriched.story
    story = story_message(copy)
    assert (story.size, story.first_seen_at, story.last_seen_at) == (2, AUGUST, later)


def test_an_original_that_comes_after_its_copy_takes_it_over(offline_options: Settings) -> None:
    before, late = AUGUST - timedelta(hours=2), AUGUST + timedelta(hours=1)
    articles = [
        annotated("copy", "Flood", FLOOD[:200], names=["Velm"]),
        flood("original", published_at=before, first_seen_at=late),
        flood("later", first_seen_at=late, published_at=late),
    ]
    assigner = StoryAssigner(offline_options.enrich)
    copy, original, later = [assigner.place(each) for each in articles]
    assert copy.enriched.duplicate_of is None
    assert original.enriched.duplicate_of is None
    (again,) = original.changed
    assert (again.id, again.revision, again.text) == ("copy", 1, FLOOD[:200])
    assert (again.duplicate_of, again.duplicate_kind) == ("original", "partial")
    assert (again.story, original.enriched.story) == (copy.enriched.story,) * 2
    assert later.enriched.duplicate_of == "original"
    assert assigner.place(articles[0]).enriched == again
    repeated = assigner.place(articles[1])
    assert (repeated.fingerprint, repeated.changed) == (original.fingerprint, original.changed)
    restarted = StoryAssigner(offline_options.enrich)
    for each in (copy, original):
        restarted.remember(decode(encode(each.fingerprint), Fingerprint))
    assert restarted.place(articles[2]) == later
    assert restarted.place(articles[0]).enriched == again


def test_stories_that_turn_out_to_be_one_are_merged_and_that_is_published(offline_options: Settings) -> None:
    apart = [StoryAssigner(offline_options.enrich).place(each) for each in (report("first"), flood("second"))]
    assigner, restarted = StoryAssigner(offline_options.enrich), StoryAssigner(offline_options.enrich)
    older, younger = [each.enriched.story for each in apart]
    both = " ".join(word for pair in zip(REPORT.split(), FLOOD.split(), strict=False) for word in pair)
    bridge = annotated("bridge", "Flood in Velm: hundreds moved", both, names=["Velm"], source="c.example")
    for each in apart:
        assigner.remember(each.fingerprint)
    placed = assigner.place(bridge)
    assert placed.enriched.story == older
    assert (story_message(placed).size, story_message(placed).sources) == (3, ("b.example", "c.example", "a.example"))
    assert [(each.id, each.merged_into, each.size) for each in placed.merged] == [(younger, older, 1)]
    assert placed.fingerprint.merged == (younger,)
    # again, after a restart, and for the articles of the story that ended
    assert assigner.place(bridge) == placed._replace(outcome="known")
    for one in (*apart, placed):
        restarted.remember(decode(encode(one.fingerprint), Fingerprint))
    for running in (assigner, restarted):
        known = running.place(flood("second"))
        assert (known.enriched.story, story_message(known).id, story_message(known).size) == (younger, older, 3)
        assert running.place(flood("copy")).enriched.story == older


def test_the_enriched_article_keeps_all_but_the_sketch(assigner: StoryAssigner) -> None:
    article = flood()
    enriched = assigner.place(article).enriched
    assert enriched.sketch == b""
    assert [enriched.id, enriched.text, enriched.entities] == [article.id, article.text, article.entities]


def test_a_message_that_comes_again_is_placed_as_before(assigner: StoryAssigner) -> None:
    placed = [assigner.place(each) for each in (flood(), flood("copy"), report())]
    again = [assigner.place(each) for each in (flood(), flood("copy"), report())]
    assert [each.outcome for each in again] == ["known"] * 3
    assert [each.enriched for each in again] == [each.enriched for each in placed]
    assert [each.fingerprint for each in again] == [each.fingerprint for each in placed]
    assert story_message(again[2]) == story_message(placed[2])


def test_a_new_revision_keeps_its_story_and_gives_up_what_is_no_copy_any_more(assigner: StoryAssigner) -> None:
    assigner.place(flood())
    copy = assigner.place(flood("copy"))
    rewritten = assigner.place(vote("copy", revision=2))
    assert rewritten.enriched.story == copy.enriched.story
    assert rewritten.enriched.duplicate_of is None
    assert story_message(rewritten).size == 2
    assert assigner.place(flood("copy")).enriched.story == copy.enriched.story


def test_the_headline_follows_the_first_article(assigner: StoryAssigner) -> None:
    assigner.place(flood())
    assigner.place(report())
    corrected = annotated("flood", "Flood in Velm, wall broken", FLOOD, revision=2, names=["Velm"])
    assert story_message(assigner.place(corrected)).headline == "Flood in Velm, wall broken"
    other = annotated("report", "Something else", REPORT, revision=2)
    assert story_message(assigner.place(other)).headline == "Flood in Velm, wall broken"


def test_languages_are_apart(assigner: StoryAssigner) -> None:
    german = msgspec.structs.replace(flood("german"), language="de")
    first, second = assigner.place(flood()), assigner.place(german)
    assert first.enriched.story != second.enriched.story
    assert second.enriched.duplicate_of is None


def test_a_date_in_the_future_does_not_age_the_rest(assigner: StoryAssigner) -> None:
    assigner.place(flood())
    assigner.place(vote("odd", published_at=AUGUST.replace(year=2999), first_seen_at=AUGUST))
    assigner.place(vote("old", published_at=AUGUST.replace(year=1970), first_seen_at=AUGUST))
    assert assigner.place(report()).outcome == "joined"
    assert story_message(assigner.place(vote("odd2"))).last_seen_at == AUGUST


def test_an_old_story_is_not_taken_up_again(assigner: StoryAssigner) -> None:
    first = assigner.place(flood())
    later = AUGUST + timedelta(days=20)
    second = assigner.place(flood("later", first_seen_at=later, published_at=later))
    assert second.enriched.story != first.enriched.story
    assert second.enriched.duplicate_of is None
    assert story_message(second).size == 1
    assert assigner.place(flood("late")).enriched.story not in (first.enriched.story, second.enriched.story)


def test_a_restart_in_the_middle_changes_nothing(offline_options: Settings) -> None:
    articles = [make(f"{make.__name__}{number}") for number in range(6) for make in (flood, report, vote)]
    articles += [flood("flood1", revision=2), vote("report2", revision=2), flood("flood1")]
    random.Random(1).shuffle(articles)
    through = StoryAssigner(offline_options.enrich)
    expected = [through.place(each) for each in articles]
    for cut in range(len(articles)):
        restarted = StoryAssigner(offline_options.enrich)
        for placed in expected[:cut]:
            restarted.remember(decode(encode(placed.fingerprint), Fingerprint))
        assert [restarted.place(each) for each in articles[cut:]] == expected[cut:]


def test_the_stage_remembers_first_and_publishes_article_and_story(offline_options: Settings) -> None:
    (handled,) = stories.stage(offline_options).handle([flood()])
    assert isinstance(handled, StageOutput)
    assert [each.topic for each in handled.remember] == [FINGERPRINTS]
    assert [each.topic for each in handled.publish] == [ENRICHED, STORIES]


@pytest.mark.stack
def test_the_stage_rebuilds_the_partitions_that_it_owns(options: Settings) -> None:
    publisher = Publisher(options.kafka)
    before = StoryAssigner(options.enrich).place(flood())
    # one whose vectors are broken costs no other, and does not hinder the start
    broken = msgspec.structs.replace(before.fingerprint, id="broken", story="broken", report=b"no vectors")
    publisher.publish([publisher.encode(OutgoingMessage(FINGERPRINTS, each)) for each in (broken, before.fingerprint)])
    publisher.close()
    ours = partition_for("en", options.kafka.partitions)
    running = stories.stage(options)

    def story_of(article: Annotated) -> str:
        (handled,) = running.handle([article])
        assert isinstance(handled, StageOutput)
        (enriched,) = [each.message for each in handled.publish if each.topic is ENRICHED]
        return str(enriched.story)  # type: ignore[attr-defined]

    running.assigned(frozenset({ours}))
    assert story_of(report()) == before.enriched.story
    running.assigned(frozenset({1 - ours}))
    assert story_of(report("another")) != before.enriched.story
    running.assigned(frozenset())
    assert story_of(report("third")) != before.enriched.story


@pytest.mark.stack
def test_an_original_that_comes_after_a_restart_takes_over_the_copy_that_came_before(options: Settings) -> None:
    copy = annotated("copy", "Flood", FLOOD[:200], names=["Velm"])
    other = annotated("other", "Chess", "The chess club of Aske meets every Tuesday in the old mill.")
    before = stories.stage(options)
    publisher = Publisher(options.kafka)
    for each in (other, copy):
        (handled,) = before.handle([each])
        assert isinstance(handled, StageOutput)
        publisher.publish([publisher.encode(out) for out in (OutgoingMessage(ANNOTATED, each), *handled.remember)])
    broken = msgspec.structs.replace(publisher.encode(OutgoingMessage(ANNOTATED, copy)), value=b"no article")
    publisher.publish([broken])
    publisher.close()
    restarted = stories.stage(options)
    restarted.assigned(frozenset({partition_for("en", options.kafka.partitions)}))
    early, late = AUGUST - timedelta(hours=2), AUGUST + timedelta(hours=1)
    (handled,) = restarted.handle([flood("original", published_at=early, first_seen_at=late)])
    assert isinstance(handled, StageOutput)
    published = {each.message.id: each.message for each in handled.publish if isinstance(each.message, Enriched)}
    assert published.keys() == {"original", "copy"}
    assert (published["copy"].duplicate_of, published["copy"].text) == ("original", FLOOD[:200])


def test_settings_are_taken_from_the_section(offline_options: Settings) -> None:
    strict = msgspec.structs.replace(offline_options.enrich, story_threshold=1.0)
    assert isinstance(strict, settings.Enrich)
    assigner = StoryAssigner(strict)
    assigner.place(flood())
    assert assigner.place(report()).outcome == "opened"

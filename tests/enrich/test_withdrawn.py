"""An article that its agency took back: it keeps its language and its story, and its few words make it no copy."""

from typing import Any

import pytest

from enrich.annotate import annotate
from enrich.stories import StoryAssigner
from pipeline.messages import Annotated
from pipeline.settings import Settings
from tests.enrich.samples import annotated, article

TITLE = "Article withdrawn by Fenwire"
FLOOD = (
    "Heavy rain flooded the harbour of Velm overnight and hundreds of residents were moved to the school on the hill, "
    "where volunteers served soup. The mayor said that the old sea wall had broken in two places before midnight, and "
    "that divers would look at the damage when the water falls. Fishermen lost boats and nets worth two million crowns."
)


def withdrawn(id_: str, /, **fields: Any) -> Annotated:
    text = f"Fenwire has withdrawn this article (urn:newsml:fenwire.example:2026:{id_}, version 2)."
    return annotated(id_, TITLE, text, kind="withdrawn", revision=2, **fields)


@pytest.fixture
def assigner(offline_options: Settings) -> StoryAssigner:
    return StoryAssigner(offline_options.enrich)


def test_it_keeps_its_story_and_is_no_copy(assigner: StoryAssigner) -> None:
    first = assigner.place(annotated("a", "Flood in Velm", FLOOD))
    second = assigner.place(annotated("b", "Flood in Velm", FLOOD, source="b.example"))
    assert second.enriched.duplicate_of == first.enriched.id
    gone = assigner.place(withdrawn("b", source="b.example"))
    assert (gone.enriched.story, gone.enriched.duplicate_of) == (first.enriched.story, None)
    assert (gone.enriched.title, gone.enriched.kind) == (TITLE, "withdrawn")


def test_a_story_that_it_opened_no_longer_has_its_headline(assigner: StoryAssigner) -> None:
    assigner.place(annotated("a", "Flood in Velm", FLOOD))
    story = assigner.place(withdrawn("a")).story
    assert story is not None
    assert story.headline == TITLE


def test_two_of_them_are_neither_copies_nor_one_story(assigner: StoryAssigner) -> None:
    placed = [assigner.place(withdrawn(each)).enriched for each in ("a", "b", "c")]
    assert len({each.story for each in placed}) == 3
    assert [each.duplicate_of for each in placed] == [None, None, None]


def test_its_language_is_that_of_the_article_before() -> None:
    fields: dict[str, Any] = {"claimed_language": "sv", "claimed_by": "feed", "feed_languages": ("sv",)}
    [found] = annotate([article("a", TITLE, "Fenwire has withdrawn this article.", kind="withdrawn", **fields)])
    assert (found.language, found.language_source) == ("sv", "feed")

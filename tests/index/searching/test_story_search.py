"""What the index says of stories: on the real server, over a few invented articles."""

from datetime import timedelta
from typing import Any

import pytest

from index import mapping, write
from index.searching import article_search, story_search
from index.searching.article_search import refresh
from index.writing.document_kinds import KINDS
from pipeline import settings
from pipeline.entity import Entity
from pipeline.messages import Enriched, Story
from pipeline.settings import Settings
from tests.index.samples import OCTOBER, enriched

NOW = OCTOBER + timedelta(minutes=30)
VELM = Entity(name="VELM", key="velm", type="place", count=1, canonical="Velm")
HARBOUR = Entity(name="Harbour Board", key="harbour board", type="organisation", count=2)
DIVER = Entity(name="Ms Dallow", key="dallow", type="person", count=1, canonical="Signe Dallow")


def report(id_: str, story: str, hours: float, /, **fields: Any) -> Enriched:
    seen = NOW - timedelta(hours=hours)
    source = f"{id_}.example"
    return enriched(id_, story=story, source=source, first_seen_at=seen, published_at=seen, **fields)


def told(id_: str, sources: tuple[str, ...], **fields: Any) -> Story:
    return Story(
        id=id_,
        language="en",
        headline=f"Headline of {id_}",
        size=len(sources),
        sources=sources,
        first_seen_at=OCTOBER,
        last_seen_at=OCTOBER,
        **fields,
    )


def row(id_: str, **fields: Any) -> dict[str, Any]:
    plain = {"id": id_, "url": "", "title": id_, "source": "a", "source_name": "A", "language": "en", "story": "s"}
    return {**plain, "date": OCTOBER.isoformat(), "group": id_, **fields}


def test_copies_are_folded_under_their_original() -> None:
    rows = [
        row("copy", group="original", duplicate_of="original"),
        row("original"),
        row("other"),
        row("orphan", group="lost", duplicate_of="lost"),
    ]
    found = story_search.fold_copies(rows)
    assert [(each.article.id, [copy.id for copy in each.copies]) for each in found] == [
        ("original", ["copy"]),
        ("other", []),
        ("orphan", []),
    ]


@pytest.fixture
def filled(options: Settings) -> settings.Elasticsearch:
    there = options.elasticsearch
    mapping.install(there)
    write.stage(there).handle(
        [
            report("a", "flood", 1, entities=(VELM, HARBOUR)),
            report("b", "flood", 2, duplicate_of="a", duplicate_kind="near", entities=(VELM,)),
            report("c", "part", 3, entities=(DIVER, VELM)),
            report("d", "flood", 30),
            report("e", "vote", 4),
            report("f", "old", 40),
            report("g", "wahl", 5, language="de"),
        ]
    )
    sources = ("a.example", "b.example", "c.example", "d.example")
    kept = [
        told("flood", sources),
        told("part", ("c.example",), merged_into="flood"),
        told("vote", ("e.example",)),
        told("old", ("f.example",)),
        told("wahl", ("g.example",)),
    ]
    (kind,) = [each for each in KINDS if each.name == "stories"]
    write.stage(there, kind=kind).handle(kept)
    refresh(there)
    return there


@pytest.mark.stack
def test_the_biggest_stories_come_first_and_parts_count_with_the_whole(filled: settings.Elasticsearch) -> None:
    found = story_search.current_stories(filled, NOW, 24)
    assert [(each.story.id, each.outlets, each.articles, each.before) for each in found] == [
        ("flood", 3, 3, 1),
        ("vote", 1, 1, 0),
        ("wahl", 1, 1, 0),
    ]
    assert found[0].names == ("Velm", "Harbour Board", "Signe Dallow")
    assert [each.story.id for each in story_search.current_stories(filled, NOW, 24, size=1)] == ["flood"]
    assert [each.story.id for each in story_search.current_stories(filled, NOW, 24, language="de")] == ["wahl"]


@pytest.mark.stack
def test_a_timeline_has_the_articles_of_all_parts_in_order(filled: settings.Elasticsearch) -> None:
    for asked in ("flood", "part", "floo"):
        found = story_search.story_timeline(filled, asked)
        assert found is not None
        assert found.names == ("Velm", "Signe Dallow", "Harbour Board")
        assert found.story.id == "flood"
        assert found.parts == ("part",)
        assert [each.article.id for each in found.texts] == ["d", "c", "a"]
        assert [copy.id for copy in found.texts[2].copies] == ["b"]
    assert story_search.story_timeline(filled, "nothing") is None
    assert story_search.story_timeline(filled, "flo") is None  # too short to be the beginning of an id


@pytest.mark.stack
def test_a_search_in_a_story_finds_the_articles_of_its_parts_too(filled: settings.Elasticsearch) -> None:
    for asked in ("flood", "part"):
        told_as = story_search.story_ids_with_parts(filled, asked)
        assert told_as == ("flood", "part")
        found = article_search.search(filled, "", article_search.Filters(stories=told_as))
        assert found.total == 4
    assert story_search.story_ids_with_parts(filled, "nothing") == ("nothing",)


@pytest.mark.stack
def test_what_has_become_of_a_story(filled: settings.Elasticsearch) -> None:
    assert story_search.resolve_merged(filled, ["flood", "part", "vote", "nothing"]) == {
        "flood": "flood",
        "part": "flood",
        "vote": "vote",
        "nothing": "nothing",
    }


@pytest.mark.stack
def test_before_the_first_story_there_is_none(options: Settings) -> None:
    assert story_search.current_stories(options.elasticsearch, NOW, 24) == []
    assert story_search.story_timeline(options.elasticsearch, "flood") is None
    assert story_search.resolve_merged(options.elasticsearch, ["flood"]) == {"flood": "flood"}

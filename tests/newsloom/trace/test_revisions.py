"""What changed from one revision to the next, from the messages that Kafka has."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from newsloom.demo.local_site import Site
from newsloom.trace.revisions import compare_revisions, read_revisions
from pipeline.messages import Article
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Paper, Story, articles, once, with_feeds
from tests.pipeline.message_samples import CURRENT

SAMPLE = CURRENT["articles"]


def revision(number: int, text: str, title: str = "Bridge opens") -> Article:
    assert isinstance(SAMPLE, Article)
    changed = ("text",) if number > 1 else ()
    return replace(SAMPLE, revision=number, title=title, text=text, changed=changed)


def test_each_revision_is_held_against_the_one_before() -> None:
    found = compare_revisions(
        [revision(2, "It opens on Friday."), revision(1, "It opens on Monday."), revision(5, "It opens.", "Open")]
    )
    assert [(each.revision, each.title, each.text) for each in found] == [
        (1, (), ()),
        (2, (), ("It opens on [-Monday.-] {+Friday.+}",)),
        (5, ("[-Bridge opens-] {+Open+}",), ("It [-opens on Friday.-] {+opens.+}",)),
    ]


def test_a_revision_that_came_twice_counts_once() -> None:
    assert [each.revision for each in compare_revisions([revision(1, "a"), revision(1, "a")])] == [1]
    assert compare_revisions([]) == []


@pytest.mark.stack
def test_revisions_are_read_from_the_topic(options: Settings, tmp_path: Path) -> None:
    with Site() as site:
        paper = Paper(site, {"/one.xml": [Story("Arden"), Story("Brome")]})
        paper.show()
        options = with_feeds(options, tmp_path, paper.urls())
        once(options)
        edited = Story("Arden").text.replace("eleven million", "thirteen million")
        paper.feeds["/one.xml"][0] = Story("Arden", summary="Corrected.", text=edited)
        paper.show()
        once(options)
    first = next(each for each in articles(options) if "Arden" in each.url)
    found = read_revisions(options.kafka, first.id, first.first_seen_at, print)
    assert [(each.revision, each.changed) for each in found] == [(1, ()), (2, ("text",))]
    [change] = found[1].text
    assert "[-eleven-] {+thirteen+}" in change
    later = first.first_seen_at + timedelta(days=1)
    assert read_revisions(options.kafka, "f" * 32, later, print) == []

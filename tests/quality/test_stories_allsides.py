"""Stories against the truth of stories/allsides, through annotate and place: BCubed F1, pinned as a floor."""

import hashlib
from pathlib import Path

import pytest

from bench.enrich import annotated, articles, bcubed, placed, truth
from enrich.stories import StoryAssigner
from pipeline.messages import Annotated, Fingerprint, decode, encode
from pipeline.settings import load

pytestmark = pytest.mark.quality

ARTICLES = 300  # of 1155, to stay within seconds; `python -m bench.enrich` takes all
FLOOR = 0.90


@pytest.fixture(scope="module")
def allsides(corpus: Path) -> list[Annotated]:
    return annotated(articles(corpus / "stories" / "allsides.jsonl.gz", ARTICLES), load({}).enrich.entity_words)


def test_stories_are_as_good_as_they_were(corpus: Path, allsides: list[Annotated]) -> None:
    path = corpus / "stories" / "allsides.jsonl.gz"
    known = truth(path)
    found = {each.enriched.id: each.enriched.story for each in placed(allsides, load({}).enrich)}
    score = bcubed(found, {article: known[article] for article in found})
    print(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}, first {len(found)}: {score}")
    assert score.f1 >= FLOOR


def test_a_restart_in_the_middle_changes_nothing(allsides: list[Annotated]) -> None:
    options = load({}).enrich
    expected = placed(allsides, options)
    half = len(expected) // 2
    restarted = StoryAssigner(options)
    for each in expected[:half]:
        restarted.remember(decode(encode(each.fingerprint), Fingerprint))
    assert [restarted.place(each) for each in allsides[half:]] == expected[half:]

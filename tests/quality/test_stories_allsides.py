"""Stories against the truth of stories/allsides, through annotate and place: BCubed and pairwise F1, pinned as floors.

The weights were learnt from these stories too: what they do on others, `python -m bench.train_stories` prints.
"""

from pathlib import Path

import pytest

from bench.articles import annotated, articles, digest, placed, truth
from bench.scores import scores
from enrich.stories import StoryAssigner
from pipeline.messages import Annotated, Fingerprint, decode, encode
from pipeline.settings import load

pytestmark = pytest.mark.quality

DIGEST = "3f08301b0659540f"
ARTICLES = 600  # of 1155, to stay within a minute; `python -m bench.stories` takes all, and other streams
FLOOR, PAIRS = 0.945, 0.86


@pytest.fixture(scope="module")
def allsides(corpus: Path) -> list[Annotated]:
    return annotated(articles(corpus / "stories" / "allsides.jsonl.gz", ARTICLES), load({}).enrich.entity_words)


def test_the_data_is_what_was_measured(corpus: Path) -> None:
    assert digest(corpus / "stories" / "allsides.jsonl.gz") == DIGEST


def test_stories_are_as_good_as_they_were(corpus: Path, allsides: list[Annotated]) -> None:
    known = truth(corpus / "stories" / "allsides.jsonl.gz")
    found = {each.enriched.id: each.enriched.story for each in placed(allsides, load({}).enrich)}
    score = scores(found, {article: known[article] for article in found})
    print(f"allsides {DIGEST}, first {len(found)}: {score.told()}")
    assert score.f1 >= FLOOR
    assert score.pair_f1 >= PAIRS


def test_a_restart_in_the_middle_changes_nothing(allsides: list[Annotated]) -> None:
    options = load({}).enrich
    expected = placed(allsides, options)
    half = len(expected) // 2
    restarted = StoryAssigner(options)
    for each in expected[:half]:
        restarted.remember(decode(encode(each.fingerprint), Fingerprint))
    assert [restarted.place(each) for each in allsides[half:]] == expected[half:]

"""Stories against the truth of stories/, through annotate and place: BCubed and pairwise F1, pinned as floors.

As they are, and mixed into articles of the same months that are not labelled. The net was learnt from these stories:
what it does on stories that it has not seen, `python -m training.train_join_model` prints.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bench.corpus.articles import annotated, articles, digest, placed, truth
from bench.corpus.cluster_scores import Scores, scores
from enrich.stories import StoryAssigner
from pipeline.messages import Annotated, Fingerprint, decode, encode
from pipeline.settings import load

pytestmark = pytest.mark.quality

DIGEST = "3f08301b0659540f"
ARTICLES = 600  # of 1155, to stay within a minute; `python -m bench.stories` takes all, and other streams
FLOOR, PAIRS = 0.95, 0.88
LEADS_DIGEST, LEADS_FLOOR = "7e9c01a830eef758", 0.945
BACKGROUND, AROUND, MIXED_FLOOR = "951b7d93fca0c1f5", 2, 0.945  # every second


@pytest.fixture(scope="module")
def allsides(corpus: Path) -> list[Annotated]:
    return annotated(articles(corpus / "stories" / "allsides.jsonl.gz", ARTICLES), load({}).enrich.entity_words)


def judged(found: Sequence[Annotated], known: Mapping[str, str]) -> Scores:
    """Of those whose story is known."""
    ours = {each.enriched.id: each.enriched.story for each in placed(found, load({}).enrich)}
    return scores(ours, {article: story for article, story in known.items() if article in ours})


def test_the_data_is_what_was_measured(corpus: Path) -> None:
    assert digest(corpus / "stories" / "allsides.jsonl.gz") == DIGEST


def test_stories_are_as_good_as_they_were(corpus: Path, allsides: list[Annotated]) -> None:
    score = judged(allsides, truth(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"allsides {DIGEST}, first {len(allsides)}: {score.told()}")
    assert score.f1 >= FLOOR
    assert score.pair_f1 >= PAIRS


def test_leads_meet_as_well_as_they_did(corpus: Path) -> None:
    path = corpus / "stories" / "allsides_leads.jsonl.gz"
    leads = annotated(articles(path), load({}).enrich.entity_words)
    score = judged(leads, truth(path))
    print(f"leads {digest(path)}, {len(leads)} with a date: {score.told()}")
    assert digest(path) == LEADS_DIGEST
    assert score.f1 >= LEADS_FLOOR


def test_other_news_around_them_changes_little(corpus: Path, allsides: list[Annotated]) -> None:
    path = corpus / "background" / "articles.jsonl.gz"
    days = [each.first_seen_at for each in allsides]
    others = [each for each in articles(path) if min(days) <= each.first_seen_at <= max(days)][::AROUND]
    around = annotated(others, load({}).enrich.entity_words)
    mixed = sorted([*allsides, *around], key=lambda each: each.first_seen_at)
    score = judged(mixed, truth(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"allsides mixed into {len(around)} of {digest(path)}: {score.told()}")
    assert digest(path) == BACKGROUND
    assert len(around) > ARTICLES
    assert score.f1 >= MIXED_FLOOR


def test_a_restart_in_the_middle_changes_nothing(allsides: list[Annotated]) -> None:
    options = load({}).enrich
    expected = placed(allsides, options)
    half = len(expected) // 2
    restarted = StoryAssigner(options)
    for each in expected[:half]:
        restarted.remember(decode(encode(each.fingerprint), Fingerprint))
    assert [restarted.place(each) for each in allsides[half:]] == expected[half:]

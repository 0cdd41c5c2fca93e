"""Stories against the truth of stories/, through annotate and place: BCubed and pairwise F1, pinned as floors.

As they are, and mixed into articles of the same months that are not labelled. The join model was trained on these
stories; its scores on unseen ones are printed by `python -m training.train_join_model`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bench.corpus.articles import annotate_all, file_digest, place_all, read_articles, read_true_stories
from bench.corpus.cluster_scores import Scores, score_clusters
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
    return annotate_all(read_articles(corpus / "stories" / "allsides.jsonl.gz", ARTICLES), load({}).enrich.entity_words)


def place_and_score(articles: Sequence[Annotated], true: Mapping[str, str]) -> Scores:
    """Places the articles; the scores are of those whose true story is known."""
    ours = {each.enriched.id: each.enriched.story for each in place_all(articles, load({}).enrich)}
    return score_clusters(ours, {article: story for article, story in true.items() if article in ours})


def test_the_data_is_what_was_measured(corpus: Path) -> None:
    assert file_digest(corpus / "stories" / "allsides.jsonl.gz") == DIGEST


def test_stories_are_as_good_as_they_were(corpus: Path, allsides: list[Annotated]) -> None:
    score = place_and_score(allsides, read_true_stories(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"allsides {DIGEST}, first {len(allsides)}: {score.format_line()}")
    assert score.f1 >= FLOOR
    assert score.pair_f1 >= PAIRS


def test_leads_meet_as_well_as_they_did(corpus: Path) -> None:
    path = corpus / "stories" / "allsides_leads.jsonl.gz"
    leads = annotate_all(read_articles(path), load({}).enrich.entity_words)
    score = place_and_score(leads, read_true_stories(path))
    print(f"leads {file_digest(path)}, {len(leads)} with a date: {score.format_line()}")
    assert file_digest(path) == LEADS_DIGEST
    assert score.f1 >= LEADS_FLOOR


def test_other_news_around_them_changes_little(corpus: Path, allsides: list[Annotated]) -> None:
    path = corpus / "background" / "articles.jsonl.gz"
    days = [each.first_seen_at for each in allsides]
    others = [each for each in read_articles(path) if min(days) <= each.first_seen_at <= max(days)][::AROUND]
    around = annotate_all(others, load({}).enrich.entity_words)
    mixed = sorted([*allsides, *around], key=lambda each: each.first_seen_at)
    score = place_and_score(mixed, read_true_stories(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"allsides mixed into {len(around)} of {file_digest(path)}: {score.format_line()}")
    assert file_digest(path) == BACKGROUND
    assert len(around) > ARTICLES
    assert score.f1 >= MIXED_FLOOR


def test_a_restart_in_the_middle_changes_nothing(allsides: list[Annotated]) -> None:
    options = load({}).enrich
    expected = place_all(allsides, options)
    half = len(expected) // 2
    restarted = StoryAssigner(options)
    for each in expected[:half]:
        restarted.remember(decode(encode(each.fingerprint), Fingerprint))
    assert [restarted.place(each) for each in allsides[half:]] == expected[half:]

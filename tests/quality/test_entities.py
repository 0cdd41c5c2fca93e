"""Quality of named entities on sentences in which people marked the names, beside bare spaCy: F1 must not fall.

The tagger was trained neither on uner_pud_news nor on the third of wikigold that is called unseen. It was trained on
the other two thirds, so the figure of all of wikigold only guards against accidents.
"""

from pathlib import Path

import pytest

from bench.entities import SetScores, measure_quality

pytestmark = pytest.mark.quality

# digest, typed F1, span F1, as measured on 2026-11-23
FLOORS = {
    "uner_pud_news": ("6ad25a85627030c1", 0.790, 0.885),
    "wikigold": ("2c4f99f94a4a8a52", 0.820, 0.875),
    "wikigold, unseen": ("7a2dfb8836cd415b", 0.750, 0.820),
}


@pytest.fixture(scope="module")
def found(corpus: Path) -> dict[str, SetScores]:
    return {each.name: each for each in measure_quality(corpus / "entities")}


@pytest.mark.parametrize("name", FLOORS)
def test_names_are_found_as_well_as_they_were(found: dict[str, SetScores], name: str) -> None:
    each, (digest, typed, span) = found[name], FLOORS[name]
    print(f"{name} {each.digest}\n  bare spaCy {each.bare_spacy}\n  ours       {each.ours}")
    assert each.digest == digest
    assert each.ours.typed >= typed
    assert each.ours.span >= span
    assert each.ours.typed > each.bare_spacy.typed
    assert each.ours.span > each.bare_spacy.span

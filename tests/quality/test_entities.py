"""Names in sentences in which people marked them, beside bare spaCy: floors.

Nothing of uner_pud_news was learnt, nor the third of wikigold that is called unseen; the figure of all of wikigold, two
thirds of which were learnt, only guards against accidents.
"""

from pathlib import Path

import pytest

from bench.entities import Measured, measured

pytestmark = pytest.mark.quality

# digest, typed F1, span F1, as measured on 2026-11-23
FLOORS = {
    "uner_pud_news": ("6ad25a85627030c1", 0.790, 0.885),
    "wikigold": ("2c4f99f94a4a8a52", 0.820, 0.875),
    "wikigold, unseen": ("7a2dfb8836cd415b", 0.750, 0.820),
}


@pytest.fixture(scope="module")
def found(corpus: Path) -> dict[str, Measured]:
    return {each.name: each for each in measured(corpus / "entities")}


@pytest.mark.parametrize("name", FLOORS)
def test_names_are_found_as_well_as_they_were(found: dict[str, Measured], name: str) -> None:
    each, (digest, typed, span) = found[name], FLOORS[name]
    print(f"{name} {each.digest}\n  bare spaCy {each.bare}\n  ours       {each.ours}")
    assert each.digest == digest
    assert each.ours.typed >= typed
    assert each.ours.span >= span
    assert each.ours.typed > each.bare.typed
    assert each.ours.span > each.bare.span

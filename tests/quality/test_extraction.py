"""Pages of many publishers, read and compared with what a person or a parser made for the publisher found: floors.

The model's weights were learnt from these very pages; what it does on sites that it has not seen, `python -m
bench.train_blocks READABILITY` prints.
"""

from pathlib import Path

import pytest

from bench import page_kinds
from bench.page_extraction import Figures, alone, digest, measure, ours, samples

pytestmark = pytest.mark.quality

# of the pages that the floors were measured on, 2026-11-23; F1, title, date
SETS = {
    "aeb": ("923ee454890e610e", 0.975, None, None),
    "fundus": ("a520b5b01e58cf47", 0.969, 0.85, 0.98),
}
SNIPPETS = 0.92  # of pages/trafilatura, which have to be found


@pytest.fixture(scope="module", params=SETS)
def measured(request: pytest.FixtureRequest, corpus: Path) -> tuple[str, Figures, Figures]:
    name = str(request.param)
    pages = samples(corpus / "pages" / name)
    found, bare = measure((ours, alone), pages)
    return name, found, bare


@pytest.mark.parametrize("name", SETS)
def test_the_data_is_what_was_measured(corpus: Path, name: str) -> None:
    assert digest(corpus / "pages" / name) == SETS[name][0]


def test_pages_are_read_as_well_as_they_were(measured: tuple[str, Figures, Figures]) -> None:
    name, found, bare = measured
    print(f"{name} {SETS[name][0]}: {found}")
    print(f"{name}, trafilatura alone: {bare}")
    _, f1, title, date = SETS[name]
    assert found.f1 >= f1
    assert found.f1 > bare.f1
    assert (found.title or 0.0) >= (title or 0.0)
    assert (found.date or 0.0) >= (date or 0.0)
    assert found.empty == 0


def test_snippets_are_found(corpus: Path) -> None:
    """trafilatura's own pages, of all kinds, not of news alone: what its authors want to see in the text."""
    right = wanted = 0
    for each in samples(corpus / "pages" / "trafilatura"):
        page = ours(each.body, each.url)
        text = " ".join(page.text.split()) if page else ""
        snippets = [" ".join(line.split()) for line in each.text.split("\n")]
        right += sum(snippet in text for snippet in snippets)
        wanted += len(snippets)
    print(f"trafilatura's snippets: {right} of {wanted}")
    assert right >= SNIPPETS * wanted


def test_kinds_of_real_pages(corpus: Path) -> None:
    """Live blogs, teasers and videos as people see them, and articles that are taken for something else."""
    counts = page_kinds.measure(page_kinds.pages(corpus))
    print(counts)
    assert counts.right >= 6  # of 7
    assert counts.alarms == 0

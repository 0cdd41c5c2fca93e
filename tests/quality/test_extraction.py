"""Lower bounds for the quality of page extraction, on labelled pages of many publishers.

The classifier's weights were learnt from these very pages; its figures on sites that it has not seen are printed by
`python -m training.train_block_classifier READABILITY`.
"""

from pathlib import Path

import pytest

from bench import page_kinds
from bench.page_extraction import (
    Figures,
    digest_folder,
    load_samples,
    measure,
    read_with_newsloom,
    read_with_trafilatura,
)

pytestmark = pytest.mark.quality

# digest of the pages on which the lower bounds were measured (2026-11-23), and the bounds: F1, title, date
SETS = {
    "aeb": ("923ee454890e610e", 0.975, None, None),
    "fundus": ("a520b5b01e58cf47", 0.969, 0.85, 0.98),
}
SNIPPETS = 0.92  # of those in pages/trafilatura must be found


@pytest.fixture(scope="module", params=SETS)
def measured(request: pytest.FixtureRequest, corpus: Path) -> tuple[str, Figures, Figures]:
    name = str(request.param)
    pages = load_samples(corpus / "pages" / name)
    newsloom, trafilatura = measure((read_with_newsloom, read_with_trafilatura), pages)
    return name, newsloom, trafilatura


@pytest.mark.parametrize("name", SETS)
def test_the_data_is_what_was_measured(corpus: Path, name: str) -> None:
    assert digest_folder(corpus / "pages" / name) == SETS[name][0]


def test_pages_are_read_as_well_as_they_were(measured: tuple[str, Figures, Figures]) -> None:
    name, newsloom, trafilatura = measured
    print(f"{name} {SETS[name][0]}: {newsloom}")
    print(f"{name}, trafilatura alone: {trafilatura}")
    _, f1, title, date = SETS[name]
    assert newsloom.f1 >= f1
    assert newsloom.f1 > trafilatura.f1
    assert (newsloom.title or 0.0) >= (title or 0.0)
    assert (newsloom.date or 0.0) >= (date or 0.0)
    assert newsloom.empty == 0


def test_snippets_are_found(corpus: Path) -> None:
    """trafilatura's own pages, of all kinds, not of news alone: what its authors want to see in the text."""
    right = wanted = 0
    for each in load_samples(corpus / "pages" / "trafilatura"):
        page = read_with_newsloom(each.body, each.url)
        text = " ".join(page.text.split()) if page else ""
        snippets = [" ".join(line.split()) for line in each.text.split("\n")]
        right += sum(snippet in text for snippet in snippets)
        wanted += len(snippets)
    print(f"trafilatura's snippets: {right} of {wanted}")
    assert right >= SNIPPETS * wanted


def test_kinds_of_real_pages(corpus: Path) -> None:
    """Live blogs, teasers and videos as people see them, and articles that are taken for something else."""
    counts = page_kinds.measure(page_kinds.load_pages(corpus))
    print(counts)
    assert counts.right >= 6  # of 7
    assert counts.false_alarms == 0

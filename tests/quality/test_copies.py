"""Quality of duplicate detection: which share of copies of real articles is found, with a floor for each kind of copy.

And the reports of one event that are called copies.
"""

from pathlib import Path

import pytest

from bench.copies import KINDS, Originals, find_copies_within_stories
from bench.corpus.articles import file_digest, read_rows

pytestmark = pytest.mark.quality

BACKGROUND = "951b7d93fca0c1f5"
ALLSIDES = "3f08301b0659540f"
ORIGINALS = 400  # `python -m bench.copies` takes more
FLOOR = 0.99
# what is called a copy among the reports of one event, and is one: an agency's report in two outlets, and one edited
COPIES = {("neus-val-0240-0", "neus-val-0240-2"), ("neus-train-1705-0", "neus-train-1705-1")}


@pytest.fixture(scope="module")
def originals(corpus: Path) -> Originals:
    return Originals(read_rows(corpus / "background" / "articles.jsonl.gz"), ORIGINALS)


def test_the_data_is_what_was_measured(corpus: Path) -> None:
    assert file_digest(corpus / "background" / "articles.jsonl.gz") == BACKGROUND
    assert file_digest(corpus / "stories" / "allsides.jsonl.gz") == ALLSIDES


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_found(originals: Originals, kind: str) -> None:
    share = originals.measure_recall(kind)
    print(f"{kind}: {share:.4f} of {len(originals.texts)} ({BACKGROUND})")
    assert share >= FLOOR


def test_reports_of_one_event_are_no_copies(corpus: Path) -> None:
    found = find_copies_within_stories(read_rows(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"of {found.pairs} pairs of one story {len(found.copies)} are called copies ({ALLSIDES}): {found.copies}")
    assert {each[:2] for each in found.copies} <= COPIES

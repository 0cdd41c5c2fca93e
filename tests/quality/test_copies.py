"""Copies of real articles, made in the ways that copies are made: how many are found, pinned as floors.

And how many reports of one event, which are no copies, are taken for some.
"""

from pathlib import Path

import pytest

from bench.copies import KINDS, Originals, pairs_of_one_story
from bench.corpus.articles import digest, rows

pytestmark = pytest.mark.quality

BACKGROUND = "951b7d93fca0c1f5"
ALLSIDES = "3f08301b0659540f"
ORIGINALS = 400  # `python -m bench.copies` takes more
FLOOR = 0.99
# what is called a copy among the reports of one event, and is one: an agency's report in two outlets, and one edited
COPIES = {("neus-val-0240-0", "neus-val-0240-2"), ("neus-train-1705-0", "neus-train-1705-1")}


@pytest.fixture(scope="module")
def originals(corpus: Path) -> Originals:
    return Originals(rows(corpus / "background" / "articles.jsonl.gz"), ORIGINALS)


def test_the_data_is_what_was_measured(corpus: Path) -> None:
    assert digest(corpus / "background" / "articles.jsonl.gz") == BACKGROUND
    assert digest(corpus / "stories" / "allsides.jsonl.gz") == ALLSIDES


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_found(originals: Originals, kind: str) -> None:
    share = originals.recall(kind)
    print(f"{kind}: {share:.4f} of {len(originals.texts)} ({BACKGROUND})")
    assert share >= FLOOR


def test_reports_of_one_event_are_no_copies(corpus: Path) -> None:
    found = pairs_of_one_story(rows(corpus / "stories" / "allsides.jsonl.gz"))
    print(f"of {found.pairs} pairs of one story {len(found.called)} are called copies ({ALLSIDES}): {found.called}")
    assert {each[:2] for each in found.called} <= COPIES

"""Language detection on headlines alone, of English articles and of pages in many languages: quality must not fall."""

import json
from pathlib import Path

import pytest

from enrich.language import UNKNOWN, detect
from tests.enrich.samples import read_rows

pytestmark = pytest.mark.quality

HEADLINES = 1_500
LONG = 300  # characters of a text that tells its language


def test_english_headlines_alone_are_english_or_unknown(corpus: Path) -> None:
    rows = read_rows(corpus / "background" / "articles.jsonl.gz", HEADLINES)
    found = [detect(row["title"], "", None).code for row in rows]
    right, unknown = found.count("en") / len(rows), found.count(UNKNOWN) / len(rows)
    print(f"{len(rows)} English headlines alone: {right:.4f} right, {unknown:.4f} unknown")
    assert right >= 0.955
    assert right + unknown >= 0.994


def test_headlines_are_in_the_language_of_their_texts(corpus: Path) -> None:
    lines = (corpus / "pages" / "fundus" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["title"] and len(row["text"]) >= LONG]
    languages = [detect("", row["text"], None).code for row in rows]
    alone = [detect(row["title"], "", None).code for row in rows]
    claimed = [detect(row["title"], "", code).code for row, code in zip(rows, languages, strict=True)]
    right = sum(a == b for a, b in zip(languages, alone, strict=True))
    told = sum(a == b for a, b in zip(languages, claimed, strict=True))
    print(
        f"{len(rows)} headlines in {len(set(languages))} languages: {right} right alone, {told} where the page says it"
    )
    assert right >= 0.98 * len(rows)
    assert told == len(rows)


def test_a_wrongly_declared_language_does_not_carry_its_headlines_along(corpus: Path) -> None:
    rows = [
        each for each in read_rows(corpus / "background" / "articles.jsonl.gz", HEADLINES) if len(each["title"]) >= 60
    ]
    right = sum(detect(row["title"], "", "de").code == "en" for row in rows) / len(rows)
    articles = sum(detect(row["title"], row["text"], "de", ("de", "de")).code == "en" for row in rows) / len(rows)
    print(f"{len(rows)} English headlines that are declared German: {right:.4f} right; with their texts {articles:.4f}")
    assert right >= 0.87
    assert articles >= 0.99

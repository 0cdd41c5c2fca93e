"""Who remembers an article finds it: in the first three hits, of 7,000 articles of the corpus."""

import hashlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index import mapping, write
from index.searching import article_search
from pipeline.messages import Enriched
from pipeline.settings import Settings
from tests.enrich.samples import article_from_row, read_rows
from tests.index.samples import enriched

pytestmark = [pytest.mark.stack, pytest.mark.quality, pytest.mark.timeout(900)]
QUERIES: dict[str, str] = tomllib.loads(Path(__file__).with_name("relevance.toml").read_text(encoding="utf-8"))
FIRST = 3
FLOOR = 47  # of the 48 queries: what was reached on 2026-11-23
BATCH = 500
SEEN = datetime(2020, 12, 31, tzinfo=UTC)


def document(row: dict[str, str]) -> Enriched:
    """All were first seen in one month, as after an import: their dates are of nine years."""
    plain = article_from_row(row)
    return enriched(
        plain.id, title=plain.title, text=plain.text, published_at=plain.published_at, first_seen_at=SEEN,
        fetched_at=SEEN, content_hash=hashlib.sha256(plain.text.encode()).hexdigest(),
    )  # fmt: skip


def test_the_wanted_article_is_among_the_first_three(options: Settings, corpus: Path) -> None:
    assert len(QUERIES) >= 40
    mapping.install(options.elasticsearch)
    stage = write.stage(options.elasticsearch)
    files = (corpus / "background" / "articles.jsonl.gz", corpus / "stories" / "allsides.jsonl.gz")
    articles = [document(row) for file in files for row in read_rows(file)]
    for start in range(0, len(articles), BATCH):
        stage.handle(articles[start : start + BATCH])
    article_search.refresh(options.elasticsearch)
    places = {typed: place(options, typed, wanted) for typed, wanted in QUERIES.items()}
    reciprocal = sum(1 / each for each in places.values() if each) / len(places)
    print(
        f"{len(articles)} articles, {len(places)} queries: first {list(places.values()).count(1)}, MRR {reciprocal:.3f}"
    )
    missed = {typed: found for typed, found in places.items() if not 1 <= found <= FIRST}
    print(f"not in the first {FIRST}: {missed}")
    assert len(places) - len(missed) >= FLOOR


def place(options: Settings, typed: str, wanted: str) -> int:
    """1 for the first hit; 0 when it is not among the first ten. A copy counts as what it is a copy of."""
    hits = article_search.search(options.elasticsearch, typed).hits
    return next(
        (n for n, hit in enumerate(hits, start=1) if wanted in {hit.article.id, *(c.id for c in hit.copies)}), 0
    )

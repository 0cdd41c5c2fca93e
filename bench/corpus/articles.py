"""Articles of the corpus: reads its files, and annotates and places the articles as the stages do, for measurements.

In: gzipped JSON-lines files of shared/corpus (fields id, title, text, date; story where it is known). Out: rows,
Article, Annotated or PlacedArticle objects.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from enrich.annotate import annotate
from enrich.stories import PlacedArticle, StoryAssigner
from pipeline.messages import Annotated, Article
from pipeline.settings import Enrich

BATCH = 64


def read_articles(path: Path, most: int | None = None) -> list[Article]:
    """The articles with a date among the first `most` rows of a corpus file (by default all), in order of date."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [row for row in map(json.loads, islice(lines, most)) if row["date"]]
    return sorted((article_from_row(row) for row in found), key=lambda article: article.first_seen_at)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a corpus file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def file_digest(path: Path) -> str:
    """The first 16 hex digits of a file's SHA-256, to print which data was measured."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def read_true_stories(path: Path) -> dict[str, str]:
    """The true stories of a corpus file: article id -> story."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {row["id"]: row["story"] for row in map(json.loads, lines)}


def article_from_row(row: Mapping[str, Any]) -> Article:
    """A corpus row as an Article; one without a date is dated 1 January 2020."""
    date = datetime.fromisoformat(row["date"] or "2020-01-01").replace(tzinfo=UTC)
    return Article(
        id=row["id"],
        revision=1,
        url=f"https://corpus.example/{row['id']}",
        source="",  # not known: so nothing counts as the boilerplate of one site
        source_name="corpus",
        feed_url="",
        title=row["title"],
        text=row["text"],
        text_from="page",
        published_at=date,
        first_seen_at=date,
        fetched_at=date,
    )


def annotate_all(articles: Sequence[Article], entity_words: int) -> list[Annotated]:
    """Annotates articles in batches, as a worker does; `entity_words` is the setting enrich.entity_words."""
    return [each for at in range(0, len(articles), BATCH) for each in annotate(articles[at : at + BATCH], entity_words)]


def place_all(articles: Iterable[Annotated], options: Enrich) -> list[PlacedArticle]:
    """Places articles in their order, by a new StoryAssigner."""
    assigner = StoryAssigner(options)
    return [assigner.place(each) for each in articles]

"""The corpus as articles: its rows, read, annotated and placed as the stages do it, for what is measured on them."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from enrich.annotate import annotate
from enrich.stories import Placed, StoryAssigner
from pipeline.messages import Annotated, Article
from pipeline.settings import Enrich

BATCH = 64


def articles(path: Path, most: int | None = None) -> list[Article]:
    """The dated rows of a file of the corpus, by date."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [row for row in map(json.loads, islice(lines, most)) if row["date"]]
    return sorted((read(row) for row in found), key=lambda article: article.first_seen_at)


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of the corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def digest(path: Path) -> str:
    """Which data it was: 16 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def truth(path: Path) -> dict[str, str]:
    """The story of each article of a file of the corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {row["id"]: row["story"] for row in map(json.loads, lines)}


def read(row: Mapping[str, Any]) -> Article:
    """A row of the corpus as an article; one without a date is of 1 January 2020."""
    date = datetime.fromisoformat(row["date"] or "2020-01-01").replace(tzinfo=UTC)
    return Article(
        id=row["id"],
        revision=1,
        url=f"https://corpus.example/{row['id']}",
        source="",  # not known: what several have in common is not what one site repeats
        source_name="corpus",
        feed_url="",
        title=row["title"],
        text=row["text"],
        text_from="page",
        published_at=date,
        first_seen_at=date,
        fetched_at=date,
    )


def annotated(found: Sequence[Article], entity_words: int) -> list[Annotated]:
    """The articles, annotated in batches as a worker does."""
    return [each for at in range(0, len(found), BATCH) for each in annotate(found[at : at + BATCH], entity_words)]


def placed(found: Iterable[Annotated], options: Enrich) -> list[Placed]:
    """The articles, placed in order by a fresh assigner."""
    assigner = StoryAssigner(options)
    return [assigner.place(each) for each in found]

"""Articles for tests: the fields that matter are given, the others have a default; and articles of the corpus."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from enrich.copies import shingles
from pipeline.entity import Entity
from pipeline.messages import Annotated, Article, Story

AUGUST = datetime(2024, 8, 21, 12, tzinfo=UTC)
# dates of the five seeds, which their texts tell; the first three report one phone call
SEED_DATES = ("2024-08-21", "2024-08-21", "2024-08-21", "2024-05-01", "2023-11-06")


def article(id_: str, title: str, text: str, /, **fields: Any) -> Article:
    """An article of `a.example`, seen when it was published."""
    seen = fields.get("first_seen_at", fields.get("published_at") or AUGUST)
    given = {"source": "a.example", "published_at": seen, "first_seen_at": seen, "fetched_at": seen, "revision": 1}
    url = f"https://a.example/{id_}"
    defaults = {"source_name": "A", "feed_url": "https://a.example/feed", "text_from": "page"}
    return Article(id=id_, url=url, title=title, text=text, **{**defaults, **given, **fields})


def annotated(id_: str, title: str, text: str, /, **fields: Any) -> Annotated:
    """An article annotated without a model: in English, with the `names` that are given."""
    names = fields.pop("names", ())
    plain = article(id_, title, text, **fields)
    return Annotated(
        **{field: getattr(plain, field) for field in plain.__struct_fields__},
        annotator=1,
        language="en",
        language_confidence=1.0,
        language_source="text",
        entities=tuple(Entity(name=name, key=name.casefold(), type="person", count=1) for name in names),
        content_hash=shingles.compute_content_hash(title, text),
        sketch=shingles.build_sketch(title, text),
    )


def read_rows(path: Path, most: int | None = None) -> list[dict[str, Any]]:
    """The first `most` rows of a file of the corpus."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, most)]


def article_from_row(row: dict[str, Any]) -> Article:
    """A row of the corpus as an article of its date."""
    return article(row["id"], row["title"], row["text"], published_at=_midnight(row["date"]))


def seeds(corpus: Path, dates: tuple[str, ...] = SEED_DATES) -> list[Article]:
    """The five seeds, as they are; the title is the first line that is one."""
    return list(_seeds(corpus, dates))


def _seeds(corpus: Path, dates: tuple[str, ...]) -> Iterator[Article]:
    for path, date in zip(sorted((corpus / "seeds").glob("*.txt")), dates, strict=True):
        text = path.read_text(encoding="utf-8")
        lines = (line.strip() for line in text.splitlines())
        title = next(line for line in lines if line and line != "Skip to main content")
        yield article(path.name[:3], title, text, published_at=_midnight(date))


def follow_merges(story: str, messages: Iterable[Story]) -> str:
    """The story into which a story was merged in the end, or itself, as readers of the messages follow it."""
    merged = {each.id: each.merged_into for each in messages if each.merged_into}
    while story in merged:
        story = merged[story]
    return story


def _midnight(date: str) -> datetime:
    return datetime.fromisoformat(date).replace(tzinfo=UTC)

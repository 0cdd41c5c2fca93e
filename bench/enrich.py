"""How fast articles are enriched: `python -m bench.enrich [CORPUS] [ARTICLES]`.

Speed of annotate is set against a bare loop of spaCy over the same beginnings of the same texts in the same run. How
well stories are found is bench/stories.
"""

import gzip
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import spacy

from enrich import entities, fingerprint, language, recogniser
from enrich.annotate import annotate
from enrich.stories import Placed, StoryAssigner
from pipeline.messages import Annotated, Article
from pipeline.settings import ROOT, Enrich, load

BATCH = 64
PLACED = 3_000  # articles that fill the window


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
        source="corpus.example",
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


# --- what is printed ---


def measure_annotate(found: Sequence[Article], words: int) -> None:
    """Articles per second: bare spaCy, annotate, and annotate without names."""
    annotate(found[:1], words)  # loads the models
    texts = [f"{each.title}\n\n{' '.join(each.text.split()[:words])}" for each in found]
    bare = spacy.load(entities.MODELS["en"], exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
    spacy_rate = _rate(
        len(found), lambda: [document.ents for document in bare.pipe(texts, batch_size=recogniser.BATCH)]
    )
    whole_rate = _rate(len(found), lambda: annotated(found, words))
    plain_rate = _rate(len(found), lambda: [_without_names(each) for each in found])
    print(f"annotate, {len(found)} articles of background, names from {words} words, one thread")
    print(f"  bare spaCy          {spacy_rate:8.1f} articles/s")
    print(f"  annotate            {whole_rate:8.1f} articles/s   {whole_rate / spacy_rate:.2f} of bare spaCy")
    print(f"  ... without names   {plain_rate:8.1f} articles/s")


def _rate(count: int, work: Any) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def _without_names(article: Article) -> tuple[object, ...]:
    return (
        language.detect(article.title, article.text, None),
        fingerprint.content_hash(article.title, article.text),
        fingerprint.sketch(article.title, article.text),
    )


def measure_place(found: Sequence[Annotated], options: Enrich, days: int) -> None:
    """Milliseconds and bytes per article of placing, with a window that holds all of them."""
    wide = Enrich(
        entity_words=options.entity_words,
        entity_models=options.entity_models,
        duplicate_window_days=days,
        story_window_days=days,
        story_threshold=options.story_threshold,
    )
    assigner, before, times = StoryAssigner(wide), _resident(), []
    for article in found:
        started = time.perf_counter()
        assigner.place(article)
        times.append((time.perf_counter() - started) * 1e3)
    per_article = (_resident() - before) / len(found)
    at = statistics.quantiles(times, n=100)
    print(f"place, {len(found)} articles of background, none dropped from the window")
    print(f"  {statistics.fmean(times):.2f} ms an article (median {at[49]:.2f}, 99th percentile {at[98]:.2f})")
    print(f"  {per_article / 1024:.1f} KiB of resident memory an article")


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def main() -> None:
    """Prints all figures."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    background = corpus / "background" / "articles.jsonl.gz"
    if not background.is_file():
        print(f"skipped: {background} is not there; say where the corpus is: python -m bench.enrich CORPUS")
        return
    options = load({}).enrich
    measure_annotate(articles(background, most), options.entity_words)
    without_names = annotated(articles(background, PLACED), 1)
    measure_place(without_names, options, days=10_000)


if __name__ == "__main__":
    main()

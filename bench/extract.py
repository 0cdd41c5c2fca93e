"""How well and how fast pages are read: `python -m bench.extract [CORPUS]`, beside trafilatura alone in the same run.

F1 is the harmonic mean of the means of per-page precision and recall over 4-grams of words, as in
scrapinghub/article-extraction-benchmark; title is equality, date is the day.
"""

import gzip
import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from ingest.extract import Page, read_page
from pipeline.failures import Poison
from pipeline.settings import ROOT

WORDS = re.compile(r"\w+")
SETS = ("aeb", "fundus")


@dataclass(frozen=True)
class Sample:
    """A page and what should be found in it."""

    url: str
    body: bytes
    title: str | None
    date: datetime | None
    text: str


def samples(folder: Path) -> list[Sample]:
    """The pages of one set."""
    found = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Sample(
            url=each["url"],
            body=gzip.decompress((folder / each["file"]).read_bytes()),
            title=each["title"],
            date=_utc(each["date"]),
            text=each["text"],
        )
        for each in found
    ]


def _utc(text: str | None) -> datetime | None:
    found = datetime.fromisoformat(text) if text else None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text's words; a shorter text is one gram."""
    words = WORDS.findall(text)
    return Counter(tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3))) if words else Counter()


def precision_recall(found: str, wanted: str) -> tuple[float, float]:
    """Of one page; an empty answer to an empty page is right."""
    first, second = shingles(found), shingles(wanted)
    common = sum((first & second).values())
    precision = common / sum(first.values()) if first else float(not second)
    return precision, common / sum(second.values()) if second else 1.0


def alone(body: bytes, url: str) -> Page | None:
    """trafilatura as it comes."""
    found = trafilatura.bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if found is None or isinstance(found, dict):
        return None
    published = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    return Page(url=url, title=found.title or "", text=found.text or "", published=published, published_day_only=True)


def ours(body: bytes, url: str) -> Page | None:
    """ingest/extract."""
    try:
        return read_page(body, url, {})
    except Poison:
        return None


def measure(name: str, read: Callable[[bytes, str], Page | None], pages: list[Sample]) -> str:
    """One line of figures."""
    started = time.process_time()
    found = [read(each.body, each.url) for each in pages]
    seconds = time.process_time() - started
    scores = [precision_recall(page.text if page else "", each.text) for page, each in zip(found, pages, strict=True)]
    precision, recall = (sum(column) / len(pages) for column in zip(*scores, strict=True))
    titles = [bool(page and page.title == each.title) for page, each in zip(found, pages, strict=True) if each.title]
    dates = [_same_day(page, each.date) for page, each in zip(found, pages, strict=True) if each.date]
    return (
        f"{name:12} F1 {2 * precision * recall / (precision + recall):.4f}  precision {precision:.4f}  "
        f"recall {recall:.4f}  title {_share(titles)}  date {_share(dates)}  "
        f"empty {sum(page is None for page in found)}  {seconds / len(pages) * 1000:.0f} ms CPU/page"
    )


def _same_day(page: Page | None, wanted: datetime) -> bool:
    if page is None or page.published is None:
        return False
    if page.published_day_only:
        return page.published.date() == wanted.date()
    return page.published.astimezone(wanted.tzinfo).date() == wanted.date()


def _share(right: list[bool]) -> str:
    return f"{sum(right) / len(right):.3f}" if right else "-"


def main() -> None:
    """Prints the figures of every set that is there."""
    logging.disable(logging.WARNING)
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    for name in SETS:
        pages = samples(corpus / "pages" / name)
        print(f"{name}: {len(pages)} pages")
        print(" ", measure("newsloom", ours, pages))
        print(" ", measure("trafilatura", alone, pages))


if __name__ == "__main__":
    main()

"""Quality and speed of page extraction: `python -m bench.page_extraction [CORPUS]`, beside trafilatura alone in the
same run.

In: the labelled pages of the corpus (pages/aeb, pages/fundus). Out: printed figures for each set. F1 is the harmonic
mean of the means of per-page precision and recall over 4-grams of words, as in
scrapinghub/article-extraction-benchmark, but without soft hyphens and other invisible characters on either side;
"title" is the share of titles that are equal, "alike" of those with nine tenths of their letters the same (publishers
have a headline, and another for search engines); "date" is the share of pages with the right day.
"""

import difflib
import gzip
import hashlib
import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from ingest.markup import remove_invisible_characters
from ingest.page.extract import read_page
from ingest.page.page import Page
from ingest.page.structured_data import single_line
from pipeline.failures import Poison
from pipeline.settings import ROOT

WORDS = re.compile(r"\w+")
SETS = ("aeb", "fundus")
ALIKE = 0.9
Reader = Callable[[bytes, str], Page | None]


@dataclass(frozen=True)
class Sample:
    """A page with its true title, date and text; the text is without invisible characters such as soft hyphens."""

    url: str
    body: bytes
    title: str | None
    date: datetime | None
    text: str


def load_samples(folder: Path) -> list[Sample]:
    """The labelled pages of one set, from the truth.jsonl in its folder."""
    found = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Sample(
            url=each["url"],
            body=gzip.decompress((folder / each["file"]).read_bytes()),
            title=each["title"],
            date=_utc(each["date"]),
            text=remove_invisible_characters(each["text"]),
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


def precision_recall(found: str, truth: str) -> tuple[float, float]:
    """Precision and recall of one page's text; an empty text for a page without text is right."""
    first, second = shingles(remove_invisible_characters(found)), shingles(truth)
    common = sum((first & second).values())
    precision = common / sum(first.values()) if first else float(not second)
    return precision, common / sum(second.values()) if second else 1.0


def f1_score(precision: float, recall: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def read_with_trafilatura(body: bytes, url: str) -> Page | None:
    """The page as trafilatura alone reads it, with its default settings."""
    found = trafilatura.bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if found is None or isinstance(found, dict):
        return None
    published = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    return Page(url=url, title=found.title or "", text=found.text or "", published=published, published_day_only=True)


def read_with_newsloom(body: bytes, url: str) -> Page | None:
    """The page as ingest/page/extract reads it; None where it finds no article."""
    try:
        return read_page(body, url, {})
    except Poison:
        return None


@dataclass(frozen=True)
class Figures:
    """The scores of one reader on one set; title, alike and date are None where the set has no titles or dates."""

    precision: float
    recall: float
    title: float | None
    alike: float | None
    date: float | None
    empty: int  # pages without text
    milliseconds: float  # of CPU time for each page

    @property
    def f1(self) -> float:
        """F1 of the mean precision and the mean recall."""
        return f1_score(self.precision, self.recall)

    def __str__(self) -> str:
        shares = (f"{name} {'-' if share is None else f'{share:.3f}'}" for name, share in self._shares())
        means = f"F1 {self.f1:.4f}  precision {self.precision:.4f}  recall {self.recall:.4f}"
        return f"{means}  {'  '.join(shares)}  empty {self.empty}  {self.milliseconds:.0f} ms CPU/page"

    def _shares(self) -> tuple[tuple[str, float | None], ...]:
        return ("title", self.title), ("alike", self.alike), ("date", self.date)


def measure(readers: Sequence[Reader], pages: list[Sample]) -> list[Figures]:
    """The scores of each reader on some pages.

    The readers take turns on every page, so that other work on the machine slows them alike. Titles are compared
    without invisible characters.
    """
    found: list[list[Page | None]] = [[] for _ in readers]
    seconds = [0.0] * len(readers)
    for page in pages:
        for number, read in enumerate(readers):
            started = time.process_time()
            found[number].append(read(page.body, page.url))
            seconds[number] += time.process_time() - started
    return [_figures(each, pages, spent / len(pages)) for each, spent in zip(found, seconds, strict=True)]


def _figures(found: Sequence[Page | None], pages: list[Sample], seconds: float) -> Figures:
    pairs = list(zip(found, pages, strict=True))
    titled = [(page, each.title) for page, each in pairs if each.title]
    scores = [precision_recall(page.text if page else "", each.text) for page, each in pairs]
    precision, recall = (sum(column) / len(pages) for column in zip(*scores, strict=True))
    return Figures(
        precision=precision,
        recall=recall,
        title=_share(
            [bool(page and single_line(page.title) == single_line(each.title)) for page, each in pairs if each.title]
        ),
        alike=_share([bool(page and _alike(page.title, title)) for page, title in titled]),
        date=_share([_same_day(page, each.date) for page, each in pairs if each.date]),
        empty=sum(page is None or not page.text for page in found),
        milliseconds=seconds * 1000,
    )


def digest_folder(folder: Path) -> str:
    """A hash of all files of a set, by which a measurement names its data."""
    found = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        found.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]


def _same_day(page: Page | None, wanted: datetime) -> bool:
    if page is None or page.published is None:
        return False
    if page.published_day_only:
        return page.published.date() == wanted.date()
    return page.published.astimezone(wanted.tzinfo).date() == wanted.date()


def _alike(one: str, other: str) -> bool:
    first, second = ("".join(WORDS.findall(title)).casefold() for title in (one, other))
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def _share(right: list[bool]) -> float | None:
    return sum(right) / len(right) if right else None


def main() -> None:
    """Prints the figures of every set that is there."""
    logging.disable(logging.WARNING)
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    spent = [0.0, 0.0]
    for name in SETS:
        folder = corpus / "pages" / name
        pages = load_samples(folder)
        first, second = measure((read_with_newsloom, read_with_trafilatura), pages)
        spent = [so_far + each.milliseconds * len(pages) for so_far, each in zip(spent, (first, second), strict=True)]
        ratio = first.milliseconds / second.milliseconds
        print(f"{name} {digest_folder(folder)}: {len(pages)} pages, CPU {ratio:.2f} times trafilatura alone")
        print(f"  newsloom     {first}")
        print(f"  trafilatura  {second}")
    print(f"all pages: CPU {spent[0] / spent[1]:.2f} times trafilatura alone")


if __name__ == "__main__":
    main()

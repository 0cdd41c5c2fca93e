"""Quality and speed of page extraction, beside trafilatura alone in the same run: `python -m bench.page_extraction
[CORPUS] [--clones CLONES]`.

In: the labelled pages of the corpus (pages/aeb, pages/fundus; for titles, dates and authors pages/trafilatura too).
CLONES is a folder with clones of other readers (bench/page_metadata/peer_truth names them): fundus and trafilatura,
whose tests name the authors of pages for which the corpus does not, and readability, parser and newspaper4k, whose
tests have pages of their own. Out: printed figures for each set, its ten worst pages, and the ten that are most below
trafilatura, with their cause (the words that are missing and too much, and the longest line of them), and what of
titles, dates and authors is wrong, by cause.

F1 is the harmonic mean of the means of per-page precision and recall over 4-grams of words, as in
scrapinghub/article-extraction-benchmark, but without soft hyphens and other invisible characters on either side;
"title" is the share of titles that are equal, "alike" of those with nine tenths of their letters the same (publishers
have a headline, and another for search engines); "date" is the share of pages with the right day.
"""

import argparse
import gzip
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from bench.corpus.text_scores import ReadText, f1_score, format_worst, precision_recall
from bench.page_metadata.peer_truth import LOADERS, load_corpus_set
from bench.page_metadata.scores import StatedPage, alike, describe_scores, describe_wrong, same_day
from ingest.markup import remove_invisible_characters
from ingest.page.extract import read_page
from ingest.page.page import Page
from ingest.page.structured_data import single_line
from pipeline.failures import Poison
from pipeline.settings import ROOT

SETS = ("aeb", "fundus")
TEXT_ALONE = "aeb"  # whose titles, dates and authors are not known
METADATA_ALONE = "trafilatura"  # whose texts are snippets
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


def read_with_trafilatura(body: bytes, url: str) -> Page | None:
    """The page as trafilatura alone reads it, with its default settings."""
    found = trafilatura.bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if found is None or isinstance(found, dict):
        return None
    published = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
    return Page(
        url=url,
        title=found.title or "",
        text=found.text or "",
        published=published,
        published_day_only=True,
        authors=authors,
    )


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
    """The scores of each reader on some pages. Titles are compared without invisible characters."""
    found, seconds = read_pages(readers, pages)
    return [_figures(each, pages, spent / len(pages)) for each, spent in zip(found, seconds, strict=True)]


def read_pages(
    readers: Sequence[Reader], pages: Sequence[Sample | StatedPage]
) -> tuple[list[list[Page | None]], list[float]]:
    """What each reader finds on the pages, and how many seconds of CPU time it takes for all of them.

    The readers take turns on every page, so that other work on the machine slows them alike.
    """
    found: list[list[Page | None]] = [[] for _ in readers]
    seconds = [0.0] * len(readers)
    for page in pages:
        for number, read in enumerate(readers):
            started = time.process_time()
            found[number].append(read(page.body, page.url))
            seconds[number] += time.process_time() - started
    return found, seconds


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
        alike=_share([bool(page and alike(page.title, title)) for page, title in titled]),
        date=_share([same_day(page, each.date) for page, each in pairs if each.date]),
        empty=sum(page is None or not page.text for page in found),
        milliseconds=seconds * 1000,
    )


def digest_folder(folder: Path) -> str:
    """A hash of all files of a set, by which a measurement names its data."""
    found = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        found.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]


def _share(right: list[bool]) -> float | None:
    return sum(right) / len(right) if right else None


def read_texts(found: Sequence[Page | None], other: Sequence[Page | None], pages: list[Sample]) -> list[ReadText]:
    """The text of each page as one reader reads it, beside the truth and another reader's."""
    return [
        ReadText(
            each.url,
            page.text if page else "",
            each.text,
            beside.text if beside else "",
            page.sources.get("text", ("?",))[0] if page else "nothing: no article",
        )
        for page, beside, each in zip(found, other, pages, strict=True)
    ]


def main() -> None:
    """Prints the figures of every set that is there."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="How well pages are read.")
    parser.add_argument("corpus", type=Path, nargs="?", default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--clones", type=Path, help="a folder with clones of other readers")
    options = parser.parse_args()
    spent = [0.0, 0.0]
    for name in SETS:
        folder = options.corpus / "pages" / name
        pages = load_samples(folder)
        found, seconds = read_pages((read_with_newsloom, read_with_trafilatura), pages)
        spent = [so_far + each for so_far, each in zip(spent, seconds, strict=True)]
        print(f"{name} {digest_folder(folder)}: {len(pages)} pages, CPU {seconds[0] / seconds[1]:.2f} times bare")
        _print_figures(found, pages, seconds)
        if name != TEXT_ALONE:
            _print_metadata(name, found, load_corpus_set(folder, options.clones))
    print(f"all pages: CPU {spent[0] / spent[1]:.2f} times trafilatura alone")
    for name, stated in _sets_of_metadata_alone(options.corpus, options.clones):
        found, _ = read_pages((read_with_newsloom, read_with_trafilatura), stated)
        _print_metadata(name, found, stated)


def _sets_of_metadata_alone(corpus: Path, clones: Path | None) -> Iterator[tuple[str, list[StatedPage]]]:
    """The sets of which no whole texts are known."""
    yield METADATA_ALONE, load_corpus_set(corpus / "pages" / METADATA_ALONE, clones)
    for name, load in LOADERS.items():
        if clones and (clones / name).is_dir():
            yield name, list(load(clones / name))


def _print_figures(found: list[list[Page | None]], pages: list[Sample], seconds: list[float]) -> None:
    for name, each, spent in zip(("newsloom", "trafilatura"), found, seconds, strict=True):
        print(f"  {name:<12} {_figures(each, pages, spent / len(pages))}")
    print(format_worst(read_texts(found[0], found[1], pages)))


def _print_metadata(name: str, found: list[list[Page | None]], pages: Sequence[StatedPage]) -> None:
    """What each reader finds beside the text; then what of it is wrong in ours, by cause."""
    for reader, each in zip(("newsloom", "trafilatura"), found, strict=True):
        print(f"  {name}, {len(pages)} pages, {reader:<12} {describe_scores(each, pages)}")
    print("\n".join(describe_wrong(found[0], pages)))


if __name__ == "__main__":
    main()

"""Quality of page kinds: how many pages that are no plain articles are recognised: `python -m bench.page_kinds
[CLONES]`.

In: real pages, of the corpus and of CLONES. Out: a printed line for every page that is taken for what it is not, and
the sums.

CLONES is a folder with clones of mozilla/readability (as `readability`), codelucas/newspaper (`newspaper`),
AndyTheFactory/newspaper4k (`newspaper4k`) and postlight/parser (`parser`), whose tests hold real pages; without it only
the corpus is read. The true kinds (KINDS) were found by looking at the pages; every page that is not named there is an
article, and another answer to it a false alarm.
"""

import argparse
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.page_extraction import load_samples
from ingest.page.extract import find_stated_url, read_page
from ingest.page.page_kind import NON_ARTICLE_KINDS
from pipeline.failures import Poison
from pipeline.settings import ROOT

SETS = ("aeb", "fundus", "trafilatura")
FOLDERS = {
    "readability": "test/test-pages/*/source.html",
    "newspaper": "tests/data/html/*.html",
    "newspaper4k": "tests/data/html/*.html",
    "parser": "fixtures/*.html",
}
# a part of the page's URL or file name -> its true kind, for all pages that are no plain articles
KINDS = {
    "prince-harry-meghan-markle-live-grifters": "liveblog",
    "uk-riots-live-hotel-rotherham": "liveblog",
    "israel-und-gaza-news-und-entwicklungen": "liveblog",
    "krieg-in-israel-und-gaza-im-news-ticker": "liveblog",
    "le-fil-info-les-principales-infos-de-ce-jeudi": "liveblog",
    "zeit.de/2019/43/klimaschutz-banken-unternehmen": "teaser",
    "data/html/japanese_article.html": "teaser",
    "gamestar.de/videos/der-landwirtschafts-simulator": "video",
    "newspaper/tests/data/html/cricket.com.au2": "video",
    "newspaper/tests/data/html/globalnews.ca": "video",
    "newspaper/tests/data/html/usnews.com2": "video",
    "newspaper/tests/data/html/architecturaldigest.com2": "video",
    "newspaper/tests/data/html/bhg.com2": "video",
    "fixtures/www.youtube.com": "video",
    "newspaper/tests/data/html/cntraveler.com": "gallery",
    "newspaper/tests/data/html/elle.com1": "gallery",
    "newspaper/tests/data/html/details.com1": "error",
    "newspaper/tests/data/html/fool.com2": "error",
    "newspaper/tests/data/html/readwrite.com1": "empty",
    "google_meta_refresh": "empty",
    "main_site": "index",
    "sample_rss": "empty",
}


def load_pages(corpus: Path, clones: Path | None = None) -> Iterator[tuple[str, bytes, str]]:
    """Name, body and URL of every page."""
    for name in SETS:
        for sample in load_samples(corpus / "pages" / name):
            yield sample.url, sample.body, sample.url
    folders = [(clones / name, pattern) for name, pattern in FOLDERS.items()] if clones else []
    for path in (each for folder, pattern in folders for each in sorted(folder.glob(pattern))):
        body = path.read_bytes()
        yield str(path), body, find_stated_url(body) or f"https://{path.parent.name}.example/a/{path.stem}.html"


def predict_kind(body: bytes, url: str) -> str:
    """The kind that ingest/page/extract finds for a page."""
    try:
        return read_page(body, url, {}).kind
    except Poison as poison:
        return next((name for name in NON_ARTICLE_KINDS if str(poison).endswith(name)), "empty")


@dataclass
class Counts:
    """How many pages of which kind there are, and how many of them got the right kind."""

    non_articles: int = 0  # of all kinds but plain articles
    right: int = 0  # of those
    articles: int = 0
    false_alarms: int = 0  # articles that are taken for something else


def measure(pages: Iterable[tuple[str, bytes, str]]) -> Counts:
    """Counts pages with the right kind; prints a line for every page that is taken for what it is not."""
    counts = Counts()
    for name, body, url in pages:
        truth = next((each for part, each in KINDS.items() if part in name), "article")
        predicted = predict_kind(body, url)
        if predicted != truth:
            print(f"{truth}, taken for {predicted}: {name}")
        if truth == "article":
            counts.articles += 1
            counts.false_alarms += predicted != truth
        else:
            counts.non_articles += 1
            counts.right += predicted == truth
    return counts


def main() -> None:
    """Prints the pages that are taken for what they are not, and the sums."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="How many kinds of pages are told right.")
    parser.add_argument("clones", type=Path, nargs="?", help="a folder with clones of other readers")
    counts = measure(load_pages(ROOT.parent / "shared" / "corpus", parser.parse_args().clones))
    print(
        f"no articles: {counts.right} of {counts.non_articles} told right; "
        f"articles: {counts.false_alarms} of {counts.articles} taken for something else"
    )


if __name__ == "__main__":
    main()

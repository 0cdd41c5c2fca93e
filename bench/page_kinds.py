"""Which pages are no articles: `python -m bench.page_kinds [CLONES]`. In: real pages. Out: how many kinds are right.

CLONES is a folder with clones of mozilla/readability (as `readability`), codelucas/newspaper (`newspaper`),
AndyTheFactory/newspaper4k (`newspaper4k`) and postlight/parser (`parser`), whose tests hold real pages; without it the
corpus alone is asked. What a page is was told by looking at it; every page that is not named here is an article, and
another answer to it a false alarm.
"""

import argparse
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.page_extraction import samples
from ingest.page.extract import read_page, stated_address
from ingest.page.page_kind import NO_ARTICLE
from pipeline.failures import Poison
from pipeline.settings import ROOT

SETS = ("aeb", "fundus", "trafilatura")
FOLDERS = {
    "readability": "test/test-pages/*/source.html",
    "newspaper": "tests/data/html/*.html",
    "newspaper4k": "tests/data/html/*.html",
    "parser": "fixtures/*.html",
}
# a part of the page's address, or of its file's, for those that are no articles
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


def pages(corpus: Path, clones: Path | None = None) -> Iterator[tuple[str, bytes, str]]:
    """Name, body and address of every page."""
    for name in SETS:
        for sample in samples(corpus / "pages" / name):
            yield sample.url, sample.body, sample.url
    folders = [(clones / name, pattern) for name, pattern in FOLDERS.items()] if clones else []
    for path in (each for folder, pattern in folders for each in sorted(folder.glob(pattern))):
        body = path.read_bytes()
        yield str(path), body, stated_address(body) or f"https://{path.parent.name}.example/a/{path.stem}.html"


def kind(body: bytes, url: str) -> str:
    """What the reader takes a page for."""
    try:
        return read_page(body, url, {}).kind
    except Poison as poison:
        return next((name for name in NO_ARTICLE if str(poison).endswith(name)), "empty")


@dataclass
class Counts:
    """Pages that are no articles, those told right, articles, and those taken for something else."""

    odd: int = 0
    right: int = 0
    articles: int = 0
    alarms: int = 0


def measure(found: Iterable[tuple[str, bytes, str]]) -> Counts:
    """How many are told right; prints a line for every page that is taken for what it is not."""
    counts = Counts()
    for name, body, url in found:
        wanted = next((each for part, each in KINDS.items() if part in name), "article")
        told = kind(body, url)
        if told != wanted:
            print(f"{wanted}, taken for {told}: {name}")
        if wanted == "article":
            counts.articles, counts.alarms = counts.articles + 1, counts.alarms + (told != wanted)
        else:
            counts.odd, counts.right = counts.odd + 1, counts.right + (told == wanted)
    return counts


def main() -> None:
    """Prints what is taken for what it is not, and the sums."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="How many kinds of pages are told right.")
    parser.add_argument("clones", type=Path, nargs="?", help="a folder with clones of other readers")
    counts = measure(pages(ROOT.parent / "shared" / "corpus", parser.parse_args().clones))
    print(
        f"no articles: {counts.right} of {counts.odd} told right; "
        f"articles: {counts.alarms} of {counts.articles} taken for something else"
    )


if __name__ == "__main__":
    main()

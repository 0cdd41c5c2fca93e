"""Serves real pages of the corpus behind an RSS and an Atom feed on a local site, and runs the stages on them."""

import gzip
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from index.searching import article_search
from newsloom.demo.local_site import Resource, Site
from newsloom.local_run.stage_processes import StageProcesses
from pipeline.failures import Unavailable
from pipeline.kafka import consumer_lag
from pipeline.kafka.consumer_lag import STAGE_SOURCES
from pipeline.settings import Settings
from tests.conftest import environment_of

PHRASE_WORDS = 7


@dataclass(frozen=True)
class CorpusPage:
    """One page of the corpus: where it is served, its bytes, and the truth about its text."""

    path: str
    body: bytes
    text: str


def corpus_pages(corpus: Path, folder: str) -> list[CorpusPage]:
    truth = (corpus / "pages" / folder / "truth.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in truth.split("\n") if line]
    return [
        CorpusPage(f"/{folder}/{row['file'].removesuffix('.html.gz')}", _page(corpus, folder, row["file"]), row["text"])
        for row in rows
        if len(row["text"].split()) > 40
    ]


def _page(corpus: Path, folder: str, name: str) -> bytes:
    return gzip.decompress((corpus / "pages" / folder / name).read_bytes())


def serve(site: Site, pages: list[CorpusPage]) -> list[str]:
    """Puts the pages on a site, half behind an RSS feed, half behind an Atom feed; the feeds' URLs."""
    for page in pages:
        site.resources[page.path] = Resource(page.body, "text/html")
    half = len(pages) // 2
    site.resources["/rss.xml"] = Resource(_rss(site, pages[:half]), "application/rss+xml")
    site.resources["/atom.xml"] = Resource(_atom(site, pages[half:]), "application/atom+xml")
    return [f"{site.url}/rss.xml", f"{site.url}/atom.xml"]


def _rss(site: Site, pages: list[CorpusPage]) -> bytes:
    items = "".join(f"<item><title>{page.path}</title><link>{site.url}{page.path}</link></item>" for page in pages)
    return f'<rss version="2.0"><channel><title>A</title>{items}</channel></rss>'.encode()


def _atom(site: Site, pages: list[CorpusPage]) -> bytes:
    entries = "".join(
        f'<entry><id>{page.path}</id><title>{page.path}</title><link href="{site.url}{page.path}"/></entry>'
        for page in pages
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>{entries}</feed>'.encode()


def feed_list(path: Path, urls: list[str]) -> Path:
    path.write_text("".join(f'[[feeds]]\nurl = "{url}"\nname = "{url}"\n' for url in urls), encoding="utf-8")
    return path


@contextmanager
def running_stages(options: Settings, feeds: Path, logs: Path) -> Iterator[StageProcesses]:
    """The four stages as child processes, as `newsloom run` starts them."""
    environment = {**environment_of(options), "NEWSLOOM_INGEST__FEEDS": str(feeds)}
    with StageProcesses(environment, logs, once=False) as stages:
        yield stages


def until(condition: Callable[[], bool], stages: StageProcesses, seconds: float = 180) -> None:
    """Waits until the condition is true, and starts dead stages again; while a server is away it is not true."""
    deadline = monotonic() + seconds
    while not _true(condition):
        stages.restart_dead(monotonic())
        if monotonic() > deadline:
            tails = {name: child.last_lines(5) for name, child in stages.children.items()}
            raise AssertionError(f"it never came true; the last lines of the stages: {tails}")


def _true(condition: Callable[[], bool]) -> bool:
    with suppress(Unavailable):
        return condition()
    return False


def nothing_waits(options: Settings) -> bool:
    """Whether no message waits for any stage."""
    return not any(consumer_lag.lag(options.kafka, STAGE_SOURCES).values())


def searchable(options: Settings) -> int:
    article_search.refresh(options.elasticsearch)
    return article_search.count(options.elasticsearch)


def found_once(options: Settings, page: CorpusPage) -> bool:
    """Whether some phrase of the page's true text finds it, exactly once, in Elasticsearch."""
    return any(_hits(options, phrase, page.path) == 1 for phrase in phrases(page.text))


def _hits(options: Settings, phrase: str, path: str) -> int:
    found = article_search.search(options.elasticsearch, f'"{phrase}"', size=50)
    urls = [each.url for hit in found.hits for each in (hit.article, *hit.copies)]
    return sum(url.endswith(path) for url in urls)


def phrases(text: str) -> list[str]:
    """Up to five runs of plain words, from all over the text."""
    lines = [html.unescape(unicodedata.normalize("NFC", line)) for line in text.splitlines()]
    runs = [words for line in lines if len(words := re.findall(r"[^\W_]+", line)) >= PHRASE_WORDS + 2]
    step = max(1, len(runs) // 5)
    return [" ".join(words[1 : PHRASE_WORDS + 1]) for words in runs[::step]][:6]

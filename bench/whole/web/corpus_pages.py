"""The pages of the whole bench: real ones, and background articles in the frames of real ones; each different.

In: the corpus, how many pages. Out: PageSource objects, in a mixed order that is the same at every run, and of each the
HTML that a site of today would serve: its own address in it is the local one, its dates are those of the last days.
"""

import gzip
import hashlib
import html
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from bench.whole.web.page_frames import article_container, fill_frame, parse

SETS = ("aeb", "fundus", "trafilatura")
SEED = 20
SUMMARY_CHARACTERS = 250
WRITTEN_DAY = re.compile(rb"(?<!\d)(?:19[89]|20[0-2])\d-[01]\d-[0-3]\d(?!\d)")
TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
HEAD = re.compile(rb"<head[^>]*>", re.IGNORECASE)
PUBLISHED = b'"article:published_time"'
REAL_SHARE = 0.17  # all real pages there are, of 2,500; with fewer the same mixture
Kind = Literal["real", "framed", "mixed", "foreign"]
Text = tuple[str, tuple[str, ...]]  # title and paragraphs


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page to be served. `site`: the host that it, or its frame, was published on.

    `kind`: "real" as it was, "framed" with a background article, "mixed" with paragraphs of several where the
    background has no more, "foreign" with another text.
    """

    kind: Kind
    site: str
    title: str
    summary: str
    file: Path
    own_url: str
    paragraphs: tuple[str, ...] = ()


class CorpusPages:
    """The pages of shared/corpus, and as many made of them as are wanted."""

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self._given = 0  # framed pages so far

    def pages(self, count: int) -> list[PageSource]:
        """So many pages, real and framed ones in a mixed order."""
        found = self.real[: round(count * REAL_SHARE)]
        found += self.framed(count - len(found))
        random.Random(SEED).shuffle(found)
        return found

    def framed(self, count: int) -> list[PageSource]:
        """The next so many framed pages."""
        numbers = range(self._given, self._given + count)
        self._given += count
        return [self._framed(number) for number in numbers]

    def in_frames(self, texts: Sequence[Text]) -> list[PageSource]:
        """A page for each of these texts."""
        return [self._in_frame("foreign", number, text) for number, text in enumerate(texts)]

    @cached_property
    def real(self) -> list[PageSource]:
        """The real pages, in the order of their digest."""
        found = [page for name in SETS for page in _read_set(self._corpus / "pages" / name)]
        return sorted(found, key=lambda page: hashlib.sha256(page.own_url.encode()).digest())

    @cached_property
    def _frames(self) -> list[PageSource]:
        """One page of each site whose article can be replaced."""
        sites: dict[str, PageSource] = {}
        for page in self.real:
            if page.site not in sites and _can_be_frame(page.file):
                sites[page.site] = page
        return list(sites.values())

    @cached_property
    def _background(self) -> list[dict[str, Any]]:
        with gzip.open(self._corpus / "background" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def _framed(self, number: int) -> PageSource:
        if number < len(self._background):
            return self._in_frame("framed", number, _article(self._background[number]))
        return self._in_frame("mixed", number, self._mixed(number))

    def _in_frame(self, kind: Kind, number: int, text: Text) -> PageSource:
        frame, (title, paragraphs) = self._frames[number % len(self._frames)], text
        summary = paragraphs[0][:SUMMARY_CHARACTERS]
        return PageSource(kind, frame.site, title, summary, frame.file, frame.own_url, paragraphs)

    def _mixed(self, number: int) -> Text:
        """The title of one article and a paragraph each of others: as long as an article, and a copy of none."""
        chance = random.Random(number)
        drawn = chance.sample(self._background, 8)
        texts = [chance.choice(_article(row)[1]) for row in drawn]
        return f"{drawn[0]['title']} {number}", tuple(texts)


def _article(row: dict[str, Any]) -> Text:
    paragraphs = tuple(line.strip() for line in row["text"].splitlines() if line.strip())
    return row["title"], paragraphs or (row["title"],)


def _read_set(folder: Path) -> Iterator[PageSource]:
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        file = folder / row["file"]
        summary = " ".join((row["text"] or "").split())[:SUMMARY_CHARACTERS]
        title = row["title"] or _written_title(gzip.decompress(file.read_bytes()))
        yield PageSource("real", urlsplit(row["url"]).hostname or "", title, summary or title, file, row["url"])


def _written_title(body: bytes) -> str:
    found = TITLE.search(body)
    return " ".join(html.unescape(found[1].decode("utf-8", "replace")).split()) if found else "Untitled"


def _can_be_frame(file: Path) -> bool:
    page = parse(gzip.decompress(file.read_bytes()))
    return page is not None and article_container(page) is not None


def page_html(page: PageSource, url: str, published: datetime) -> bytes:
    """The HTML of a page as if it had been published at this time, under this address."""
    body = gzip.decompress(page.file.read_bytes())
    if page.kind != "real":
        body = fill_frame(body, page.title, page.paragraphs) or body
    body = WRITTEN_DAY.sub(published.date().isoformat().encode(), body.replace(page.own_url.encode(), url.encode()))
    if PUBLISHED not in body:
        told = b'<meta property=%s content="%s">' % (PUBLISHED, published.isoformat().encode())
        body = HEAD.sub(lambda found: found[0] + told, body, count=1)
    return body

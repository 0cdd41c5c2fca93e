"""What a page says: the struct that every reader of pages fills, and the lines of it that a site may repeat.

In: nothing. Out: Page, with the source of every field and how sure it is.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from pipeline.messages import ArticleKind

NoArticle = Literal["consent", "login", "error", "empty", "index"]

WORD = re.compile(r"\w+")
# of a line that a site may repeat: navigation, calls, credits; a longer one is a paragraph
MOST_WORDS_OF_A_LINE = 40


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a page says. `url` is where it was found; texts are plain, paragraphs separated by "\\n"."""

    url: str
    title: str
    text: str
    kind: ArticleKind = "article"
    free: bool | None = None  # to read, where the page says so
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_day_only: bool = False  # the time of day is not known
    modified: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    site: str | None = None
    description: str = ""
    opt_outs: tuple[str, ...] = ()  # ingest/optout
    sources: dict[str, tuple[str, float]] = {}  # of a field: what won, and how sure that is (0 to 1)


def lines_of(page: Page) -> Iterator[str]:
    """The short lines of a page's text as they are counted and compared, each once: see `normal`."""
    lines = dict.fromkeys(normal(line) for line in page.text.split("\n"))
    return (line for line in lines if line and line.count(" ") < MOST_WORDS_OF_A_LINE)


def normal(line: str) -> str:
    """A line's words in lower case, digits as one: "Updated 3 May" and "Updated 4 May" are the same line."""
    return re.sub(r"\d+", "0", " ".join(WORD.findall(line.casefold())))

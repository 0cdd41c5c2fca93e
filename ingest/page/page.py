"""What a page says: the struct that a reader of pages fills, and how its lines are compared.

In: nothing. Out: Page, with the source of every field and how sure it is.
"""

import re
from datetime import datetime
from typing import Literal

import msgspec

from pipeline.messages import ArticleKind

NoArticle = Literal["consent", "login", "error", "empty", "index"]

WORD = re.compile(r"\w+")


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
    opt_outs: tuple[str, ...] = ()  # ingest/web/opt_out
    sources: dict[str, tuple[str, float]] = {}  # of a field: what won, and how sure that is (0 to 1)


def normal(line: str) -> str:
    """A line's words in lower case, digits as one: "Updated 3 May" and "Updated 4 May" are the same line."""
    return re.sub(r"\d+", "0", " ".join(WORD.findall(line.casefold())))

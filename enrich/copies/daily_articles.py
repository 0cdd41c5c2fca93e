"""The articles of one day, in columns: what the search for copies knows of each, in a few dozen bytes.

In: an Article and its sketch. Out: the place that it got, and by place the Article again.
"""

import zlib
from array import array
from typing import NamedTuple

from enrich.copies.containment import Sizes
from enrich.copies.shingle_index import Segment


class Article(NamedTuple):
    """An article of the window. `root` is the original that it is a copy of, or itself."""

    id: str
    root: str
    content: int
    published: float
    sizes: Sizes
    source: str
    title: bytes  # codes of its words
    numbers: bytes  # codes


class Day:
    """The articles that arrived on one day, and their shingles."""

    def __init__(self, tail: int) -> None:
        self.postings = Segment(tail)
        self.ids: list[str | None] = []  # None: replaced by a later revision
        self.roots: list[str] = []
        self.source_codes = array("I")  # 0: unknown
        self.title_codes = array("I")  # 0: tells nothing of what its site repeats
        self._sources: list[str] = []
        self._contents = array("Q")
        self._published = array("d")
        self._sizes = array("H")
        self._titles = _Codes()
        self._numbers = _Codes()
        self._names: dict[str, str] = {}

    def add(self, article: Article, sketch: bytes, telling: bool) -> int:
        """The place that it got. `telling`: what it shares with others of its site is what the site repeats."""
        place = len(self.ids)
        # one string for each name, however many articles have it
        self.ids.append(article.id)
        self.roots.append(article.id if article.root == article.id else article.root)
        self._sources.append(self._names.setdefault(article.source, article.source))
        self.source_codes.append(source_code(article.source))
        self.title_codes.append(_title_code(article.title) if telling else 0)
        self._contents.append(article.content)
        self._published.append(article.published)
        self._sizes.extend(article.sizes)
        self._titles.append(article.title)
        self._numbers.append(article.numbers)
        self.postings.add(place, sketch)
        return place

    def article(self, place: int) -> Article | None:
        """The article at this place; None when it was replaced."""
        id_ = self.ids[place]
        if id_ is None:
            return None
        return Article(
            id_,
            self.roots[place],
            self._contents[place],
            self._published[place],
            Sizes(*self._sizes[3 * place : 3 * place + 3]),
            self._sources[place],
            self._titles[place],
            self._numbers[place],
        )


class _Codes:
    """Packed codes of many articles, one after the other."""

    def __init__(self) -> None:
        self._values = bytearray()
        self._ends = array("I")

    def append(self, values: bytes) -> None:
        self._values += values
        self._ends.append(len(self._values))

    def __getitem__(self, place: int) -> bytes:
        first = self._ends[place - 1] if place else 0
        return bytes(self._values[first : self._ends[place]])


def source_code(source: str) -> int:
    """A source as 32 bits; 0 when it is not known."""
    return (zlib.crc32(source.encode(errors="surrogatepass")) or 1) if source else 0


def _title_code(title: bytes) -> int:
    return zlib.crc32(title) or 1

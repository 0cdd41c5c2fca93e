"""Articles of one day: stores what the search for copies needs of each, in a few dozen bytes, and indexes its shingles.

In: a StoredArticle and its sketch. Out: its position in the day, and by position the StoredArticle again. Each field is
in an array of its own (column by column), because one object for each article would take several times as much.
"""

import zlib
from array import array
from typing import NamedTuple

from enrich.copies.containment import SketchSizes
from enrich.copies.shingle_index import ShingleIndex


class StoredArticle(NamedTuple):
    """What is stored of an article. `root` is the id of the original that it is a copy of, or its own."""

    id: str
    root: str
    content: int  # 64-bit hash of its content hash
    published: float  # seconds
    sizes: SketchSizes
    source: str  # "" when it is not known
    title: bytes  # codes of its words, as from `shingles.pack_codes`
    numbers: bytes  # codes, as from `shingles.pack_codes`


class DailyArticles:
    """The articles that arrived on one day, and the index of their shingles, which keeps up to `max_unsorted` hashes
    unsorted.
    """

    def __init__(self, max_unsorted: int) -> None:
        self.shingles = ShingleIndex(max_unsorted)
        self.ids: list[str | None] = []  # None: replaced by a later revision
        self.roots: list[str] = []
        self.source_codes = array("I")  # 0: unknown
        self.title_codes = array("I")  # 0: the article is no evidence of its site's boilerplate
        self._sources: list[str] = []
        self._contents = array("Q")
        self._published = array("d")
        self._sizes = array("H")
        self._titles = _PackedCodes()
        self._numbers = _PackedCodes()
        self._names: dict[str, str] = {}

    def add(self, article: StoredArticle, sketch: bytes, is_boilerplate_evidence: bool) -> int:
        """Stores an article and returns its position.

        `is_boilerplate_evidence` says that shingles which it shares with other articles of its site count as the
        site's boilerplate (those of a copy do not: it shares them because it is a copy).
        """
        position = len(self.ids)
        # one string for each name, however many articles have it
        self.ids.append(article.id)
        self.roots.append(article.id if article.root == article.id else article.root)
        self._sources.append(self._names.setdefault(article.source, article.source))
        self.source_codes.append(hash_source(article.source))
        self.title_codes.append(_hash_title(article.title) if is_boilerplate_evidence else 0)
        self._contents.append(article.content)
        self._published.append(article.published)
        self._sizes.extend(article.sizes)
        self._titles.append(article.title)
        self._numbers.append(article.numbers)
        self.shingles.add(position, sketch)
        return position

    def get(self, position: int) -> StoredArticle | None:
        """The article at this position; None when a later revision has replaced it."""
        id_ = self.ids[position]
        if id_ is None:
            return None
        return StoredArticle(
            id_,
            self.roots[position],
            self._contents[position],
            self._published[position],
            SketchSizes(*self._sizes[3 * position : 3 * position + 3]),
            self._sources[position],
            self._titles[position],
            self._numbers[position],
        )


class _PackedCodes:
    """Packed codes of many articles, one after the other in one buffer."""

    def __init__(self) -> None:
        self._values = bytearray()
        self._ends = array("I")

    def append(self, values: bytes) -> None:
        self._values += values
        self._ends.append(len(self._values))

    def __getitem__(self, position: int) -> bytes:
        first = self._ends[position - 1] if position else 0
        return bytes(self._values[first : self._ends[position]])


def hash_source(source: str) -> int:
    """A source as a 32-bit hash; 0 when it is not known ("")."""
    return (zlib.crc32(source.encode(errors="surrogatepass")) or 1) if source else 0


def _hash_title(title: bytes) -> int:
    return zlib.crc32(title) or 1

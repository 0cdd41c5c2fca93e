"""Recent articles: keeps the last annotated articles compressed, because what is published of one may still change.

In: annotated articles, then ids. Out: the article with an id, as long as it is among the last `size`.
"""

from collections import OrderedDict

import zstandard

from pipeline.messages import Annotated, decode, encode


class RecentArticles:
    """The last `size` articles, each in the revision that came last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._compressor, self._decompressor = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
        self._pack_report: OrderedDict[str, bytes] = OrderedDict()

    def put(self, article: Annotated) -> None:
        """Adds an article, and drops the one that was put longest ago when there are more than `size`."""
        self._pack_report.pop(article.id, None)
        self._pack_report[article.id] = self._compressor.compress(encode(article))
        if len(self._pack_report) > self._size:
            self._pack_report.popitem(last=False)

    def get(self, id_: str) -> Annotated | None:
        """The article with this id; None when it has been dropped."""
        packed = self._pack_report.get(id_)
        return None if packed is None else decode(self._decompressor.decompress(packed), Annotated)

"""The articles that came last, packed: what is told of one may change while it is fresh.

In: annotated articles, and ids. Out: the article of an id, while it is among the last so many.
"""

from collections import OrderedDict

import zstandard

from pipeline.messages import Annotated, decode, encode


class Recent:
    """The last `size` articles, each in its latest revision."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._compressor, self._decompressor = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
        self._packed: OrderedDict[str, bytes] = OrderedDict()

    def put(self, article: Annotated) -> None:
        """Keeps an article, and forgets the one that was put longest ago."""
        self._packed.pop(article.id, None)
        self._packed[article.id] = self._compressor.compress(encode(article))
        if len(self._packed) > self._size:
            self._packed.popitem(last=False)

    def get(self, id_: str) -> Annotated | None:
        """The article, if it is still kept."""
        packed = self._packed.get(id_)
        return None if packed is None else decode(self._decompressor.decompress(packed), Annotated)

"""A feed's bytes -> the same feed without the items that are known byte for byte.

In: a document, and the marks of items that its reader knows. Out: what is left to be parsed, and the marks of all its
items; None where a document can't be cut with certainty. A poll that changed brings one new item and twenty that were
read before; feedparser takes a millisecond or two for each.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

OPENING = re.compile(rb"<(?:[\w.\-]+:)?(?:item|entry)(?=[\s>/])")
ITEM = re.compile(rb"<((?:[\w.\-]+:)?(?:item|entry))(?=[\s>]).*?</\1\s*>", re.DOTALL)
# what may hide an item, or the end of one: as often closed as opened, in each piece
HIDING = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"))


@dataclass(frozen=True, slots=True)
class Cut:
    """`body`: the document with its unknown items only; `fresh`: their marks, `marks`: those of all, in order."""

    body: bytes
    fresh: tuple[bytes, ...]
    marks: tuple[bytes, ...]


def cut(body: bytes, known: Collection[bytes]) -> Cut | None:
    """The document without the items whose marks are known.

    None where items are not what they seem: inside CDATA or a comment, one inside another, not closed, or with a
    document type, which may say that any name stands for anything.
    """
    found = list(ITEM.finditer(body))
    if not found or len(found) != sum(1 for _ in OPENING.finditer(body)) or b"<!DOCTYPE" in body:
        return None
    pieces: list[bytes] = []
    marks: list[bytes] = []
    fresh: list[bytes] = []
    end = 0
    for match in found:
        between, item = body[end : match.start()], match.group()
        if not (_is_whole(between) and _is_whole(item)):
            return None
        marks.append(mark(item))
        pieces.append(between)
        if marks[-1] not in known:
            pieces.append(item)
            fresh.append(marks[-1])
        end = match.end()
    rest = body[end:]
    return Cut(b"".join([*pieces, rest]), tuple(fresh), tuple(marks)) if _is_whole(rest) else None


def mark(item: bytes) -> bytes:
    """Eight bytes that tell one item's bytes from another's."""
    return blake2b(item, digest_size=8).digest()


def _is_whole(piece: bytes) -> bool:
    return all(piece.count(opening) == piece.count(closing) for opening, closing in HIDING)

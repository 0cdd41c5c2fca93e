"""An answer's bytes -> what they are, by their content alone: servers say text/html of feeds and xml of pages.

In: bytes, compressed or not. Out: a Document: its kind, its bytes without what may not stand before a document, and
what was wrong with them. A bomb, and a document that is made to keep a parser busy, is cut or refused here.
"""

import codecs
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

GZIP = b"\x1f\x8b"
# some servers compress a .gz once more
MOST_LAYERS = 2
HEAD = 32 * 1024
# The first element that is one of these says what a document is, whatever stands before it (white space, comments,
# warnings of PHP). A comment that does not end hides all the rest.
ROOT = re.compile(
    rb"<!--(?:.*?-->|.*)|<(?:[\w.\-]+:)?(rss|feed|rdf|channel|urlset|sitemapindex|opml|html|head|body)(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
# the XML declaration, where nothing but comments, instructions and a DOCTYPE follow before the root
DECLARATION = re.compile(rb"<\?xml[^>]*>(?=[^<]*(?:<[?!][^<]*)*$)")
KINDS: Mapping[bytes, Literal["sitemap", "opml", "html"]] = {
    b"urlset": "sitemap",
    b"sitemapindex": "sitemap",
    b"opml": "opml",
    b"html": "html",
    b"head": "html",
    b"body": "html",
}
WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}

# feedparser needs about 40 microseconds for a tag and 10 for a reference, and time that grows with the square of a
# tag's attributes, of namespaces, and of a word in an author's name: with these bounds no document takes minutes
MOST_TAGS = 60_000
MOST_REFERENCES = 500_000
MOST_NAMESPACES = 10_000
MOST_ATTRIBUTES = 500
LONGEST_WORD = 4_000
ENTRY_END = re.compile(rb"</(?:[\w.\-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
LONG_TAG = re.compile(rb"<[^<>]{2500,}")
WORD = re.compile(rb"[\w.+\-]+")
# every byte that may stand in such a word as "w": that a long one is there is then a search for many of them
AS_WORDS = bytes(ord("w") if WORD.fullmatch(bytes([each])) else ord(" ") for each in range(256))
LONG_WORD = b"w" * (LONGEST_WORD + 1)


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its content. `charset` is what its bytes are in where that is certain, whatever servers say."""

    kind: Literal["feed", "json", "sitemap", "opml", "html"]
    body: bytes
    charset: str | None = None
    error: str | None = None


def opened(body: bytes, most_bytes: int) -> tuple[bytes, str | None]:
    """The body without its gzip layers, and what was wrong with them. A bomb has no body."""
    error = None
    for _ in range(MOST_LAYERS):
        if not body.startswith(GZIP):
            break
        body, error = _gunzip(body, most_bytes)
    return body, error


def _gunzip(body: bytes, most_bytes: int) -> tuple[bytes, str | None]:
    """All members; what was read before the bytes end or turn out to be no gzip."""
    pieces: list[bytes] = []
    room = most_bytes
    while body.startswith(GZIP):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            pieces.append(unpacker.decompress(body, room + 1))
        except zlib.error as error:
            return b"".join(pieces), f"broken gzip: {error}"
        room -= len(pieces[-1])
        if room < 0:
            return b"", f"more than {most_bytes} bytes when decompressed"
        if not unpacker.eof:
            return b"".join(pieces), "gzip that ends too early"
        body = unpacker.unused_data
    return b"".join(pieces), None


def sniffed(body: bytes) -> Document:
    """What `body` is; what is not known to be something else is taken for a feed."""
    codec = next((codec for mark, codec in WIDE.items() if body.startswith(mark)), None)
    if codec:
        return replace(sniffed(_without_declaration(body.decode(codec, "replace"))), charset="utf-8")
    head = body[:HEAD]
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return Document("json", body)
    root = next((match for match in ROOT.finditer(head) if match[1]), None)
    if root is None:
        return Document("feed", body)
    junk = _junk(head[: root.start()])
    said = head[:junk].removeprefix(codecs.BOM_UTF8).strip()
    error = f"{junk} bytes before the document" if said else None
    return Document(KINDS.get(root[1].lower(), "feed"), body[junk:], error=error)


def _without_declaration(text: str) -> bytes:
    """UTF-8; the encoding that an XML declaration names is no longer so."""
    return re.sub(r"\A\ufeff?\s*<\?xml[^>]*>", "", text).encode("utf-8", "replace")


def _junk(before: bytes) -> int:
    """The bytes that no document may begin with: an XML declaration, or else the root, must be the first."""
    if before == codecs.BOM_UTF8:
        return 0
    declaration = DECLARATION.search(before)
    if declaration:
        return declaration.start() if before[: declaration.start()] != codecs.BOM_UTF8 else 0
    return len(before) if b"<!" not in before else 0


def bounded(body: bytes) -> tuple[bytes, str | None]:
    """The body as far as a slow parser can be given it: cut after the last entry before a bound is passed."""
    ends = [end for end in (_excess(body), _many_attributes(body)) if end is not None]
    error = None
    if ends:
        body = _cut(body, min(ends))
        error = f"too large a document: only its first {len(body)} bytes were read"
    if LONG_WORD in body.translate(AS_WORDS):
        body = WORD.sub(lambda match: match.group()[:LONGEST_WORD], body)
    return body, error


def _cut(body: bytes, most: int) -> bytes:
    """The entries that end before `most`, in a whole document: a broken one would be read twice."""
    ends = [match.end() for match in ENTRY_END.finditer(body, 0, most)]
    if not ends:
        return body[:most]
    root = next((match for match in ROOT.finditer(body[:HEAD]) if match[1]), None)
    name = root.group()[1:] if root else b""
    closing = b"</channel></%s>" if name.lower() == b"rss" else b"</%s>"
    return body[: ends[-1]] + closing % name


def _excess(body: bytes) -> int | None:
    """Where there are too many marks of one kind."""
    bounds = ((b"<", MOST_TAGS), (b"&", MOST_REFERENCES), (b"xmlns", MOST_NAMESPACES))
    passed = [
        next(itertools.islice(_places(body, mark), most, None)) for mark, most in bounds if body.count(mark) > most
    ]
    return min(passed, default=None)


def _places(body: bytes, mark: bytes) -> Iterator[int]:
    place = body.find(mark)
    while place >= 0:
        yield place
        place = body.find(mark, place + len(mark))


def _many_attributes(body: bytes) -> int | None:
    tags = (match for match in LONG_TAG.finditer(body) if match.group().count(b"=") > MOST_ATTRIBUTES)
    return next((match.start() for match in tags), None)

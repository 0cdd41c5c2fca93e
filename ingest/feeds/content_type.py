"""Content sniffing: tells from its bytes alone whether a body is an XML feed, JSON, a sitemap, OPML,
NewsML or HTML.

Headers are not asked: servers send feeds as text/html and pages as XML. In: a body, gzipped or not. Out: a
SniffedDocument: its kind, its bytes without junk before the document, and what was wrong with them. Gzip bombs are
refused, and documents that would keep feedparser busy for minutes are cut.
"""

import codecs
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

GZIP_MAGIC = b"\x1f\x8b"
# some servers gzip a .gz file once more
MOST_GZIP_LAYERS = 2
SNIFFED_BYTES = 32 * 1024
# The first of these elements decides the kind, whatever precedes it (white space, comments, PHP warnings). An
# unterminated comment hides everything after it.
ROOT_ELEMENT = re.compile(
    rb"<!--(?:.*?-->|.*)|<(?:[\w.\-]+:)?(rss|feed|rdf|channel|urlset|sitemapindex|opml|html|head|body"
    rb"|newsmessage|newsitem|packageitem|conceptitem|knowledgeitem|planningitem|catalogitem|newsml|nitf)(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
# the XML declaration, followed up to the root element only by comments, processing instructions and a DOCTYPE
XML_DECLARATION = re.compile(rb"<\?xml[^>]*>(?=[^<]*(?:<[?!][^<]*)*$)")
KIND_OF_ROOT: Mapping[bytes, Literal["sitemap", "opml", "html", "newsml"]] = {
    b"urlset": "sitemap",
    b"sitemapindex": "sitemap",
    b"opml": "opml",
    b"html": "html",
    b"head": "html",
    b"body": "html",
    b"newsml": "newsml",  # version 1, which is only recognised
    b"nitf": "newsml",
    **dict.fromkeys((b"newsmessage", b"newsitem", b"packageitem", b"conceptitem", b"knowledgeitem"), "newsml"),
    **dict.fromkeys((b"planningitem", b"catalogitem"), "newsml"),
}
WIDE_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}

# feedparser takes about 40 microseconds for a tag and 10 for a reference, and time that grows with the square of a
# tag's attributes, of namespaces, and of a word in an author's name: within these limits no document takes minutes
MOST_TAGS = 60_000
MOST_REFERENCES = 500_000
MOST_NAMESPACES = 10_000
MOST_ATTRIBUTES = 500
LONGEST_WORD = 4_000
ENTRY_END = re.compile(rb"</(?:[\w.\-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
LONG_TAG = re.compile(rb"<[^<>]{2500,}")
WORD = re.compile(rb"[\w.+\-]+")
# maps every byte of a WORD to "w": an overlong word is then found by a fast search for LONG_WORD
WORD_BYTES_TO_W = bytes(ord("w") if WORD.fullmatch(bytes([each])) else ord(" ") for each in range(256))
LONG_WORD = b"w" * (LONGEST_WORD + 1)


@dataclass(frozen=True, slots=True)
class SniffedDocument:
    """A document whose kind is known. `charset` is set where it is certain; it then overrides the server's."""

    kind: Literal["feed", "json", "sitemap", "opml", "html", "newsml"]
    body: bytes
    charset: str | None = None
    error: str | None = None


def decompress_gzip(body: bytes, most_bytes: int) -> tuple[bytes, str | None]:
    """The body without its gzip layers, and an error text. The body is b"" if it exceeds `most_bytes` unpacked."""
    error = None
    for _ in range(MOST_GZIP_LAYERS):
        if not body.startswith(GZIP_MAGIC):
            break
        body, error = _gunzip(body, most_bytes)
    return body, error


def _gunzip(body: bytes, most_bytes: int) -> tuple[bytes, str | None]:
    """All gzip members; of truncated or broken data, what could be decompressed before the defect."""
    pieces: list[bytes] = []
    room = most_bytes
    while body.startswith(GZIP_MAGIC):
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


def sniff_document(body: bytes) -> SniffedDocument:
    """The kind of a document; "feed" (RSS, RDF or Atom) where nothing says that it is something else."""
    codec = next((codec for start, codec in WIDE_ENCODINGS.items() if body.startswith(start)), None)
    if codec:
        return replace(sniff_document(_encode_without_declaration(body.decode(codec, "replace"))), charset="utf-8")
    head = body[:SNIFFED_BYTES]
    if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[")):
        return SniffedDocument("json", body)
    root = next((match for match in ROOT_ELEMENT.finditer(head) if match[1]), None)
    if root is None:
        return SniffedDocument("feed", body)
    junk = _count_leading_junk(head[: root.start()])
    has_text = bool(head[:junk].removeprefix(codecs.BOM_UTF8).strip())
    error = f"{junk} bytes before the document" if has_text else None
    return SniffedDocument(KIND_OF_ROOT.get(root[1].lower(), "feed"), body[junk:], error=error)


def _encode_without_declaration(text: str) -> bytes:
    """The text in UTF-8, without its XML declaration, which names another encoding."""
    return re.sub(r"\A\ufeff?\s*<\?xml[^>]*>", "", text).encode("utf-8", "replace")


def _count_leading_junk(before: bytes) -> int:
    """How many bytes to drop: a document must begin with its XML declaration or, without one, its root element."""
    if before == codecs.BOM_UTF8:
        return 0
    declaration = XML_DECLARATION.search(before)
    if declaration:
        return declaration.start() if before[: declaration.start()] != codecs.BOM_UTF8 else 0
    return len(before) if b"<!" not in before else 0


def apply_parser_limits(body: bytes) -> tuple[bytes, str | None]:
    """Makes a document safe for feedparser, whose time grows with the square of some counts.

    Returns the body, cut after the last entry within the limits, and an error text where it was cut. Words of more than
    LONGEST_WORD bytes are shortened.
    """
    ends = [end for end in (_first_excess(body), _first_overlong_tag(body)) if end is not None]
    error = None
    if ends:
        body = _cut_between_entries(body, min(ends))
        error = f"too large a document: only its first {len(body)} bytes were read"
    if LONG_WORD in body.translate(WORD_BYTES_TO_W):
        body = WORD.sub(lambda match: match.group()[:LONGEST_WORD], body)
    return body, error


def _cut_between_entries(body: bytes, most: int) -> bytes:
    """The document up to its last entry before byte `most`, closed properly: feedparser reads a broken one twice."""
    ends = [match.end() for match in ENTRY_END.finditer(body, 0, most)]
    if not ends:
        return body[:most]
    root = next((match for match in ROOT_ELEMENT.finditer(body[:SNIFFED_BYTES]) if match[1]), None)
    name = root.group()[1:] if root else b""
    closing = b"</channel></%s>" if name.lower() == b"rss" else b"</%s>"
    return body[: ends[-1]] + closing % name


def _first_excess(body: bytes) -> int | None:
    """The position where the first limit on tags, references or namespaces is exceeded; None if none is."""
    limits = ((b"<", MOST_TAGS), (b"&", MOST_REFERENCES), (b"xmlns", MOST_NAMESPACES))
    exceeded = [
        next(itertools.islice(_find_all(body, token), most, None)) for token, most in limits if body.count(token) > most
    ]
    return min(exceeded, default=None)


def _find_all(body: bytes, token: bytes) -> Iterator[int]:
    position = body.find(token)
    while position >= 0:
        yield position
        position = body.find(token, position + len(token))


def _first_overlong_tag(body: bytes) -> int | None:
    """The position of the first tag with more than MOST_ATTRIBUTES attributes; None if there is none."""
    tags = (match for match in LONG_TAG.finditer(body) if match.group().count(b"=") > MOST_ATTRIBUTES)
    return next((match.start() for match in tags), None)

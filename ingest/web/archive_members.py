"""The compressed members of a WARC file: one for each record, gzip (RFC 1952) or zstd (RFC 8878). Pure.

In: a file's bytes, mapped into memory. Out: its members decompressed, in order, and what can't be read of it by its
offset. A .warc.zst may begin with a dictionary (IIPC's "Use of Zstandard in WARC"), as ArchiveTeam's do.
"""

import mmap
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import zstandard

GZIP_MAGIC = b"\x1f\x8b\x08"  # the first bytes of a gzip member
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC = b"\x2a\x4d\x18"  # behind a byte from 0x50 to 0x5F
DICTIONARY_MAGIC = b"\x5d" + SKIPPABLE_MAGIC
MOST_RECORD_BYTES = 64 * 1024 * 1024
MOST_DICTIONARY_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
# four bytes of a zstd frame may stand for a block of 128 KB: so few at a time are never more than MOST_RECORD_BYTES
ZSTD_CHUNK_BYTES = 2 * 1024
ZSTD_WINDOW = 128 * 1024 * 1024  # the largest that `zstd` itself takes unasked
RECORD_START = b"WARC/"


class Damaged(Exception):
    """There is no complete member at an offset."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member's decompressed bytes and its offset; of damage, no bytes and the reason."""

    offset: int
    data: bytes = b""
    damage: str = ""


def is_compressed(data: mmap.mmap) -> bool:
    """Whether a file begins as one of compressed records does."""
    return data[:3] == GZIP_MAGIC or data[:4] in (ZSTD_MAGIC, DICTIONARY_MAGIC) or _is_skippable(data, 0)


def read_members(data: mmap.mmap) -> Iterator[Member]:
    """The members of a file in order; after damage it goes on at the next record."""
    try:
        codec: _Gzip | _Zstd = _Gzip() if data[:3] == GZIP_MAGIC else _Zstd(data)
    except Damaged as damage:
        yield Member(0, damage=str(damage))
        return
    at = codec.first
    while at < len(data):
        try:
            member, end = codec.decompress(data, at)
        except Damaged as damage:
            yield Member(at, damage=str(damage))
            at = _find_next_record(codec, data, at + 1)
        else:
            if member:
                yield Member(at, member)
            at = end


class _Gzip:
    magic = GZIP_MAGIC
    first = 0

    def decompress(self, data: mmap.mmap, at: int) -> tuple[bytes, int]:
        """The member at `at`, and the offset of its end. Raises Damaged."""
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

        def feed(chunk: bytes, most: int) -> tuple[bytes, bool, int]:
            piece = decoder.decompress(chunk, most)
            return piece, decoder.eof, len(decoder.unused_data)

        return _decompress(data, at, CHUNK_BYTES, feed)

    def begins_record(self, data: mmap.mmap, at: int) -> bool:
        """Whether the member at `at` is a record's."""
        with suppress(zlib.error):
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data[at : at + 1000], 5) == RECORD_START
        return False


class _Zstd:
    magic = ZSTD_MAGIC

    def __init__(self, data: mmap.mmap) -> None:
        """Reads the file's dictionary, where it has one. Raises Damaged."""
        self._dictionary: zstandard.ZstdCompressionDict | None = None
        self.first = 0
        if data[:4] == DICTIONARY_MAGIC:
            self.first = _end_of_skippable(data, 0)
            self._dictionary = zstandard.ZstdCompressionDict(_dictionary(data[8 : self.first]))

    def decompress(self, data: mmap.mmap, at: int) -> tuple[bytes, int]:
        """The frame at `at`, b"" for one that is to be skipped, and the offset of its end. Raises Damaged."""
        if _is_skippable(data, at):
            return b"", _end_of_skippable(data, at)
        decoder = self._new_decoder()

        def feed(chunk: bytes, _: int) -> tuple[bytes, bool, int]:
            piece = decoder.decompress(chunk)
            return piece, decoder.eof, len(decoder.unused_data)

        return _decompress(data, at, ZSTD_CHUNK_BYTES, feed)

    def begins_record(self, data: mmap.mmap, at: int) -> bool:
        """Whether the frame at `at` is a record's, or can't be told to be none before it is read as a whole."""
        with suppress(zstandard.ZstdError):
            found = self._new_decoder().decompress(data[at : at + ZSTD_CHUNK_BYTES])
            return found[: len(RECORD_START)] in (RECORD_START, b"")
        return False

    def _new_decoder(self) -> "zstandard.ZstdDecompressionObj":
        return zstandard.ZstdDecompressor(self._dictionary, max_window_size=ZSTD_WINDOW).decompressobj()


def _decompress(
    data: mmap.mmap, at: int, chunk_bytes: int, feed: Callable[[bytes, int], tuple[bytes, bool, int]]
) -> tuple[bytes, int]:
    """The member at `at` and its end. `feed` takes a chunk and the most bytes wanted: bytes, whether at end, rest."""
    pieces, left, ended = list[bytes](), MOST_RECORD_BYTES, False
    while not ended:
        chunk = data[at : at + chunk_bytes]
        if not chunk:
            raise Damaged("the record is cut off")
        try:
            piece, ended, unused = feed(chunk, left + 1)
        except (zlib.error, zstandard.ZstdError) as error:
            raise Damaged(f"no compressed record: {error}") from error
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            raise Damaged(f"the record has more than {MOST_RECORD_BYTES} bytes")
        at += len(chunk) - unused
    return b"".join(pieces), at


def _find_next_record(codec: _Gzip | _Zstd, data: mmap.mmap, at: int) -> int:
    """The offset of the next record at or after `at`; the end of the file when there is none."""
    while (at := data.find(codec.magic, at)) >= 0:
        if codec.begins_record(data, at):
            return at
        at += 1
    return len(data)


def _is_skippable(data: mmap.mmap, at: int) -> bool:
    return data[at + 1 : at + 4] == SKIPPABLE_MAGIC and data[at : at + 1] in b"PQRSTUVWXYZ[\\]^_"


def _end_of_skippable(data: mmap.mmap, at: int) -> int:
    """The offset behind a skippable frame: magic, four bytes of length (little endian), so many bytes."""
    end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    if end > len(data):
        raise Damaged("a frame to skip is cut off")
    return end


def _dictionary(content: bytes) -> bytes:
    """The dictionary, which may be compressed itself. Raises Damaged."""
    if not content.startswith(ZSTD_MAGIC):
        return content
    try:
        with zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).stream_reader(content) as reader:
            found = reader.read(MOST_DICTIONARY_BYTES + 1)
    except zstandard.ZstdError as error:
        raise Damaged(f"its dictionary can't be read: {error}") from error
    if len(found) > MOST_DICTIONARY_BYTES:
        raise Damaged(f"its dictionary has more than {MOST_DICTIONARY_BYTES} bytes")
    return found

"""Streaming decompression of response bodies (gzip, deflate, brotli, zstd), safe against decompression bombs.

In: the Content-Encoding header of a response, and its body in chunks as they arrive. Out: the decoded body, or
BodyError: `too_large` (compressed bytes, decoded bytes, or the ratio of the two) or `encoding` (an unknown one, or the
body is not encoded that way). Limits are checked while the body streams, and decoders return at most PIECE_BYTES at a
time, so a bomb is never held in memory decoded. Only this file uses the decoders of zlib, brotli and zstandard for
bodies (docs/decisions/0011).
"""

import io
import zlib
from collections.abc import Callable
from typing import IO, Any, Literal, Protocol, cast

import brotli
import zstandard

ACCEPTED_ENCODINGS = "gzip, deflate, br, zstd"
PIECE_BYTES = 64 * 1024
# two occur (a gzipped sitemap that the server compresses once more); more are an attack
MOST_ENCODINGS = 2
# decoded to compressed size: texts of 16 MB have 3 to 40, zlib's maximum is 1032; small bodies are not checked
MOST_RATIO = 200
RATIO_COUNTS_FROM = 1024 * 1024
# files of concatenated gzip members have some hundred; each costs a new decoder
MOST_MEMBERS = 1000
# the largest window that a server may use (RFC 9659)
ZSTD_WINDOW = 8 * 1024 * 1024
SENTINEL_TEXT = b"the end"
SENTINEL = zstandard.ZstdCompressor().compress(SENTINEL_TEXT)

Sink = Callable[[bytes], None]


class BodyError(Exception):
    """A body that is too large or wrongly encoded; `kind` and detail are for FetchError."""

    def __init__(self, kind: Literal["too_large", "encoding"], detail: str) -> None:
        super().__init__(detail)
        self.kind: Literal["too_large", "encoding"] = kind


class _TruncatedHere(Exception):
    """A body that is to be truncated has reached its maximum size."""


class _Decoder(Protocol):
    def write(self, data: bytes) -> None:
        """Decodes `data` and passes the result to the next sink. Raises BodyError."""

    def finish(self) -> None:
        """Raises BodyError when the stream is not complete."""


class BodyDecoder:
    """Decodes one body: feed() each chunk, then finish().

    `encoding` is the Content-Encoding header, "" where there is none. A body of more than `max_bytes` decoded bytes is
    an error; with `truncate` it is cut there instead.
    """

    def __init__(self, encoding: str, max_bytes: int, truncate: bool = False) -> None:
        self._max_bytes, self._truncate = max_bytes, truncate
        self._pieces: list[bytes] = []
        self._compressed_bytes = self._decoded_bytes = 0
        self._decoders: list[_Decoder] = []
        self._input: Sink = self._append
        for name in _parse_content_encoding(encoding):
            # what passes between two decoders is not the body yet, but must be limited too
            sink = self._input if self._input == self._append else _SizeLimit(self._input, max_bytes).take
            self._decoders.append(_DECODERS[name](sink))
            self._input = self._decoders[-1].write

    def feed(self, data: bytes) -> bool:
        """Decodes the next chunk; returns False when no more is needed. Raises BodyError."""
        self._compressed_bytes += len(data)
        if self._compressed_bytes > self._max_bytes and not self._truncate:
            raise BodyError("too_large", f"more than {self._max_bytes} bytes")
        try:
            self._input(data)
        except _TruncatedHere:
            return False
        return True

    def finish(self) -> bytes:
        """The decoded body. Raises BodyError, also when the compressed stream is not complete."""
        if self._compressed_bytes and not (self._truncate and self._decoded_bytes == self._max_bytes):
            for decoder in reversed(self._decoders):
                decoder.finish()
        return b"".join(self._pieces)

    def _append(self, piece: bytes) -> None:
        room = self._max_bytes - self._decoded_bytes
        if len(piece) > room and not self._truncate:
            raise BodyError("too_large", f"more than {self._max_bytes} bytes")
        self._pieces.append(piece[:room])
        self._decoded_bytes += len(self._pieces[-1])
        if len(piece) > room:
            raise _TruncatedHere
        if self._decoded_bytes > max(RATIO_COUNTS_FROM, self._compressed_bytes * MOST_RATIO):
            raise BodyError("too_large", f"decodes to more than {MOST_RATIO} times its size")


class _SizeLimit:
    def __init__(self, sink: Sink, max_bytes: int) -> None:
        self._sink, self._left = sink, max_bytes

    def take(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise BodyError("too_large", "too large between its encodings")
        self._sink(piece)


def _parse_content_encoding(header: str) -> list[str]:
    """The encodings in a Content-Encoding header, in the order in which they were applied. Raises BodyError."""
    names = [name.strip().lower().removeprefix("x-") for name in header.split(",")] if header else []
    names = [name for name in names if name not in ("", "identity", "none")]
    wrong = [name for name in names if name not in _DECODERS]
    if wrong or len(names) > MOST_ENCODINGS:
        raise BodyError("encoding", f"Content-Encoding {header[:100]!r}; we take {ACCEPTED_ENCODINGS}")
    return names


class _GzipOrDeflateDecoder:
    """gzip (RFC 1952, with any number of members) or deflate (with zlib's header or, as some servers send it, raw)."""

    def __init__(self, sink: Sink, gzip: bool) -> None:
        self._sink, self._gzip = sink, gzip
        self._members = 0
        self._zlib: zlib._Decompress | None = None

    def write(self, data: bytes) -> None:
        while data:
            if self._zlib is None or self._zlib.eof:
                if not self._member_follows(data):
                    return
                self._zlib = self._new_member_decoder(data)
            data = self._inflate(self._zlib, data)

    def _member_follows(self, data: bytes) -> bool:
        """Whether another member follows; other bytes after the last one are ignored, as in browsers."""
        return self._zlib is None or (self._gzip and data[0] == 0x1F)

    def _new_member_decoder(self, data: bytes) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BodyError("encoding", f"more than {MOST_MEMBERS} gzip members")
        if self._gzip:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        return zlib.decompressobj(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)

    def _inflate(self, decoder: "zlib._Decompress", data: bytes) -> bytes:
        """Decodes up to the end of the input or of the member; returns what is left of the input."""
        while True:
            try:
                piece = decoder.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise BodyError("encoding", f"not {'gzip' if self._gzip else 'deflate'}: {error}") from error
            if piece:
                self._sink(piece)
            data = decoder.unconsumed_tail
            if decoder.eof or (not data and len(piece) < PIECE_BYTES):
                return decoder.unused_data

    def finish(self) -> None:
        if self._zlib is None or not self._zlib.eof:
            raise BodyError("encoding", "its compressed stream ends in the middle")


class _BrotliDecoder:
    """br (RFC 7932)."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoder = brotli.Decompressor()

    def write(self, data: bytes) -> None:
        while not self._decoder.is_finished():
            try:
                piece = self._decoder.process(data, output_buffer_limit=PIECE_BYTES)
            except brotli.error as error:
                raise BodyError("encoding", f"not brotli: {error}") from error
            if piece:
                self._sink(piece)
            data = b""
            if self._decoder.can_accept_more_data():
                return

    def finish(self) -> None:
        if not self._decoder.is_finished():
            raise BodyError("encoding", "its compressed stream ends in the middle")


class _ZstdDecoder:
    """zstd (RFC 8878).

    The library's stream writer has bounded output, but can't tell whether the last frame is complete. So finish() adds
    a frame of ours (SENTINEL), which is decoded if, and only if, the frame before it was complete.
    """

    def __init__(self, sink: Sink) -> None:
        self._out = _SinkWriter(sink)
        decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._decoder = decoder.stream_writer(cast(IO[bytes], self._out), write_size=PIECE_BYTES, closefd=False)

    def write(self, data: bytes) -> None:
        try:
            self._decoder.write(data)
        except zstandard.ZstdError as error:
            raise BodyError("encoding", f"not zstd: {error}") from error

    def finish(self) -> None:
        last: list[bytes] = []
        self._out.sink = last.append
        self.write(SENTINEL)
        if b"".join(last) != SENTINEL_TEXT:
            raise BodyError("encoding", "its compressed stream ends in the middle")


class _SinkWriter(io.RawIOBase):
    """A file object for zstandard that passes what is written to a sink."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self.sink = sink

    def write(self, piece: Any) -> int:
        """Passes the piece to the sink."""
        self.sink(bytes(piece))
        return len(piece)


_DECODERS: dict[str, Callable[[Sink], _Decoder]] = {
    "gzip": lambda sink: _GzipOrDeflateDecoder(sink, gzip=True),
    "deflate": lambda sink: _GzipOrDeflateDecoder(sink, gzip=False),
    "br": _BrotliDecoder,
    "zstd": _ZstdDecoder,
}

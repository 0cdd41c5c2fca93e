"""A body as it comes over the wire, piece by piece -> its bytes, decoded, within limits that hold while it streams.

In: the Content-Encoding of an answer and its pieces. Out: the decoded body, or BodyError: `too_large` (bytes on the
wire, decoded bytes, or the ratio of the two) or `encoding` (one that we do not know, or not what it claims to be).
Decoders hand on pieces of at most PIECE bytes, so a bomb never lies unfolded in memory. The only file that knows
zlib's, brotli's and zstandard's decoders.
"""

import io
import zlib
from collections.abc import Callable
from typing import IO, Any, Literal, Protocol, cast

import brotli
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"
PIECE = 64 * 1024
# two are seen (a gzipped sitemap that the server packs once more); more are a way to make work
MOST_ENCODINGS = 2
# text of 16 MB packs 3 to 40 times; zlib's most is 1032. Small bodies may do what they like.
MOST_RATIO = 200
RATIO_COUNTS_FROM = 1024 * 1024
# files of joined gzip members have some hundred; each costs a new decoder
MOST_MEMBERS = 1000
# the largest window that a server may use (RFC 9659)
ZSTD_WINDOW = 8 * 1024 * 1024
SENTINEL_TEXT = b"the end"
SENTINEL = zstandard.ZstdCompressor().compress(SENTINEL_TEXT)

Sink = Callable[[bytes], None]


class BodyError(Exception):
    """A body that is not taken; `kind` and detail are for FetchError."""

    def __init__(self, kind: Literal["too_large", "encoding"], detail: str) -> None:
        super().__init__(detail)
        self.kind: Literal["too_large", "encoding"] = kind


class _Full(Exception):
    """A body that is cut has reached its size."""


class _Decoder(Protocol):
    def write(self, data: bytes) -> None:
        """Hands what `data` decodes to on to the next. Raises BodyError."""

    def end(self) -> None:
        """Raises BodyError when the stream is not complete."""


class Body:
    """One body. `cut`: the first `most` decoded bytes are taken instead of refusing a larger one."""

    def __init__(self, encoding: str, most: int, cut: bool = False) -> None:
        self._most, self._cut = most, cut
        self._pieces: list[bytes] = []
        self._wire = self._size = 0
        self._decoders: list[_Decoder] = []
        self._first: Sink = self._take
        for name in _encodings(encoding):
            # between two decoders lies no body yet, but it must not grow without end either
            sink = self._first if self._first == self._take else _Limit(self._first, most).take
            self._decoders.append(_DECODERS[name](sink))
            self._first = self._decoders[-1].write

    def feed(self, data: bytes) -> bool:
        """Takes the next piece; whether more is wanted. Raises BodyError."""
        self._wire += len(data)
        if self._wire > self._most and not self._cut:
            raise BodyError("too_large", f"more than {self._most} bytes")
        try:
            self._first(data)
        except _Full:
            return False
        return True

    def end(self) -> bytes:
        """The decoded body. Raises BodyError."""
        if self._wire and not (self._cut and self._size == self._most):
            for decoder in reversed(self._decoders):
                decoder.end()
        return b"".join(self._pieces)

    def _take(self, piece: bytes) -> None:
        room = self._most - self._size
        if len(piece) > room and not self._cut:
            raise BodyError("too_large", f"more than {self._most} bytes")
        self._pieces.append(piece[:room])
        self._size += len(self._pieces[-1])
        if len(piece) > room:
            raise _Full
        if self._size > max(RATIO_COUNTS_FROM, self._wire * MOST_RATIO):
            raise BodyError("too_large", f"decodes to more than {MOST_RATIO} times its size")


class _Limit:
    def __init__(self, sink: Sink, most: int) -> None:
        self._sink, self._left = sink, most

    def take(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise BodyError("too_large", "too large between its encodings")
        self._sink(piece)


def _encodings(header: str) -> list[str]:
    """The names of a Content-Encoding header, as they were applied. Raises BodyError."""
    names = [name.strip().lower().removeprefix("x-") for name in header.split(",")] if header else []
    names = [name for name in names if name not in ("", "identity", "none")]
    wrong = [name for name in names if name not in _DECODERS]
    if wrong or len(names) > MOST_ENCODINGS:
        raise BodyError("encoding", f"Content-Encoding {header[:100]!r}; we take {ACCEPTED}")
    return names


class _Inflate:
    """gzip (RFC 1952, members that follow each other too) or deflate (with zlib's header or, as some send it, bare)."""

    def __init__(self, sink: Sink, gzip: bool) -> None:
        self._sink, self._gzip = sink, gzip
        self._members = 0
        self._zlib: zlib._Decompress | None = None

    def write(self, data: bytes) -> None:
        while data:
            if self._zlib is None or self._zlib.eof:
                if not self._begins(data):
                    return
                self._zlib = self._next(data)
            data = self._inflated(self._zlib, data)

    def _begins(self, data: bytes) -> bool:
        """Whether another member follows; what else lies behind the last one is not looked at, as in browsers."""
        return self._zlib is None or (self._gzip and data[0] == 0x1F)

    def _next(self, data: bytes) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BodyError("encoding", f"more than {MOST_MEMBERS} gzip members")
        if self._gzip:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        return zlib.decompressobj(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)

    def _inflated(self, decoder: "zlib._Decompress", data: bytes) -> bytes:
        """Decodes until the input or the member is at its end; what is left of the input."""
        while True:
            try:
                piece = decoder.decompress(data, PIECE)
            except zlib.error as error:
                raise BodyError("encoding", f"not {'gzip' if self._gzip else 'deflate'}: {error}") from error
            if piece:
                self._sink(piece)
            data = decoder.unconsumed_tail
            if decoder.eof or (not data and len(piece) < PIECE):
                return decoder.unused_data

    def end(self) -> None:
        if self._zlib is None or not self._zlib.eof:
            raise BodyError("encoding", "its compressed stream ends in the middle")


class _Brotli:
    """br (RFC 7932)."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoder = brotli.Decompressor()

    def write(self, data: bytes) -> None:
        while not self._decoder.is_finished():
            try:
                piece = self._decoder.process(data, output_buffer_limit=PIECE)
            except brotli.error as error:
                raise BodyError("encoding", f"not brotli: {error}") from error
            if piece:
                self._sink(piece)
            data = b""
            if self._decoder.can_accept_more_data():
                return

    def end(self) -> None:
        if not self._decoder.is_finished():
            raise BodyError("encoding", "its compressed stream ends in the middle")


class _Zstd:
    """zstd (RFC 8878). The library's writer hands on bounded pieces, but does not tell whether a frame is complete: a
    frame of ours behind it comes out if, and only if, it is.
    """

    def __init__(self, sink: Sink) -> None:
        self._out = _Writer(sink)
        decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._decoder = decoder.stream_writer(cast(IO[bytes], self._out), write_size=PIECE, closefd=False)

    def write(self, data: bytes) -> None:
        try:
            self._decoder.write(data)
        except zstandard.ZstdError as error:
            raise BodyError("encoding", f"not zstd: {error}") from error

    def end(self) -> None:
        last: list[bytes] = []
        self._out.sink = last.append
        self.write(SENTINEL)
        if b"".join(last) != SENTINEL_TEXT:
            raise BodyError("encoding", "its compressed stream ends in the middle")


class _Writer(io.RawIOBase):
    """What zstandard writes to."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self.sink = sink

    def write(self, piece: Any) -> int:
        """Hands it on."""
        self.sink(bytes(piece))
        return len(piece)


_DECODERS: dict[str, Callable[[Sink], _Decoder]] = {
    "gzip": lambda sink: _Inflate(sink, gzip=True),
    "deflate": lambda sink: _Inflate(sink, gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}

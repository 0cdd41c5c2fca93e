"""Bodies in every encoding, whole, cut off and hostile: what is taken, and what it costs to refuse."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ingest.web.decompression import MOST_MEMBERS, BodyDecoder, BodyError


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstd,
}


def decoded(
    encoding: str, packed: bytes, max_bytes: int = 10_000_000, step: int = 1000, truncate: bool = False
) -> bytes:
    body = BodyDecoder(encoding, max_bytes, truncate)
    for at in range(0, len(packed), step):
        if not body.feed(packed[at : at + step]):
            break
    return body.finish()


def refused(encoding: str, packed: bytes, max_bytes: int = 10_000_000) -> str:
    with pytest.raises(BodyError) as caught:
        decoded(encoding, packed, max_bytes, step=65536)
    return caught.value.kind


@given(st.binary(max_size=5000), st.lists(st.sampled_from([*PACKERS, "identity"]), max_size=2), st.integers(1, 700))
def test_what_was_packed_comes_out_however_it_is_split(data: bytes, names: list[str], step: int) -> None:
    packed = data
    for name in names:
        packed = PACKERS.get(name, bytes)(packed)
    assert decoded(", ".join(names), packed, step=step) == data


@given(st.sampled_from(list(PACKERS)), st.binary(min_size=1, max_size=2000))
def test_bytes_that_are_something_else_end_as_values_of_ours(name: str, junk: bytes) -> None:
    with suppress(BodyError):
        assert len(decoded(name, junk, max_bytes=1_000_000)) <= 1_000_000


@pytest.mark.parametrize("name", PACKERS)
def test_a_stream_that_ends_in_the_middle_is_an_error_and_rubbish_behind_its_end_is_not(name: str) -> None:
    data = bytes(range(256)) * 50
    packed = PACKERS[name](data)
    assert all(refused(name, packed[:length]) == "encoding" for length in (1, 10, len(packed) // 2, len(packed) - 1))
    if name in ("gzip", "deflate"):  # as browsers do; the others' decoders read on
        assert decoded(name, packed + b"\0\0rubbish") == data
    assert decoded(name, b"") == b""


def test_the_names_that_servers_give_their_encodings() -> None:
    packed = gzip.compress(b"text")
    assert decoded("X-GZIP", packed) == b"text"
    assert decoded("deflate", raw_deflate(b"text")) == b"text"
    assert decoded("gzip", packed + gzip.compress(b" and more")) == b"text and more"
    assert decoded(" identity , ", b"text") == b"text"
    for name in ("compress", "utf-8", "gzip, sdch", "gzip, gzip, gzip"):
        assert refused(name, packed) == "encoding"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", [*PACKERS, "gzip, gzip", "br, gzip", "zstd, zstd"])
def test_a_bomb_is_refused_with_little_memory_and_time(encoding: str) -> None:
    bomb = b"\0" * 60_000_000
    for name in encoding.split(", "):
        bomb = PACKERS[name](bomb)
    tracemalloc.start()
    began = time.perf_counter()
    try:
        assert refused(encoding, bomb, max_bytes=8_000_000) == "too_large"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000  # tracemalloc sees Python's bytes: the decoders' own windows are bounded by their formats
    assert time.perf_counter() - began < 2


def test_the_limits_each() -> None:
    assert refused("", b"a" * 1001, max_bytes=1000) == "too_large"
    assert decoded("", b"a" * 1000, max_bytes=1000) == b"a" * 1000
    assert refused("gzip", gzip.compress(b"a" * 1001), max_bytes=1000) == "too_large"
    assert refused("gzip", gzip.compress(b"") * (MOST_MEMBERS + 1)) == "encoding"
    assert refused("gzip", gzip.compress(b"\0" * 3_000_000), max_bytes=100_000_000) == "too_large"  # its ratio


def test_a_cut_body_is_its_beginning() -> None:
    for name, pack in PACKERS.items():
        assert decoded(name, pack(b"abc" * 100_000), max_bytes=1000, truncate=True) == (b"abc" * 334)[:1000]
        assert decoded(name, pack(b"abc"), max_bytes=1000, truncate=True) == b"abc"
    assert decoded("", b"abc" * 1000, max_bytes=10, truncate=True) == b"abcabcabca"

"""WARC files of other crawlers: stored as it came, brotli and zstd, .warc.zst with and without a dictionary."""

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

from ingest.web.archive import ArchivedPage, UnreadableRecord, read_archive
from ingest.web.archive_members import MOST_RECORD_BYTES

PAGE = ("<!doctype html><html><p>" + "Schöne Grüße aus dem Hafen. " * 40 + "</p></html>").encode()
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def record(number: int, body: bytes, headers: str = "", content_type: str = "text/html") -> bytes:
    """A response record as another crawler writes it."""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{headers}\r\n".encode() + body
    warc = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <https://example.org/{number}>\r\n"
        f"WARC-Date: 2026-11-30T12:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return warc.encode() + http + b"\r\n\r\n"


def written(folder: Path, *records: bytes, name: str = "x.warc.gz") -> Path:
    file = folder / name
    file.write_bytes(b"".join(gzip.compress(each) for each in records))
    return file


def read(file: Path) -> list[bytes | str]:
    """The bodies, and in place of those that can't be read the reason."""
    return [each.body if isinstance(each, ArchivedPage) else each.reason for each in read_archive(file)]


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_decoded_whatever_it_was_stored_in(encoding: str, chunked: bool, tmp_path: Path) -> None:
    body = ENCODERS[encoding](PAGE)
    headers = f"Content-Encoding: {encoding}\r\n"
    if chunked:
        body, headers = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), headers + "Transfer-Encoding: chunked\r\n"
    file = written(tmp_path, record(1, body, headers), record(2, PAGE))
    first, second = read_archive(file)
    assert isinstance(first, ArchivedPage)
    assert (first.url, first.body) == ("https://example.org/1", PAGE)
    assert isinstance(second, ArchivedPage)
    assert second.body == PAGE


@pytest.mark.parametrize("encoding", [*ENCODERS, "compress", "sdch"])
def test_a_body_that_was_decoded_before_it_was_stored_is_taken(encoding: str, tmp_path: Path) -> None:
    assert read(written(tmp_path, record(1, PAGE, f"Content-Encoding: {encoding}\r\n"))) == [PAGE]


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_text_whose_encoding_nobody_names_any_more_is_decoded(encoding: str, tmp_path: Path) -> None:
    body = ENCODERS[encoding](PAGE)
    assert read(written(tmp_path, record(1, body, f"X-Crawler-Content-Encoding: {encoding}\r\n"))) == [PAGE]
    assert read(written(tmp_path, record(1, body, content_type="application/gzip"))) == [
        body
    ]  # that is the thing itself


@pytest.mark.parametrize("encoding", [*ENCODERS, "compress"])
def test_what_can_not_be_decoded_is_refused_by_name_and_never_handed_on(encoding: str, tmp_path: Path) -> None:
    broken = ENCODERS.get(encoding, gzip.compress)(os.urandom(3000))[:1500]
    refused, good = read(written(tmp_path, record(1, broken, f"Content-Encoding: {encoding}\r\n"), record(2, PAGE)))
    assert "can't be decoded" in str(refused)
    assert good == PAGE


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    body = ENCODERS["zstd"](b"a" * (MOST_RECORD_BYTES + 1))
    [refused] = read(written(tmp_path, record(1, body, "Content-Encoding: zstd\r\n")))
    assert "times its size" in str(refused)


def test_what_is_no_page_is_left_out(tmp_path: Path) -> None:
    dns = b"20261130\r\nexample.org. 60 IN A 192.0.2.1\r\n"
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: dns:example.org\r\nContent-Length: {len(dns)}\r\n"
    lookup = head.encode() + b"WARC-Date: 2026-11-30T12:00:00Z\r\nContent-Type: text/dns\r\n\r\n" + dns + b"\r\n\r\n"
    assert read(written(tmp_path, lookup, record(2, PAGE))) == [PAGE]


# --- .warc.zst ---

RECORDS = [record(number, PAGE + str(number).encode()) for number in range(5)]
BODIES = [PAGE + str(number).encode() for number in range(5)]


def zst(folder: Path, dictionary: bytes = b"", stored: bytes = b"") -> tuple[Path, list[int]]:
    """A .warc.zst with a frame for each record, and the offsets of these. `stored`: the dictionary as it is stored."""
    shared = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    compressor = zstandard.ZstdCompressor(dict_data=shared)
    stored = stored or dictionary
    data = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored if stored else b""
    offsets = []
    for each in RECORDS:
        offsets.append(len(data))
        data += compressor.compress(each)
    file = folder / "x.warc.zst"
    file.write_bytes(data)
    return file, offsets


def test_a_zst_file_is_read(tmp_path: Path) -> None:
    assert read(zst(tmp_path)[0]) == BODIES


def test_a_zst_file_with_its_dictionary_is_read(tmp_path: Path) -> None:
    dictionary = zstandard.train_dictionary(4096, [each[at:] for each in RECORDS for at in range(0, 900, 9)]).as_bytes()
    assert read(zst(tmp_path, dictionary)[0]) == BODIES
    assert read(zst(tmp_path, dictionary, zstandard.ZstdCompressor().compress(dictionary))[0]) == BODIES


def test_a_zst_file_of_one_frame_and_one_with_frames_to_skip_are_read(tmp_path: Path) -> None:
    file = tmp_path / "x.warc.zst"
    file.write_bytes(zstandard.ZstdCompressor().compress(b"".join(RECORDS)))
    assert read(file) == BODIES
    skipped = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    file.write_bytes(skipped + b"".join(zstandard.ZstdCompressor().compress(each) + skipped for each in RECORDS))
    assert read(file) == BODIES


def test_damage_in_a_zst_file_costs_the_records_that_it_hits(tmp_path: Path) -> None:
    file, offsets = zst(tmp_path)
    data = bytearray(file.read_bytes())
    data[offsets[2] + 20 : offsets[2] + 60] = os.urandom(40)
    file.write_bytes(data)
    found = list(read_archive(file))
    assert [each.body for each in found if isinstance(each, ArchivedPage)] == [*BODIES[:2], *BODIES[3:]]
    assert any(isinstance(each, UnreadableRecord) and each.offset == offsets[2] for each in found)
    file.write_bytes(data[: offsets[4] + 30])
    assert "cut off" in str(read(file)[-1])


def test_a_zst_file_whose_dictionary_is_damaged_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.warc.zst"
    file.write_bytes(b"\x5d\x2a\x4d\x18" + (9000).to_bytes(4, "little") + b"abc")
    assert read(file) == ["a frame to skip is cut off"]
    broken = b"\x28\xb5\x2f\xfd" + b"\xff" * 20
    file.write_bytes(b"\x5d\x2a\x4d\x18" + len(broken).to_bytes(4, "little") + broken)
    [reason] = read(file)
    assert "dictionary" in str(reason)


def test_a_zst_bomb_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.warc.zst"
    file.write_bytes(zstandard.ZstdCompressor().compress(b"\0" * (MOST_RECORD_BYTES + 1)))
    assert f"more than {MOST_RECORD_BYTES}" in str(read(file)[0])

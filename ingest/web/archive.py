"""Web archive: writes fetched pages to WARC files (ISO 28500) and reads them back.

ArchiveWriter takes request headers and responses and writes files of gzipped records, one gzip member each, that any
WARC tool can read. `read_archive` yields the pages of such a file and skips damaged parts. Bodies are stored decoded;
the headers that are then no longer true are renamed as Common Crawl does (X-Crawler-Content-Encoding ...). A file is
named ...warc.gz.open until it is complete, and is never appended to later; what was written before a crash can be read.
Only this file imports warcio.
"""

import asyncio
import io
import mmap
import os
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.web.fetch import Fetched
from pipeline import observability
from pipeline.failures import Backoff

FILE_BYTES = 1024**3  # the size of Common Crawl's files; a new file begins each day, too
WARC_VERSION = "1.1"  # the first with fractions of a second in WARC-Date
RENAMED_HEADERS = ("content-encoding", "content-length", "transfer-encoding")
INCOMPLETE_SUFFIX = ".open"
GZIP_MAGIC = b"\x1f\x8b\x08"  # the first bytes of a gzip member (RFC 1952)
MOST_RECORD_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page as it was fetched: header names in lower case, the body decoded, the time aware UTC."""

    url: str
    fetched_at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A damaged part of a WARC file: its byte offset, and the reason why it can't be read."""

    path: Path
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, byte {self.offset}: {self.reason}"


def _now() -> datetime:
    return datetime.now(UTC)


class ArchiveWriter:
    """Writes pages to WARC files in `folder`, in a thread of its own. An async context manager.

    A new file begins each day, and when the present one has `file_bytes` bytes.
    """

    def __init__(self, folder: str, file_bytes: int = FILE_BYTES, now: Callable[[], datetime] = _now) -> None:
        self._folder, self._file_bytes, self._now = Path(folder), file_bytes, now
        self._file: _WarcFile | None = None
        self._opened = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._backoff = Backoff()
        self._log = observability.get_logger("ingest")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def write_page(self, request_headers: Mapping[str, str], answer: Fetched) -> None:
        """Returns when the page and its request are written. While writing fails (disk full ...), waits and retries."""
        loop, now, attempt = asyncio.get_running_loop(), self._now(), 0
        while True:
            try:
                await loop.run_in_executor(self._thread, self._write, request_headers, answer, now)
                return
            except OSError as error:
                attempt += 1
                observability.UNAVAILABLE.labels("ingest", "archive").inc()
                self._log.warning("unavailable", what="archive", detail=str(error), attempt=attempt)
                await asyncio.sleep(self._backoff.delay(attempt, random.random()))

    def _write(self, request_headers: Mapping[str, str], answer: Fetched, now: datetime) -> None:
        if self._file is not None and (self._file.day != now.date() or self._file.size() >= self._file_bytes):
            self._close()
        try:
            if self._file is None:
                self._opened += 1
                self._file = _WarcFile(self._folder, now, self._opened)
            self._file.write(request_headers, answer, now)
        except OSError:
            self._file = None  # it may end in half a record: the next attempt begins a new file
            raise

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


class _WarcFile:
    """One WARC file that is being written."""

    def __init__(self, folder: Path, now: datetime, number: int) -> None:
        self.day = now.date()
        folder.mkdir(parents=True, exist_ok=True)
        name = f"newsloom-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}-{number:05}.warc.gz"
        self._path = folder / name
        self._out = (folder / (name + INCOMPLETE_SUFFIX)).open("xb")
        self._writer = WARCWriter(self._out, gzip=True, warc_version=WARC_VERSION)
        info = {"software": "newsloom", "format": f"WARC File Format {WARC_VERSION}"}
        self._writer.write_record(self._writer.create_warcinfo_record(name, info))

    def size(self) -> int:
        """Bytes written so far."""
        return self._out.tell()

    def write(self, request_headers: Mapping[str, str], answer: Fetched, now: datetime) -> None:
        """Writes a response record and a request record."""
        when = {"WARC-Date": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        make = self._writer.create_warc_record
        response = make(
            answer.url, "response", io.BytesIO(answer.body), len(answer.body), "", when, None, _response_head(answer)
        )
        request = make(answer.url, "request", http_headers=_request_head(request_headers, answer.url))
        self._writer.write_request_response_pair(request, response)

    def close(self) -> None:
        """Syncs the file to disk and gives it the name of a complete file."""
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        Path(self._out.name).rename(self._path)


def _response_head(answer: Fetched) -> StatusAndHeaders:
    """Status line and headers of the response, adapted to the decoded body."""
    kept = [
        (f"X-Crawler-{name.title()}" if name in RENAMED_HEADERS else name.title(), text)
        for name, text in _clean_headers(answer.headers)
    ]
    return StatusAndHeaders(str(answer.status), [*kept, ("Content-Length", str(len(answer.body)))], protocol="HTTP/1.1")


def _request_head(request_headers: Mapping[str, str], url: str) -> StatusAndHeaders:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return StatusAndHeaders(
        f"GET {target} HTTP/1.1", [("Host", parts.netloc), *_clean_headers(request_headers)], is_http_request=True
    )


def _clean_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Headers without what is not allowed in one: line ends, and surrogates (bytes that were no UTF-8)."""
    for name, text in headers.items():
        yield name, " ".join(text.encode("utf-8", "replace").decode().split())


# --- reading ---


class _Damaged(Exception):
    """There is no complete gzip member at an offset."""


def read_archive(path: Path) -> Iterator[ArchivedPage | UnreadableRecord]:
    """Yields the pages of a WARC file in file order, and its damaged parts. Raises OSError."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[: len(GZIP_MAGIC)] != GZIP_MAGIC:
                yield UnreadableRecord(path, 0, "no file of gzipped records; `warcio recompress` makes one")
            else:
                yield from _read_records(path, data)


def _read_records(path: Path, data: mmap.mmap) -> Iterator[ArchivedPage | UnreadableRecord]:
    at = 0
    while at < len(data):
        try:
            member, end = _decompress_member(data, at)
        except _Damaged as damage:
            yield UnreadableRecord(path, at, str(damage))
            at = _find_next_record(data, at + 1)
        else:
            yield from _parse_member(path, at, member)
            at = end


def _decompress_member(data: mmap.mmap, at: int, max_bytes: int = MOST_RECORD_BYTES) -> tuple[bytes, int]:
    """The decompressed gzip member at offset `at`, and the offset of its end. Raises _Damaged."""
    decoder, pieces, left = zlib.decompressobj(16 + zlib.MAX_WBITS), list[bytes](), max_bytes
    while not decoder.eof:
        chunk = data[at : at + CHUNK_BYTES]
        if not chunk:
            raise _Damaged("the record is cut off")
        try:
            pieces.append(decoder.decompress(chunk, left + 1))
        except zlib.error as error:
            raise _Damaged(f"no gzipped record: {error}") from error
        left -= len(pieces[-1])
        if left < 0:
            raise _Damaged(f"the record has more than {max_bytes} bytes")
        at += len(chunk) - len(decoder.unused_data)
    return b"".join(pieces), at


def _find_next_record(data: mmap.mmap, at: int) -> int:
    """The offset of the next record at or after `at`; the end of the file when there is none."""
    while (at := data.find(GZIP_MAGIC, at)) >= 0:
        begin = zlib.decompressobj(16 + zlib.MAX_WBITS)
        with suppress(zlib.error):
            if begin.decompress(data[at : at + 1000], 5) == b"WARC/":
                return at
        at += 1
    return len(data)


def _parse_member(path: Path, offset: int, member: bytes) -> Iterator[ArchivedPage | UnreadableRecord]:
    try:
        for record in ArchiveIterator(io.BytesIO(member), check_digests="raise"):
            if record.rec_type == "response":
                yield _to_page(record)
    except Exception as error:  # whatever a library makes of bytes that are no record, the next one is read
        yield UnreadableRecord(path, offset, f"{type(error).__name__}: {error}")


def _to_page(record: Any) -> ArchivedPage:
    warc_headers, http = record.rec_headers, record.http_headers
    return ArchivedPage(
        url=warc_headers.get_header("WARC-Target-URI"),
        fetched_at=datetime.fromisoformat(warc_headers.get_header("WARC-Date")),
        status=int(http.get_statuscode()),
        headers={name.lower(): text for name, text in http.headers},
        body=record.content_stream().read(),
    )

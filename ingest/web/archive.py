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
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.web.archive_members import GZIP_MAGIC, MOST_RECORD_BYTES, ZSTD_MAGIC, is_compressed, read_members
from ingest.web.decompression import BodyDecoder, BodyError
from ingest.web.fetch import Fetched
from pipeline import observability
from pipeline.failures import Backoff

FILE_BYTES = 1024**3  # the size of Common Crawl's files; a new file begins each day, too
WARC_VERSION = "1.1"  # the first with fractions of a second in WARC-Date
RENAMED_HEADERS = ("content-encoding", "content-length", "transfer-encoding")
INCOMPLETE_SUFFIX = ".open"
TEXT_TYPE = re.compile(r"\s*(text/|application/([\w.\-]+\+)?(xml|json))", re.IGNORECASE)
TEXT_SAMPLE_BYTES = 4096
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


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


class _UnreadableBody(Exception):
    """A body that is not what its headers say."""


def read_archive(path: Path) -> Iterator[ArchivedPage | UnreadableRecord]:
    """Yields the pages of a .warc.gz or .warc.zst file in file order, and its damaged parts. Raises OSError.

    Files of other crawlers too: bodies are decoded here, whatever they were stored in.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if not is_compressed(data):
                yield UnreadableRecord(path, 0, "no file of gzipped or zstd records; `warcio recompress` makes one")
                return
            for member in read_members(data):
                if member.damage:
                    yield UnreadableRecord(path, member.offset, member.damage)
                else:
                    yield from _parse_member(path, member.offset, member.data)


def _parse_member(path: Path, offset: int, member: bytes) -> Iterator[ArchivedPage | UnreadableRecord]:
    try:
        for record in ArchiveIterator(io.BytesIO(member), check_digests="raise"):
            if record.rec_type == "response" and record.http_headers is not None:  # others have dns: addresses
                yield _to_page(record)
    except Exception as error:  # whatever a library makes of bytes that are no record, the next one is read
        yield UnreadableRecord(path, offset, f"{type(error).__name__}: {error}")


def _to_page(record: Any) -> ArchivedPage:
    warc_headers, http = record.rec_headers, record.http_headers
    headers = {name.lower(): text for name, text in http.headers}
    chunked = headers.get("transfer-encoding", "").strip().lower() == "chunked"
    stored = (ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream).read()
    return ArchivedPage(
        url=warc_headers.get_header("WARC-Target-URI").strip("<>"),
        fetched_at=datetime.fromisoformat(warc_headers.get_header("WARC-Date")),
        status=int(http.get_statuscode()),
        headers=headers,
        body=_decode_body(stored, headers),
    )


def _decode_body(stored: bytes, headers: Mapping[str, str]) -> bytes:
    """The body decoded. Raises _UnreadableBody: what is compressed is never handed on.

    Crawlers store bodies as they came, or decoded with the headers as they came: then it reads as text, and is taken.
    """
    encoding = headers.get("content-encoding", "") or _encoding_by_magic(stored, headers)
    decoder_error = ""
    try:
        decoder = BodyDecoder(encoding, MOST_RECORD_BYTES)
        decoder.feed(stored)
        return decoder.finish()
    except BodyError as error:
        decoder_error = str(error)
    if _is_text(stored[:TEXT_SAMPLE_BYTES]):
        return stored
    raise _UnreadableBody(f"its body can't be decoded: {decoder_error}")


def _encoding_by_magic(stored: bytes, headers: Mapping[str, str]) -> str:
    """The encoding of a text that its headers do not name any more."""
    if not TEXT_TYPE.match(headers.get("content-type", "text/html")):
        return ""
    return "gzip" if stored.startswith(GZIP_MAGIC) else "zstd" if stored.startswith(ZSTD_MAGIC) else ""


def _is_text(sample: bytes) -> bool:
    """Whether bytes are markup or text in UTF-8, or in an encoding above ASCII: compressed ones hold control bytes."""
    return bool(sample) and CONTROL_BYTES.search(sample) is None

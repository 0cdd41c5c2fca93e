"""What was fetched, kept as WARC files (ISO 28500), and read back. The only file that knows warcio.

In: answers with their requests. Out: files of gzipped records, one member each, that any WARC tool reads; and the pages
of such files again. Bodies are kept decoded, with the headers that this makes wrong renamed as Common Crawl does
(X-Crawler-Content-Encoding ...). A file is named ...warc.gz.open until it is complete; one that a kill has cut off can
be read up to there. Nobody appends to an old file.
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

FILE_BYTES = 1024**3  # as Common Crawl's; a new file each day, too
VERSION = "1.1"  # with fractions of a second
RENAMED = ("content-encoding", "content-length", "transfer-encoding")
OPEN = ".open"
MEMBER = b"\x1f\x8b\x08"  # how a gzip member begins (RFC 1952)
MOST_RECORD_BYTES = 64 * 1024 * 1024
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Archived:
    """A page as it was fetched. Header names in lower case."""

    url: str
    fetched_at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a file that is no record, and why; reading goes on behind it."""

    path: Path
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, byte {self.offset}: {self.reason}"


def _now() -> datetime:
    return datetime.now(UTC)


class Archive:
    """Writes, in a thread of its own. An async context manager; `keep` returns when the page is written."""

    def __init__(self, folder: str, file_bytes: int = FILE_BYTES, now: Callable[[], datetime] = _now) -> None:
        self._folder, self._file_bytes, self._now = Path(folder), file_bytes, now
        self._file: _File | None = None
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

    async def keep(self, sent: Mapping[str, str], answer: Fetched) -> None:
        """Writes a page with its request's headers. While the disk does not take it, waits and tries again."""
        loop, now, attempt = asyncio.get_running_loop(), self._now(), 0
        while True:
            try:
                await loop.run_in_executor(self._thread, self._write, sent, answer, now)
                return
            except OSError as error:
                attempt += 1
                observability.UNAVAILABLE.labels("ingest", "archive").inc()
                self._log.warning("unavailable", what="archive", detail=str(error), attempt=attempt)
                await asyncio.sleep(self._backoff.delay(attempt, random.random()))

    def _write(self, sent: Mapping[str, str], answer: Fetched, now: datetime) -> None:
        if self._file is not None and (self._file.day != now.date() or self._file.size() >= self._file_bytes):
            self._close()
        try:
            if self._file is None:
                self._opened += 1
                self._file = _File(self._folder, now, self._opened)
            self._file.write(sent, answer, now)
        except OSError:
            self._file = None  # what it holds of this record is cut off: the next try is another file
            raise

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


class _File:
    """One WARC file."""

    def __init__(self, folder: Path, now: datetime, number: int) -> None:
        self.day = now.date()
        folder.mkdir(parents=True, exist_ok=True)
        name = f"newsloom-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}-{number:05}.warc.gz"
        self._path = folder / name
        self._out = (folder / (name + OPEN)).open("xb")
        self._writer = WARCWriter(self._out, gzip=True, warc_version=VERSION)
        info = {"software": "newsloom", "format": f"WARC File Format {VERSION}"}
        self._writer.write_record(self._writer.create_warcinfo_record(name, info))

    def size(self) -> int:
        """Bytes written so far."""
        return self._out.tell()

    def write(self, sent: Mapping[str, str], answer: Fetched, now: datetime) -> None:
        """Request and response, each a record."""
        when = {"WARC-Date": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        make = self._writer.create_warc_record
        response = make(
            answer.url, "response", io.BytesIO(answer.body), len(answer.body), "", when, None, _told(answer)
        )
        request = make(answer.url, "request", http_headers=_asked(sent, answer.url))
        self._writer.write_request_response_pair(request, response)

    def close(self) -> None:
        """On the disk, and under the name of a complete file."""
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        Path(self._out.name).rename(self._path)


def _told(answer: Fetched) -> StatusAndHeaders:
    """The answer's head, as it fits the decoded body."""
    kept = [
        (f"X-Crawler-{name.title()}" if name in RENAMED else name.title(), text)
        for name, text in _plain(answer.headers)
    ]
    return StatusAndHeaders(str(answer.status), [*kept, ("Content-Length", str(len(answer.body)))], protocol="HTTP/1.1")


def _asked(sent: Mapping[str, str], url: str) -> StatusAndHeaders:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return StatusAndHeaders(f"GET {target} HTTP/1.1", [("Host", parts.netloc), *_plain(sent)], is_http_request=True)


def _plain(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Without what can't stand in a header: line ends, and the surrogates of bytes that were no UTF-8."""
    for name, text in headers.items():
        yield name, " ".join(text.encode("utf-8", "replace").decode().split())


# --- reading ---


class _Damaged(Exception):
    """No whole gzip member."""


def read(path: Path) -> Iterator[Archived | Unreadable]:
    """The pages of a WARC file in its order, and what in it can't be read. Raises OSError."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[: len(MEMBER)] != MEMBER:
                yield Unreadable(path, 0, "no file of gzipped records; `warcio recompress` makes one")
            else:
                yield from _pages(path, data)


def _pages(path: Path, data: mmap.mmap) -> Iterator[Archived | Unreadable]:
    at = 0
    while at < len(data):
        try:
            member, end = _member(data, at)
        except _Damaged as damage:
            yield Unreadable(path, at, str(damage))
            at = _next_record(data, at + 1)
        else:
            yield from _records(path, at, member)
            at = end


def _member(data: mmap.mmap, at: int, most: int = MOST_RECORD_BYTES) -> tuple[bytes, int]:
    """What the gzip member at `at` holds, and where it ends. Raises _Damaged."""
    decoder, pieces, left = zlib.decompressobj(16 + zlib.MAX_WBITS), list[bytes](), most
    while not decoder.eof:
        chunk = data[at : at + CHUNK]
        if not chunk:
            raise _Damaged("the record is cut off")
        try:
            pieces.append(decoder.decompress(chunk, left + 1))
        except zlib.error as error:
            raise _Damaged(f"no gzipped record: {error}") from error
        left -= len(pieces[-1])
        if left < 0:
            raise _Damaged(f"the record has more than {most} bytes")
        at += len(chunk) - len(decoder.unused_data)
    return b"".join(pieces), at


def _next_record(data: mmap.mmap, at: int) -> int:
    """Where the next record begins, behind damage; the file's end when there is none."""
    while (at := data.find(MEMBER, at)) >= 0:
        begin = zlib.decompressobj(16 + zlib.MAX_WBITS)
        with suppress(zlib.error):
            if begin.decompress(data[at : at + 1000], 5) == b"WARC/":
                return at
        at += 1
    return len(data)


def _records(path: Path, offset: int, member: bytes) -> Iterator[Archived | Unreadable]:
    try:
        for record in ArchiveIterator(io.BytesIO(member), check_digests="raise"):
            if record.rec_type == "response":
                yield _archived(record)
    except Exception as error:  # whatever a library makes of bytes that are no record, the next one is read
        yield Unreadable(path, offset, f"{type(error).__name__}: {error}")


def _archived(record: Any) -> Archived:
    stated, http = record.rec_headers, record.http_headers
    return Archived(
        url=stated.get_header("WARC-Target-URI"),
        fetched_at=datetime.fromisoformat(stated.get_header("WARC-Date")),
        status=int(http.get_statuscode()),
        headers={name.lower(): text for name, text in http.headers},
        body=record.content_stream().read(),
    )

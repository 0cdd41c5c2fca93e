"""WARC files: what was fetched comes back as it was, whatever became of the file around it."""

import asyncio
import gzip
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from ingest.web.archive import ArchivedPage, ArchiveWriter, UnreadableRecord, read_archive
from ingest.web.archive_members import MOST_RECORD_BYTES
from ingest.web.client import WebClient
from ingest.web.fetch import Fetched
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.settings import Settings

pytestmark = pytest.mark.slow

PAGE = "<html><p>Schöne Grüße</p></html>".encode()


def page(number: int, body: bytes = PAGE) -> Fetched:
    return Fetched(f"https://example.org/{number}", 200, {"content-type": "text/html"}, body)


def archived(folder: Path, pages: Iterable[Fetched], file_bytes: int = 10**9) -> list[Path]:
    async def run() -> None:
        async with ArchiveWriter(str(folder), file_bytes) as archive:
            for each in pages:
                await archive.write_page({"User-Agent": "Newsloom"}, each)

    asyncio.run(run())
    return sorted(folder.iterdir())


def test_a_fetched_page_comes_back_as_it_was(offline_options: Settings, tmp_path: Path) -> None:
    knobs = msgspec.structs.replace(
        offline_options.ingest, allow_private_addresses=True, host_gap_seconds=0.0, archive_dir=str(tmp_path / "warc")
    )

    async def run(site: Site) -> None:
        async with WebClient(knobs) as web:
            for path in ("/a?b=c", "/go", "/gone"):
                await web.get(site.url + path, 10_000, page=True)
            await web.get(f"{site.url}/feed", 10_000)  # a feed is not kept

    with Site() as site:
        site.resources["/a?b=c"] = Resource(gzip.compress(PAGE), headers={"content-encoding": "gzip"})
        site.resources["/b"] = site.resources["/feed"] = Resource(b"b")
        site.behaviours["/go"] = Behaviour(302, headers={"location": "/b"})
        asyncio.run(run(site))
    [file] = (tmp_path / "warc").iterdir()
    assert file.name.endswith(".warc.gz")
    first, second = read_archive(file)
    assert isinstance(first, ArchivedPage)
    assert isinstance(second, ArchivedPage)
    assert (first.url, first.status, first.body) == (f"{site.url}/a?b=c", 200, PAGE)
    assert first.headers["x-crawler-content-encoding"] == "gzip"
    assert first.headers["content-length"] == str(len(PAGE))
    assert abs(datetime.now(UTC) - first.fetched_at) < timedelta(minutes=1)
    assert (second.url, second.body) == (f"{site.url}/b", b"b")


def test_other_tools_read_it(tmp_path: Path) -> None:
    [file] = archived(tmp_path, [page(1)])
    with file.open("rb") as stream:
        records = [
            (record.rec_type, record.http_headers and record.http_headers.statusline, record.content_stream().read())
            for record in ArchiveIterator(stream, check_digests="raise")
        ]
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "request"]
    assert records[1][1:] == ("200", PAGE)
    assert records[2][1] == "/1 HTTP/1.1"


def test_files_are_not_larger_than_they_may_be_by_more_than_a_page(tmp_path: Path) -> None:
    pages = [page(number, os.urandom(3000)) for number in range(10)]
    files = archived(tmp_path, pages, file_bytes=10_000)
    assert len(files) == 4
    assert all(file.stat().st_size < 14_000 for file in files)
    assert [each for file in files for each in bodies(file)] == [each.body for each in pages]


def test_a_day_has_its_own_file(tmp_path: Path) -> None:
    today = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    times = iter([today, today, today + timedelta(minutes=2)])

    async def run() -> None:
        async with ArchiveWriter(str(tmp_path), now=lambda: next(times)) as archive:
            for _ in range(3):
                await archive.write_page({}, page(1))

    asyncio.run(run())
    assert [len(bodies(file)) for file in sorted(tmp_path.iterdir())] == [2, 1]


def test_a_file_that_a_kill_has_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    pages = [page(number, os.urandom(500)) for number in range(5)]
    [file] = archived(tmp_path, pages)
    whole = file.read_bytes()
    cut = tmp_path / "cut.warc.gz.open"
    for length in range(0, len(whole), 97):
        cut.write_bytes(whole[:length])
        found = list(read_archive(cut))
        good = [each.body for each in found if isinstance(each, ArchivedPage)]
        assert good == [each.body for each in pages[: len(good)]]
        assert all(isinstance(each, ArchivedPage) for each in found[: len(good)])  # at most the last is unreadable
        assert len(found) - len(good) <= 1


def test_damage_in_the_middle_costs_the_records_that_it_hits(tmp_path: Path) -> None:
    pages = [page(number, os.urandom(500)) for number in range(5)]
    [file] = archived(tmp_path, pages)
    data = bytearray(file.read_bytes())
    place = data.index(gzip_of(file, 2)) + 300
    data[place : place + 50] = b"\x1f\x8b\x08" * 16 + b"ab"
    file.write_bytes(data)
    found = list(read_archive(file))
    assert [each.body for each in found if isinstance(each, ArchivedPage)] == [
        each.body for number, each in enumerate(pages) if number != 2
    ]
    [wrong] = [each for each in found if isinstance(each, UnreadableRecord)]
    assert str(file) in str(wrong)


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    file = tmp_path / "x"
    for data, said in (
        (b"WARC/1.0\r\n", "warcio recompress"),
        (gzip.compress(b"no record"), "ArchiveLoadFailed"),
        (gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n"), ":"),
        (gzip.compress(b"\0" * (MOST_RECORD_BYTES + 1)), "more than"),
    ):
        file.write_bytes(data)
        [wrong] = read_archive(file)
        assert said in str(wrong)
    file.write_bytes(b"")
    assert list(read_archive(file)) == []


@given(junk=st.binary(max_size=300), at=st.integers(0, 10_000), keep=st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_damage_is_an_exception(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int, keep: bool) -> None:
    folder = tmp_path_factory.mktemp("warc")
    [file] = archived(folder, [page(number) for number in range(3)])
    data = file.read_bytes()
    at %= len(data)
    file.write_bytes(data[:at] + junk + data[at + (0 if keep else len(junk)) :])
    assert all(each.body == PAGE for each in read_archive(file) if isinstance(each, ArchivedPage))


def test_while_the_disk_takes_nothing_the_page_waits(tmp_path: Path) -> None:
    folder = tmp_path / "warc"
    folder.write_text("a file in the folder's place")

    async def run() -> None:
        async with ArchiveWriter(str(folder)) as archive:
            waiting = asyncio.create_task(archive.write_page({}, page(1)))
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            assert not done
            folder.unlink()
            await asyncio.wait_for(waiting, 10)

    asyncio.run(run())
    [file] = folder.iterdir()
    assert bodies(file) == [PAGE]


def bodies(file: Path) -> list[bytes]:
    found = list(read_archive(file))
    assert all(isinstance(each, ArchivedPage) for each in found), found
    return [each.body for each in found if isinstance(each, ArchivedPage)]


def gzip_of(file: Path, number: int) -> bytes:
    """The first bytes of the member that holds response `number`."""
    data, at, starts = file.read_bytes(), 0, list[int]()
    with file.open("rb") as stream:
        iterator = ArchiveIterator(stream)
        for record in iterator:
            if record.rec_type == "response":
                starts.append(at)
            record.content_stream().read()
            at = iterator.get_record_offset() + iterator.get_record_length()
    return data[starts[number] : starts[number] + 200]

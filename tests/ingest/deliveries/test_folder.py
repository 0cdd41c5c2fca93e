"""A watched folder: what is read, in which order, once; what is passed over, refused, or still being written."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from ingest.deliveries import folder, folder_poll
from ingest.deliveries.folder import list_folder, read_file
from ingest.deliveries.folder_poll import FolderRead, ReadFile
from ingest.feeds.parse import parse_feed
from tests.ingest.feeds.agency.invented_items import as_json, message, news_item, ninjs3

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OLD = timedelta(hours=1)


def put(root: Path, name: str, body: bytes, age: timedelta = OLD) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    time = (NOW - age).timestamp()
    os.utime(path, (time, time))
    return path


def poll(root: Path, known: bytes = b"", now: datetime = NOW, most_bytes: int = 1_000_000) -> FolderRead:
    """What the poller does, without one."""
    listing = list_folder(root)
    read: list[ReadFile] = []
    for each in folder_poll.files_of_a_poll(folder_poll.unread_files(listing, known), most_bytes):
        try:
            read.append(ReadFile(each, parse_feed(read_file(root, each.name, most_bytes), "urn:x", {})))
        except OSError as error:
            read.append(folder_poll.failed_file(each, error))
    return folder_poll.merge(listing, known, read, now)


def names(found: FolderRead) -> list[str]:
    return [each.identity for each in found.parsed.entries]


def test_files_of_every_form_and_subfolder_are_read_once(tmp_path: Path) -> None:
    put(tmp_path, "a.json", as_json(ninjs3(uri="urn:a")))
    put(tmp_path, "sports/2026/b.XML", message(news_item("urn:b")))
    put(tmp_path, "c.jsonl", as_json(ninjs3(uri="urn:c")) + b"\n" + as_json(ninjs3(uri="urn:d")))
    first = poll(tmp_path)
    assert sorted(names(first)) == ["urn:a", "urn:b", "urn:c", "urn:d"]
    assert (first.parsed.error, first.parsed.incomplete) == (None, False)
    again = poll(tmp_path, first.files)
    assert (names(again), again.files) == ([], first.files)
    put(tmp_path, "a.json", as_json(ninjs3(uri="urn:a", version="3")), OLD / 2)
    assert names(poll(tmp_path, first.files)) == ["urn:a"]


def test_a_file_that_is_gone_is_forgotten_and_one_that_comes_back_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, "a.json", as_json(ninjs3()))
    known = poll(tmp_path).files
    path.unlink()
    gone = poll(tmp_path, known)
    assert gone.files == b""
    put(tmp_path, "a.json", as_json(ninjs3()))
    assert len(names(poll(tmp_path, gone.files))) == 1


def test_the_newest_files_are_read_first_and_the_others_at_the_next_poll(tmp_path: Path) -> None:
    for number in range(5):
        put(tmp_path, f"{number}.json", as_json(ninjs3(uri=f"urn:{number}")), timedelta(hours=number + 1))
    size = (tmp_path / "0.json").stat().st_size
    known, seen = b"", []
    for _ in range(3):
        found = poll(tmp_path, known, most_bytes=2 * size)
        seen.append(sorted(names(found)))
        known = found.files
    assert seen == [["urn:0", "urn:1"], ["urn:2", "urn:3"], ["urn:4"]]
    assert not found.parsed.incomplete


def test_of_one_item_in_two_files_the_newer_version_is_taken_whichever_file_is_newer(tmp_path: Path) -> None:
    put(tmp_path, "a.json", as_json(ninjs3(version="3")), OLD)
    put(tmp_path, "b.json", as_json(ninjs3(version="2")), OLD / 2)
    found = poll(tmp_path)
    assert [each.delivery and each.delivery.version for each in found.parsed.entries] == [3]
    assert found.parsed.left_out == {"earlier or repeated version": 1}


def test_what_is_no_delivery_is_counted_and_what_is_hidden_is_not(tmp_path: Path) -> None:
    for name in ("photo.jpg", "two.jpg", "readme", ".part.json", ".tmp/x.json"):
        put(tmp_path, name, as_json(ninjs3()))
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(OSError, match="no plain file"):
        read_file(tmp_path, "pipe.json", 1_000)
    found = poll(tmp_path)
    assert names(found) == []
    assert found.parsed.left_out == {".jpg": 2, "file without a suffix": 1, "no plain file": 1}


def test_names_that_are_no_text_are_told_as_text(tmp_path: Path) -> None:
    for name in (b"a.\xff\xfe", b"b.x\n\x1b[2J", b"c\xff.json", b"d\n\x1b[2J.json"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"{")
    found = poll(tmp_path)
    assert found.parsed.left_out == {".\\udcff\\udcfe": 1, ".x \\x1b[2j": 1}
    assert found.parsed.error is not None
    assert msgspec.json.decode(msgspec.json.encode(found.parsed.error)) == found.parsed.error
    assert found.parsed.error.isprintable()


def test_a_file_of_a_time_that_no_calendar_has_is_read() -> None:
    far = folder.FolderFile("a.json", 1 << 80, 1)
    read = [folder_poll.failed_file(far, OSError("it is empty"))]
    found = folder_poll.merge(folder.Listing((far,), {}, 0), b"", read, NOW)
    assert found.files == far.key


def test_of_many_suffixes_the_commonest_are_told(tmp_path: Path) -> None:
    for number in range(100):
        put(tmp_path, f"a.x{number}", b"")
    for number in range(3):
        put(tmp_path, f"{number}.jpg", b"")
    counts = list_folder(tmp_path).passed_over
    assert (counts[".jpg"], sum(counts.values()), len(counts) <= folder.MOST_SUFFIXES + 1) == (3, 103, True)


def test_a_file_that_is_too_large_and_grows_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path, f"{number}.json", as_json(ninjs3(uri=f"urn:{number}")))
    with put(tmp_path, "log.json", b"", timedelta()).open("wb") as file:
        file.truncate(1 << 40)
    os.utime(tmp_path / "log.json", (NOW.timestamp(), NOW.timestamp()))
    found = poll(tmp_path)
    assert sorted(names(found)) == ["urn:0", "urn:1", "urn:2"]
    assert "log.json: may still be written: it has more than 1000000 bytes" in (found.parsed.error or "")


def test_a_link_that_leads_out_is_refused_and_named_and_one_within_is_read(tmp_path: Path) -> None:
    outside = put(tmp_path, "outside/secret.json", as_json(ninjs3(uri="urn:secret")))
    root = tmp_path / "wire"
    inside = put(root, "a/real.json", as_json(ninjs3(uri="urn:a")))
    (root / "out.json").symlink_to(outside)
    (root / "in.json").symlink_to(inside)
    (root / "up").symlink_to(tmp_path)
    (root / "gone.json").symlink_to(tmp_path / "nothing.json")
    found = poll(root)
    assert names(found) == ["urn:a"]
    assert found.parsed.error is not None
    assert "out.json: it is a link that leads out of the folder" in found.parsed.error
    assert found.parsed.left_out == {"link to a folder": 1, "broken link": 1, "earlier or repeated version": 1}
    with pytest.raises(OSError, match="leads out"):
        read_file(root, "up/outside/secret.json", 1_000)


def test_a_watched_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "real/a.json", as_json(ninjs3()))
    (tmp_path / "wire").symlink_to(tmp_path / "real")
    assert len(names(poll(tmp_path / "wire"))) == 1


@pytest.mark.parametrize("cut", [1, 60, 400])
def test_a_file_that_is_half_written_is_left_until_it_is_whole(tmp_path: Path, cut: int) -> None:
    whole = message(news_item("urn:a"), news_item("urn:b"))
    put(tmp_path, "a.xml", whole[:-cut], timedelta(seconds=5))
    half = poll(tmp_path)
    assert half.files == b""
    assert half.parsed.incomplete
    assert "may still be written" in (half.parsed.error or "")
    put(tmp_path, "a.xml", whole, timedelta(seconds=1))
    found = poll(tmp_path, half.files)
    assert (names(found), found.parsed.error, found.parsed.incomplete) == (["urn:a", "urn:b"], None, False)


def test_a_file_that_stays_broken_is_named_once_with_what_to_do_and_the_others_are_read(tmp_path: Path) -> None:
    put(tmp_path, "broken.json", as_json(ninjs3())[:-40])
    put(tmp_path, "empty.xml", b"")
    put(tmp_path, "large.json", as_json([ninjs3()] * 40))
    put(tmp_path, "good.json", as_json(ninjs3(uri="urn:good")))
    found = poll(tmp_path, most_bytes=20_000)
    assert names(found) == ["urn:good"]
    assert "broken.json: item 1 is broken" in (found.parsed.error or "")
    assert "empty.xml: it is empty" in (found.parsed.error or "")
    assert "large.json: it has more than 20000 bytes" in (found.parsed.error or "")
    assert (found.parsed.error or "").endswith(folder_poll.WHAT_TO_DO)
    found = poll(tmp_path, found.files, most_bytes=20_000)
    again = poll(tmp_path, found.files)
    assert (again.parsed.error, again.parsed.incomplete) == (None, False)


def test_names_that_are_no_text_are_files_too(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.json")).write_bytes(as_json(ninjs3()))
    (tmp_path / os.fsdecode(b"\xff.json")).write_bytes(b"{")
    found = poll(tmp_path)
    assert len(names(found)) == 1
    assert (found.parsed.error or "").encode()


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list_folder(tmp_path / "nothing")
    put(tmp_path, "file", b"")
    with pytest.raises(OSError, match="Not a directory"):
        list_folder(tmp_path / "file")


def test_too_many_files_cost_the_oldest_and_are_said(tmp_path: Path) -> None:
    for number in range(5):
        put(tmp_path, f"{number}.json", b"{}", timedelta(hours=number))
    found = list_folder(tmp_path, most=3)
    assert ([each.name for each in found.files], found.cut) == (["0.json", "1.json", "2.json"], 2)
    assert folder.MOST_FILES * folder.KEY_BYTES < 100_000  # they lie in the feed's state, which is one message

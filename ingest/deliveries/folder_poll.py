"""One poll of a watched folder: which of its files are read now, and what they say together as a ParsedFeed.

In: a Listing, the files that were read before, and what came of reading each. Out: a FolderRead. A file is read once,
as long as its name, time and size stay; one that is broken is read again while it may still be written, then named.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.deliveries.folder import KEY_BYTES, FolderFile, Listing
from ingest.feeds.agency.delivery import EARLIER, newest_versions
from ingest.feeds.entry import ParsedFeed
from ingest.field_limits import MOST_ERROR, cut_text

MOST_READ = 500  # files in one poll
MOST_ENTRIES = 4_000  # after which no more files are begun: half of what one answer may have
# a file that was changed within this time may still be written
BEING_WRITTEN = timedelta(seconds=60)
MOST_OF_A_FILE = 160  # characters that are told of what is wrong with it
WHAT_TO_DO = "save it again when it is mended, or take it away"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file and what is in it."""

    file: FolderFile
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True)
class FolderRead:
    """What a poll of a folder came to: `files` are the keys of those that need not be read again, one after another."""

    parsed: ParsedFeed
    files: bytes


def unread_files(listing: Listing, known: bytes) -> list[FolderFile]:
    """The files that were not read as they are now, newest first. `known`: as in FolderRead."""
    keys = _keys(known)
    return [each for each in listing.files if each.key not in keys]


def files_of_a_poll(unread: Sequence[FolderFile], most_bytes: int) -> list[FolderFile]:
    """Those that are read in this poll: at least one, and no more than MOST_READ or `most_bytes` in all.

    A file of more than `most_bytes` is refused without being read, and keeps no other from its turn.
    """
    chosen: list[FolderFile] = []
    size = 0
    for each in unread[:MOST_READ]:
        size += each.size if each.size <= most_bytes else 0
        if chosen and size > most_bytes:
            break
        chosen.append(each)
    return chosen


def merge(listing: Listing, known: bytes, read: Sequence[ReadFile], now: datetime) -> FolderRead:
    """What the files say together."""
    growing = {each.file.key for each in read if each.parsed.error and _may_be_written(each.file, now)}
    done = (_keys(known) | {each.file.key for each in read}) - growing
    files = [each.key for each in listing.files if each.key in done]
    entries = [entry for each in reversed(read) for entry in each.parsed.entries]
    newest = newest_versions(entries)
    left_out: Counter[str] = Counter(listing.passed_over)
    for each in read:
        left_out.update(each.parsed.left_out)
    if len(newest) < len(entries):
        left_out[EARLIER] += len(entries) - len(newest)
    parsed = ParsedFeed(
        version="folder",
        kind="delivery",
        entries=tuple(newest),
        left_out=dict(left_out.most_common()),
        cut=listing.cut + sum(each.parsed.cut for each in read),
        incomplete=len(files) < len(listing.files),
        error=_errors(read, growing),
    )
    return FolderRead(parsed, b"".join(files))


def failed_file(file: FolderFile, error: OSError) -> ReadFile:
    """A file that can't be read."""
    return ReadFile(file, ParsedFeed(error=error.strerror or str(error)))


def _errors(read: Sequence[ReadFile], growing: set[bytes]) -> str | None:
    broken = [each for each in read if each.parsed.error]
    told = [
        f"{each.file.shown}: {'may still be written: ' if each.file.key in growing else ''}"
        + cut_text(each.parsed.error or "", MOST_OF_A_FILE)
        for each in broken
    ]
    return cut_text("; ".join(told), MOST_ERROR - len(WHAT_TO_DO) - 2) + f"; {WHAT_TO_DO}" if told else None


def _may_be_written(file: FolderFile, now: datetime) -> bool:
    # as numbers: a file system can hold times that no datetime can
    return abs(now.timestamp() - file.modified_ns / 1e9) < BEING_WRITTEN.total_seconds()


def _keys(packed: bytes) -> set[bytes]:
    return {packed[at : at + KEY_BYTES] for at in range(0, len(packed), KEY_BYTES)}

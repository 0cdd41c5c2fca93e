"""A watched folder: which files lie in it, and what is in one of them. Nothing in it is changed or removed.

In: a folder in which an agency's files are put. Out: a Listing of the files that may be read, newest first, and counts
of what is passed over; the bytes of a file. Raises OSError where folder or file can't be read. Blocks: not for the
event loop.

Links to other folders are not followed, and no file is read that lies outside, wherever a link leads.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from pipeline.printable import printable

SUFFIXES = frozenset({".xml", ".newsml", ".json", ".ninjs", ".jsonl", ".ndjson", ".rss", ".atom", ".gz"})
KEY_BYTES = 8
MOST_FILES = 8_000  # that are remembered: as many as entries of one answer (ingest/frontier/known_entries)
MOST_LISTED = 200_000  # that are looked at: a folder that nobody clears
DEEPEST = 20  # folders in folders
MOST_SUFFIXES = 20  # and other reasons to pass over a file, that are told one by one


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file, as it was when it was listed. `name`: with its folders, below the watched one."""

    name: str
    modified_ns: int
    size: int

    @property
    def key(self) -> bytes:
        """What tells whether this file was read as it is now: a digest of its name, time and size."""
        told = f"{self.name}\0{self.modified_ns}\0{self.size}"
        return blake2b(told.encode("utf-8", "surrogateescape"), digest_size=KEY_BYTES).digest()

    @property
    def shown(self) -> str:
        """The name for people."""
        return printable(self.name)  # of any bytes: line feeds, and what is no UTF-8


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a folder, newest first; `passed_over`: what else lies there, by what it is; `cut`: the oldest."""

    files: tuple[FolderFile, ...]
    passed_over: dict[str, int]
    cut: int

    def digest(self) -> bytes:
        """Another one where a file came, went or changed."""
        return b"".join(sorted(each.key for each in self.files))


def list_folder(root: Path, most: int = MOST_FILES) -> Listing:
    """The files that may be read, the newest `most`. Raises OSError where there is no such folder."""
    passed_over: Counter[str] = Counter()
    files = sorted(_walk(root, passed_over), key=lambda each: (-each.modified_ns, each.name))
    return Listing(tuple(files[:most]), _commonest(passed_over), max(0, len(files) - most))


def _commonest(passed_over: Counter[str]) -> dict[str, int]:
    """The commonest reasons, and the others as one: strangers choose suffixes."""
    told = dict(passed_over.most_common(MOST_SUFFIXES))
    others = passed_over.total() - sum(told.values())
    return {**told, "of other kinds": others} if others else told


def read_file(root: Path, name: str, most_bytes: int) -> bytes:
    """The bytes of a file. Raises OSError, also where it lies outside of the folder, is none or is too large."""
    opened = os.open(root / name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        # of what was opened, whatever the links on its way were meanwhile
        if not Path(f"/proc/self/fd/{file.fileno()}").readlink().is_relative_to(root.resolve()):
            raise OSError(errno.EPERM, "it is a link that leads out of the folder")
        if found.st_size > most_bytes:
            raise OSError(errno.EFBIG, f"it has more than {most_bytes} bytes")
        body = file.read(most_bytes + 1)
    if not body:
        raise OSError(errno.ENODATA, "it is empty")
    if len(body) > most_bytes:
        raise OSError(errno.EFBIG, f"it has more than {most_bytes} bytes")
    return body


def _walk(root: Path, passed_over: Counter[str]) -> Iterator[FolderFile]:
    waiting = [("", 0)]
    listed = 0
    while waiting:
        below, depth = waiting.pop()
        for entry in _entries(root, below, passed_over):
            listed += 1
            if listed > MOST_LISTED:
                passed_over[f"or more files beyond {MOST_LISTED}: clear the folder"] += 1
                return
            if entry.name.startswith("."):
                continue  # how programs name what they are still writing
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
                waiting.append((f"{name}/", depth + 1))
            elif (file := _file(entry, name, passed_over)) is not None:
                yield file


def _entries(root: Path, below: str, passed_over: Counter[str]) -> list[os.DirEntry[str]]:
    """What lies in a folder. One within the watched folder that can't be read is counted."""
    try:
        with os.scandir(root / below) as found:
            return list(found)
    except OSError:
        if not below:
            raise
        passed_over["folder that can't be read"] += 1
        return []


def _file(entry: os.DirEntry[str], name: str, passed_over: Counter[str]) -> FolderFile | None:
    suffix = Path(name).suffix.lower()
    try:
        found = entry.stat()
    except OSError:
        passed_over["broken link"] += 1
        return None
    if not stat.S_ISREG(found.st_mode):
        passed_over["link to a folder" if entry.is_symlink() else "no plain file"] += 1
        return None
    if suffix not in SUFFIXES:
        passed_over[printable(suffix[:10]) or "file without a suffix"] += 1
        return None
    return FolderFile(name, found.st_mtime_ns, found.st_size)

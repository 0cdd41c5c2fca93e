"""The servers' jars: downloaded into a cache and checked against embedded/jars.lock.

In: the lock file and a cache folder. Out: paths of jars whose sha256 is the locked one. The lock is the committed
result of the dependency resolution: a start resolves nothing, and needs no network once the jars are there.
`write_lock` resolves anew. Where jars come from is decided by jgo (its defaults, its configuration file, the machine's
proxy settings); which jars are accepted is decided here, by sha256, at every start.
"""

import contextlib
import fcntl
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded.embedded_error import EmbeddedError

LOCK = Path(__file__).with_name("jars.lock")
CACHE = Path("~/.cache/newsloom")
COORDINATES = {
    # log4j-slf4j-impl: Kafka's jars come without a logging backend, and a silent broker cannot be understood.
    # Its "!" keeps jgo from taking versions of Kafka's own jars from it (it names an older kafka-clients).
    "kafka": ["org.apache.kafka:kafka_2.13:4.1.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!"],
    # below transport-netty4: what the modules of embedded/analysis_modules are made of, in the server's version of
    # Lucene. "!" as above: 10.3.0 where a repository has no 10.3.1, without a second lucene-core
    "elasticsearch": [
        "org.elasticsearch:elasticsearch:9.2.0",
        "org.elasticsearch.plugin:transport-netty4:9.2.0",
        "org.apache.lucene:lucene-analysis-icu:10.3.1",
        "org.apache.lucene:lucene-analysis-kuromoji:10.3.1",
        "org.apache.lucene:lucene-analysis-nori:10.3.0!",
        "org.apache.lucene:lucene-analysis-stempel:10.3.0!",
        "org.apache.lucene:lucene-analysis-morfologik:10.3.0!",
    ],
    "compiler": ["org.eclipse.jdt:ecj:3.43.0"],
}

LOCK_HEAD = """\
# The servers' jars: sha256, size in bytes, group, coordinate. Written by `python -m embedded lock`, checked at every
# start. A line that changes while its version stays is an alarm, never a routine.
"""

ProgressReporter = Callable[[str], None]


class JarRefused(EmbeddedError):
    """A jar is not the one that the lock names; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock. `size` in bytes, `group` a key of COORDINATES, `coordinate` as group:artifact:version."""

    sha256: str
    size: int
    group: str
    coordinate: str

    @property
    def filename(self) -> str:
        """The file name that Maven gives it."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def read_lock(lock: Path = LOCK) -> list[Jar]:
    """The jars of a lock file, which has a line `sha256 size group coordinate` for each, and # for comments."""
    lines = [line.split() for line in lock.read_text().splitlines() if line and not line.startswith("#")]
    return [Jar(sha256, int(size), group, coordinate) for sha256, size, group, coordinate in lines]


def obtain_jars(cache: Path, report_progress: ProgressReporter, lock: Path = LOCK) -> dict[str, list[Path]]:
    """Every jar of the lock, by group, in the lock's order; missing ones are downloaded first.

    `cache` may be shared by several processes. Raises JarRefused, maven_repository.RepositoryUnavailable.
    """
    folder = cache.expanduser() / "jars"
    jars = read_lock(lock)
    if missing := _missing(jars, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "downloading", "jars: another process is downloading them", report_progress):
            if still_missing := _missing(missing, folder):  # nothing, where another process has just done it
                _download(still_missing, folder, report_progress)
    groups: dict[str, list[Path]] = {}
    for jar in jars:
        path = folder / jar.filename
        _check(jar, path, f"Delete {path} and start again to download it anew")
        groups.setdefault(jar.group, []).append(path)
    return groups


def _missing(jars: Iterable[Jar], folder: Path) -> list[Jar]:
    by_name = {jar.filename: jar for jar in jars}
    return [jar for name, jar in by_name.items() if not (folder / name).exists()]


def _check(jar: Jar, path: Path, advice: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarRefused(
            f"{jar.coordinate} is not the jar that embedded/jars.lock names: its sha256 is {found}, "
            f"the lock says {jar.sha256}. It was not used. {advice}; if it happens again, the place it comes from "
            "does not serve the original"
        )


@contextmanager
def alone(lock: Path, other: str, report_progress: ProgressReporter) -> Iterator[None]:
    """One process at a time; the others say what the `other` does, and that they wait. The kernel frees the lock of a
    dead one."""
    with lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                report_progress(f"{other}, waiting for it")
                time.sleep(1)
        yield


def _download(jars: list[Jar], folder: Path, report_progress: ProgressReporter) -> None:
    """Fetches with four threads and says every second how far it is. The first failure ends it."""
    from embedded import maven_repository  # noqa: PLC0415 - half a second of imports that a start from the cache does without

    def fetch(jar: Jar) -> None:
        path = maven_repository.download(jar.coordinate, incoming)
        _check(jar, path, "Start again to download it anew")
        path.replace(folder / jar.filename)  # under its name only when it is whole and right

    size = sum(jar.size for jar in jars)
    with _incoming(folder) as incoming, ThreadPoolExecutor(4) as pool:
        pending = {pool.submit(fetch, jar) for jar in jars}
        try:
            while pending:
                arrived = [jar for jar in jars if (folder / jar.filename).exists()]
                received = sum(jar.size for jar in arrived) + _bytes_under(incoming)
                report_progress(f"jars: {len(arrived)} of {len(jars)} downloaded, {received >> 20} of {size >> 20} MB")
                done, pending = wait(pending, timeout=1, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    report_progress(f"jars: all {len(jars)} downloaded and checked")


@contextmanager
def _incoming(folder: Path) -> Iterator[Path]:
    for left in folder.glob("incoming-*"):  # by a process that was killed: who downloads is alone here
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=folder, prefix="incoming-") as incoming:
        yield Path(incoming)


def _bytes_under(folder: Path) -> int:
    sizes = 0
    for path in folder.rglob("*.jar"):
        with contextlib.suppress(FileNotFoundError):  # moved to its place meanwhile
            sizes += path.stat().st_size
    return sizes


def write_lock(report_progress: ProgressReporter, lock: Path = LOCK) -> None:
    """Resolves COORDINATES anew and writes the lock file; run by hand when a version changes."""
    from embedded import maven_repository  # noqa: PLC0415 - as in _download

    lines = [LOCK_HEAD]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        for group, coordinates in COORDINATES.items():
            resolving = pool.submit(maven_repository.resolve_dependencies, coordinates, Path(folder, "poms"))
            found = _await(resolving, f"{group}: resolving", report_progress)
            downloads = pool.map(lambda one: maven_repository.download(one, Path(folder)), found)
            for number, (coordinate, path) in enumerate(zip(found, downloads, strict=True), 1):
                report_progress(f"{group}: {number} of {len(found)} {path.name}")
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                lines.append(f"{digest} {path.stat().st_size:>9} {group:<13} {coordinate}\n")
    unfinished = lock.with_suffix(".new")
    unfinished.write_text("".join(lines))
    unfinished.replace(lock)


def _await(future: Future[list[str]], activity: str, report_progress: ProgressReporter) -> list[str]:
    while not future.done():
        report_progress(activity)
        wait([future], timeout=1)
    return future.result()

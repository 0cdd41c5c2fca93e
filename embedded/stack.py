"""One Kafka and one Elasticsearch on a data directory, started and stopped together.

In: a directory. Out: two servers that are ready, or an error. Everything they own lies under the directory (kafka/,
elasticsearch/, logs/); a later start on it goes on from there.
"""

import contextlib
import fcntl
import importlib.util
import os
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded import analysis_plugin, archive_training, jars, ports
from embedded.class_archive import archive_for
from embedded.elasticsearch import Elasticsearch, ElasticsearchFiles
from embedded.embedded_error import EmbeddedError
from embedded.kafka import Kafka, KafkaFiles

ProgressReporter = Callable[[str], None]
# how long the servers of a killed run may take to end: the longest grace time and a margin
TAKEOVER_TIMEOUT_SECONDS = 45.0


class DirectoryInUse(EmbeddedError):
    """Another running stack uses this directory; the message names both and says what to do."""


@dataclass(frozen=True, slots=True)
class InstalledServers:
    """The servers' files in the cache, checked."""

    kafka: KafkaFiles
    elasticsearch: ElasticsearchFiles


def install_servers(report_progress: ProgressReporter, cache: Path = jars.CACHE) -> InstalledServers:
    """Downloads what is missing, checks every jar, compiles the analysis modules. Takes 0.2 s when everything is there.

    Raises jars.JarRefused, maven_repository.RepositoryUnavailable, analysis_plugin.CompilationFailed.
    """
    found = jars.obtain_jars(cache, report_progress)
    modules = analysis_plugin.prepare_modules(cache, found["elasticsearch"], found["compiler"], report_progress)
    servers = {"kafka": found["kafka"], "elasticsearch": analysis_plugin.server_jars(found["elasticsearch"])}
    jpype = importlib.util.find_spec("jpype")
    bridge = [Path(jpype.origin)] if jpype and jpype.origin else []  # its classes are in Elasticsearch's archive too
    archives = {name: archive_for(cache, name, [*of_server, *bridge]) for name, of_server in servers.items()}
    return InstalledServers(
        KafkaFiles(servers["kafka"], archives["kafka"]),
        ElasticsearchFiles(servers["elasticsearch"], modules, archives["elasticsearch"]),
    )


def prepare_servers(
    broker_config: Path, report_progress: ProgressReporter, cache: Path = jars.CACHE
) -> InstalledServers:
    """As `install_servers`, and makes the archives of the servers' classes, half a minute at the first time."""
    files = install_servers(report_progress, cache)
    archive_training.make_archives(files.kafka, files.elasticsearch, broker_config, cache, report_progress)
    return files


@dataclass
class Stack:
    """Both servers, as a context manager that starts and stops them.

    A port of 0 is any free one; ports are chosen at the first start and then stay, so that a server that is started
    again has its address. `broker_config` is config/kafka.properties; `heap` is Elasticsearch's, as Java writes sizes;
    `report_progress` is called with a line about whatever takes time.
    """

    directory: Path
    broker_config: Path
    _: KW_ONLY
    kafka_port: int = 0
    elasticsearch_port: int = 0
    report_progress: ProgressReporter = field(default=lambda _: None)
    heap: str = "1g"
    cache: Path = jars.CACHE

    def __post_init__(self) -> None:
        self.directory = self.directory.resolve()
        self._lock = DirectoryLock(self.directory)
        self._servers: tuple[Kafka, Elasticsearch] | None = None

    @property
    def kafka(self) -> Kafka:
        """The broker, from the first start on."""
        return self._started()[0]

    @property
    def elasticsearch(self) -> Elasticsearch:
        """The node, from the first start on."""
        return self._started()[1]

    @property
    def bootstrap_servers(self) -> str:
        """The broker's address, as 127.0.0.1:PORT."""
        return self.kafka.bootstrap_servers

    @property
    def elasticsearch_url(self) -> str:
        """The node's address, as http://127.0.0.1:PORT."""
        return self.elasticsearch.url

    def start(self) -> None:
        """Starts both servers and returns when they are ready; after an error neither runs.

        Raises EmbeddedError: DirectoryInUse, ports.PortTaken, child_process.StartFailed, and what `install_servers`
        raises.
        """
        self._lock.acquire(self.report_progress)
        try:
            kafka, elasticsearch = self._servers = self._servers or self._make_servers()
            self._run(kafka, elasticsearch)
        except BaseException:
            self.kill()  # nobody has written anything yet, and a Java that starts hears no SIGTERM for half a minute
            raise

    def restart(self, server: Kafka | Elasticsearch) -> None:
        """Starts a server again whose process has ended; it has its port and data, and is ready some seconds later.

        Raises child_process.StartFailed.
        """
        server.launch(self._lock.descriptors)

    def kill(self) -> None:
        """Ends both servers at once. What they have acknowledged survives."""
        for server in self._servers or ():
            server.kill()
        self._lock.release()

    def stop(self) -> None:
        """Stops both servers, cleanly and at the same time."""
        if self._servers:
            for server in self._servers:
                server.child.begin_stop()
            for server in self._servers:
                server.stop()
        self._lock.release()

    def _make_servers(self) -> tuple[Kafka, Elasticsearch]:
        kafka_port, controller_port, http_port, transport_port = ports.choose_ports(
            {
                "Kafka": self.kafka_port,
                "Kafka's controller": 0,
                "Elasticsearch": self.elasticsearch_port,
                "Elasticsearch's transport": 0,
            }
        )
        files = prepare_servers(self.broker_config, self.report_progress, self.cache)
        kafka = Kafka(
            self.directory / "kafka",
            self.directory / "logs" / "kafka.log",
            files=files.kafka,
            settings=self.broker_config,
            ports=(kafka_port, controller_port),
        )
        elasticsearch = Elasticsearch(
            self.directory / "elasticsearch",
            self.directory / "logs" / "elasticsearch.log",
            files=files.elasticsearch,
            ports=(http_port, transport_port),
            heap=self.heap,
        )
        return kafka, elasticsearch

    def _run(self, kafka: Kafka, elasticsearch: Elasticsearch) -> None:
        begin = time.monotonic()
        self.report_progress("starting Kafka and Elasticsearch")
        # Elasticsearch first: it takes longer, and Kafka's first launch formats a directory
        elasticsearch.launch(self._lock.descriptors)
        kafka.launch(self._lock.descriptors)
        kafka.wait_ready()
        elasticsearch.wait_ready()
        self.report_progress(f"Kafka and Elasticsearch are ready after {time.monotonic() - begin:.1f} s")

    def _started(self) -> tuple[Kafka, Elasticsearch]:
        if self._servers is None:
            raise RuntimeError("the stack has not been started")
        return self._servers

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class DirectoryLock:
    """A file lock on a data directory, so that only one stack at a time uses it.

    The servers' reapers hold the lock too, and the kernel frees it: it becomes free exactly when the last server has
    ended, also after a run that was killed.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self._file: int | None = None

    @property
    def descriptors(self) -> list[int]:
        """The lock's file descriptor, for the servers' reapers to keep open; empty when it is not held."""
        return [] if self._file is None else [self._file]

    def acquire(self, report_progress: ProgressReporter) -> None:
        """Takes the lock, after waiting for the servers of a killed run to end.

        Raises DirectoryInUse when the run that holds it is alive, or its servers do not end.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + TAKEOVER_TIMEOUT_SECONDS
        while not _try_lock(file):
            owner = os.pread(file, 20, 0).decode().strip()
            if _runs(owner) or time.monotonic() > deadline:
                os.close(file)
                raise DirectoryInUse(
                    f"{self._path.parent} is in use by a running stack (process {owner or 'unknown'}): "
                    "stop that one, or choose another directory"
                )
            report_progress("waiting for the servers of the previous run to end")
            time.sleep(1)
        os.ftruncate(file, 0)
        os.pwrite(file, b"%d\n" % os.getpid(), 0)
        self._file = file

    def release(self) -> None:
        """Releases the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _try_lock(file: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _runs(owner: str) -> bool:
    """Whether the process with the pid that is written in a lock file runs; a lock without one is being taken now."""
    try:
        os.kill(int(owner or os.getpid()), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
